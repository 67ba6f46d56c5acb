"""The optimiser of training: which one, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ...core.document import Gesture
from ...core.graph import Training
from ...core.parameters import Parameter
from ...core.training.optim import OPTIMISERS
from .fields import Default
from .parameter_groups import fitted, taken
from .parts import Section, label
from .sheet import small

if TYPE_CHECKING:
    from .document_page import DocumentPage


def name_of(training: Training) -> str:
    """The name of the optimiser, which may be one that nobody knows."""
    return str(training.optimiser.get("name", "sgd"))


class OptimiserFields(Section):
    """A choice of optimisers, what the chosen one does in a line, and a field for each of its settings."""

    def __init__(self, page: DocumentPage, training: Training) -> None:
        super().__init__("Optimiser")
        self.page, self.rule = page, OPTIMISERS.get(name_of(training))
        names = [(each.title, each.name) for each in OPTIMISERS.values()]
        self.add(page.make_field(Parameter("optimiser", str), "training", self._choose, names))
        if self.rule is not None:
            self.add(label(" ".join(self.rule.doc.split("\n\n")[0].split()), "dim", small(), wrap=True))
            for setting in self.rule.settings.values():
                self.add(page.make_field(setting, self.rule.name, partial(self._set, setting.name)))

    def _choose(self, value: Any, merge: Gesture | None) -> str | None:
        """Another optimiser; settings that it takes as well stay, here and in parameter groups. The others are told."""
        editor, rule = self.page.editor, OPTIMISERS[value]
        old, training = self._settings(), editor.graph.training
        kept = taken(old, rule)
        groups = () if training is None else fitted(training.parameter_groups, rule)
        settings = {"name": value, **kept}
        refused = self.page.change(f"Optimise by {rule.title}", merge, optimiser=settings, parameter_groups=groups)
        left = [name for name in old if name not in settings]
        for before, after in zip(training.parameter_groups if training is not None else (), groups, strict=True):
            left += [name for name in before if name not in after] if isinstance(before, Mapping) else []
        if refused is None and left:
            editor.told.emit(f"Dropped {', '.join(dict.fromkeys(left))}, which {rule.title} does not take", "note")
        return refused

    def _settings(self) -> Mapping[str, Any]:
        training = self.page.editor.graph.training
        return training.optimiser if training is not None else {}

    def _set(self, name: str, value: Any, merge: Gesture | None) -> str | None:
        settings = {**self._settings(), name: value}
        if value is Default:
            del settings[name]
        return self.page.change(f"Set {name}", merge, optimiser=settings)

    def refresh(self, training: Training) -> None:
        """Show the settings as they are now."""
        fields, settings = self.page.fields, training.optimiser
        fields["optimiser"].show_value(settings.get("name", "sgd"), True)
        for name, setting in self.rule.settings.items() if self.rule is not None else ():
            fields[name].show_value(settings.get(name, setting.default), name in settings)
