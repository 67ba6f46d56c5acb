"""Groups and layers, and pasting them."""

from __future__ import annotations

import random
from itertools import count
from typing import Any

import pytest
from documents import chain, edit, refused

from gradwire.core.document import Document
from gradwire.core.graph import BuiltBy, Group, Node, Source, Training, Wire, boundary

# --- removing, groups, layers


def test_remove_cuts_wires_first() -> None:
    doc = chain()
    before = doc.graph
    with edit(doc) as t:
        t.remove("relu0", "relu0", "relu1")
    assert set(doc.graph.nodes) == {"dataset0", "relu2"}
    assert list(doc.graph.wires()) == []
    kinds = [type(each).__name__ for each in doc.history.entries[-1].edits]
    assert kinds == ["SetWire", "SetWire", "RemoveNode", "SetWire", "RemoveNode"]
    doc.undo()
    assert doc.graph == before


def test_group_and_ungroup() -> None:
    doc = chain()
    before = doc.graph
    with doc.transaction("Group") as t:
        inner = t.group(["relu0", "relu1"], "block")
        outer = t.group([inner, "relu2", "relu0"])
    assert [doc.graph.path(id) for id in ("relu0", "relu2", inner)] == [
        "group/block/a", "group/c", "group/block",
    ]  # fmt: skip
    assert boundary(doc.graph, inner) == (
        [Wire(Source("dataset0", "x"), "relu0", "x")],
        [Wire(Source("relu1", "y"), "relu2", "x")],
    )
    grouped = doc.graph
    with doc.transaction("Ungroup") as t:
        assert t.ungroup(outer) == [inner, "relu2"]
        assert t.ungroup(inner) == ["relu0", "relu1"]
    assert doc.graph == before
    doc.undo()
    assert doc.graph == grouped
    with edit(doc) as t:
        t.remove(inner, outer)
    assert (set(doc.graph.nodes), dict(doc.graph.groups)) == ({"dataset0"}, {})
    doc.undo()
    assert doc.graph == grouped
    with refused("a group needs at least one node"), edit(doc) as t:
        t.group([])


def test_names_stay_unique_when_groups_come_and_go() -> None:
    doc = Document()
    with edit(doc) as t:
        one, two = t.add_group("one"), t.add_group("two")
        t.add("relu", name="a", group=one)
        t.add("relu", name="a", group=two)
        t.add("relu", name="a")
        both = t.group(["relu0", "relu1"], "both")
        assert [t.graph.path(id) for id in ("relu0", "relu1")] == ["both/a", "both/a_2"]
        with refused("the name 'a' is taken at the top (a_2 is free)"):
            t.set_group("relu0", None)
        t.ungroup(both)
        assert [t.graph.path(id) for id in ("relu0", "relu1", "relu2")] == ["a_3", "a_2", "a"]
        with refused("a group cannot lie within itself, one would"):
            t.set_group(one, one)


def free(stem: str, *taken: dict[str, str]) -> str:
    """The first copy's name that is in none of these."""
    return next(name for number in count(2) if not any((name := f"{stem}_{number}") in names for names in taken))


@pytest.mark.parametrize("seed", range(20))
def test_ungrouping_gives_the_first_names_that_are_free_inside_and_outside(seed: int) -> None:
    draw = random.Random(seed)
    names = ["a", "b", *(f"{stem}_{number}" for stem in "ab" for number in range(2, 20))]
    doc = Document()
    with edit(doc) as t:
        group = t.add_group("block")
        for into in (group, None):
            for name in draw.sample(names, draw.randrange(5, len(names))):
                t.add("relu", name=name, group=into)
    inside, outside = (dict(doc.graph.members(place)) for place in (group, None))
    with edit(doc) as t:
        t.ungroup(group)
    del outside["block"]
    for name, id in list(inside.items()):
        new = free(name[0], inside, outside) if name in outside else name
        del inside[name]
        outside[new] = id
    assert dict(doc.graph.members(None)) == outside


def test_collapse_then_expand_is_the_identity() -> None:
    doc = chain()
    with edit(doc) as t:
        inner = t.group(["relu0"])
        outer = t.group([inner, "relu1"])
    before, ports = doc.graph, boundary(doc.graph, outer)
    with edit(doc) as t:
        t.collapse(inner)
        t.collapse(outer)
        t.collapse(outer)
    assert doc.graph != before
    assert boundary(doc.graph, outer) == ports
    assert t.change is not None
    assert not t.change.semantic
    with edit(doc) as t:
        t.expand(outer)
        t.expand(inner)
    assert doc.graph == before


def layer() -> tuple[Document, str]:
    """A group `linear` within a group `mlp`, both built by layers, with two relus in linear."""
    doc = Document()
    with edit(doc) as t:
        outer = t.add_group(built_by=BuiltBy("mlp", {"sizes": [1, 2]}))
        with t.building(outer):
            inner = t.add_group(built_by=BuiltBy("linear", {"units": 3}), group=outer)
        with t.building(outer, inner):
            t.add("leaky_relu", name="first", group=inner)
            t.add("leaky_relu", name="second", group=inner, inputs={"x": "leaky_relu0"})
        t.add("parameter", name="w")
    return doc, inner


def built(doc: Document) -> list[str]:
    return [group.built_by.layer for group in doc.graph.groups.values() if group.built_by]


def test_layers_keep_their_groups() -> None:
    doc, inner = layer()
    assert (inner, doc.graph.path("leaky_relu1")) == ("linear0", "mlp/linear/second")
    assert built(doc) == ["mlp", "linear"]
    with edit(doc) as t:
        t.rename("leaky_relu0", "x")
        t.move("leaky_relu0", (1, 1))
        t.set_flags("leaky_relu0", ["freeze"])
        t.collapse(inner)
        t.connect("parameter0", "leaky_relu0", "x")  # crosses the border: nobody's interior
        with t.building("mlp0"):
            t.set_param("leaky_relu0", "slope", 0.5)
            t.set_built_by("mlp0", BuiltBy("mlp", {"sizes": [1, 3]}))
    assert built(doc) == ["mlp", "linear"]
    assert doc.graph.groups["mlp0"].built_by == ("mlp", {"sizes": (1, 3)})


@pytest.mark.parametrize(
    "verb",
    [
        lambda t, _: t.set_param("leaky_relu0", "slope", 0.5),
        lambda t, _: t.remove("leaky_relu1"),
        lambda t, _: t.disconnect("leaky_relu1", "x"),
        lambda t, inner: t.add("leaky_relu", group=inner),
        lambda t, inner: t.set_group("parameter0", inner),
        lambda t, inner: t.add_group(group=inner),
        lambda t, _: t.group(["leaky_relu0"]),
        lambda t, inner: t.paste([t.node("parameter0")], group=inner),
    ],
)
def test_editing_the_interior_by_hand_drops_built_by(verb: Any) -> None:
    doc, inner = layer()
    before = doc.graph
    with edit(doc) as t:
        verb(t, inner)
        assert t.graph.groups[inner].built_by is not None  # at the commit, once
    assert built(doc) == []
    doc.undo()
    assert doc.graph == before


def test_inside_another_layer_only_what_surrounds_it_is_edited_by_hand() -> None:
    doc, inner = layer()
    with edit(doc) as t, t.building(inner):
        t.add("leaky_relu", group=inner)
    assert built(doc) == ["linear"]


# --- paste


def test_paste_gives_fresh_ids_and_free_names() -> None:
    doc, _ = layer()
    graph = doc.graph
    nodes, groups = graph.interior("mlp0")
    wires = [wire for wire in graph.wires() if wire.target in nodes]
    with edit(doc) as t:
        ids = t.paste(
            [*(graph.nodes[id] for id in nodes), graph.nodes["parameter0"]],
            [graph.groups[id] for id in (*groups, "mlp0")],
            [*wires, Wire(Source("parameter0", "y"), "leaky_relu0", "x")],
            values={"parameter0": [1.0]},
            offset=(10, 20),
        )
    assert ids == {
        "mlp0": "mlp1",
        "linear0": "linear1",
        "leaky_relu0": "leaky_relu2",
        "leaky_relu1": "leaky_relu3",
        "parameter0": "parameter1",
    }
    assert [doc.graph.path(id) for id in ids.values()] == [
        "mlp_2", "mlp_2/linear", "mlp_2/linear/first", "mlp_2/linear/second", "w_2",
    ]  # fmt: skip
    assert doc.graph.inputs("leaky_relu3") == {"x": Source("leaky_relu2", "y")}
    assert doc.graph.nodes["leaky_relu2"].position == (10.0, 20.0)
    assert doc.values["parameter1"] == [1.0]
    assert built(doc) == ["mlp", "linear", "mlp", "linear"]
    doc.undo()
    assert doc.graph == graph


def test_paste_keeps_sources_that_are_not_copied() -> None:
    doc = chain()
    with edit(doc) as t:
        wires = [wire for wire in doc.graph.wires() if wire.target == "relu1"]
        assert t.paste([t.node("relu1")], (), wires) == {"relu1": "relu3"}
        assert t.inputs("relu3") == {"x": Source("relu0", "y")}
        assert t.node("relu3").name == "b_2"


def test_what_paste_refuses() -> None:
    doc = chain()
    a, b = Node("p", "relu", "p"), Node("q", "relu", "q")
    to_p, to_q = Wire(Source("q", "y"), "p", "x"), Wire(Source("p", "y"), "q", "x")
    with edit(doc) as t:
        with refused("the wires would close the loop p -> q -> p"):
            t.paste([a, b], (), [to_p, to_q])
        with refused("what is pasted has the id 'p' twice"):
            t.paste([a, a])
        with refused("what is pasted has a wire into 'relu0', which is no part of it"):
            t.paste([a], (), [Wire(Source("p", "y"), "relu0", "x")])
        with refused("there is no node 'gone'"):
            t.paste([a], (), [Wire(Source("gone", "y"), "p", "x")])
        with refused("relu has no port 'z' (its ports: x)"):
            t.paste([a], (), [Wire(Source("relu0", "y"), "p", "z")])
        with refused("a group cannot lie within itself, 'g' does"):
            t.paste([], [Group("g", "g", "g")])
        assert t.edits == []


def test_settings_of_the_graph() -> None:
    doc = chain()
    with edit(doc) as t:
        t.set_training(Training("relu2"))
        t.set_dtype("float64")
        with refused("a document's dtype must be float32 or float64, found 'int8'"):
            t.set_dtype("int8")
    assert doc.graph.training == Training("relu2")
    assert doc.graph.dtype == "float64"
    doc.undo()
    assert (doc.graph.training, doc.graph.dtype) == (None, "float32")
