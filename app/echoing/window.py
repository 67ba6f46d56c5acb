"""The echo in a window: who is told of what is done there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker

from ...core.errors import RunError
from ...core.near import near
from ..actions import ACTIONS
from .acts import Act, Acts
from .macros import Macros
from .sign import Sign

if TYPE_CHECKING:
    from ..panels.console import ConsolePanel
    from ..window import Window

ECHO = "console.echo"  # of the settings
WHO = "console"
MOST = 2000  # characters of what stands in the console


def put_echoing_into(window: Window) -> None:
    """Tell from now on what is done, where the user wants it."""
    window.acts = acts = Acts(window)
    window.macros = Macros(window)
    window.status.addPermanentWidget(Sign(window))
    panel: Any = window.docks.panels["console"]
    panel.perform = lambda id: _perform(window, id)
    acts.done.connect(lambda act: _echo(window, panel, act))
    panel.echoes.toggled.connect(lambda on: set_echo(window, on))
    set_echo(window, echoes(window))


def echoes(window: Window) -> bool:
    """Whether what is done is told in the console."""
    return bool(window.application.settings.get(ECHO, False))


def set_echo(window: Window, on: bool) -> None:
    """Tell it there, or no more; remembered."""
    window.application.settings.set(ECHO, on)
    window.acts.listen(WHO, on)
    panel: Any = window.docks.panels["console"]
    with QSignalBlocker(panel.echoes):
        panel.echoes.setChecked(on)


def _echo(window: Window, panel: ConsolePanel, act: Act) -> None:
    if not echoes(window) or act.by_console or WHO in act.known_to:
        return
    text = act.line
    if act.change is not None:
        from ...core.scripting.echoing import Echo

        text = Echo(window.editor.home).of(act.change, act.values)
    if len(text) > MOST:
        text = f"# {act.change.label if act.change else ''}: {len(text):,} characters, which a macro has"
    panel.echo(text)


def _perform(window: Window, id: str) -> None:
    """Do an action that Python asks for. Raises `RunError` where there is none, or it cannot be done."""
    action = ACTIONS.get(id)
    if action is None:
        raise RunError(f"there is no action {id!r}", hint=f"near: {', '.join(near(id, ACTIONS.names(), 3))}")
    if not action.enabled(window):
        why = action.refusal(window) if action.refusal is not None else ""
        raise RunError(why or f"{action.text} cannot be done now")
    window.menus.start(action)
