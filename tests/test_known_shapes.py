"""Shapes that are inferred once for all iterations: they are those that would be found anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradwire.core import infer
from gradwire.core.document import Document
from gradwire.core.graph import Graph, Source
from gradwire.core.infer import Binding, Inferred, KnownShapes, Problem, in_order, known
from gradwire.core.op import Aval, Op, op
from gradwire.core.ops import Registry, builtin


def network() -> Document:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        x = t.add("input", shape=("N", 3))
        w = t.add("parameter", shape=(3, 2))
        of = t.add("shared", of=w)
        y = t.add("matmul", inputs={"x": x, "w": w})
        t.add("matmul", inputs={"x": y, "w": t.add("transpose", inputs={"x": of})})
    return document


def inferred(document: Document, shapes: KnownShapes, batch: int | None) -> Inferred:
    found, graph = Inferred(), document.graph
    for id in in_order(graph):
        binding = Binding("float64", batch)
        found.problems += shapes.infer_node(graph, document.registry, id, binding, None, found)
    return found


def test_what_is_known_is_what_would_be_found() -> None:
    document, shapes = network(), KnownShapes()
    for batch in (4, 4, 7, None, 7, 4):
        assert inferred(document, shapes, batch) == inferred(document, KnownShapes(), batch)
    with document.transaction("Widen") as t:
        (w,) = (id for id, node in document.graph.nodes.items() if node.op == "parameter")
        t.set_param(w, "shape", (3, 5))
    again = inferred(document, shapes, 4)
    assert again == inferred(document, KnownShapes(), 4)
    assert Aval((4, 5), np.dtype(np.float64)) in again.avals.values()


def test_a_second_iteration_asks_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    document, shapes = network(), KnownShapes()
    inferred(document, shapes, 4)
    asked: list[str] = []

    def infer_node(graph: Graph, registry: Registry, id: str, *rest: Any) -> list[Problem]:
        asked.append(graph.nodes[id].op)
        return infer.infer_node(graph, registry, id, *rest)

    monkeypatch.setattr(known, "infer_node", infer_node)
    assert inferred(document, shapes, 4).problems == []
    assert asked == ["shared"]  # it follows from another node


def test_an_op_that_is_registered_anew_is_asked_again() -> None:
    def halves(kind: type[np.floating[Any]]) -> Op:
        @op(formula="x / 2", category="test", samples=[((2,),)])
        def half(xp: Any, x: Any) -> Any:
            return (x / 2).astype(kind)

        half.shape(lambda x: Aval(x.shape, np.dtype(kind)))
        return half

    registry, shapes = Registry([*builtin(), halves(np.float64)]), KnownShapes()
    document = Document(registry=registry)
    with document.transaction("Build") as t:
        y = Source(t.add("half", inputs={"x": t.add("input", shape=(2,))}), "y")
    assert inferred(document, shapes, None).avals[y].dtype == np.float64
    registry.remove("half")
    registry.add(halves(np.float32))
    assert inferred(document, shapes, None).avals[y].dtype == np.float32
