"""One value of a graph as a function of what is fed and of the values of its parameters, both given each time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..document import Document
from ..document.ports import value_name
from ..graph import Graph, Source
from ..infer import Binding
from ..lower import Lowering
from ..ops import Registry
from ..running import Running

Array = np.ndarray[Any, Any]


class OneValue:
    """Compiled once for each shape of what is fed. `parameters` are those that it depends on, by id."""

    def __init__(self, graph: Graph, registry: Registry, folder: Path | None, dtype: str, source: Source) -> None:
        self.graph, self._registry = graph, registry
        self._name = value_name(graph, registry, source)
        path = None if folder is None else folder / "graph.gw"  # from beside which data are read
        self._running = Running(Document(graph, {}, registry), registry, path, dtype)
        needed = Lowering(graph, registry, Binding()).needed([source])
        self.parameters = [id for id in needed if graph.nodes[id].op == "parameter"]

    def of(self, fed: Mapping[str, Array], values: Mapping[str, Array]) -> Array:
        """The value, in evaluation; a parameter that is not among `values` begins as the graph says.

        Raises `GradwireError`.
        """
        own = {id: values[id] for id in self.parameters if id in values}
        self._running.document = Document(self.graph, own, self._registry)
        found = self._running.run(fed, self._name, iteration=1)[self._name]
        self._running.document = Document(self.graph, {}, self._registry)  # arrays may be parts of much larger ones
        return found
