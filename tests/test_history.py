"""The history: undo, redo, merging, and the values that it holds."""

from __future__ import annotations

import numpy as np
import pytest
from documents import chain, edit, refused

from gradwire.core.document import Document, Gesture
from gradwire.core.document.edits import MoveNode, SetFlags, edit_from_json
from gradwire.core.graph import BuiltBy, Graph, Node

# --- history


def test_undo_and_redo_when_there_is_nothing() -> None:
    doc = Document()
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
    required = 'required "first", found "other" (it has been changed since)'
    with refused(f"cannot undo 'Rename a': the name of other: {required}"):
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


def test_undo_of_many_edits_takes_the_graph_itself_unless_another_edit_came_between() -> None:
    doc = chain()
    doc.history.seal()
    start = doc.graph
    with doc.transaction("Delete all") as t:
        t.remove(*start.nodes)
    empty, told = doc.graph, []
    doc.observe(told.append)
    doc.undo()
    assert doc.graph is start
    doc.redo()
    assert doc.graph is empty
    doc.undo()
    assert [(change.source, change.before, change.after) for change in told] == [
        ("undo", empty, start),
        ("redo", start, empty),
        ("undo", empty, start),
    ]
    assert Document(empty).replay(told[0].edits, "")  # what observers are told leads there as well
    with doc.transaction("Background", undoable=False) as t:
        t.add("input", name="new")
    doc.redo()
    assert [node.name for node in doc.graph.nodes.values()] == ["new"]
    doc.undo()
    assert {node.name for node in doc.graph.nodes.values()} == {"data", "a", "b", "c", "new"}


def test_undo_of_a_few_edits_in_a_large_graph_applies_them() -> None:
    doc = Document()
    with doc.transaction("Many") as t:
        for _ in range(100):
            t.add("input")
    start = doc.graph
    with edit(doc) as t:
        t.remove("input7")
        t.rename("input8", "other")
    after = doc.graph
    doc.undo()
    assert doc.graph == start
    doc.redo()
    assert doc.graph == after


def test_edits_made_elsewhere_are_replayed_as_they_are() -> None:
    doc, other = chain(), chain()
    with doc.transaction("Work") as t:
        t.add_group("block", built_by=BuiltBy("mlp"))
        t.add("relu", group="mlp0")
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
    draft = Graph().draft()
    draft.add_node(Node("leaky", "leaky_relu", "leaky"))
    doc = Document(draft.freeze(), clock=clock)
    start = doc.graph

    def turn(value: float, at: float, key: str = "wheel") -> None:
        clock.now = at
        with doc.transaction(f"Slope {value}", merge=key) as t:
            t.set_param("leaky", "slope", value)

    for value, at in ((1.0, 0.0), (2.0, 0.4), (3.0, 0.8)):
        turn(value, at)
    assert [len(entry.edits) for entry in doc.history.entries] == [1]
    turn(4.0, 1.4)
    turn(5.0, 1.5, key="other")
    assert [entry.label for entry in doc.history.entries] == ["Slope 1.0", "Slope 4.0", "Slope 5.0"]
    for value in (4.0, 3.0):
        doc.undo()
        assert doc.graph.nodes["leaky"].params["slope"] == value
    turn(6.0, 1.5)  # an undo in between: an entry of its own
    assert [entry.label for entry in doc.history.entries] == ["Slope 1.0", "Slope 6.0"]
    doc.undo()
    doc.undo()
    assert doc.graph == start


def test_a_gesture_is_one_entry_from_press_to_release() -> None:
    clock = Clock()
    doc = Document(chain().graph, clock=clock)
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


def test_a_drag_back_to_where_it_began_leaves_nothing_to_undo() -> None:
    doc, drag = chain(), Gesture()
    doc.mark_saved()
    start = doc.graph
    for x in (1, 0):
        with doc.transaction("Move", merge=drag) as t:
            t.move("relu0", (x, 0))
    assert not doc.dirty
    assert doc.history.undo_label == "Chain"
    with doc.transaction("Move", merge=drag) as t:  # the button is still down
        t.move("relu0", (7, 0))
    assert doc.dirty
    doc.undo()
    assert doc.graph == start
    assert not doc.dirty


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
    doc = Document()
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
    doc = Document(with_weights().graph, values={"parameter0": [[1.0]]})
    assert (doc.values["parameter0"].shape, doc.versions) == ((1, 1), {"parameter0": 1})
    with refused("there is no node 'w9'"):
        Document(values={"w9": [1.0]})


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
    assert doc.history.bytes == 10_000
    while doc.undo():
        pass
    assert doc.graph.nodes["relu0"].position == (5.0, 0.0)
    assert doc.values["parameter0"][0] == 5
    while doc.redo():
        pass
    assert doc.values["parameter0"][0] == 9
    with doc.transaction("Large") as t:
        t.set_values("parameter0", np.zeros(10_000))
    assert [entry.label for entry in doc.history.entries] == ["Large"]
