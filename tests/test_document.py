"""The document: its one door, what it refuses, its history, its one signal."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import networkx
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gradwire.core.document import Change, Document, Gesture
from gradwire.core.edits import ABSENT, MoveNode, SetFlags, SetWire, edit_from_json
from gradwire.core.elements import natural_key
from gradwire.core.errors import EditError, GradwireError, ParameterError
from gradwire.core.graph import BuiltBy, Graph, Group, Node, Source, Training, Wire, boundary
from gradwire.core.op import Output, op
from gradwire.core.ops import Registry
from gradwire.core.transaction import Transaction


@op(formula="x", category="test", samples=[])
def parameter(xp: Any, *, shape: tuple[int, ...] = (), init: str = "zeros") -> Any:
    """A source with parameters."""


@op(formula="x", category="test", samples=[], outputs=("x", "y"))
def dataset(xp: Any) -> Any:
    """A source with two outputs."""


@op(formula="x", category="test", samples=[], outputs=("y", Output("mask", hidden=True)))
def relu(xp: Any, x: Any, *, slope: float = 0.0) -> Any:
    """One port, one parameter, a hidden output."""


@op(formula="x + y", category="test", samples=[])
def add(xp: Any, x: Any, y: Any) -> Any:
    """Two ports."""


@op(formula="[xs]", category="test", samples=[])
def concat(xp: Any, *xs: Any, axis: int = 0) -> Any:
    """A port that grows."""


REGISTRY = Registry([parameter, dataset, relu, add, concat])


def document(graph: Graph | None = None, **more: Any) -> Document:
    return Document(graph, registry=REGISTRY, **more)


def chain() -> Document:
    """data -> a -> b -> c, all relus but data."""
    doc = document()
    with doc.transaction("Chain") as t:
        t.add("dataset", name="data")
        for name, source in (("a", "dataset0"), ("b", "relu0"), ("c", "relu1")):
            t.add("relu", name=name, inputs={"x": source})
    return doc


@contextmanager
def refused(message: str, kind: type[GradwireError] = EditError) -> Iterator[None]:
    """The block is refused with this whole message."""
    with pytest.raises(kind) as caught:
        yield
    assert str(caught.value) == message


@contextmanager
def edit(doc: Document) -> Iterator[Transaction]:
    with doc.transaction("Edit") as transaction:
        yield transaction


# --- adding, wiring


def test_add_gives_ids_names_and_only_the_parameters_given() -> None:
    doc = document()
    with edit(doc) as t:
        ids = [t.add("relu"), t.add("relu", slope=1), t.add("relu", params={"slope": 2}, name="z", id="mine")]
    assert ids == ["relu0", "relu1", "mine"]
    assert [doc.graph.nodes[id].name for id in ids] == ["relu", "relu_2", "z"]
    assert [doc.graph.nodes[id].params for id in ids] == [{}, {"slope": 1.0}, {"slope": 2.0}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"op_name": "rellu"}, "no op is called 'rellu' (near: relu)"),
        ({"op_name": "relu", "name": "a"}, "the name 'a' is taken at the top (a_2 is free)"),
        ({"op_name": "relu", "name": ""}, "a name must not be empty"),
        ({"op_name": "relu", "id": "relu0"}, "the id 'relu0' is taken by a"),
        ({"op_name": "relu", "id": "a.b"},
         "a id must be without '/', '.', ':' and control characters, found '.' in 'a.b'"),
        ({"op_name": "relu", "group": "relu0"}, "there is no group 'relu0'"),
        ({"op_name": "relu", "inputs": {"z": "relu0"}}, "relu has no port 'z' (its ports: x)"),
        ({"op_name": "relu", "inputs": {"x": "relu7"}}, "there is no node 'relu7' (near: relu2, relu1, relu0)"),
        ({"op_name": "relu", "inputs": {"x": "dataset0.z"}}, "dataset has no output 'z' (its outputs: x, y)"),
    ],
)  # fmt: skip
def test_what_add_refuses(arguments: dict[str, Any], message: str) -> None:
    doc = chain()
    before = doc.graph
    with edit(doc) as t:
        with refused(message):
            t.add(**arguments)
        assert t.edits == []
    assert doc.graph is before


def test_parameters_are_checked_by_the_op() -> None:
    doc = chain()
    with edit(doc) as t:
        with refused("relu has no parameter 'slop' (its parameters: slope)", ParameterError):
            t.add("relu", slop=1)
        with refused("relu has no parameter 'slop' (its parameters: slope)", ParameterError):
            t.set_param("relu0", "slop", 1)
        with refused("relu: slope must be a number, got 'steep'", ParameterError):
            t.set_param("relu0", "slope", "steep")
        assert t.edits == []
        t.set_param("relu0", "slope", 0)
        assert t.node("relu0").params == {"slope": 0.0}
        t.set_param("relu0", "slope", ABSENT)
        assert t.node("relu0").params == {}


def test_connect_finds_free_ports() -> None:
    doc = document()
    with edit(doc) as t:
        data, both, many = t.add("dataset"), t.add("add"), t.add("concat")
        assert t.connect(data, both) == "x"
        assert t.connect("dataset0.y", both) == "y"
        with refused("add has no free port (its ports: x, y)"):
            t.connect(data, both)
        assert [t.connect(Source(data, "y"), many) for _ in range(3)] == ["xs0", "xs1", "xs2"]
        t.disconnect(many, "xs1")
        assert t.connect(both, many) == "xs1"
        assert t.connect(data, many, "xs7") == "xs7"
        with refused("concat has no port 'x' (its ports: xs0, xs1, …)"):
            t.connect(data, many, "x")
        with refused("dataset has no free port (its ports: none)"):
            t.connect(both, data)
    assert doc.graph.inputs(both) == {"x": Source("dataset0", "x"), "y": Source("dataset0", "y")}


def test_a_second_wire_into_a_port_replaces_the_first_in_one_undo() -> None:
    doc = chain()
    before = doc.graph
    with edit(doc) as t:
        t.connect("dataset0.y", "relu2", "x")
    assert doc.graph.inputs("relu2") == {"x": Source("dataset0", "y")}
    doc.undo()
    assert doc.graph == before


def test_connect_refuses() -> None:
    doc = chain()
    before = doc.graph
    with edit(doc) as t:
        with refused("a wire from c to a would close the loop a -> b -> c -> a"):
            t.connect("relu2", "relu0", "x")
        with refused("a wire from b to b would close the loop b -> b"):
            t.connect("relu1", "relu1", "x")
        with refused("relu has no port 'z' (its ports: x)"):
            t.connect("dataset0", "relu0", "z")
        with refused("dataset has no output 'z' (its outputs: x, y)"):
            t.connect("dataset0.z", "relu0", "x")
        with refused("relu has no output 'mask' (its outputs: y)"):
            t.connect("relu0.mask", "relu1", "x")
        with refused("there is no node 'relu9' (near: relu2, relu1, relu0)"):
            t.connect("dataset0", "relu9", "x")
        with refused("there is no wire into data.x (ports with one: none)"):
            t.disconnect("dataset0", "x")
        t.connect("dataset0", "relu0", "x")  # there already
        assert t.edits == []
        with refused("relu has no port 'q' (its ports: x)"):
            t.apply(SetWire("relu0", "q", None, Source("dataset0", "x")))
    assert doc.graph is before


def test_loops_are_named_by_paths() -> None:
    doc = chain()
    with edit(doc) as t:
        t.group(["relu0", "relu1"], "block")
        with refused("a wire from c to block/a would close the loop block/a -> block/b -> c -> block/a"):
            t.connect("relu2", "relu0", "x")


def test_a_placeholder_keeps_the_ports_it_has_wires_on() -> None:
    draft = chain().graph.draft()
    draft.add_node(Node("magic0", "magic", "magic", {"spell": "x"}))
    draft.set_wire("magic0", "in", Source("relu2", "y"))
    draft.add_node(Node("relu3", "relu", "d"))
    draft.set_wire("relu3", "x", Source("magic0", "out"))
    doc = document(draft.freeze())
    before = doc.graph
    with edit(doc) as t:
        assert t.connect("relu0", "magic0", "in") == "in"
        assert t.connect("magic0", "relu3", "x") == "x"
        with refused("magic has no port 'other' (its ports: in)"):
            t.connect("relu0", "magic0", "other")
        with refused("magic has no output 'other' (its outputs: out)"):
            t.connect("magic0.other", "relu3", "x")
        t.set_param("magic0", "anything", [1, 2])
        copies = t.paste([t.node("magic0")], (), [Wire(Source("relu0", "y"), "magic0", "in")])
        t.remove("magic0")
    assert doc.graph.nodes[copies["magic0"]].params == {"spell": "x", "anything": (1, 2)}
    doc.undo()
    assert doc.graph == before


# --- all or nothing


def test_an_exception_gives_everything_up_and_tells_nobody() -> None:
    doc = chain()
    before, told = doc.graph, []
    doc.observe(told.append)
    with pytest.raises(ZeroDivisionError), doc.transaction("Fails") as t:
        t.remove("relu0")
        raise ZeroDivisionError
    assert doc.graph is before
    assert (told, doc.history.undo_label) == ([], "Chain")
    with refused("this transaction is closed (open another with document.transaction(...))"):
        t.remove("relu0")


def test_a_verb_that_is_refused_does_nothing() -> None:
    doc = chain()
    with edit(doc) as t:
        t.rename("relu0", "first")
        count, text = len(t.edits), t.graph
        for verb in (
            lambda: t.remove("relu1", "relu9"),
            lambda: t.add("add", inputs={"x": "relu0", "y": "relu9"}),
            lambda: t.group(["relu0", "relu9"]),
            lambda: t.paste([Node("n", "relu", "n")], (), [Wire(Source("n", "y"), "n", "x")]),
            lambda: t.paste([Node("n", "relu", "n")], values={"m": [1.0]}),
        ):
            with pytest.raises(EditError):
                verb()
            assert len(t.edits) == count
        assert text.node("relu0").name == "first"
    assert doc.undo() is not None
    assert doc.graph == chain().graph


def test_transactions_do_not_nest() -> None:
    doc = chain()
    with (
        refused("'Inner' was opened within 'Outer', transactions do not nest (use the open one)"),
        doc.transaction("Outer"),
        doc.transaction("Inner"),
    ):
        pass
    with (
        doc.transaction("Outer"),
        refused("'Chain' was opened within 'Outer', transactions do not nest (use the open one)"),
    ):
        doc.undo()
    with edit(doc) as t:
        t.remove("relu2")


def test_one_thread_owns_the_document() -> None:
    doc = chain()
    caught: list[Exception] = []

    def elsewhere() -> None:
        try:
            doc.undo()
        except EditError as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere, name="worker")
    thread.start()
    thread.join()
    assert [str(error) for error in caught] == [
        "'Chain' came from thread 'worker', the document is edited in 'MainThread' only "
        "(hand the edits to the owner, which replays them)"
    ]


# --- the signal


def test_one_change_says_what_and_who() -> None:
    doc = chain()
    changes: list[Change] = []
    end = doc.observe(changes.append)
    before = doc.graph
    with doc.transaction("Move", source="canvas") as t:
        t.move("relu0", (3, 4))
    (change,) = changes
    assert t.change is change
    assert (change.label, change.source, change.semantic) == ("Move", "canvas", False)
    assert (change.before, change.after) == (before, doc.graph)
    assert change.edits == (MoveNode("relu0", (0.0, 0.0), (3.0, 4.0)),)
    with doc.transaction("Freeze") as t:
        t.set_flags("relu0", ["freeze"])
    assert changes[-1].semantic
    end()
    end()
    doc.undo()
    assert len(changes) == 2


def test_no_edit_no_signal() -> None:
    doc = chain()
    told: list[Change] = []
    doc.observe(told.append)
    with doc.transaction("Nothing") as t:
        t.move("relu0", (0, 0))
        t.rename("relu0", "a")
        t.set_dtype("float32")
        t.set_flags("relu0", ())
    assert (told, t.change, doc.history.undo_label) == ([], None, "Chain")


def test_undo_tells_like_editing() -> None:
    doc = chain()
    changes: list[Change] = []
    doc.observe(changes.append)
    doc.undo()
    doc.redo()
    assert [(change.label, change.source) for change in changes] == [("Chain", "undo"), ("Chain", "redo")]
    assert all(change.edits and change.semantic for change in changes)
    assert changes[0].after == Graph() == changes[1].before


def test_all_observers_are_told_and_the_history_stands_before_one_raises() -> None:
    doc = chain()
    seen: list[tuple[str, str | None]] = []

    def fails(change: Change) -> None:
        raise ValueError(change.label)

    doc.observe(fails)
    doc.observe(lambda change: seen.append((change.label, doc.history.undo_label)))
    with pytest.raises(ValueError, match="Edit"), edit(doc) as t:
        t.remove("relu2")
    assert seen == [("Edit", "Edit")]
    assert "relu2" not in doc.graph.nodes
    doc.observe(fails)
    with pytest.raises(ExceptionGroup, match="2 observers of 'Edit' raised") as caught:
        doc.undo()
    assert [str(error) for error in caught.value.exceptions] == ["Edit", "Edit"]
    assert doc.graph == chain().graph
    assert doc.history.redo_label == "Edit"


def test_observers_may_not_edit() -> None:
    doc = chain()
    doc.observe(lambda _: doc.undo())
    with refused("'Edit' was opened by an observer, observers may not edit"), edit(doc) as t:
        t.remove("relu2")
    assert "relu2" not in doc.graph.nodes


# --- history


def test_undo_and_redo_when_there_is_nothing() -> None:
    doc = document()
    assert doc.undo() is None
    assert doc.redo() is None


def test_a_new_edit_forgets_what_was_undone() -> None:
    doc = chain()
    with edit(doc) as t:
        t.remove("relu2")
    doc.undo()
    assert (doc.history.undo_label, doc.history.redo_label) == ("Chain", "Edit")
    with doc.transaction("Other") as t:
        t.rename("relu2", "z")
    assert [entry.label for entry in doc.history.entries] == ["Chain", "Other"]
    assert (doc.history.position, doc.history.redo_label) == (2, None)


def test_an_entry_that_no_longer_fits_is_reported_and_changes_nothing() -> None:
    doc = chain()
    with doc.transaction("Rename a") as t:
        t.rename("relu0", "first")
    with doc.transaction("Background", undoable=False) as t:
        t.rename("relu0", "other")
    before = doc.graph
    with refused(
        'cannot undo \'Rename a\': the name of relu0: required "first", found "other" (it has been changed since)'
    ):
        doc.undo()
    assert doc.graph is before
    assert doc.history.undo_label == "Rename a"


def test_undo_never_closes_a_loop() -> None:
    doc = chain()
    with doc.transaction("Cut") as t:
        t.disconnect("relu1", "x")
    with doc.transaction("Turn", undoable=False) as t:
        t.disconnect("relu0", "x")
        t.connect("relu2", "relu0", "x")
    before = doc.graph
    with refused("cannot undo 'Cut': the wires would close the loop a -> b -> c -> a"):
        doc.undo()
    assert doc.graph is before


def test_edits_made_elsewhere_are_replayed_as_they_are() -> None:
    doc, other = chain(), chain()
    with doc.transaction("Work") as t:
        t.add_group("block", built_by=BuiltBy("mlp"))
        t.add("relu", group="group0")
        t.remove("relu2")
    assert t.change is not None
    data = [edit.to_json() for edit in t.change.edits]
    change = other.replay([edit_from_json(each) for each in data], "Work", source="journal")
    assert change is not None
    assert (change.edits, other.graph) == (t.change.edits, doc.graph)
    with refused("there is no node 'relu2' (near: relu3, relu1, relu0)"):
        other.replay([SetFlags("relu2", frozenset(), frozenset({"freeze"}))], "Late")
    other.undo()
    assert other.graph == chain().graph


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_merges_within_half_a_second() -> None:
    clock = Clock()
    doc = document(chain().graph, clock=clock)
    start = doc.graph

    def turn(value: float, at: float, key: str = "wheel") -> None:
        clock.now = at
        with doc.transaction(f"Slope {value}", merge=key) as t:
            t.set_param("relu0", "slope", value)

    for value, at in ((1.0, 0.0), (2.0, 0.4), (3.0, 0.8)):
        turn(value, at)
    assert [len(entry.edits) for entry in doc.history.entries] == [1]
    turn(4.0, 1.4)
    turn(5.0, 1.5, key="other")
    assert [entry.label for entry in doc.history.entries] == ["Slope 1.0", "Slope 4.0", "Slope 5.0"]
    for value in (4.0, 3.0):
        doc.undo()
        assert doc.graph.nodes["relu0"].params["slope"] == value
    turn(6.0, 1.5)  # an undo in between: an entry of its own
    assert [entry.label for entry in doc.history.entries] == ["Slope 1.0", "Slope 6.0"]
    doc.undo()
    doc.undo()
    assert doc.graph == start


def test_a_gesture_is_one_entry_from_press_to_release() -> None:
    clock = Clock()
    doc = document(chain().graph, clock=clock)
    start, drag = doc.graph, Gesture()
    for step in range(1, 100):
        clock.now += 60
        with doc.transaction("Move 2 nodes", merge=drag) as t:
            t.move("relu0", (step, 0))
            t.move("relu1", (step, 1))
    (entry,) = doc.history.entries
    assert entry.edits == (
        MoveNode("relu0", (0.0, 0.0), (99.0, 0.0)),
        MoveNode("relu1", (0.0, 0.0), (99.0, 1.0)),
    )
    with doc.transaction("Drop", merge=drag) as t:
        t.connect("dataset0", "relu2", "x")
    with doc.transaction("Move again", merge=Gesture()) as t:
        t.move("relu0", (5, 5))
    assert [entry.label for entry in doc.history.entries] == ["Move 2 nodes", "Move again"]
    doc.undo()
    doc.undo()
    assert doc.graph == start


def test_a_drag_back_to_where_it_began_can_be_undone() -> None:
    doc, drag = chain(), Gesture()
    for x in (1, 0):
        with doc.transaction("Move", merge=drag) as t:
            t.move("relu0", (x, 0))
    assert doc.undo() is not None
    assert doc.history.undo_label == "Chain"


def test_dirty() -> None:
    doc = chain()
    assert doc.dirty
    doc.mark_saved()
    assert not doc.dirty
    with doc.transaction("Move", merge="key") as t:
        t.move("relu0", (1, 1))
    assert doc.dirty
    doc.undo()
    assert not doc.dirty
    doc.redo()
    doc.mark_saved()
    with doc.transaction("Move", merge="key") as t:
        t.move("relu0", (2, 2))
    doc.undo()
    assert not doc.dirty
    with doc.transaction("Background", undoable=False) as t:
        t.move("relu1", (1, 1))
    doc.undo()
    doc.redo()
    assert doc.dirty


# --- values


def with_weights() -> Document:
    """A parameter node `w` of shape (2, 3) with a value, read by a relu."""
    doc = document()
    with doc.transaction("Build") as t:
        t.add("parameter", name="w", shape=(2, 3))
        t.add("relu", inputs={"x": "parameter0"})
        t.set_values("parameter0", np.ones((2, 3)))
    return doc


def test_values_are_read_only_copies_with_growing_versions() -> None:
    array = np.zeros((2, 3))
    doc = with_weights()
    versions = [doc.versions["parameter0"]]
    with edit(doc) as t:
        t.set_values("parameter0", array)
    array[0, 0] = 5
    assert doc.values["parameter0"][0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        doc.values["parameter0"][0, 0] = 1
    with pytest.raises(TypeError):
        doc.values["parameter0"] = array  # type: ignore[index]
    versions.append(doc.versions["parameter0"])
    doc.undo()
    assert doc.values["parameter0"].sum() == 6
    versions.append(doc.versions["parameter0"])
    with edit(doc) as t:
        t.set_values("parameter0", None)
    assert "parameter0" not in doc.values
    assert "parameter0" not in doc.versions
    doc.undo()
    versions.append(doc.versions["parameter0"])
    assert versions == sorted(set(versions))
    with refused("a value must be an array of numbers, found dtype <U1"), edit(doc) as t:
        t.set_values("parameter0", ["a"])


def test_values_given_at_the_start() -> None:
    doc = document(with_weights().graph, values={"parameter0": [[1.0]]})
    assert (doc.values["parameter0"].shape, doc.versions) == ((1, 1), {"parameter0": 1})
    with refused("there is no node 'w9'"):
        document(values={"w9": [1.0]})


def test_a_new_shape_drops_that_value_only_and_undo_brings_it_back() -> None:
    doc = with_weights()
    held = doc.values["parameter0"]
    with edit(doc) as t:
        t.set_param("parameter0", "init", "ones")
        t.set_param("parameter0", "shape", [2, 3])
        assert "parameter0" in t.values
        t.set_param("parameter0", "shape", [4, 3])
        assert "parameter0" not in t.values
    assert "parameter0" not in doc.values
    doc.undo()
    assert doc.values["parameter0"] is held


def test_removing_a_node_takes_its_value_and_undo_brings_both_back() -> None:
    doc = with_weights()
    graph, held = doc.graph, doc.values["parameter0"]
    with edit(doc) as t:
        t.remove("parameter0")
    assert (dict(doc.values), dict(doc.graph.inputs("relu0"))) == ({}, {})
    doc.undo()
    assert doc.graph == graph
    assert doc.values["parameter0"] is held


def test_the_history_holds_arrays_up_to_a_budget() -> None:
    doc = with_weights()
    doc.history.budget = 10_000
    doc.history.seal()
    for step in range(10):
        with doc.transaction(f"Train {step}") as t:
            t.set_values("parameter0", np.full(250, step, np.float64))  # 2,000 bytes
        with doc.transaction(f"Move {step}") as t:
            t.move("relu0", (step + 1, 0))
    labels = [entry.label for entry in doc.history.entries]
    assert labels[:2] == ["Move 5", "Train 6"]
    assert len(labels) == 9
    while doc.undo():
        pass
    assert doc.graph.nodes["relu0"].position == (6.0, 0.0)
    assert doc.values["parameter0"][0] == 5
    while doc.redo():
        pass
    assert doc.values["parameter0"][0] == 9
    with doc.transaction("Large") as t:
        t.set_values("parameter0", np.zeros(10_000))
    assert [entry.label for entry in doc.history.entries] == ["Large"]


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
    doc = document()
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
    doc = document()
    with edit(doc) as t:
        outer = t.add_group(built_by=BuiltBy("mlp", {"sizes": [1, 2]}))
        inner = t.add_group(built_by=BuiltBy("linear", {"units": 3}), group=outer)
        with t.building(outer, inner):
            t.add("relu", name="first", group=inner)
            t.add("relu", name="second", group=inner, inputs={"x": "relu0"})
        t.add("parameter", name="w")
    return doc, inner


def built(doc: Document) -> list[str]:
    return [group.built_by.layer for group in doc.graph.groups.values() if group.built_by]


def test_layers_keep_their_groups() -> None:
    doc, inner = layer()
    assert (inner, doc.graph.path("relu1")) == ("linear0", "mlp/linear/second")
    assert built(doc) == ["mlp", "linear"]
    with edit(doc) as t:
        t.rename("relu0", "x")
        t.move("relu0", (1, 1))
        t.set_flags("relu0", ["freeze"])
        t.collapse(inner)
        t.connect("parameter0", "relu0", "x")  # crosses the border: nobody's interior
        with t.building("mlp0"):
            t.set_param("relu0", "slope", 0.5)
            t.set_built_by("mlp0", BuiltBy("mlp", {"sizes": [1, 3]}))
    assert built(doc) == ["mlp", "linear"]
    assert doc.graph.groups["mlp0"].built_by == ("mlp", {"sizes": (1, 3)})


@pytest.mark.parametrize(
    "verb",
    [
        lambda t, _: t.set_param("relu0", "slope", 0.5),
        lambda t, _: t.remove("relu1"),
        lambda t, _: t.disconnect("relu1", "x"),
        lambda t, inner: t.add("relu", group=inner),
        lambda t, inner: t.set_group("parameter0", inner),
        lambda t, inner: t.add_group(group=inner),
        lambda t, _: t.group(["relu0"]),
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
        t.add("relu", group=inner)
    assert built(doc) == ["linear"]


# --- paste


def test_paste_gives_fresh_ids_and_free_names() -> None:
    doc, inner = layer()
    graph = doc.graph
    nodes, groups = graph.interior("mlp0")
    wires = [wire for wire in graph.wires() if wire.target in nodes]
    with edit(doc) as t:
        ids = t.paste(
            [*(graph.nodes[id] for id in nodes), graph.nodes["parameter0"]],
            [graph.groups[id] for id in (*groups, "mlp0")],
            [*wires, Wire(Source("parameter0", "y"), "relu0", "x")],
            values={"parameter0": [1.0]},
            offset=(10, 20),
        )
    assert ids == {
        "mlp0": "mlp1", "linear0": "linear1", "relu0": "relu2", "relu1": "relu3", "parameter0": "parameter1",
    }  # fmt: skip
    assert [doc.graph.path(id) for id in ids.values()] == [
        "mlp_2", "mlp_2/linear", "mlp_2/linear/first", "mlp_2/linear/second", "w_2",
    ]  # fmt: skip
    assert doc.graph.inputs("relu3") == {"x": Source("relu2", "y")}
    assert doc.graph.nodes["relu2"].position == (10.0, 20.0)
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


# --- many random edits


def consistent(graph: Graph) -> None:
    """What always holds, checked without the graph's own indices."""
    drawn: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    drawn.add_nodes_from(graph.nodes)
    for wire in graph.wires():
        drawn.add_edge(wire.source.node, wire.target)
        assert wire in graph.consumers(wire.source.node)
        assert graph.inputs(wire.target)[wire.port] == wire.source
    assert sum(len(graph.consumers(id)) for id in graph.nodes) == drawn.number_of_edges()
    assert set(drawn) == set(graph.nodes)
    wanted = networkx.lexicographical_topological_sort(drawn, key=natural_key)
    assert graph.order() == tuple(wanted)
    items = [*graph.nodes.values(), *graph.groups.values()]
    assert len({(item.group, item.name) for item in items}) == len(items)
    for item in items:
        assert graph.members(item.group)[item.name] == item.id
    assert sum(len(graph.members(group)) for group in (None, *graph.groups)) == len(items)
    paths = [graph.path(id) for id in graph.nodes]
    assert [graph.resolve(path) for path in paths] == list(graph.nodes)


def act(t: Transaction, draw: random.Random) -> None:
    """One random verb; a refusal is as good as an edit."""
    nodes, groups = sorted(t.graph.nodes), sorted(t.graph.groups)
    some = draw.sample(nodes, min(len(nodes), 4))
    one = draw.choice(some or ["none"])
    item = draw.choice([*some, *groups] or ["none"])
    group = draw.choice([None, *groups])
    place = (draw.randrange(9), draw.randrange(9))
    verbs = [
        lambda: t.add(draw.choice(REGISTRY.names()), group=group, position=place),
        lambda: t.add("concat", inputs={f"xs{i}": id for i, id in enumerate(some)}),
        lambda: t.connect(one, draw.choice(some or ["none"])),
        lambda: t.connect(one, draw.choice(nodes or ["none"]), draw.choice(["x", "y", "xs0", "xs1", "z"])),
        lambda: t.disconnect(one, draw.choice(list(t.inputs(one)) or ["x"])),
        lambda: t.set_param(one, draw.choice(["slope", "axis", "shape", "init"]), draw.choice([1, [2, 3], "ones", ABSENT])),
        lambda: t.rename(item, draw.choice("abcdefgh")),
        lambda: t.set_flags(one, draw.sample(["bypass", "detach", "freeze"], draw.randrange(4))),
        lambda: t.move(item, place),
        lambda: t.set_group(item, group),
        lambda: t.add_group(draw.choice([None, "g"]), group=group, built_by=draw.choice([None, BuiltBy("mlp", {"n": 1})])),
        lambda: t.set_values(one, draw.choice([None, [1.0, draw.random()]])),
        lambda: t.set_training(draw.choice([None, Training(one, seed=draw.randrange(9))])),
        lambda: t.set_dtype(draw.choice(["float32", "float64"])),
    ]  # fmt: skip
    rare = [
        lambda: t.remove(*draw.sample([*some, *groups], min(2, len(some)))),
        lambda: t.group(draw.sample([*some, *groups], min(3, len(some)))),
        lambda: t.ungroup(draw.choice(groups or ["none"])),
        lambda: t.collapse(draw.choice(groups or ["none"])),
        lambda: t.expand(draw.choice(groups or ["none"])),
        lambda: t.paste(
            [t.node(id) for id in some],
            [t.graph.groups[id] for id in groups[:2]],
            [wire for id in some for wire in t.graph.consumers(id) if wire.target in some],
            group=group,
            values={id: t.values[id] for id in some if id in t.values},
        ),
    ]
    draw.choice(rare if draw.random() < 0.1 else verbs)()


def whole(doc: Document) -> tuple[str, dict[str, bytes]]:
    return doc.graph.dump(), {id: value.tobytes() for id, value in doc.values.items()}


def test_10_000_random_edits_undone_and_redone() -> None:
    draw = random.Random(5)
    doc = chain()
    doc.history = type(doc.history)()
    mirror = document(doc.graph)
    doc.observe(
        lambda change: mirror.replay([edit_from_json(each.to_json()) for each in change.edits], "mirror")
    )
    first, count = whole(doc), 0
    while count < 10_000:
        before = doc.graph
        with doc.transaction("Random") as t:
            for _ in range(draw.randrange(1, 12)):
                mark = len(t.edits)
                try:
                    act(t, draw)
                except GradwireError as error:
                    assert re.fullmatch(r"[^\n]+", str(error))
                    assert len(t.edits) == mark
        count += len(t.edits)
        assert (t.change is None) == (doc.graph is before)
        if len(doc.graph.nodes) > 60:
            with doc.transaction("Prune") as t:
                t.remove(*draw.sample(sorted(doc.graph.nodes), 30))
            count += len(t.edits)
        if draw.random() < 0.05:
            consistent(doc.graph)
    last = whole(doc)
    assert whole(mirror) == last
    while doc.undo():
        pass
    assert whole(doc) == whole(mirror) == first
    consistent(doc.graph)
    while doc.redo():
        pass
    assert whole(doc) == whole(mirror) == last


class Editor(RuleBasedStateMachine):
    """Hypothesis edits, undoes and redoes as it likes; a list of states says what must come back."""

    @initialize(seed=st.integers(0, 2**32))
    def start(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.doc = document()
        self.states = [whole(self.doc)]
        self.at = 0

    @rule(verbs=st.integers(1, 8))
    def edit(self, verbs: int) -> None:
        with self.doc.transaction("Edit") as t:
            for _ in range(verbs):
                try:
                    act(t, self.draw)
                except GradwireError:
                    pass
        if t.change is not None:
            self.states[self.at + 1 :] = [whole(self.doc)]
            self.at += 1

    @rule()
    def give_up(self) -> None:
        with pytest.raises(ZeroDivisionError), self.doc.transaction("Give up") as t:
            t.add("relu")
            t.remove(*list(t.graph.nodes)[:3])
            raise ZeroDivisionError

    @rule()
    def undo(self) -> None:
        assert (self.doc.undo() is None) == (self.at == 0)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        assert (self.doc.redo() is None) == (self.at == len(self.states) - 1)
        self.at = min(len(self.states) - 1, self.at + 1)

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "doc"):
            assert whole(self.doc) == self.states[self.at]
            assert self.doc.history.position == self.at
            consistent(self.doc.graph)


Editor.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestEditor = Editor.TestCase
