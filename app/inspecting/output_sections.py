"""What a node or group gives at one output: value, gradient, what meets there at a fork, of what gradients are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...core.differentiate import SEED
from ...core.graph import Source
from ...core.stepping import Gradient, State
from ...core.stepping.timeline import Pass
from ..results.failures import refusal
from ..results.root import sum_of_roots
from ..results.waiting import not_given, waits_for
from .contributions import ContributionBars
from .explaining import START, Explanation
from .parts import ArrayPreview, Section, label, short
from .root_line import RootLine
from .sheet import small

if TYPE_CHECKING:
    from .page import Page

FREEZE, FROZEN = "freeze", "frozen: no gradient is computed"
NO_GRADIENT = {
    State.UNREACHED: "not there yet: the backward pass has not come here",
    State.NO_PATH: "none: what gradients are taken of does not depend on this value",
}


class OutputSections(QWidget):
    """One output, on the page of its node or of a group around it; `suffix` tells it from others in captions."""

    def __init__(self, page: Page, source: Source, suffix: str) -> None:
        super().__init__()
        self.page, self.editor, self.source, self.suffix = page, page.editor, source, suffix
        self.value, self.gradient = ArrayPreview(page.theme), ArrayPreview(page.theme)
        for preview in (self.value, self.gradient):
            preview.opened.connect(partial(self.editor.wishes.view.emit, source))
        self.backward = Section("")
        self.backward.caption.setProperty("role", "gradient")
        self.root = RootLine(self.editor, source)
        self.bars = ContributionBars(page.theme)
        self.bars.chosen.connect(self.editor.show)
        self.fork = Section("Contributions at this fork").add(self.bars)
        self.explanation = Explanation(self.editor, page.theme, source)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(page.column.spacing())
        self.passes = label("", "dim", small(), wrap=True)  # of which passes it is, where it is not of this one alone
        gradient = self.backward.add(self.gradient, self.passes)
        value = Section("").add(self.value)
        value.caption.show_text(f"VALUE{suffix}")  # names stay as they are written
        for section in (value, gradient, self.explanation, self.fork):
            column.addWidget(section)
        column.addWidget(self.root)

    def refresh(self) -> None:
        """Show what there is now."""
        editor, source = self.editor, self.source
        node = editor.graph.nodes[source.node]
        results = editor.results
        stale = results.is_stale(source.node)
        unfed = node.op == "input" and node.params.get("value") is None
        waiting = "none yet: type one at value" if unfed else waits_for(editor, source) or "no value yet"
        waiting = waiting if editor.live.enabled else "no value: live is off"
        self.value.show_array(results.value(source), waiting, stale)
        of = sum_of_roots(editor)
        self.backward.setVisible(bool(of))
        if of:
            own = self.suffix.strip() or node.name
            self.backward.caption.show_text(f"GRADIENT ∂{f'({of})' if _composed(of) else of}/∂{own}")
        gradient = results.gradient(source)
        older = stale or results.gradients_are_stale
        standing, left = results.standing(source), results.left(source)
        frozen = FROZEN if FREEZE in node.flags and gradient.state in NO_GRADIENT else ""
        untold = not_given(editor, results.root)
        why_none = (f"none: {untold}" if untold else "") or frozen or refusal(editor) or _why_none(gradient)
        if gradient.state is State.UNREACHED and editor.stepper.moment is None and results.value(source) is None:
            why_none = "none: there is no value yet"  # nothing is on its way here
        sense = "" if left or source in results.roots else _sense(gradient.value, node.name, of)
        self.gradient.show_array(gradient.value if standing is None else standing.value, why_none, older, sense)
        self.passes.setText(_passes(gradient, left))
        self.passes.setVisible(bool(left))
        self.explanation.refresh(None if untold else gradient)
        # As long as parts are missing there is no sum: a running one would be taken for it.
        parts = results.contributions(source) if gradient.value is not None else []
        self.fork.setVisible(bool(parts))
        if parts:
            nodes = editor.graph.nodes
            rows = [(source.node, f"left by {each.name}", each.value) for each in left]
            for id, port, array in parts:
                name = START if port == SEED else f"{nodes[id].name if id in nodes else id}.{port}"
                rows.append((id, name, array))
            self.bars.show_rows(rows, older)
        self.root.refresh()


def _sense(gradient: np.ndarray | None, name: str, of: str) -> str:
    """`▲ raising x raises y`, of one number; "" of more, and where a little more changes nothing."""
    if gradient is None or gradient.size != 1 or not np.isfinite(gradient).all() or not gradient.any():
        return ""
    up = gradient.item() > 0
    return f"{'▲' if up else '▼'} raising {name} {'raises' if up else 'lowers'} {of}"


def _passes(gradient: Gradient, left: Sequence[Pass]) -> str:
    """`pass 1 has left 4.000, this pass adds 2.000: it was not set to zero`."""
    if not left:
        return ""
    told = [f"{each.name} {'has' if each.first == each.last else 'have'} left {_size(each.value)}" for each in left]
    own = f"this pass adds {_size(gradient.value)}" if gradient.value is not None else "this pass adds nothing yet"
    return f"{', '.join([*told, own])}: it was not set to zero"


def _size(array: np.ndarray) -> str:
    return short(array.reshape(())) if array.size == 1 else f"‖·‖ {short(np.linalg.norm(array))}"


def _composed(formula: str) -> bool:
    """Whether it must stand in brackets behind a ∂."""
    return " " in formula or "·" in formula or formula.startswith("−")


def _why_none(gradient: Gradient) -> str:
    """What stands in place of a gradient that is not there."""
    if gradient.state is State.WAITING:
        return f"{len(gradient.arrived)} of {gradient.parts} parts have arrived"
    if gradient.reason:
        return f"{'stopped' if gradient.state is State.STOPPED else 'none'}: {gradient.reason}"
    return NO_GRADIENT.get(gradient.state, "")
