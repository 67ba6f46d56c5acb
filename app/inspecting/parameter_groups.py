"""The parameter groups of training: what is in each, and the settings that are its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ...core.document import Gesture
from ...core.errors import ParameterError
from ...core.graph import Training
from ...core.training.named import Named
from ...core.training.optim import MEMBERS
from .fields import Default, Field
from .parts import Elided, Section, label
from .sheet import small

if TYPE_CHECKING:
    from .document_page import DocumentPage

ALWAYS = ("lr", "weight_decay")  # shown of each group
NONE = (
    "All parameters are trained by the settings above. To give some of them others, as biases without weight decay:"
    " select them, or groups of nodes, and choose Graph › Parameters › New parameter group."
)


def shape_of(training: Training | None) -> tuple[object, ...]:
    """For what fields are made: as long as it stays, the same ones serve."""
    return () if training is None else tuple((_members(each), _rare(each)) for each in training.parameter_groups)


def _members(group: object) -> tuple[str, ...]:
    found = group.get(MEMBERS) if isinstance(group, Mapping) else None
    return tuple(map(str, found)) if isinstance(found, tuple) else ()


def _rare(group: object) -> tuple[str, ...]:
    """The settings of a group that are not shown of each."""
    return tuple(name for name in group if name not in (MEMBERS, *ALWAYS)) if isinstance(group, Mapping) else ()


class ParameterGroupFields(Section):
    """For each parameter group what is in it, fields for its settings, and a button that takes it away."""

    def __init__(self, page: DocumentPage, rule: Named, training: Training) -> None:
        super().__init__("Parameter groups")
        self.page, self.rule = page, rule
        self.names: list[Elided] = []
        self.rows: list[dict[str, Field]] = []
        self.removes: list[QPushButton] = []
        if not training.parameter_groups:
            self.add(label(NONE, "dim", small(), wrap=True))
        for index, group in enumerate(training.parameter_groups):
            self._add_group(index, group)

    def _add_group(self, index: int, group: object) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 4 if index else 0, 0, 0)
        name, remove = Elided(rows=3), QPushButton("Remove")
        remove.setAccessibleName(f"remove parameter group {index + 1}")
        remove.clicked.connect(lambda: self._remove(index))
        row.addWidget(name, 1)
        row.addWidget(remove)
        self.add(head)
        self.names.append(name)
        self.removes.append(remove)
        wanted = [each for each in (*ALWAYS, *_rare(group)) if each in self.rule.settings]
        fields = {each: self._field(index, each) for each in wanted}
        room = max((field.label_room for field in self.page.fields.values()), default=0)
        for field in fields.values():
            field.label_room = room
        self.rows.append(fields)
        self.add(*fields.values())

    def _field(self, index: int, name: str) -> Field:
        commit = partial(self._set, index, name)
        field = Field(self.rule.settings[name], f"parameter group {index + 1}", commit, self.page.theme)
        field.abandoned.connect(self.page.take_back)
        return field

    @property
    def _groups(self) -> tuple[Any, ...]:
        training = self.page.editor.graph.training
        return training.parameter_groups if training is not None else ()

    def _remove(self, index: int) -> None:
        training = self.page.editor.graph.training
        assert training is not None
        groups = (*self._groups[:index], *self._groups[index + 1 :])
        changed = dataclasses.replace(training, parameter_groups=groups)
        self.page.attempt(f"Remove parameter group {index + 1}", lambda t: t.set_training(changed))

    def _set(self, index: int, name: str, value: Any, merge: Gesture | None) -> str | None:
        groups = list(self._groups)
        changed = {**groups[index], name: value}
        if value is Default:
            del changed[name]
        groups[index] = changed
        return self.page.change(f"Set {name} of parameter group {index + 1}", merge, parameter_groups=tuple(groups))

    def refresh(self, training: Training) -> None:
        """Show the groups as they are now."""
        graph = self.page.editor.graph
        for group, name, fields in zip(self._groups, self.names, self.rows, strict=True):
            name.show_text(", ".join(map(graph.called, _members(group))) or "nothing")
            for setting, field in fields.items():
                common = training.optimiser.get(setting, self.rule.settings[setting].default)
                field.parameter = field.parameter._replace(default=common)
                field.show_value(group.get(setting, common), setting in group)


def fitted(groups: tuple[Any, ...], rule: Named) -> tuple[Any, ...]:
    """Groups without the settings that another optimiser does not take."""
    return tuple(
        {**({MEMBERS: each[MEMBERS]} if MEMBERS in each else {}), **taken(each, rule)}
        if isinstance(each, Mapping)
        else each
        for each in groups
    )


def taken(settings: Mapping[str, Any], rule: Named) -> dict[str, Any]:
    """Those of some settings that a rule takes as well: of the same name, with a value that it may have."""
    return {name: value for name, value in settings.items() if name in rule.settings and _may_be(value, rule, name)}


def _may_be(value: Any, rule: Named, name: str) -> bool:
    setting = rule.settings[name]
    try:
        setting.check_range(setting.read(value, rule.name), rule.name)
    except ParameterError:
        return False
    return True
