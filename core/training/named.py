"""Rules that settings choose by their name: `{"name": "cosine", "steps": 20}`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..errors import ParameterError
from ..other_names import suggested
from ..parameters import Parameter, shown

Misfit = Callable[[Mapping[str, Any]], str]


def fits(settings: Mapping[str, Any]) -> str:
    """No settings are wrong together."""
    return ""


class Named(NamedTuple):
    """A rule by its name, with the settings that it takes: its keyword-only arguments, and what others add.

    `title` is how the field writes the name. `misfit` says what is wrong with settings that do not go together,
    nothing where they do. `formula` is in the names of the settings.
    """

    name: str
    rule: Callable[..., Any]
    doc: str
    settings: Mapping[str, Parameter]
    title: str = ""
    misfit: Misfit = fits
    formula: str = ""

    @classmethod
    def of(
        cls, rule: Callable[..., Any], *more: Parameter, title: str = "", misfit: Misfit = fits, formula: str = ""
    ) -> Named:
        """A rule with the settings that its signature says, and `more`."""
        arguments = inspect.signature(rule, eval_str=True).parameters.values()
        own = [Parameter.of(argument) for argument in arguments if argument.kind is argument.KEYWORD_ONLY]
        settings = {parameter.name: parameter for parameter in (*own, *more)}
        return cls(rule.__name__, rule, inspect.cleandoc(rule.__doc__ or ""), settings, title, misfit, formula)

    def check(self, settings: Mapping[str, Any], owner: str = "") -> dict[str, Any]:
        """`settings` complete and checked, where something is wrong told of `owner`. Raises `ParameterError`."""
        owner = owner or self.name
        for name in settings:
            if name not in self.settings and name != "name":
                raise self.unknown(name, owner)
        complete = {name: _read(parameter, settings, owner) for name, parameter in self.settings.items()}
        if wrong := self.misfit(complete):
            raise ParameterError(f"{owner}: {wrong}")
        return complete

    def unknown(self, name: str, owner: str) -> ParameterError:
        """The refusal of a setting that this rule does not take."""
        by = self.name if owner == self.name else f"{owner}: {self.name}"
        return ParameterError(
            f"{by} has no setting {name!r}", hint=f"its settings: {', '.join(self.settings) or 'none'}"
        )


def _read(parameter: Parameter, settings: Mapping[str, Any], owner: str) -> Any:
    if parameter.name not in settings:
        return parameter.default
    value = parameter.read(settings[parameter.name], owner)
    parameter.check_range(value, owner)
    return value


def chosen(table: Mapping[str, Named], what: str, settings: Mapping[str, Any]) -> tuple[Named, dict[str, Any]]:
    """The rule of `table` that `settings` name, and its settings complete; `what` says what kind of rule is meant.

    Raises `ParameterError`.
    """
    name = settings.get("name")
    if name is None:
        owner = f"{'an' if what[0] in 'aeiou' else 'a'} {what}"
        raise ParameterError(f"{owner} needs a name, got {shown(dict(settings))}", hint=f"name: {' or '.join(table)}")
    found = table.get(name) if isinstance(name, str) else None
    if found is None:
        near = suggested(name, what, table, 1) or list(table)
        *others, last = near
        hint = f"there is {', '.join(others)}{' and ' * bool(others)}{last}"
        raise ParameterError(f"no {what} is called {name!r}", hint=hint)
    return found, found.check(settings)
