"""Rules that training can follow: a schedule of the learning rate, averages of the weights, early stopping."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ...core.document import Gesture
from ...core.graph import Training
from ...core.parameters import Parameter
from ...core.training.averaging import AVERAGES
from ...core.training.criteria import watchable
from ...core.training.named import Named
from ...core.training.schedules import PLATEAU, SCHEDULES
from ...core.training.stopping import STOPPING
from .fields import Default, Field
from .parts import Section, label
from .sheet import small

if TYPE_CHECKING:
    from .document_page import DocumentPage

METRIC, WATCHING = "metric", (PLATEAU, STOPPING)  # the setting of these that names a number of an epoch


class Kind(NamedTuple):
    """A field of training that holds the settings of one rule of a table.

    The choice among them is called `choice`, and `none` is what is chosen without one.
    """

    field: str
    caption: str
    choice: str
    none: str
    table: Mapping[str, Named]

    def chosen(self, training: Training) -> Named | None:
        """The rule that training names, None where it names none that there is."""
        settings = getattr(training, self.field)
        if settings is None:
            return None
        return self.table[STOPPING.name] if STOPPING.name in self.table else self.table.get(str(settings.get("name")))

    def called(self, name: str) -> str:
        """What a rule is called in the choice."""
        return "by a metric" if name == STOPPING.name else name.replace("_", " ")

    def begun(self, name: str | None) -> dict[str, Any] | None:
        """The settings with which a rule begins."""
        if name is None:
            return None
        return {} if name == STOPPING.name else {"name": name}


KINDS = (
    Kind("schedule", "Learning rate in time", "schedule", "none", SCHEDULES),
    Kind("average", "Average of the weights", "average", "none", AVERAGES),
    Kind("early_stopping", "Early stopping", "stops", "at the end", {STOPPING.name: STOPPING}),
)


def shape_of(training: Training | None) -> Hashable:
    """For which rules fields are made: as long as it stays, the same ones serve."""
    if training is None:
        return None
    return tuple(found.name if (found := kind.chosen(training)) is not None else None for kind in KINDS)


class RuleFields(Section):
    """A choice of the rule, under it what the rule does, and a field for each of its settings."""

    def __init__(self, page: DocumentPage, kind: Kind, training: Training) -> None:
        super().__init__(kind.caption)
        self.page, self.kind = page, kind
        self.fields: dict[str, Field] = {}
        self.rule = rule = kind.chosen(training)
        names = [(kind.none, None), *((kind.called(each), each) for each in kind.table)]
        chooser = Parameter(kind.choice, Any, None)
        self.chooser = Field(chooser, "training", self._choose, page.theme, names)
        self.add(self.chooser)
        if rule is not None:
            self.add(label(" ".join(rule.doc.split("\n\n")[0].split()), "dim", small(), wrap=True))
            for setting in rule.settings.values():
                self.fields[setting.name] = self._field(setting, training)
        room = max((field.label.needed for field in page.fields.values()), default=0)
        for field in (self.chooser, *self.fields.values()):
            field.abandoned.connect(page.take_back)
            field.label_room = room
        self.add(*self.fields.values())

    def _field(self, setting: Parameter, training: Training) -> Field:
        offered = None
        if setting.name == METRIC and self.rule in WATCHING:
            offered = [(name.replace("_", " "), name) for name in watchable(training)]
        commit = partial(self._set, setting.name)
        owner = self.kind.field if self.rule is None else self.rule.name  # as settings that do not fit are told
        return Field(setting, owner, commit, self.page.theme, offered)

    @property
    def _settings(self) -> Mapping[str, Any] | None:
        training = self.page.editor.graph.training
        return None if training is None else getattr(training, self.kind.field)

    def _choose(self, value: Any, merge: Gesture | None) -> str | None:
        name = None if value is Default else value
        words = self.kind.field.replace("_", " ")
        label = f"No {words}" if name is None else f"Set {words}"
        return self.page.change(label, merge, **{self.kind.field: self.kind.begun(name)})

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        settings = {**(self._settings or {}), name: value}
        if value is Default:
            del settings[name]
        return self.page.change(f"Set {name}", merge, **{self.kind.field: settings})

    def refresh(self, training: Training) -> None:
        """Show the settings as they are now."""
        settings = self._settings or {}
        self.chooser.show_value(None if self.rule is None else self.rule.name, self.rule is not None)
        for name, field in self.fields.items():
            if name == METRIC and self.rule in WATCHING and field.choice is not None:
                field.choice.offer([(each.replace("_", " "), each) for each in watchable(training)])
            field.show_value(settings.get(name, field.parameter.default), name in settings)
