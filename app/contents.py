"""What is put into a window once it stands: editor, canvas, welcome page, files, panels, menus, and how they meet.

Loading this loads NumPy and `core`, which takes longer than Qt: `Window.fill` does it after the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .actions.arrange import lay_out_unplaced
from .actions.composite import expand, fuse
from .actions.export import export_plot
from .attaching.window import put_attaching_into
from .canvas.canvas import Canvas
from .chrome.breadcrumb import Breadcrumb
from .chrome.canvas_settings import CanvasSettings
from .chrome.jobs import Jobs
from .chrome.menus import Menus
from .chrome.popups import Popups
from .chrome.presentation import Presentation
from .echoing.window import put_echoing_into
from .editor import Editor
from .files.filing import Files
from .files.own_layers import own_layers_of
from .look.seen import is_seen
from .plugins.window import put_plugins_into
from .runs.window import put_runs_into
from .stepping.budget import remembered_budget, use_budget
from .stepping.going_over import follow_boxes
from .stepping.memory import MEMORY
from .stepping.offering import offer_mends
from .stepping.stopping import offer_stop
from .training.window import put_training_into
from .welcome.page import Welcome

if TYPE_CHECKING:
    from .panels.problems import ProblemsPanel
    from .window import Window


def put_into(window: Window) -> None:
    """Make the contents of a window that has none yet."""
    window.editor = Editor(parent=window, own_layers=own_layers_of(window.application))
    window.editor.memory.show(window.application.settings.get(MEMORY, False))
    use_budget(window, remembered_budget(window))
    follow_boxes(window.editor)
    window.breadcrumb = Breadcrumb(window.editor, window.theme)
    window.canvas = Canvas(window.editor, window.theme)
    window.canvas_settings = CanvasSettings(window.canvas, window.application.settings)
    window.welcome = Welcome(window)
    window.files = Files(window)
    window.popups = Popups(window)
    window.jobs = Jobs(window)
    window.presentation = Presentation(window)
    window.middle.fill(window.breadcrumb, window.canvas, window.welcome)
    window.toolbar.follow(window.editor, window.files)
    window.docks.fill(window.editor)
    window.menus = Menus(window)
    window.status.follow(window.editor)
    put_echoing_into(window)
    _connect(window)


def _connect(window: Window) -> None:
    editor, canvas, popups = window.editor, window.canvas, window.popups
    window.application.theme_changed.connect(window.set_theme)
    # A method, which is called no more once the window is gone; what has fonts and icons of its own makes them anew.
    window.application.text_scaled.connect(window.set_theme)
    editor.changed.connect(window.show_change)
    window.files.changed.connect(window.refresh_title)
    editor.wishes.view.connect(lambda _: window.panel("tensor"))
    editor.wishes.card.connect(window.popups.open_card_of)
    editor.wishes.track.connect(lambda: window.toolbar.focus_timeline())
    editor.wishes.data.connect(lambda: window.panel("data"))
    editor.stepper.began.connect(lambda: _show_step(window))
    window.status.problems_wanted.connect(lambda: window.panel("problems"))
    lay_out_unplaced(window)
    offer_mends(window)
    offer_stop(window)
    put_training_into(window)
    put_runs_into(window)
    put_attaching_into(window)
    put_plugins_into(window)
    canvas.search_wanted.connect(popups.open_search)
    canvas.rename_wanted.connect(popups.rename)
    editor.wishes.export.connect(lambda plot, suffix: export_plot(window, plot, suffix))
    editor.wishes.add.connect(popups.add_in_view)
    editor.wishes.parts.connect(lambda id: (expand if id in editor.graph.nodes else fuse)(window, id))


def _show_step(window: Window) -> None:
    """What is stepped through is explained where else "No problems" stood, unless its panel is closed or elsewhere."""
    step, front = window.docks.docks["step"], window.docks.docks["problems"]
    beside = not step.isHidden() and step in window.tabifiedDockWidgets(front)
    if beside and is_seen(front) and not cast("ProblemsPanel", window.docks.panels["problems"]).problems:
        step.raise_()
