"""What a plugin registers with: one method for each kind that it may add."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

from ..catalogue import Catalogue
from ..errors import GradwireError
from ..foreign import contain, contained
from ..parameters import shown
from . import held

if TYPE_CHECKING:
    from ..backends import Backend
    from ..data import Bundled
    from ..diagnosing import Rule
    from ..exporting import Exporter
    from ..files.importers import Importer
    from ..files.run_exporters import RunExporter
    from ..layers import Layer
    from ..op import Op
    from ..plan import Plan
    from ..training.metrics import Metric
    from ..training.named import Named

Entry = TypeVar("Entry")


class Brought(NamedTuple):
    """One thing that a plugin has added: its kind, "op", and its name."""

    kind: str
    name: str


class Host:
    """The program as a plugin sees it while it registers; each method raises `GradwireError` for what does not fit.

    What is added is contained: where it raises, that is told in one line that names it and the plugin.
    """

    changes: ClassVar[int] = 0  # how often any plugin has added something to a catalogue, or taken it away

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
        """An optimiser, made by `@update_rule`, with a learning rate `lr` among its settings."""
        from ..training.optim.updating import ALL

        _refuse_no_optimiser(optimiser)
        self._add("optimiser", ALL, held.named(self.plugin, self._told("optimiser", optimiser.name), optimiser))

    def add_schedule(self, schedule: Named) -> None:
        """A schedule of the learning rate, made by `@schedule_rule`."""
        from ..training.named import Named
        from ..training.schedules import ALL

        _refuse_unless(schedule, Named, "what @schedule_rule makes")
        self._add("schedule", ALL, held.named(self.plugin, self._told("schedule", schedule.name), schedule))

    def add_metric(self, metric: type[Metric]) -> None:
        """A metric: a subclass of `Metric` with `name`, `title` and `counts`."""
        from ..training.metrics import METRICS, Metric

        if not (isinstance(metric, type) and issubclass(metric, Metric)):
            raise GradwireError(f"a metric must be a subclass of Metric, got {shown(metric)}")
        for needed in ("name", "title", "counts"):
            if not isinstance(getattr(metric, needed, None), str):
                raise GradwireError(f"the metric {metric.__name__} needs a text as its {needed}")
        self._add("metric", METRICS, held.metric(self.plugin, self._told("metric", metric.name), metric))

    def add_diagnostic(self, rule: Rule) -> None:
        """A diagnosis of one iteration. One that fails finds nothing more, and its fault is told of the plugin."""
        from ..diagnosing import RULES, Rule

        _refuse_unless(rule, Rule, "a diagnosis, as Rule describes one")
        self._add("diagnostic", RULES, held.diagnostic(self.plugin, self._told("diagnostic", rule.name), rule))

    def add_pass(self, change: Callable[[Plan], Plan]) -> None:
        """A function from plan to plan. What it makes is verified; where it fails, the plan stays as it was."""
        from ..passes import PASSES

        if not callable(change) or not hasattr(change, "__name__"):
            raise GradwireError(f"a pass must be a function from plan to plan, got {shown(change)}")
        self._add("pass", PASSES, held.plan_pass(self.plugin, self._told("pass", change.__name__), change))

    def add_backend(self, backend: Backend) -> None:
        """What computes on another device."""
        from ..backends import BACKENDS, Backend, devices

        _refuse_unless(backend, Backend, "a backend, as Backend describes one")
        if backend.device in devices():
            raise GradwireError(f"a device named {backend.device!r} is there already", hint="choose another name")
        self._add("backend", BACKENDS, held.backend(self.plugin, self._told("backend", backend.name), backend))

    def add_run_exporter(self, exporter: RunExporter) -> None:
        """A form in which the numbers of runs are written for another program."""
        from ..files.run_exporters import RUN_EXPORTERS, RunExporter

        _refuse_unless(exporter, RunExporter, "a run exporter, as RunExporter describes one")
        told = self._told("run exporter", exporter.name)
        self._add("run exporter", RUN_EXPORTERS, held.run_exporter(self.plugin, told, exporter))

    def add_exporter(self, exporter: Exporter) -> None:
        """A language in which graphs are written."""
        from ..exporting import EXPORTERS, Exporter

        _refuse_unless(exporter, Exporter, "an exporter, as Exporter describes one")
        self._add("exporter", EXPORTERS, held.exporter(self.plugin, self._told("exporter", exporter.name), exporter))

    def add_importer(self, importer: Importer) -> None:
        """A kind of file that values are read from."""
        from ..files.importers import IMPORTERS, Importer

        _refuse_unless(importer, Importer, "an importer, as Importer describes one")
        _refuse_suffixes(importer)
        self._add("importer", IMPORTERS, held.importer(self.plugin, self._told("importer", importer.name), importer))

    def add_example(self, path: Path) -> None:
        """A graph to open: a .gw that lies with the plugin."""
        from ..files.examples import EXAMPLES, Example

        _refuse_unless(path, Path, "the path of a .gw")
        if path.suffix != ".gw" or not path.is_file():
            raise GradwireError(f"an example must be a .gw that is there, got {path}")
        self._add("example", EXAMPLES, Example(path))

    def withdraw(self) -> None:
        """Take away all that the plugin has added."""
        while self._added:
            self._added.pop()[1]()
            Host.changes += 1

    def _add(self, kind: str, catalogue: Catalogue[Entry], entry: Entry) -> None:
        name = catalogue.named(entry)
        if catalogue.get(name) is entry:
            raise GradwireError(f"the {kind} {name} is added twice")
        catalogue.add(entry, self.plugin)
        self._added.append((Brought(kind, name), lambda: catalogue.remove(name)))
        Host.changes += 1

    def _told(self, kind: str, name: str) -> str:
        return f"the {kind} {name} of the plugin {self.plugin}"


def _refuse_unless(given: object, kind: type, wanted: str) -> None:
    if not isinstance(given, kind):
        raise GradwireError(f"{wanted}, is needed here, got {shown(given)}")


def _refuse_no_optimiser(optimiser: Named) -> None:
    """Raise `GradwireError` for what is none, or has no learning rate."""
    from ..training.named import Named

    _refuse_unless(optimiser, Named, "what @update_rule makes")
    rate = optimiser.settings.get("lr")
    if rate is None or not isinstance(rate.default, int | float):
        message = f"the optimiser {optimiser.name} needs a setting lr whose default is a number"
        raise GradwireError(message, hint="lr: float = 0.01")


def _refuse_suffixes(importer: Importer) -> None:
    """Raise `GradwireError` for a suffix that is none, or that another importer reads."""
    from ..files.importers import suffixes

    for suffix in importer.suffixes:
        if suffix in suffixes() or suffix != suffix.lower() or not suffix.startswith("."):
            told = f"a suffix of the importer {importer.name} must be in small letters and no other importer's"
            raise GradwireError(f"{told}, got {suffix!r}", hint=".npy")
