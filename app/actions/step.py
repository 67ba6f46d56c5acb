"""The actions on the moment that is shown: stepping through an iteration, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...core.stepping import Cursor, Timeline
from ...core.stepping.walking import when_settled, when_whole
from ..stepping.budget import SIZES, budget_text, choose_budget, remembered_budget
from ..stepping.going_over import OUT, back_over, step_over
from ..stepping.memory import MEMORY
from ..stepping.versions import go_to_write, why_not, written_among
from .action import Action, Menu
from .moments import has_node, has_nodes, no_moment, nothing_to_step, steps, wants_one_node

if TYPE_CHECKING:
    from ..editor import Editor
    from ..window import Window


def _run_to(find: Callable[[Timeline, str], Cursor | None]) -> Callable[[Window], object]:
    """To the moment that is found of the selected node, to the end where there is none."""

    def run(window: Window) -> None:
        node = str(window.editor.active)
        window.editor.stepper.go(lambda timeline: find(timeline, node) or timeline.end)

    return run


def _written(window: Window) -> str | None:
    """The active node, where a node has written it by now."""
    return written_among(window.editor.stepper.moment, [window.editor.active])


def _toggle_memory(window: Window) -> None:
    memory = window.editor.memory
    memory.show(not memory.on)
    window.application.settings.set(MEMORY, memory.on)


def _toggle_following(window: Window) -> None:
    window.canvas_settings.set("follows_step", not window.canvas.follows_step)


def _grain(grain: str, text: str, about: str) -> Action:
    def choose(window: Window) -> None:
        window.editor.stepper.choose_grain(grain)

    return _HOW_FAR.action(f"by_{grain}", text, about, choose, checked=lambda w: w.editor.stepper.grain == grain)


def _budget(megabytes: int) -> Action:
    text = budget_text(megabytes)
    return _BUDGET.action(
        f"budget_{megabytes}",
        text,
        f"Keep up to {text} of recorded iterations; one that has no more room is computed again when it is shown",
        lambda w: choose_budget(w, megabytes),
        checked=lambda w: remembered_budget(w) == megabytes,
    )


_STEP = Menu("Step", "step", has_nodes, refusal=nothing_to_step)
_BUDGET = Menu("Step/Memory budget", "step")
_HOW_FAR = _STEP._replace(path="Step/How far")
_on_node = partial(_STEP.action, enabled=has_node, on_rows=True, refusal=wants_one_node)


def _toggle_breakpoint(editor: Editor, node: str) -> None:
    editor.breakpoints.toggle(node)
    name, there = editor.graph.called(node), node in editor.breakpoints.nodes
    told = f"Breakpoint at {name}: F5 runs to it" if there else f"No breakpoint at {name} any more"
    editor.told.emit(told, "note")


ACTIONS: tuple[Action, ...] = (
    _STEP.action(
        "forward",
        "Step",
        "Do the next step, forward and then backward through the graph, as far as Step > How far says, also within a "
        "collapsed group; Space does the same",
        lambda w: w.editor.stepper.step(),
        tap="Space",
    ),
    _STEP.action(
        "back",
        "Step back",
        "Undo the last step: what is recorded is shown as it was; ← does the same on the timeline",
        lambda w: w.editor.stepper.back(),
        tap="←",
    ),
    _STEP.action(
        "over",
        "Step over",
        "Do the next step, of a collapsed group all its ops at once",
        lambda w: step_over(w.editor.stepper),
        "F10",
    ),
    _STEP.action(
        "back_over",
        "Step back over",
        "Undo the last step, of a collapsed group all its ops at once",
        lambda w: back_over(w.editor.stepper),
        "Shift+F10",
    ),
    _STEP.action(
        "into",
        "Step into",
        "Do a part of a step: gather, look up the rule, multiply, sum, deliver; of a collapsed group its next op",
        lambda w: w.editor.stepper.step("micro"),
        "F11",
    ),
    _STEP.action(
        "out",
        "Step out",
        "Go on to the end of the group that comes next, the inner one of several",
        lambda w: w.editor.stepper.step(OUT),
        "Shift+F11",
    ),
    _STEP.action(
        "to_start",
        "To the start",
        "Stand before the first step of the iteration",
        lambda w: w.editor.stepper.to_start(),
        line=True,
    ),
    _STEP.action(
        "to_end",
        "To the end",
        "Stand after the last step of the iteration",
        lambda w: w.editor.stepper.to_end(),
    ),
    _on_node(
        "run_to",
        "Run to this value",
        "Go to the moment at which the selected node has its value",
        _run_to(when_whole),
        line=True,
    ),
    _on_node(
        "run_to_gradient",
        "Run to this gradient",
        "Go to the moment at which the gradient of the selected node is whole",
        _run_to(when_settled),
    ),
    _STEP.action(
        "to_write",
        "Go to where it was written",
        "Go to the step in which an assign has written the selected parameter, as a click on its v0 → v1 does",
        lambda w: go_to_write(w.editor, str(_written(w))),
        enabled=lambda w: steps(w) and _written(w) is not None,
        on_rows=True,
        refusal=lambda w: why_not(w.editor.stepper.moment, w.editor.active),
    ),
    _STEP.action(
        "run",
        "Run to the next breakpoint",
        "Go on until a breakpoint halts; without one, to the end of the iteration",
        lambda w: w.editor.breakpoints.run(),
        "F5",
    ),
    _on_node(
        "breakpoint",
        "Breakpoint here",
        "Halt at the selected node whenever it computes, goes back, or receives a gradient",
        lambda w: _toggle_breakpoint(w.editor, str(w.editor.active)),
        "F9",
        "F12",
        checked=lambda w: w.editor.active in w.editor.breakpoints.nodes,
    ),
    _STEP.action(
        "leave",
        "Back to live",
        "Show what Live computes again",
        lambda w: w.editor.stepper.leave(),
        "Shift+F5",
        enabled=steps,
        refusal=no_moment,
    ),
    _STEP.action(
        "memory",
        "Show memory",
        "While stepping, show what a framework would have freed by now, and how many bytes are in use",
        _toggle_memory,
        "Ctrl+Alt+M",
        checked=lambda w: w.editor.memory.on,
        line=True,
    ),
    _STEP.action(
        "follow",
        "Follow the step",
        "While stepping, bring into view the node at work, and what receives its gradient, where they are not",
        _toggle_following,
        enabled=lambda w: w.shows_canvas,
        checked=lambda w: w.canvas.follows_step,
    ),
    *map(_budget, SIZES),
    _grain("micro", "Parts of a step", "Each part of a step back is a step"),
    _grain("op", "Ops", "Each op forward or backward is a step"),
    _grain("group", "Groups", "Each group at the top is a step"),
    _grain("phase", "Phases", "Forward, loss, backward and update are a step each"),
    _grain("iteration", "Iterations", "A whole iteration is a step"),
)
