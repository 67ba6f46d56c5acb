"""The page of the document, shown while nothing is selected: its dtype, what it holds, and how it is trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Any, Literal

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ...core import random
from ...core.document import Gesture, Transaction
from ...core.graph import Training
from ...core.parameters import Parameter, Range
from ...core.training.optim import group_settings, optimiser
from ...core.training.settings import GRADIENTS, NOTHING_SAID, NUMBERS, ZERO_GRADIENTS, overridden
from ..editor import Editor
from ..look.theme import Theme
from ..results.root import ends
from ..training.menus import trials_button
from ..wording import counted
from .depth_profile import DepthProfile
from .fields import Default
from .metrics import MetricFields
from .optimiser import OptimiserFields, name_of
from .page import Page
from .parameter_groups import ParameterGroupFields, shape_of
from .parts import Section, label
from .proposing import NO_LOSS, losses, proposed
from .sheet import large, small
from .training_rules import KINDS, RuleFields
from .training_rules import shape_of as rules_of

DTYPE = Parameter("dtype", Literal["float32", "float64"], "float32")
_NUMBERS = (each._replace(range=Range(0)) if each.name == "seed" else each for each in NUMBERS)
SETTINGS = (*_NUMBERS, ZERO_GRADIENTS, *GRADIENTS)


def document_key(editor: Editor) -> Hashable:
    """What the page of a document is made for."""
    training = editor.graph.training
    name = None if training is None else name_of(training)
    return ("document", id(editor.session), name, shape_of(training), rules_of(training))


class DocumentPage(Page):
    """The document and its training settings."""

    shows_results = False
    rules: Sequence[RuleFields] = ()

    def __init__(self, editor: Editor, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(editor, theme, document_key(editor), parent)
        self.title, self.about = label("", None, large()), label("", "dim", small(), wrap=True)
        head = Section("")
        head.caption.hide()
        self.column.addWidget(head.add(self.title, self.about))
        self.add_problems()
        self.column.addWidget(DepthProfile(editor, theme))
        self.add_blank()
        self.column.addWidget(Section("Document").add(self.make_field(DTYPE, "document", self._set_dtype)))
        self.metrics: MetricFields | None = None
        self.groups: ParameterGroupFields | None = None
        if editor.graph.training is None:
            self._add_untrained()
        else:
            self._add_training(editor.graph.training)
        self.column.addStretch(1)
        self.refresh()

    # Making it.

    def _add_untrained(self) -> None:
        self.add_training = QPushButton("Add training")
        self.add_training.clicked.connect(self._start)
        self.none = label("", "dim", small(), wrap=True)
        self.column.addWidget(Section("Training").add(self.none, self.add_training))

    def _add_training(self, training: Training) -> None:
        section = Section("Training")
        loss = self.make_field(Parameter("loss", str), "training", self._set_loss, self._losses())
        section.add(loss, *(self.make_field(each, "training", partial(self._set, each.name)) for each in SETTINGS))
        self.train = QPushButton("Train")
        self.train.setToolTip("Train the graph as it is now (Ctrl+R)")
        self.train.clicked.connect(lambda: self.editor.training.begin())
        self.tries = trials_button(self.editor)
        row = QHBoxLayout()
        row.addWidget(self.train, 1)
        row.addWidget(self.tries)
        section.column.addLayout(row)
        self.column.addWidget(section)
        self.editor.training.changed.connect(self._show_training)
        self.optimiser = OptimiserFields(self, training)
        self.column.addWidget(self.optimiser)
        if self.optimiser.rule is not None:
            self.groups = ParameterGroupFields(self, self.optimiser.rule, training)
            self.column.addWidget(self.groups)
        self.rules = [RuleFields(self, kind, training) for kind in KINDS]
        for rule in self.rules:
            self.column.addWidget(rule)
        self.metrics = MetricFields(self)
        self.column.addWidget(self.metrics)
        remove = QPushButton("Remove training")
        remove.clicked.connect(lambda: self.attempt("Remove training", lambda t: t.set_training(None)))
        self.column.addWidget(remove)

    def _show_training(self) -> None:
        self.train.setEnabled(self.editor.training.ready)

    def _losses(self) -> list[tuple[str, str]]:
        """What may be made small, by path; and what is named now."""
        graph = self.editor.graph
        found = [(graph.path(id), id) for id in losses(self.editor)]
        if graph.training is not None and graph.training.loss not in [id for _, id in found]:
            loss = graph.training.loss
            found.append((graph.path(loss) if loss in graph.nodes else f"{loss} (missing)", loss))
        return found

    # Editing it.

    def _start(self) -> None:
        training = proposed(self.editor)
        if training is not None:
            self.attempt("Add training", lambda t: t.set_training(training))

    def _show_proposal(self) -> None:
        """Say what adding training would do."""
        training = proposed(self.editor)
        self.add_training.setEnabled(training is not None)
        if training is None and self.editor.checking.busy and not self.none.text():
            text = ""  # another document, of which nothing is known yet
        elif training is None:
            text = f"{NO_LOSS[:1].upper()}{NO_LOSS[1:]}."
        else:
            counted = "".join(f", and count the {each['name']}" for each in training.metrics)
            loss = self.editor.graph.path(training.loss)
            text = f"This graph is not trained. Training would make {loss} small{counted}."
            if others := [name for name in ends(self.editor) if name != loss]:
                text += f" Several numbers come out: afterwards {' or '.join(others)} can be chosen as the loss."
        self.none.setText(text)

    def _set_dtype(self, value: Any, merge: Gesture | None) -> str | None:
        wanted = DTYPE.default if value is Default else value
        return self.attempt(f"Compute in {wanted}", lambda t: t.set_dtype(wanted), merge)

    def change(self, what: str, merge: Gesture | None, **changes: Any) -> str | None:
        """Change training settings, as far as training would take them; the refusal, None where there is none."""

        def act(t: Transaction) -> None:
            assert t.graph.training is not None
            changed = dataclasses.replace(t.graph.training, **changes)
            if "parameter_groups" in changes and "optimiser" not in changes:
                group_settings(t.graph, changed)
            optimiser(changed.optimiser)
            overridden(changed, NOTHING_SAID)
            random.state(changed.seed)
            t.set_training(changed)

        return self.attempt(what, act, merge)

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        value = self.fields[name].parameter.default if value is Default else value
        return self.change(f"Set {name}", merge, **{name: value})

    def _set_loss(self, value: Any, merge: Gesture | None) -> str | None:
        return self.change("Set the loss", merge, loss=value)

    def refresh(self) -> None:
        editor, graph = self.editor, self.editor.graph
        path = editor.session.path
        self.title.setText(path.stem if path else editor.name)
        parts = [counted(len(graph.nodes), "node"), counted(graph.wire_count, "wire")]
        notes = sum(map(graph.is_note, graph.groups))
        for count, noun in ((len(graph.groups) - notes, "group"), (notes, "note")):
            parts += [counted(count, noun)] if count else []
        self.about.setText(" · ".join(parts))
        self.problems.show_problems(p for p in editor.problems if p.node is None)
        self.fields["dtype"].show_value(graph.dtype, graph.dtype != DTYPE.default)
        training = graph.training
        if training is None or self.metrics is None:
            self._show_proposal()
            return
        self._show_training()
        for each in SETTINGS:
            value = getattr(training, each.name)
            self.fields[each.name].show_value(value, value != each.default)
        assert self.fields["loss"].choice is not None
        self.fields["loss"].choice.offer(self._losses())
        self.fields["loss"].show_value(training.loss, True)
        self.optimiser.refresh(training)
        if self.groups is not None:
            self.groups.refresh(training)
        for rule in self.rules:
            rule.refresh(training)
        self.metrics.refresh()
