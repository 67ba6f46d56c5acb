"""What all windows share: settings, theme, text scale, keymap, recent files, and the list of the windows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from .files.recent import Recent
from .look.fonts import TEXT_FILES, load_fonts
from .look.style import dress, theme_of
from .settings import Settings, cache_folder, data_folder

if TYPE_CHECKING:
    from .keys.keymap import Keymap
    from .plugins.keeper import Keeper
    from .window import Window

TEXT_SCALES = (0.7, 2.5)  # smallest and largest


class Application(QObject):
    """One per process, over Qt's own application object."""

    theme_changed = Signal(object)
    text_scaled = Signal()
    keymap_changed = Signal()

    def __init__(self, settings: Settings | None = None, data: Path | None = None, cache: Path | None = None) -> None:
        running = QApplication.instance()
        qt = running if isinstance(running, QApplication) else QApplication(["gradwire"])
        super().__init__(qt)
        self.qt = qt
        self.settings = settings or Settings()
        self.data, self.cache = data or data_folder(), cache or cache_folder()
        self.recent = Recent(self.settings)
        self.windows: list[Window] = []
        self.theme_choice: str = self.settings.get("theme", "system")
        self.text_scale: float = _within(self.settings.get("text_scale", 1.0))
        self._magnified = 1.0
        qt.setApplicationName("gradwire")
        qt.setApplicationDisplayName("Gradwire")
        qt.setDesktopFileName("gradwire")
        load_fonts(TEXT_FILES)
        self.theme = theme_of(self.theme_choice)
        dress(self.qt, self.theme, self.shown_scale)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    # Windows.

    def open_window(self, path: Path | None = None, empty: bool = False, at_once: bool = True) -> Window:
        """A new window with the file, or with an empty graph; else with what the user had last, or the welcome page.

        A file that a window shows already is not opened twice: that window comes to the front. With `at_once` False the
        window is painted empty first, and then filled: for the first one, whose contents must be loaded.
        """
        from .window import Window

        if path is not None and (shown := self.window_of(path)) is not None:
            shown.come_forward()
            return shown
        window = Window(self, at_once)
        self.windows.append(window)
        window.show()
        QTimer.singleShot(0, window, window.docks.raise_floating)
        if not at_once:
            window.filled.connect(lambda: window.files.start(path))
        elif path is not None or not empty:
            QTimer.singleShot(0, window, lambda: window.files.start(path))
        else:
            window.files.new()
        return window

    def window_of(self, path: Path) -> Window | None:
        """The window that shows this file."""
        wanted = path.absolute()
        for window in self.windows:
            here = window.files.path
            if here is not None and (here.absolute() == wanted or _same_file(here, wanted)):
                return window
        return None

    def forget(self, window: Window) -> None:
        """A window is closed."""
        if window in self.windows:
            self.windows.remove(window)

    def active_window(self) -> Window | None:
        """The window that has the keyboard, else the newest."""
        return next((w for w in self.windows if w.isActiveWindow()), self.windows[-1] if self.windows else None)

    def free_number(self) -> int:
        """The least number from 1 that no window has: what a window remembers of itself goes by it."""
        taken = {window.number for window in self.windows}
        return next(number for number in range(1, len(taken) + 2) if number not in taken)

    def quit(self) -> None:
        """Close all windows. Each whose work would be lost asks first; one that the user keeps keeps them all."""
        for window in tuple(self.windows):
            if window.editor.document.dirty or window.editor.training.active:
                window.come_forward()  # what is asked about is seen
            if not window.files.may_lose(closing=True):
                return
        for window in tuple(self.windows):
            window.close_unasked()

    @cached_property
    def keymap(self) -> Keymap:
        """Which keys do what; loaded with the first window's contents."""
        from .keys.keymap import Keymap

        return Keymap.of(self.settings)

    @cached_property
    def plugins(self) -> Keeper:
        """The plugins of all windows; loaded with the first window's contents."""
        from .plugins.keeper import Keeper

        return Keeper(self)

    # Theme and text.

    def choose_theme(self, choice: str) -> None:
        """Show "dark", "light", or what the system says, and remember it."""
        self.theme_choice = choice
        self.settings.set("theme", choice)
        self._follow_system()

    def scale_text(self, factor: float | None) -> None:
        """Larger or smaller text in all panels and menus, None: as it was at first."""
        self.text_scale = _within(1.0 if factor is None else self.text_scale * factor)
        self.settings.set("text_scale", self.text_scale)
        self._scale_text()

    def magnify(self, factor: float) -> None:
        """Text larger by a factor that is not remembered: for a presentation."""
        self._magnified = factor
        self._scale_text()

    @property
    def shown_scale(self) -> float:
        """How large texts are now, those of icons that stand beside them too."""
        return _within(self.text_scale * self._magnified)

    def _scale_text(self) -> None:
        dress(self.qt, self.theme, self.shown_scale)
        self.text_scaled.emit()

    def set_keymap(self, keymap: Keymap) -> None:
        """Use other keys in all windows, and remember them."""
        self.keymap = keymap
        keymap.save(self.settings)
        self.keymap_changed.emit()

    def _follow_system(self) -> None:
        theme = theme_of(self.theme_choice)
        if theme is not self.theme:
            self.theme = theme
            dress(self.qt, self.theme, self.shown_scale)
            self.theme_changed.emit(theme)


def _within(scale: float) -> float:
    return min(max(scale, TEXT_SCALES[0]), TEXT_SCALES[1])


def _same_file(first: Path, second: Path) -> bool:
    try:
        return first.samefile(second)
    except OSError:  # one of them is gone
        return False
