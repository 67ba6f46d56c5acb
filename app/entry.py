"""The program `gradwire`: a window for `gradwire [FILE]`, the command line for its commands.

Qt is imported last, and what it lacks on a machine is told in one line that says how to get it.
"""

from __future__ import annotations

import builtins
import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

SUFFIXES = (".gw", ".gwz", ".png")
# After a product of matrices OpenBLAS's threads wait for the next one at full speed, for 2^26 cycles unless told
# otherwise: some 25 ms of a processor that a run beside the window needs. To be woken costs a product microseconds.
AWAKE = "14"  # the power of two
REFUSED, UNREADABLE = 1, 2  # exit status, as the commands have it

PACKAGES = (
    "libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 "
    "libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0"
)


class NoWindowError(Exception):
    """Why no window can be opened here, in one line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window for a file or none, else run a command; the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not _wants_window(arguments):
        return _command(arguments)
    path = Path(arguments[0]) if arguments else None
    if path is not None and not path.is_file():
        return _tell(f"{path}: no such file", UNREADABLE)
    try:
        _need_qt()
    except NoWindowError as error:
        if path is None and not _is_there("PySide6"):
            return _command([])  # the help text: without Qt there are only the commands
        return _tell(str(error), REFUSED)
    return _show(path)


def _command(arguments: list[str]) -> int:
    from ..core.cli import main as run
    from .rendering import COMMAND, lay_out

    return run(arguments, [COMMAND], lay_out)


def _wants_window(arguments: list[str]) -> bool:
    """Whether there is nothing, or one file; what looks like neither is for the command line to judge."""
    if not arguments:
        return True
    first = arguments[0]
    return len(arguments) == 1 and not first.startswith("-") and (_is_file(first) or first.lower().endswith(SUFFIXES))


def _is_file(name: str) -> bool:
    return Path(name).is_file()


def _is_there(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def _tell(text: str, status: int) -> int:
    print(f"gradwire: {text}", file=sys.stderr)
    return status


# What a window needs of the machine.


def _need_qt() -> None:
    """Raise NoWindowError where Qt, its system libraries or a display are missing: Qt itself would abort."""
    if not _is_there("PySide6"):
        load_qt()
    if _on_x_or_wayland() and not _has_display():
        raise NoWindowError(
            "a window needs a display, found neither DISPLAY nor WAYLAND_DISPLAY "
            "(the commands need none: gradwire train FILE; gradwire --help)"
        )
    load_qt()
    if _on_x_or_wayland() and not os.environ.get("WAYLAND_DISPLAY") and not os.environ.get("QT_QPA_PLATFORM"):
        _need_x(ctypes.CDLL)


def load_qt(what: str = "the window") -> None:
    """Raise NoWindowError where Qt or its system libraries are missing: `what` needs them."""
    if not _is_there("PySide6"):
        raise NoWindowError(f"{what} needs PySide6, found none (pip install PySide6-Essentials)")
    own = builtins.__import__
    try:
        from PySide6 import QtGui, QtSvg, QtWidgets  # noqa: F401
    except ImportError as error:
        raise NoWindowError(_lacking(str(error), what)) from None
    # PySide's own reads the source of every module that is imported, in search of a switch that nothing here uses.
    builtins.__import__ = own
    from .overrides import make_whole

    make_whole()


def _on_x_or_wayland() -> bool:
    """Whether windows are drawn through X or Wayland here: not on Windows or a Mac, not where Qt is told otherwise."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return sys.platform.startswith("linux") and platform in ("", "xcb", "wayland")


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _need_x(load: Callable[[str], ctypes.CDLL]) -> None:
    """Raise NoWindowError where Qt's part for X lacks a library, or the display does not answer."""
    from PySide6.QtCore import QLibraryInfo

    plugins = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    plugin = Path(plugins, "platforms", "libqxcb.so")
    if plugin.exists():
        try:
            load(str(plugin))
        except OSError as error:
            raise NoWindowError(_lacking(str(error))) from None
    try:
        xcb = load("libxcb.so.1")
    except OSError as error:
        raise NoWindowError(_lacking(str(error))) from None
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        raise NoWindowError(f"the display {os.environ.get('DISPLAY')} does not answer (DISPLAY names it)")


def _lacking(reason: str, what: str = "the window") -> str:
    library = reason.partition(":")[0].strip()
    return f"{what} needs the system library {library} (sudo apt-get install {PACKAGES})"


# The window.


def _show(path: Path | None) -> int:
    import gc
    import signal

    from PySide6.QtCore import QTimer

    # Nothing is to be found while all is new, and looking takes a tenth of the whole start. `Sweeping` looks later.
    gc.disable()
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", AWAKE)  # read as NumPy is loaded
    from .application import Application
    from .faults import Faults

    application = Application()
    Faults(application).install()
    window = application.open_window(path, at_once=False)
    window.filled.connect(lambda: application.plugins.begin())
    # Python looks for Ctrl+C only while it runs; in the event loop it would never come to that by itself.
    signal.signal(signal.SIGINT, lambda *_: application.qt.quit())
    wake = QTimer(application, interval=500)
    wake.timeout.connect(lambda: None)
    wake.start()
    status = application.qt.exec()
    from .leaving import leave  # not above: it loads `core`, which the first window does not wait for

    return leave(status)
