"""The document: its one door, what it refuses, its one signal."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from documents import chain, edit, refused

from gradwire.core.document import Change, Document
from gradwire.core.document.edits import ABSENT, MoveNode, SetWire
from gradwire.core.document.transaction import Transaction
from gradwire.core.errors import EditError, ParameterError
from gradwire.core.graph import Graph, Node, Source, Wire

# --- adding, wiring


def test_add_gives_ids_names_and_only_the_parameters_given() -> None:
    doc = Document()
    with edit(doc) as t:
        ids = [
            t.add("dropout"),
            t.add("dropout", rate=0),
            t.add("dropout", params={"rate": 1}, name="z", id="mine"),
        ]
    assert ids == ["dropout0", "dropout1", "mine"]
    assert [doc.graph.nodes[id].name for id in ids] == ["dropout", "dropout_2", "z"]
    assert [doc.graph.nodes[id].params for id in ids] == [{}, {"rate": 0.0}, {"rate": 1.0}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"op_name": "rellu"}, "no op is called 'rellu' (near: relu, relu6, prelu)"),
        ({"op_name": "relu", "name": "a"}, "the name 'a' is taken at the top (a_2 is free)"),
        ({"op_name": "relu", "name": ""}, "a name must not be empty"),
        ({"op_name": "relu", "id": "relu0"}, "the id 'relu0' is taken by a"),
        ({"op_name": "relu", "id": "a.b"},
         "an id must be without '/', '.', ':' and control characters, found '.' in 'a.b'"),
        ({"op_name": "relu", "group": "relu0"}, "there is no group 'relu0'"),
        ({"op_name": "relu", "inputs": {"z": "relu0"}}, "relu has no port 'z' (its ports: x)"),
        ({"op_name": "relu", "inputs": {"x": "relu7"}},
         "there is no node 'relu7' (near: relu3, relu2, relu1)"),
        ({"op_name": "relu", "inputs": {"x": "dataset0.z"}}, "dataset has no output 'z' (its outputs: x, y)"),
        ({"op_name": "relu", "inputs": {"x": "b.y"}}, "there is no node 'b' (the node of this name has the id relu1)"),
        ({"op_name": "relu", "inputs": {"x": 5}},
         "a value is named by a text or a Source, got 5 (as in 'relu0' or 'dataset0.y')"),
        ({"op_name": "relu", "inputs": {"x": None}},
         "a value is named by a text or a Source, got None (as in 'relu0' or 'dataset0.y')"),
        ({"op_name": "relu", "inputs": "relu0"}, "inputs are given by port, got 'relu0' (as in inputs={'x': 'relu0'})"),
        ({"op_name": "relu", "inputs": ["relu0"]},
         "inputs are given by port, got ['relu0'] (as in inputs={'x': 'relu0'})"),
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
    doc = Document()
    with edit(doc) as t:
        t.add("leaky_relu", id="leaky")
        t.add("parameter", id="w", shape=[2])
        count = len(t.edits)
        with refused("leaky_relu has no parameter 'slop' (its parameters: slope)", ParameterError):
            t.add("leaky_relu", slop=1)
        with refused("leaky_relu has no parameter 'slop' (its parameters: slope)", ParameterError):
            t.set_param("leaky", "slop", 1)
        with refused("leaky_relu: slope must be a number, got 'steep'", ParameterError):
            t.set_param("leaky", "slope", "steep")
        with refused("parameter needs the parameter 'shape' (a list of integers)", ParameterError):
            t.set_param("w", "shape", ABSENT)
        assert len(t.edits) == count
        t.set_param("leaky", "slope", 0)
        assert t.node("leaky").params == {"slope": 0.0}
        t.set_param("leaky", "slope", ABSENT)
        assert t.node("leaky").params == {}


def test_connect_finds_free_ports() -> None:
    doc = Document()
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
        with refused("there is no node 'relu9' (near: relu2, relu1, relu0)"):
            t.connect("dataset0", "relu9", "x")
        with refused("there is no wire into data.x (ports with one: none)"):
            t.disconnect("dataset0", "x")
        t.connect("dataset0", "relu0", "x")  # there already
        assert t.edits == []
        with refused("relu has no port 'q' (its ports: x)"):
            t.apply(SetWire("relu0", "q", None, Source("dataset0", "x")))
        with refused("dataset has no output '' (its outputs: x, y)"):
            t.apply(SetWire("relu0", "x", Source("dataset0", "x"), Source("dataset0", "")))
    assert doc.graph is before


def test_hidden_ports_and_outputs_cannot_be_wired() -> None:
    doc = chain()
    with edit(doc) as t:
        drop = t.add("dropout")
        with refused("dropout has no output 'mask' (its outputs: y)"):
            t.connect(Source(drop, "mask"), "relu0", "x")
        with refused("dropout has no port 'state' (its ports: x)"):
            t.connect("relu0", drop, "state")
        t.connect("relu0", drop)
        with refused("dropout has no free port (its ports: x)"):
            t.connect("relu0", drop)


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
    doc = Document(draft.freeze())
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

    def fails(t: Transaction) -> None:
        t.remove("relu0")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), doc.transaction("Fails") as t:
        fails(t)
    assert doc.graph is before
    assert (told, doc.history.undo_label) == ([], "Chain")
    with refused("this transaction is closed (open another with document.transaction(...))"):
        t.rename("relu1", "other")


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


def test_edits_that_pass_through_a_loop_are_taken_back_too() -> None:
    doc = chain()
    data, a, b = Source("dataset0", "x"), Source("relu0", "y"), Source("relu1", "y")
    turned = [
        SetWire("relu0", "x", data, b),  # a loop, until the next
        SetWire("relu1", "x", a, data),
    ]
    with edit(doc) as t:
        with refused("there is no node 'gone'"):
            t.apply_all([*turned, SetWire("gone", "x", None, data)])
        assert t.edits == []
        t.apply_all(turned)
    assert doc.graph.order() == ("dataset0", "relu1", "relu0", "relu2")
    doc.undo()
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
    (error,) = caught
    assert str(error) == (
        "'Chain' came from thread 'worker', the document is edited in 'MainThread' only "
        "(hand the edits to the owner, which replays them)"
    )


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


def test_all_observers_are_told_where_one_is_interrupted() -> None:
    doc, told = Document(), []

    def interrupted(change: Change) -> None:
        raise KeyboardInterrupt

    def failing(change: Change) -> None:
        raise ValueError

    for observer in (failing, interrupted, lambda change: told.append(change.label)):
        doc.observe(observer)
    with pytest.raises(KeyboardInterrupt), doc.transaction("Add") as t:
        t.add("relu")
    assert told == ["Add"]


def test_observers_may_not_edit() -> None:
    doc = chain()
    doc.observe(lambda _: doc.undo())
    with refused("'Edit' was opened by an observer, observers may not edit"), edit(doc) as t:
        t.remove("relu2")
    assert "relu2" not in doc.graph.nodes


@pytest.mark.parametrize(("value", "shape"), [(3.0, ()), ([1, 2], (2,)), ([[1.0], [2.0], [3.0]], (3, 1))])
def test_the_value_of_a_parameter_tells_its_shape(value: object, shape: tuple[int, ...]) -> None:
    document = Document()
    with document.transaction("Add") as t:
        id = t.add("parameter", value=value)
        other = t.add("parameter", value=0.5, shape=[4])
    nodes = document.graph.nodes
    assert (nodes[id].params["shape"], nodes[id].params["init"]) == (shape, "constant")
    assert nodes[other].params["shape"] == (4,)


def test_lists_of_unequal_lengths_tell_no_shape() -> None:
    document = Document()
    with document.transaction("Add") as t:
        id = t.add("parameter", value=[[1.0], [2.0, 3.0]])
    assert "shape" not in document.graph.nodes[id].params


def test_a_value_tells_the_shape_of_an_input_too() -> None:
    doc = Document()
    with doc.transaction("Add") as t:
        ids = [t.add("input", value=value) for value in (2.0, [1.0, 2.0, 3.0], [[1.0]])]
        ids.append(t.add("input", value=[1.0], shape=[4, 1]))
    assert [doc.graph.node(id).params.get("shape") for id in ids] == [None, (3,), (1, 1), (4, 1)]
