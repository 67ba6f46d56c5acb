"""The actions on the moment that is shown: stepping through an iteration, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...core.stepping import Cursor, Timeline
from ...core.stepping.walking import when_settled, when_whole
from ..stepping.memory import MEMORY
from ..stepping.offering import can_mend, mend, nothing_to_mend
from ..stepping.questions import NOTHING
from .action import Action
from .selected import takes_one_node

if TYPE_CHECKING:
    from ..window import Window


def can_step(window: Window) -> bool:
    """Whether there is something to step through."""
    return window.shows_canvas and bool(window.editor.graph.nodes)


def steps(window: Window) -> bool:
    """Whether a moment is shown that was recorded."""
    return window.shows_canvas and window.editor.stepper.active


def _one_node(window: Window) -> bool:
    return can_step(window) and window.editor.active in window.editor.graph.nodes


def is_computed(window: Window) -> bool:
    """Whether there is an iteration to ask of."""
    return can_step(window) and window.editor.results.timeline is not None


def _asks_of_node(window: Window) -> bool:
    return is_computed(window) and window.editor.active in window.editor.graph.nodes


def _takes_one_node(window: Window) -> str:
    one = window.editor.active in window.editor.graph.nodes
    return NOTHING if one else takes_one_node(window)


def _one_or_two_nodes(window: Window) -> bool:
    chosen = window.editor.selection
    return is_computed(window) and len(chosen) in (1, 2) and chosen <= window.editor.graph.nodes.keys()


def _can_isolate(window: Window) -> bool:
    return window.shows_canvas and (window.editor.spotlight.isolates or bool(window.editor.selection))


def _isolate(window: Window) -> None:
    """Dim all but what the selection is joined to; where something is isolated already, end that."""
    editor = window.editor
    if editor.spotlight.isolates:
        editor.spotlight.end_answer()
        editor.spotlight.end()
    elif not editor.spotlight.isolate(editor.selection):
        editor.told.emit("no way leads from one of the selected nodes to another", "refusal")


def _by(grain: str) -> Callable[[Window], object]:
    return lambda window: window.editor.stepper.choose_grain(grain)


def _goes_by(grain: str) -> Callable[[Window], bool]:
    return lambda window: window.editor.stepper.grain == grain


def _run_to(find: Callable[[Timeline, str], Cursor | None]) -> Callable[[Window], object]:
    """To the moment that is found of the selected node, to the end where there is none."""

    def run(window: Window) -> None:
        node = str(window.editor.active)
        window.editor.stepper.go(lambda timeline: find(timeline, node) or timeline.end)

    return run


def _toggle_memory(window: Window) -> None:
    memory = window.editor.memory
    memory.show(not memory.on)
    window.application.settings.set(MEMORY, memory.on)


def _grain(grain: str, text: str, about: str) -> Action:
    return Action(
        f"step.by_{grain}", text, _by(grain), (), "Step/How far", "window", can_step, _goes_by(grain), about=about
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "step.forward",
        "Step",
        lambda w: w.editor.stepper.step(),
        ("F10",),
        "Step",
        enabled=can_step,
        about="Do the next step, forward and then backward through the graph; Space does the same",
    ),
    Action(
        "step.back",
        "Step back",
        lambda w: w.editor.stepper.back(),
        ("Shift+F10",),
        "Step",
        enabled=can_step,
        about="Undo the last step: what is recorded is shown as it was",
    ),
    Action(
        "step.into",
        "Step into",
        lambda w: w.editor.stepper.step("micro"),
        ("F11",),
        "Step",
        enabled=can_step,
        about="Do a part of a step: gather, look up the rule, multiply, sum, deliver",
    ),
    Action(
        "step.out",
        "Step out",
        lambda w: w.editor.stepper.step("group"),
        ("Shift+F11",),
        "Step",
        enabled=can_step,
        about="Go on to the end of the group",
    ),
    Action(
        "step.to_start",
        "To the start",
        lambda w: w.editor.stepper.to_start(),
        (),
        "Step",
        enabled=can_step,
        about="Stand before the first step of the iteration",
        line=True,
    ),
    Action(
        "step.to_end",
        "To the end",
        lambda w: w.editor.stepper.to_end(),
        (),
        "Step",
        enabled=can_step,
        about="Stand after the last step of the iteration",
    ),
    Action(
        "step.run_to",
        "Run to this value",
        _run_to(when_whole),
        (),
        "Step",
        enabled=_one_node,
        about="Go to the moment at which the selected node has its value",
        line=True,
        on_rows=True,
        refusal=_takes_one_node,
    ),
    Action(
        "step.run_to_gradient",
        "Run to this gradient",
        _run_to(when_settled),
        (),
        "Step",
        enabled=_one_node,
        about="Go to the moment at which the gradient of the selected node is whole",
        on_rows=True,
        refusal=_takes_one_node,
    ),
    Action(
        "step.run",
        "Run to the next breakpoint",
        lambda w: w.editor.breakpoints.run(),
        ("F5",),
        "Step",
        enabled=can_step,
        about="Go on until a breakpoint halts; without one, to the end of the iteration",
    ),
    Action(
        "step.breakpoint",
        "Breakpoint here",
        lambda w: w.editor.breakpoints.toggle(str(w.editor.active)),
        ("F9", "F12"),
        "Step",
        enabled=_one_node,
        checked=lambda w: w.editor.active in w.editor.breakpoints.nodes,
        about="Halt at the selected node whenever it computes, goes back, or receives a gradient",
        on_rows=True,
        refusal=_takes_one_node,
    ),
    Action(
        "step.leave",
        "Back to live",
        lambda w: w.editor.stepper.leave(),
        ("Shift+F5",),
        "Step",
        enabled=steps,
        about="Show what Live computes again",
    ),
    Action(
        "step.isolate",
        "Isolate",
        _isolate,
        ("Shift+I",),
        "Step/Questions",
        "canvas",
        _can_isolate,
        checked=lambda w: w.editor.spotlight.isolates,
        about="Dim all but the ways between the selected nodes, or what the one selected is joined to",
        line=True,
    ),
    Action(
        "step.derivative",
        "∂B/∂A of two nodes",
        lambda w: w.editor.questions.derivative_of(sorted(w.editor.selection)),
        ("Shift+D",),
        "Step/Questions",
        "canvas",
        _one_or_two_nodes,
        about="Compute the derivative of the later of two nodes by the earlier, and light its ways: select both, or one"
        " after the other",
        refusal=lambda w: "select one of two nodes and press Shift+D, then the other and press it again",
    ),
    Action(
        "step.why",
        "Why is this gradient what it is?",
        lambda w: w.editor.questions.why(str(w.editor.active)),
        ("Shift+W",),
        "Step/Questions",
        "canvas",
        _asks_of_node,
        about="Find why the gradient of the selected node is zero, not finite, none or large, and go to the cause",
        on_rows=True,
        refusal=_takes_one_node,
    ),
    Action(
        "step.diagnose",
        "Diagnose",
        lambda w: w.panel("diagnosis"),
        ("Ctrl+Shift+L",),
        "Step/Questions",
        about="Look for what is unusual: NaN, dead units, vanishing gradients, a loss that broadcasts, …",
    ),
    Action(
        "step.first_nan",
        "Go to the first NaN",
        lambda w: w.editor.questions.first_not_finite(),
        (),
        "Step/Questions",
        enabled=is_computed,
        about="Find where the first NaN or infinity begins, forwards and then backwards",
    ),
    Action(
        "step.mend",
        "Mend",
        mend,
        ("Alt+Return",),
        "Step/Questions",
        enabled=lambda w: can_step(w) and can_mend(w.editor),
        about="Do the first of the mends that were offered for a gradient that is not finite, or look for one here",
        on_rows=True,
        refusal=nothing_to_mend,
    ),
    Action(
        "step.nudge",
        "Nudge",
        lambda w: w.editor.questions.nudge(str(w.editor.active)),
        ("Shift+E",),
        "Step/Questions",
        "canvas",
        _asks_of_node,
        about="Move the value of the selected node by a little, and hold ΔL/ε against the gradient; nothing is edited",
        line=True,
        on_rows=True,
        refusal=_takes_one_node,
    ),
    Action(
        "step.predict",
        "Predict",
        lambda w: w.editor.predicting.toggle(),
        ("Q",),
        "Step/Questions",
        "canvas",
        can_step,
        checked=lambda w: w.editor.predicting.on,
        about="Say the sign or value of what is delivered next before it is shown",
    ),
    Action(
        "step.memory",
        "Show memory",
        _toggle_memory,
        ("Ctrl+Alt+M",),
        "Step",
        enabled=can_step,
        checked=lambda w: w.editor.memory.on,
        about="While stepping, show what a framework would have freed by now, and how many bytes are in use",
        line=True,
    ),
    _grain("micro", "Parts of a step", "Each part of a step back is a step"),
    _grain("op", "Ops", "Each op forward or backward is a step"),
    _grain("group", "Groups", "Each group at the top is a step"),
    _grain("phase", "Phases", "Forward, loss, backward and update are a step each"),
    _grain("iteration", "Iterations", "A whole iteration is a step"),
)
