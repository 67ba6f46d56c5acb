"""What a plugin registers with: one method for each kind that it may add."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..catalogue import Catalogue
from ..errors import GradwireError
from ..foreign import contain, contained, containing
from ..parameters import shown

if TYPE_CHECKING:
    from ..data import Bundled
    from ..diagnosing import Rule
    from ..layers import Layer
    from ..op import Op
    from ..plan import Plan
    from ..training.metrics import Metric
    from ..training.named import Named

Entry = TypeVar("Entry")
METHODS = ("check", "limits", "with_batch", "compute", "number")  # of a metric


class Brought(NamedTuple):
    """One thing that a plugin has added: its kind, "op", and its name."""

    kind: str
    name: str


class Host:
    """The program as a plugin sees it while it registers; each method raises `GradwireError` for what does not fit.

    What is added is contained: where it raises, that is told in one line that names it and the plugin.
    """

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        self._added: list[tuple[Brought, Callable[[], None]]] = []

    @property
    def brought(self) -> tuple[Brought, ...]:
        """What the plugin has added so far, in its order."""
        return tuple(brought for brought, _ in self._added)

    def add_op(self, op: Op) -> None:
        """An op, made by `@op`, with a shape rule."""
        from ..op import Op
        from ..ops import installed

        _refuse_unless(op, Op, "an op, as @op makes one")
        if op.shape_rule is None:
            raise GradwireError(f"the op {op.name} needs a shape rule", hint=f"@{op.name}.shape")
        if op.proven or op.plugin not in ("", self.plugin):
            raise GradwireError(f"the op {op.name} is another's", hint="declare one of your own by @op")
        if installed().get(op.name) is None and not op.plugin:
            contain(op, self.plugin)
        self._add("op", installed(), op)

    def add_layer(self, layer: Layer) -> None:
        """A layer, made by `@layer`."""
        from ..layers import LAYERS, Layer

        _refuse_unless(layer, Layer, "a layer, as @layer makes one")
        function = contained(self.plugin, self._told("layer", layer.name), layer.function)
        self._add("layer", LAYERS, layer._replace(function=function))

    def add_dataset(self, dataset: Bundled) -> None:
        """A data set that is known by name and shape before its `load(name)` is called."""
        from ..data import Bundled
        from ..data.bundled import ALL
        from ..data.made import MADE

        _refuse_unless(dataset, Bundled, "a data set, as Bundled describes one")
        if dataset.name in MADE:
            raise GradwireError(f"a data set named {dataset.name!r} is there already", hint="choose another name")
        load = contained(self.plugin, self._told("data set", dataset.name), dataset.load)
        self._add("data set", ALL, replace(dataset, load=load))

    def add_optimiser(self, optimiser: Named) -> None:
        """An optimiser, made by `@update_rule`."""
        from ..training.optim.updating import ALL

        self._add("optimiser", ALL, self._named("optimiser", optimiser, "@update_rule"))

    def add_schedule(self, schedule: Named) -> None:
        """A schedule of the learning rate, made by `@schedule_rule`."""
        from ..training.schedules import ALL

        self._add("schedule", ALL, self._named("schedule", schedule, "@schedule_rule"))

    def add_metric(self, metric: type[Metric]) -> None:
        """A metric: a subclass of `Metric` with `name`, `title` and `counts`."""
        from ..training.metrics import METRICS, Metric

        if not (isinstance(metric, type) and issubclass(metric, Metric)):
            raise GradwireError(f"a metric must be a subclass of Metric, got {shown(metric)}")
        for needed in ("name", "title", "counts"):
            if not isinstance(getattr(metric, needed, None), str):
                raise GradwireError(f"the metric {metric.__name__} needs a text as its {needed}")
        for method in METHODS:
            if method in vars(metric):
                rule = contained(self.plugin, self._told("metric", metric.name), vars(metric)[method])
                setattr(metric, method, rule)
        self._add("metric", METRICS, metric)

    def add_diagnostic(self, rule: Rule) -> None:
        """A diagnosis of one iteration. One that fails finds nothing more, and its fault is told of the plugin."""
        from ..diagnosing import RULES, Rule

        _refuse_unless(rule, Rule, "a diagnosis, as Rule describes one")
        self._add("diagnostic", RULES, rule._replace(find=self._finding(rule)))

    def add_pass(self, change: Callable[[Plan], Plan]) -> None:
        """A function from plan to plan. What it makes is verified; where it fails, the plan stays as it was."""
        from ..passes import PASSES

        if not callable(change) or not hasattr(change, "__name__"):
            raise GradwireError(f"a pass must be a function from plan to plan, got {shown(change)}")
        self._add("pass", PASSES, self._passing(change))

    def withdraw(self) -> None:
        """Take away all that the plugin has added."""
        while self._added:
            self._added.pop()[1]()

    def _add(self, kind: str, catalogue: Catalogue[Entry], entry: Entry) -> None:
        name = catalogue.named(entry)
        if catalogue.get(name) is entry:
            raise GradwireError(f"the {kind} {name} is added twice")
        catalogue.add(entry, self.plugin)
        self._added.append((Brought(kind, name), lambda: catalogue.remove(name)))

    def _told(self, kind: str, name: str) -> str:
        return f"the {kind} {name} of the plugin {self.plugin}"

    def _named(self, kind: str, named: Named, maker: str) -> Named:
        """A rule that settings name, contained."""
        from ..training.named import Named

        _refuse_unless(named, Named, f"what {maker} makes")
        told = self._told(kind, named.name)
        rule, misfit = (contained(self.plugin, told, each, refuses=False) for each in (named.rule, named.misfit))
        return named._replace(rule=rule, misfit=misfit)

    def _finding(self, rule: Rule) -> Callable[..., Iterator[Any]]:
        told = self._told("diagnostic", rule.name)

        def find(timeline: Any) -> Iterator[Any]:
            findings: list[Any] = []
            try:
                with containing(self.plugin, told, ()):
                    for finding in rule.find(timeline):
                        findings.append(_checked(finding, timeline))
            except GradwireError:
                pass  # it is told among the faults of the plugin
            yield from findings

        return find

    def _passing(self, change: Callable[[Plan], Plan]) -> Callable[[Plan], Plan]:
        told = self._told("pass", change.__name__)

        @wraps(change)
        def call(plan: Plan) -> Plan:
            from ..plan import Plan, verify

            try:
                with containing(self.plugin, told, ()):
                    made = change(plan)
                    if not isinstance(made, Plan):
                        raise TypeError(f"a plan is needed, got {shown(made)}")
                    return verify(made)
            except GradwireError:
                return plan  # it is told among the faults of the plugin

        return call


def _refuse_unless(given: object, kind: type, wanted: str) -> None:
    if not isinstance(given, kind):
        raise GradwireError(f"{wanted}, is needed here, got {shown(given)}")


def _checked(finding: Any, timeline: Any) -> Any:
    """A finding that names a node of the graph. Raises `TypeError`."""
    from ..diagnosing import Finding

    if not isinstance(finding, Finding) or finding.node not in timeline.run.asked.graph.nodes:
        raise TypeError(f"a Finding at a node of the graph is needed, got {shown(finding)}")
    return finding
