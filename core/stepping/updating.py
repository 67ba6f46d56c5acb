"""What an iteration of training does to each parameter: by what it is written, or why it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

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
    """Of one run; `after` holds by parameter what it becomes."""

    def __init__(self, run: Evaluated, registry: Registry, cuts: Cuts, after: Mapping[str, Array]) -> None:
        self.run, self.registry, self.cuts, self.after = run, registry, cuts, after

    @cached_property
    def _needed(self) -> set[str]:
        """The nodes that run for the loss."""
        graph = self.run.asked.graph
        if graph.training is None or graph.training.loss not in graph.nodes:
            return set()
        return Lowering(graph, self.registry, Binding()).needed([Source(graph.training.loss, "y")])

    @cached_property
    def _assigns(self) -> Mapping[str, str]:
        """By `assign` node the parameter that it names."""
        nodes = self.run.asked.graph.nodes
        return {id: str(node.params.get("target")) for id, node in nodes.items() if node.op == "assign"}

    @cached_property
    def idle(self) -> frozenset[str]:
        """The `assign` nodes that training does not run, because the loss does not depend on them."""
        return frozenset(self._assigns.keys() - self._needed) if self._needed else frozenset()

    @cached_property
    def named(self) -> frozenset[str]:
        """The parameters that an `assign` names, whether training runs it or not."""
        return frozenset(self._assigns.values())

    @cached_property
    def writers(self) -> Mapping[str, str]:
        """By parameter the `assign` node that writes it in training."""
        return {target: id for id, target in self._assigns.items() if id in self._needed}

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
        if self.rate == 0:
            return "the learning rate is 0"
        return "its gradient is exactly 0" if not gradient.any() else f"{ROUNDED} what {before.dtype} can tell"

    @cached_property
    def rate(self) -> float:
        """The learning rate; NaN without training."""
        from ..training.optim import optimiser  # with all of training, which nothing else here needs

        training = self.run.asked.graph.training
        return float("nan") if training is None else float(optimiser(training.optimiser)[1]["lr"])

    def _no_gradient(self, source: Source) -> str:
        graph, cut = self.run.asked.graph, self.cuts[source]
        if cut is not None:
            return f"no gradient: at {graph.path(cut.node)}: {cut.reason}"
        idle = [node for node in sorted(self.idle) if self._assigns[node] == source.node]
        return f"{graph.path(idle[0])} is {NOT_RUN}" if idle else "not reached: the loss does not depend on it"

    def text(self, id: str) -> str:
        """`w: no update: frozen`, `run: by assign, v1 → v2`; nothing of what the optimiser changes."""
        graph = self.run.asked.graph
        path, version = graph.path(id), self.run.asked.iteration
        if id in self.writers:
            return f"{path}: by {graph.path(self.writers[id])}, v{version - 1} → v{version}"
        why = self.unchanged(id)
        return f"{path}: no update: {why}" if why else ""
