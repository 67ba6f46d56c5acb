"""The metrics of training: each is chosen, and told what it compares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QGridLayout, QWidget

from ...core.document.ports import value_name
from ...core.errors import GradwireError
from ...core.training.metrics import METRICS, ROLES, metric
from .editors import Check, ChoiceEdit
from .fields import COLUMNS_APART, LABEL_LEAST, RESET, Default, Field
from .parts import Section, label
from .proposing import setting
from .sheet import small

if TYPE_CHECKING:
    from ...core.document import Gesture
    from ...core.training.metrics import Metric
    from .document_page import DocumentPage


class MetricFields(Section):
    """A check box for each metric, and under one that is chosen what it compares and its settings."""

    def __init__(self, page: DocumentPage) -> None:
        super().__init__("Metrics")
        self.page = page
        self.checks: dict[str, Check] = {}
        self.choices: dict[tuple[str, str], ChoiceEdit] = {}
        self.fields: dict[tuple[str, str], Field] = {}
        self.bodies: dict[str, QWidget] = {}
        for kind in METRICS:
            check = Check(page.theme, kind.title)
            check.setToolTip(f"counts {kind.counts}, of the samples held out; where none are, of those trained on")
            check.clicked.connect(lambda on, name=kind.name: self._switch(name, on))
            self.checks[kind.name] = check
            self.bodies[kind.name] = self._body(kind)
            self.add(check, self.bodies[kind.name])
        self.error = label("", "error", small(), wrap=True)
        self.error.hide()
        self.add(self.error)

    def _body(self, kind: type[Metric]) -> QWidget:
        """What a metric compares, and its settings: all in line with each other."""
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(24, 0, 0, 2)
        grid.setVerticalSpacing(3)
        grid.setHorizontalSpacing(COLUMNS_APART)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, RESET + COLUMNS_APART)  # as beside fields, for a unit that is not there
        names = [label(role) for role in ROLES]
        for row, (role, name) in enumerate(zip(ROLES, names, strict=True)):
            choice = ChoiceEdit(self.page.theme, ())
            choice.setAccessibleName(f"{role} of {kind.name}")
            choice.chosen.connect(partial(self._set, kind.name, role))
            self.choices[kind.name, role] = choice
            grid.addWidget(name, row, 0)
            grid.addWidget(choice, row, 1)
        for row, parameter in enumerate(kind.settings.values(), len(ROLES)):
            field = Field(parameter, kind.name, partial(self._set_setting, kind.name, parameter.name), self.page.theme)
            field.abandoned.connect(self.page.take_back)
            self.fields[kind.name, parameter.name] = field
            grid.addWidget(field, row, 0, 1, 3)
        fields = [self.fields[kind.name, setting] for setting in kind.settings]
        room = max([LABEL_LEAST, *(name.sizeHint().width() for name in names), *(each.label_room for each in fields)])
        grid.setColumnMinimumWidth(0, room)
        for field in fields:
            field.label_room = room
        return body

    @property
    def chosen(self) -> list[dict[str, Any]]:
        training = self.page.editor.graph.training
        return [dict(each) for each in training.metrics if isinstance(each, Mapping)] if training is not None else []

    def _sources(self) -> list[tuple[str, str]]:
        """Every value that has a batch, by path, and as settings write it: `dataset0.y`."""
        graph, registry = self.page.editor.graph, self.page.editor.session.registry
        found = []
        for source, shape in self.page.editor.shapes.items():
            node = graph.nodes.get(source.node)
            op = registry.get(node.op) if node is not None else None
            if op is None or not shape.startswith("(N"):
                continue
            found.append((value_name(graph, registry, source), setting(self.page.editor, source)))
        return sorted(found)

    def _told(self, value: str) -> str:
        """A value whose shape is not known, as where data have a problem, by the path of its node."""
        node, dot, output = value.partition(".")
        graph = self.page.editor.graph
        return f"{graph.path(node)}{dot}{output}" if node in graph.nodes else value

    def _likely(self) -> tuple[str, str]:
        """What the loss compares: its first two inputs."""
        editor = self.page.editor
        training = editor.graph.training
        fed = editor.graph.inputs(training.loss) if training is not None and training.loss in editor.graph.nodes else {}
        pair = [setting(editor, source) for source in [*fed.values()][:2]]
        first = self._sources()[:1]
        while len(pair) < 2:
            pair.append(first[0][1] if first else "")
        return pair[0], pair[1]

    def _change(self, what: str, metrics: list[dict[str, Any]]) -> None:
        refused = self.page.change(what, None, metrics=tuple(metrics))
        self.error.setText(refused or "")
        self.error.setVisible(refused is not None)

    def _switch(self, name: str, on: bool) -> None:
        others = [each for each in self.chosen if each.get("name") != name]
        if on:
            prediction, target = self._likely()
            others.append({"name": name, "prediction": prediction, "target": target})
        self._change(f"{'Watch' if on else 'Drop'} the metric {name}", others)

    def _set(self, name: str, role: str, value: str) -> None:
        metrics = [{**each, role: value} if each.get("name") == name else each for each in self.chosen]
        self._change(f"Set the {role} of {name}", metrics)

    def _set_setting(self, name: str, key: str, value: Any, merge: Gesture | None) -> str | None:
        """Set a setting of a metric, or let it follow its default; the refusal, None where it was taken."""
        entry = next(each for each in self.chosen if each.get("name") == name)
        changed = {other: held for other, held in entry.items() if other != key}
        if value is not Default:
            changed[key] = value
        try:
            metric(changed)
        except GradwireError as error:
            return str(error)
        metrics = [changed if each.get("name") == name else each for each in self.chosen]
        return self.page.change(f"Set {key} of {name}", merge, metrics=tuple(metrics))

    def refresh(self) -> None:
        chosen = {each.get("name"): each for each in self.chosen}
        sources = self._sources() if chosen else []
        for name, check in self.checks.items():
            check.show_state(name in chosen)
            self.bodies[name].setVisible(name in chosen)
            for role in ROLES if name in chosen else ():
                value = str(chosen[name].get(role, ""))
                offered = (
                    sources if any(each == value for _, each in sources) else [*sources, (self._told(value), value)]
                )
                self.choices[name, role].offer(offered)
                self.choices[name, role].show_value(value)
        for (name, key), field in self.fields.items():
            if name in chosen:
                field.show_value(chosen[name].get(key, field.parameter.default), key in chosen[name])
