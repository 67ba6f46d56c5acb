"""What plugins bring besides ops, contained: what fails is told in a line, and what has another form is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, wraps
from pathlib import Path
from types import SimpleNamespace, new_class
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import GradwireError
from ..foreign import contained, containing
from ..parameters import NUMBERS, shown

if TYPE_CHECKING:
    from ..backends import Backend
    from ..diagnosing import Rule
    from ..exporting import Exporter
    from ..files.importers import Importer
    from ..files.run_exporters import RunExporter
    from ..plan import Plan
    from ..training.metrics import Metric
    from ..training.named import Named

MAKING = ("reset", "update", "with_batch")  # of the methods of a metric those that give one
OF_METRICS = (*MAKING, "__init__", "chosen", "label", "check", "limits", "compute", "number", "plain")
OF_BACKENDS = ("unavailable", "source", "compile", "put", "fetch", "room")

# Each is given the plugin's name, what is brought in words, and what is brought.


def named(plugin: str, told: str, rule: Named) -> Named:
    """A rule that settings name."""
    return rule._replace(
        rule=contained(plugin, told, rule.rule, refuses=False),
        misfit=contained(plugin, told, rule.misfit, refuses=False),
    )


def metric(plugin: str, told: str, kind: type[Metric]) -> type[Metric]:
    """A metric that is `kind` with all that a metric is asked contained, wherever the plugin says it.

    It is a class of its own: `kind` stays as it is for others of the plugin that are derived from it.
    """
    from ..training.metrics import Metric

    rules: dict[str, Any] = {"__slots__": (), "__module__": kind.__module__}
    for name in OF_METRICS:
        home = next(each for each in kind.__mro__ if name in vars(each))
        if home not in Metric.__mro__:
            rules[name] = _of_metric(plugin, told, kind, name, vars(home)[name])
    return new_class(kind.__name__, (kind,), exec_body=lambda space: space.update(rules))


def _of_metric(plugin: str, told: str, kind: type[Metric], name: str, rule: Any) -> Any:
    """One method of a metric, or property. What it makes of the plugin's own class becomes of the contained one."""
    if isinstance(rule, property):
        return property(contained(plugin, told, rule.__get__))

    @wraps(rule)
    def call(self: Metric, *args: Any, **settings: Any) -> Any:
        made = rule.__get__(self, type(self))(*args, **settings)
        if name not in MAKING:
            return made
        if not isinstance(made, kind):
            raise TypeError(f"a {kind.__name__} is needed, got {shown(made)}")
        if type(made) is kind:
            object.__setattr__(made, "__class__", type(self))  # its own may be frozen
        return made

    return contained(plugin, told, call)


def diagnostic(plugin: str, told: str, rule: Rule) -> Rule:
    """A diagnosis, which finds nothing more once it has failed."""

    def find(timeline: Any) -> Iterator[Any]:
        findings: list[Any] = []
        try:
            with containing(plugin, told, ()):
                for finding in rule.find(timeline):
                    findings.append(_at_a_node(finding, timeline))
        except GradwireError:
            pass  # it is told among the faults of the plugin
        yield from findings

    return rule._replace(find=find)


def _at_a_node(finding: Any, timeline: Any) -> Any:
    """A finding that names a node of the graph. Raises `TypeError`."""
    from ..diagnosing import Finding

    if not isinstance(finding, Finding) or finding.node not in timeline.run.asked.graph.nodes:
        raise TypeError(f"a Finding at a node of the graph is needed, got {shown(finding)}")
    return finding


def plan_pass(plugin: str, told: str, change: Callable[[Plan], Plan]) -> Callable[[Plan], Plan]:
    """A pass, which leaves the plan as it was where it fails."""

    @wraps(change)
    def call(plan: Plan) -> Plan:
        from ..plan import Plan, verify

        try:
            with containing(plugin, told, ()):
                made = change(plan)
                if not isinstance(made, Plan):
                    raise TypeError(f"a plan is needed, got {shown(made)}")
                return verify(made)
        except GradwireError:
            return plan  # it is told among the faults of the plugin

    return call


def exporter(plugin: str, told: str, given: Exporter) -> Exporter:
    """A language in which graphs are written, which gives a text."""

    @wraps(given.write)
    def write(*args: Any) -> str:
        with containing(plugin, told):
            made = given.write(*args)
            if not isinstance(made, str):
                raise TypeError(f"a text is needed, got {shown(made)}")
            return made

    return replace(given, write=write)


def importer(plugin: str, told: str, given: Importer) -> Importer:
    """A kind of file, which gives arrays of numbers by name."""

    @wraps(given.read)
    def read(path: Path) -> dict[str, Any]:
        with containing(plugin, told):
            made = given.read(path)
            if not isinstance(made, Mapping):
                raise TypeError(f"arrays by name are needed, got {shown(made)}")
            arrays = {str(name): np.asarray(array) for name, array in made.items()}
            for name, array in arrays.items():
                if array.dtype.kind not in NUMBERS:
                    raise TypeError(f"numbers are needed, {name} holds {array.dtype}")
            return arrays

    return replace(given, read=read)


class _Writer(NamedTuple):
    """What writes the numbers of a run, contained."""

    add: Callable[..., None]
    close: Callable[[], None]


def run_exporter(plugin: str, told: str, given: RunExporter) -> RunExporter:
    """A form in which the numbers of runs are written."""
    begin = contained(plugin, told, given.open)

    def opened(folder: Path) -> _Writer:
        writer = begin(folder)
        return _Writer(*(contained(plugin, told, each) for each in (writer.add, writer.close)))

    return replace(given, open=opened)


class _Executable:
    """A compiled plan, contained."""

    def __init__(self, made: Any, call: Callable[..., Any]) -> None:
        self._made, self._call = made, call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def backend(plugin: str, told: str, given: Backend) -> Backend:
    """What computes on a device."""

    @cache
    def load() -> SimpleNamespace:
        with containing(plugin, told):
            loaded = given.load()
            rules = {name: contained(plugin, told, getattr(loaded, name)) for name in OF_BACKENDS}

        def compile(plan: Plan, record: bool = False) -> _Executable:
            made = rules["compile"](plan, record)
            return _Executable(made, contained(plugin, told, made))

        return SimpleNamespace(**{**rules, "compile": compile})

    return replace(given, load=load)
