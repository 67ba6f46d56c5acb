"""A graph with what is known of it, as cards read it: that of an editor, or a small one made to show a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...core.check import Checked
from ...core.graph import Graph, Source
from ...core.layers import Layer, build
from ...core.ops import Registry
from ...core.session import Session
from ...core.stepping.worked_example import Array
from ..editing.own_layers import OwnLayer, put
from ..editor import Editor

SHOWN = {"zeros": 0.5, "ones": 2.0}  # of what begins so: with 0 and 1 nothing would be seen of it


class Standing(NamedTuple):
    """`value` gives what is known of a value, None elsewhere; `live`: these are numbers that are computed with now."""

    graph: Graph
    registry: Registry
    found: Checked
    value: Callable[[Source], Array | None]
    live: bool = True

    @classmethod
    def of(cls, editor: Editor) -> Standing:
        """The graph of an editor as it is."""
        return cls(editor.graph, editor.registry, editor.checking.found, editor.results.value)

    @classmethod
    def own(cls, layer: OwnLayer) -> tuple[Standing, str]:
        """A layer of the user's own in a graph of its own, with nothing coming in, and the id of its group."""
        session = Session()
        with session.document.transaction("Show a layer") as t:
            group = put(t, layer, (0.0, 0.0))
        return cls(session.graph, session.registry, session.check(), lambda _: None, live=False), group

    @classmethod
    def sample(cls, layer: Layer) -> tuple[Standing, str] | None:
        """A layer with its sample coming in, and the id of its group; None where it declares none."""
        if layer.sample is None:
            return None
        shape, params, dtype = layer.sample
        session = Session()
        with session.document.transaction("Show a layer") as t:
            x = t.add("input", name="x", params={"shape": shape, "dtype": dtype})
            group = build(t, layer.name, t.ports.source(x), name=layer.name, **params).group
        graph, found = session.graph, session.check()

        def value(source: Source) -> Array | None:
            """Indices count up; what is not told here is shown as small numbers."""
            aval, node = found.avals[source], graph.nodes[source.node]
            if aval.dtype.kind in "iu":
                return np.arange(aval.size, dtype=aval.dtype).reshape(aval.shape)
            number = SHOWN.get(node.params.get("init", "zeros")) if node.op == "parameter" else None
            return None if number is None else np.full(aval.shape, number, aval.dtype)

        return cls(graph, session.registry, found, value, live=False), group
