"""The actions on what is shown and how."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt

from ..chrome.focus import step_focus
from ..panels import PANELS
from ..plots.grouping import PAGES
from .action import Action

if TYPE_CHECKING:
    from ..panels.training import TrainingPanel
    from ..window import Window


def _has_document(window: Window) -> bool:
    return window.shows_canvas


def _theme(name: str) -> Callable[[Window], object]:
    return lambda window: window.application.choose_theme(name)


def _is_theme(name: str) -> Callable[[Window], bool]:
    return lambda window: window.application.theme_choice == name


def _toggle_full_screen(window: Window) -> None:
    window.showNormal() if window.isFullScreen() else window.showFullScreen()


def _flip(attribute: str) -> Callable[[Window], object]:
    """Turn a switch of the canvas over."""

    def run(window: Window) -> None:
        window.canvas_settings.set(attribute, not getattr(window.canvas, attribute))

    return run


def _show_panel(id: str, window: Window) -> None:
    window.panel(id)


def _has_plots(page: str, window: Window) -> bool:
    panel = cast("TrainingPanel | None", window.docks.panels.get("training"))
    return panel is not None and panel.page is not None and panel.page.has(page)


def _show_plots(page: str, window: Window) -> None:
    pages = cast("TrainingPanel", window.panel("training")).page
    if pages is not None:
        pages.tabs.setCurrentIndex(PAGES.index(page))
        pages.tabs.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _show_console(window: Window) -> None:
    window.panel("console").setFocus()


ACTIONS: tuple[Action, ...] = (
    Action(
        "view.frame_all",
        "Show all",
        lambda w: w.canvas.frame(),
        ("A", "Home"),
        "View",
        "canvas",
        _has_document,
        about="Bring the whole graph into view",
    ),
    Action(
        "view.frame_selection",
        "Show the selection",
        lambda w: w.canvas.frame(sorted(w.editor.selection) or None),
        ("F",),
        "View",
        "canvas",
        _has_document,
        about="Bring the selected nodes into view",
    ),
    Action(
        "view.zoom_in",
        "Zoom in",
        lambda w: w.zoom(1.25),
        ("Ctrl++", "Ctrl+="),
        "View",
        enabled=_has_document,
        about="Show the graph larger",
        line=True,
    ),
    Action(
        "view.zoom_out",
        "Zoom out",
        lambda w: w.zoom(0.8),
        ("Ctrl+-",),
        "View",
        enabled=_has_document,
        about="Show the graph smaller",
    ),
    Action(
        "view.zoom_reset",
        "Zoom to 100 %",
        lambda w: w.zoom(None),
        ("Ctrl+0",),
        "View",
        enabled=_has_document,
        about="Show the graph at its own size",
    ),
    Action(
        "view.gradients",
        "Gradients on nodes",
        _flip("gradients"),
        ("Ctrl+Alt+G",),
        "View",
        checked=lambda w: w.canvas.gradients,
        about="Show the gradient beneath each value",
        line=True,
    ),
    Action(
        "view.order",
        "Order of computation",
        _flip("order_badges"),
        ("Ctrl+Alt+O",),
        "View",
        checked=lambda w: w.canvas.order_badges,
        about="Number the nodes in the order in which they are computed",
    ),
    Action(
        "view.more_decimals",
        "More decimals",
        lambda w: w.canvas_settings.set_decimals(w.canvas.decimals + 1),
        ("Ctrl+Alt+.",),
        "View",
        about="Show numbers with one more digit",
    ),
    Action(
        "view.fewer_decimals",
        "Fewer decimals",
        lambda w: w.canvas_settings.set_decimals(w.canvas.decimals - 1),
        ("Ctrl+Alt+,",),
        "View",
        about="Show numbers with one digit less",
    ),
    Action(
        "view.larger_text",
        "Larger text",
        lambda w: w.application.scale_text(1.1),
        ("Ctrl+Alt++", "Ctrl+Alt+="),
        "View",
        about="Larger text in panels and menus; the canvas keeps its zoom",
        line=True,
    ),
    Action(
        "view.smaller_text",
        "Smaller text",
        lambda w: w.application.scale_text(1 / 1.1),
        ("Ctrl+Alt+-",),
        "View",
        about="Smaller text in panels and menus; the canvas keeps its zoom",
    ),
    Action(
        "view.reset_text",
        "Reset text size",
        lambda w: w.application.scale_text(None),
        ("Ctrl+Alt+0",),
        "View",
        about="Text in panels and menus as it was at first",
    ),
    Action(
        "view.theme_system",
        "Follow the system",
        _theme("system"),
        (),
        "View/Theme",
        checked=_is_theme("system"),
        about="The theme dark or light, as the desktop is set",
    ),
    Action(
        "view.theme_dark",
        "Dark",
        _theme("dark"),
        (),
        "View/Theme",
        checked=_is_theme("dark"),
        about="Light letters on a dark ground",
    ),
    Action(
        "view.theme_light",
        "Light",
        _theme("light"),
        (),
        "View/Theme",
        checked=_is_theme("light"),
        about="Dark letters on a light ground",
    ),
    Action(
        "view.reduce_motion",
        "Reduce motion",
        lambda w: w.editor.playing.cut(not w.editor.playing.cuts),
        (),
        "View",
        checked=lambda w: w.editor.playing.cuts,
        about="Let nothing move along the wires, and the view not glide: one moment is followed by the next",
    ),
    Action(
        "view.full_screen",
        "Full screen",
        _toggle_full_screen,
        ("Ctrl+F11",),
        "View",
        checked=lambda w: w.isFullScreen(),
        about="The whole screen for this window",
        line=True,
    ),
    Action(
        "view.presentation",
        "Presentation",
        lambda w: w.presentation.toggle(),
        ("Ctrl+Shift+F11",),
        "View",
        checked=lambda w: w.presentation.on,
        about="Full screen, the graph alone, larger text: for a projector",
    ),
    Action(
        "view.reset_layout",
        "Reset panels",
        lambda w: w.docks.reset(),
        (),
        "View",
        about="Put all panels back where they were at first",
        line=True,
    ),
    Action(
        "view.console",
        "Console",
        _show_console,
        ("Ctrl+`",),
        "View",
        about="Python beside the graph: read, compute and change what is shown",
        line=True,
    ),
    Action(
        "view.next_area",
        "Next area",
        lambda w: step_focus(w, 1),
        ("F6",),
        "View",
        about="Give the keyboard to the next panel: the way out of the canvas",
        line=True,
    ),
    Action(
        "view.previous_area",
        "Previous area",
        lambda w: step_focus(w, -1),
        ("Shift+F6",),
        "View",
        about="Give the keyboard to the panel before",
    ),
    *(
        Action(
            f"view.panel_{panel.id}",
            f"{panel.title} panel",
            partial(_show_panel, panel.id),
            about=f"Bring the {panel.title} panel into view, also one that was closed",
        )
        for panel in PANELS
        if panel.id != "console"  # which has an action with keys
    ),
    *(
        Action(
            f"view.plots_{page.lower()}",
            f"{page} of the run",
            partial(_show_plots, page),
            enabled=partial(_has_plots, page),
            about=f"Bring {page} to the front in the Training panel",
            refusal=lambda _: "the run has none: train first",
        )
        for page in PAGES
    ),
)
