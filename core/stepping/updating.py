"""What an iteration of training does to each parameter: by what it is written, or why it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ..document.written import writers
from ..evaluating import Evaluated
from ..graph import Source
from ..infer import Binding
from ..lower import Lowering
from ..ops import Registry
from .cuts import Cuts

Array = np.ndarray[Any, Any]

HELD = {"frozen": "freeze", "detached": "detach"}  # with their flags
ROUNDED = "Δ is below"
NOT_RUN = "not run in training: the loss does not depend on it"


class Updates:
    """Of one run; `after` holds by parameter what it becomes.

    `rates` are its learning rates by those that the settings name, where a schedule says others; `waits` says why it
    changes none.
    """

    def __init__(
        self,
        run: Evaluated,
        registry: Registry,
        cuts: Cuts,
        after: Mapping[str, Array],
        rates: Mapping[float, float] | None = None,
        waits: str = "",
    ) -> None:
        self.run, self.registry, self.cuts, self.after = run, registry, cuts, after
        self.scheduled, self.waits = rates or {}, waits

    @cached_property
    def _needed(self) -> set[str]:
        """The nodes that run for the loss."""
        graph = self.run.asked.graph
        if graph.training is None or graph.training.loss not in graph.nodes:
            return set()
        return Lowering(graph, self.registry, Binding()).needed([Source(graph.training.loss, "y")])

    @cached_property
    def targets(self) -> Mapping[str, str]:
        """By node that names what it writes, as `assign` does, the parameter that it names."""
        nodes = self.run.asked.graph.nodes.values()
        named = ((node, op.target) for node in nodes if (op := self.registry.get(node.op)) is not None)
        return {node.id: str(node.params.get(name)) for node, name in named if name is not None}

    @cached_property
    def idle(self) -> frozenset[str]:
        """Those of them that training does not run, because the loss does not depend on them."""
        return frozenset(self.targets.keys() - self._needed) if self._needed else frozenset()

    @cached_property
    def named(self) -> frozenset[str]:
        """The parameters that a node writes, whether training runs it or not."""
        graph = self.run.asked.graph
        return frozenset(writers(graph, self.registry, graph.nodes))

    @cached_property
    def writers(self) -> Mapping[str, str]:
        """By parameter the node that writes it in training."""
        graph = self.run.asked.graph
        found = writers(graph, self.registry, [id for id in graph.nodes if id in self._needed])
        return {target: source.node for target, source in found.items()}

    def unchanged(self, id: str) -> str:
        """Why a parameter stays as it is; nothing of one that is written or changed."""
        graph, source = self.run.asked.graph, Source(id, "y")
        if id in self.writers:
            return ""
        for word, flag in HELD.items():
            if flag in graph.nodes[id].flags:
                return word
        gradient = self.run.gradient(source)
        if gradient is None:
            return self._no_gradient(source)
        before, after = self.run.value(source), self.after.get(id)
        if before is None or after is None or not np.array_equal(before, after, equal_nan=True):
            return ""
        if not np.isfinite(before).all():
            return ""  # what was added is lost in NaN, however large it is
        if self.waits:
            return self.waits
        if self.rate_of(id) == 0:
            return "the learning rate is 0"
        return "its gradient is exactly 0" if not gradient.any() else f"{ROUNDED} what {before.dtype} can tell"

    @cached_property
    def rate(self) -> float:
        """The common learning rate; NaN without training."""
        return self._now(self._common)

    def rate_of(self, id: str) -> float:
        """The learning rate of a parameter: that of its group, or the common one."""
        return self._now(self.settings(id))

    def _now(self, settings: Mapping[str, Any]) -> float:
        lr = float(settings["lr"])
        return self.scheduled.get(lr, lr)

    def settings(self, id: str) -> Mapping[str, Any]:
        """The settings of the optimiser for a parameter: those of its group, or the common ones."""
        return self._groups.get(id, self._common)

    @cached_property
    def _common(self) -> Mapping[str, Any]:
        from ..training.optim import optimiser  # with all of training, which nothing else here needs

        training = self.run.asked.graph.training
        return {"lr": float("nan")} if training is None else optimiser(training.optimiser)[1]

    @cached_property
    def _groups(self) -> Mapping[str, Mapping[str, Any]]:
        from ..training.optim import group_settings

        graph = self.run.asked.graph
        return {} if graph.training is None else group_settings(graph, graph.training)

    def _no_gradient(self, source: Source) -> str:
        graph, cut = self.run.asked.graph, self.cuts[source]
        if cut is not None:
            return f"no gradient: at {graph.path(cut.node)}: {cut.reason}"
        idle = [node for node in sorted(self.idle) if self.targets[node] == source.node]
        return f"{graph.path(idle[0])} is {NOT_RUN}" if idle else "not reached: the loss does not depend on it"

    def version(self, id: str) -> str:
        """`v0 → v1` of a parameter that a node writes: which of its values it held, and which it holds then."""
        number = self.run.asked.iteration
        return f"v{number - 1} → v{number}" if id in self.writers else ""

    def text(self, id: str) -> str:
        """`w: no update: frozen`, `run: by assign, v1 → v2`; nothing of what the optimiser changes."""
        graph = self.run.asked.graph
        path = graph.path(id)
        if id in self.writers:
            return f"{path}: by {graph.path(self.writers[id])}, {self.version(id)}"
        why = self.unchanged(id)
        return f"{path}: no update: {why}" if why else ""
