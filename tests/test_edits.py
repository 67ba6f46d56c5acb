"""Every kind of edit: applied, inverted, written as JSON, and refused where the old state is another."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from gradwire.core.document.edit import Swap
from gradwire.core.document.edits import (
    ABSENT,
    EDITS,
    AddGroup,
    AddNode,
    Edit,
    MoveNode,
    RemoveGroup,
    RemoveNode,
    Rename,
    SetBends,
    SetBuiltBy,
    SetCollapsed,
    SetDtype,
    SetFlags,
    SetGroup,
    SetNote,
    SetParam,
    SetTraining,
    SetValues,
    SetWire,
    edit_from_json,
)
from gradwire.core.errors import EditError
from gradwire.core.graph import BuiltBy, Graph, Group, Node, Source, Training
from gradwire.core.graph.draft import Array, Draft
from gradwire.core.graph.normal_form import FrozenDict

LONE = Node("relu1", "relu", "lone", {"slope": math.nan}, frozenset({"freeze"}), "group0", (1.0, 2.0))
EMPTY_GROUP = Group("group1", "empty", "group0", BuiltBy("linear", {"units": 3}), extra={"colour": "red"})
HELD = np.array([[1.0, math.nan]], np.float32)
NEW = np.array([[2.0, 3.0]], np.float32)


def draft() -> Draft:
    """w -> relu in a group that also holds a lone node and an empty group; w has a value, and a bent wire to relu2."""
    draft = Graph().draft()
    draft.add_group(Group("group0", "block"))
    draft.add_group(EMPTY_GROUP)
    draft.add_node(Node("parameter0", "parameter", "w", {"shape": [1, 2], "init": None}))
    draft.add_node(Node("relu0", "relu", "relu", group="group0"))
    draft.add_node(LONE)
    draft.add_node(Node("relu2", "relu", "bent"))
    draft.add_group(Group("note0", "note", note="text"))
    draft.set_wire("relu0", "x", Source("parameter0", "y"))
    draft.set_wire("relu2", "x", Source("parameter0", "y"))
    draft.set_bends("relu2", "x", ((5.0, 6.0),))
    return Draft(draft.freeze(), {"parameter0": HELD})


SAMPLES: list[Edit] = [
    AddNode(Node("add0", "add", "sum", {"a": [1, {"b": None}]}, frozenset({"bypass"}), "group0")),
    RemoveNode(LONE),
    AddGroup(Group("group2", "new", "group1", BuiltBy("mlp", {"sizes": [784, 10]}), True, (3, 4))),
    RemoveGroup(EMPTY_GROUP),
    SetWire("relu0", "x", Source("parameter0", "y"), None),
    SetWire("relu1", "x", None, Source("relu0", "y")),
    SetBends("relu0", "x", (), ((1.0, 2.5), (-3.0, 4.0))),
    SetBends("relu2", "x", ((5.0, 6.0),), ()),
    SetParam("parameter0", "shape", (1, 2), (3, 4)),
    SetParam("parameter0", "init", None, ABSENT),
    SetParam("parameter0", "seed", ABSENT, 7),
    SetParam("parameter0", "scale", ABSENT, None),
    SetParam("relu1", "slope", math.nan, -0.0),
    Rename("relu0", "relu", "Größe"),
    Rename("group0", "block", "tower"),
    SetFlags("relu1", frozenset({"freeze"}), frozenset({"bypass", "detach"})),
    SetGroup("relu0", "group0", None),
    SetGroup("group1", "group0", None),
    MoveNode("relu0", (0.0, 0.0), (1.5, -2.0)),
    MoveNode("group0", (0.0, 0.0), (1e9, 0.1)),
    SetBuiltBy("group1", BuiltBy("linear", FrozenDict({"units": 3})), None),
    SetBuiltBy("group0", None, BuiltBy("mlp", FrozenDict({"sizes": (1, 2)}))),
    SetCollapsed("group0", False, True),
    SetNote("group1", None, "Two\nlines, Größe"),
    SetNote("note0", "text", None),
    SetTraining(None, Training("relu0", {"name": "sgd", "lr": 0.1}, metrics=({"name": "accuracy"},))),
    SetTraining(None, Training("relu0", accumulate=2, clip_norm=1.0, penalised=["relu0"], average={"name": "mean"})),
    SetDtype("float32", "float64"),
    SetValues("parameter0", HELD, NEW),
    SetValues("parameter0", HELD, None),
    SetValues("relu0", None, np.array(3, np.int64)),
    SetValues("relu0", None, np.zeros((0, 2))),
]


def name_of(edit: Edit) -> str:
    return type(edit).__name__


def state(draft: Draft) -> tuple[Any, ...]:
    """All that edits can change, in a form that `==` compares."""
    values = {id: (array.dtype.str, array.shape, array.tobytes()) for id, array in draft.values.items()}
    return draft.freeze().dump(), values


def test_every_edit_has_a_sample() -> None:
    assert {type(edit) for edit in SAMPLES} == set(EDITS)


def test_every_edit_is_in_the_tuple() -> None:
    def leaves(kind: type[Edit]) -> set[type[Edit]]:
        kinds = kind.__subclasses__()
        return {leaf for inner in kinds for leaf in leaves(inner)} if kinds else {kind}

    # A dataclass with slots is made twice, and the first is still known as a subclass: compare by name.
    assert {kind.__name__ for kind in leaves(Edit)} == {kind.__name__ for kind in EDITS}


@pytest.mark.parametrize("edit", SAMPLES, ids=name_of)
def test_an_edit_does_something_and_its_inverse_takes_it_back(edit: Edit) -> None:
    before, after, back = draft(), draft(), draft()
    edit.apply(after)
    edit.apply(back)
    edit.inverse().apply(back)
    assert state(back) == state(before)
    assert state(after) != state(before)


@pytest.mark.parametrize("edit", SAMPLES, ids=name_of)
def test_the_inverse_of_the_inverse_is_the_edit(edit: Edit) -> None:
    assert edit.inverse().inverse().to_json() == edit.to_json() or "NaN" in json.dumps(edit.to_json())
    once, thrice = draft(), draft()
    edit.apply(once)
    for each in (edit, edit.inverse(), edit.inverse().inverse()):
        each.apply(thrice)
    assert state(once) == state(thrice)


@pytest.mark.parametrize("edit", SAMPLES, ids=name_of)
def test_an_edit_survives_json(edit: Edit) -> None:
    text = json.dumps(edit.to_json())
    again = edit_from_json(json.loads(text))
    assert type(again) is type(edit)
    assert json.dumps(again.to_json()) == text
    wanted, found = draft(), draft()
    edit.apply(wanted)
    again.apply(found)
    assert state(found) == state(wanted)
    again.inverse().apply(found)
    assert state(found) == state(draft())


@pytest.mark.parametrize("edit", SAMPLES, ids=name_of)
def test_an_edit_that_does_not_fit_is_refused_and_leaves_the_draft_alone(edit: Edit) -> None:
    done = draft()
    edit.apply(done)
    twice = draft()
    edit.apply(twice)
    with pytest.raises(EditError):
        edit.apply(twice)
    assert state(twice) == state(done)


@pytest.mark.parametrize("edit", SAMPLES, ids=name_of)
def test_semantic_edits_are_those_that_change_what_is_computed(edit: Edit) -> None:
    def computed(draft: Draft) -> tuple[Any, ...]:
        values = {id: array.tobytes() for id, array in draft.values.items()}
        graph = draft.freeze()
        prints = {id: graph.fingerprint(id) for id in graph.nodes}
        return prints, graph.training, graph.dtype, values

    before, after = draft(), draft()
    edit.apply(after)
    assert (computed(before) != computed(after)) == edit.semantic


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            SetParam("parameter0", "shape", (2, 2), (3, 4)),
            "the parameter 'shape' of w: required [2,2], found [1,2] (it has been changed since)",
        ),
        (
            SetParam("parameter0", "seed", None, 3),
            "the parameter 'seed' of w: required none, found absent (it has been changed since)",
        ),
        (Rename("relu0", "x", "y"),
         'the name of block/relu: required "x", found "relu" (it has been changed since)'),
        (
            SetFlags("relu0", frozenset({"freeze"}), frozenset()),
            "the flags of block/relu: required freeze, found none (it has been changed since)",
        ),
        (
            SetWire("relu0", "x", None, Source("relu1", "y")),
            "the wire into block/relu.x: required none, found parameter0.y (it has been changed since)",
        ),
        (
            SetValues("parameter0", None, NEW),
            (
                "the value of w: required none, found a float32 array of shape (1, 2) "
                "(it has been changed since)"
            ),
        ),
        (
            SetValues("parameter0", np.zeros((1, 2)), NEW),
            (
                "the value of w: required a float64 array of shape (1, 2), "
                "found a float32 array of shape (1, 2) (it has been changed since)"
            ),
        ),
        (SetDtype("float64", "float32"),
         'the graph\'s dtype: required "float64", found "float32" (it has been changed since)'),
        (SetBends("relu1", "x", (), ((1.0, 2.0),)), "there is no wire into block/lone.x to bend"),
        (SetBends("relu0", "x", ((1.0, 2.0),), ()),
         "the bends of the wire into block/relu.x: required [[1.0,2.0]], found [] (it has been changed since)"),
        (SetWire("relu2", "x", Source("parameter0", "y"), None),
         "a wire is removed after its bends, that into bent.x still has some"),
        (SetNote("group1", None, "half \ud800"),
         "a note must be a text that UTF-8 can hold, found half of a surrogate pair"),
        (RemoveNode(Node("relu0", "relu", "relu")), ""),
        (RemoveNode(Node("relu7", "relu", "relu")), "there is no node 'relu7' (near: relu2, relu1, relu0)"),
        (RemoveNode(Node("relu0", "relu", "relu", group="group0")),
         "a node is removed after its wires and value, block/relu still has wires"),
        (RemoveGroup(Group("group0", "block")), "a group is removed when it is empty, block is not"),
        (MoveNode("relu9", (0, 0), (1, 1)), "there is no node or group 'relu9' (near: relu2, relu1, relu0)"),
        (SetCollapsed("relu0", False, True), "there is no group 'relu0'"),
        (SetFlags("relu0", frozenset(), frozenset({"fast"})),
         "there is no flag 'fast' (flags: bypass, detach, freeze, keep)"),
        (SetWire("relu1", "x", None, Source("relu1", "y")),
         "a wire from block/lone to block/lone would close the loop block/lone -> block/lone"),
    ],
    ids=lambda value: name_of(value) if isinstance(value, Edit) else "",
)  # fmt: skip
def test_messages_of_refusals(edit: Edit, message: str) -> None:
    with pytest.raises(EditError) as caught:
        edit.apply(draft())
    if message:
        assert str(caught.value) == message
    else:
        assert str(caught.value).startswith("block/relu: required {")


def test_no_other_dtype() -> None:
    with pytest.raises(EditError, match=r"^a document's dtype must be float32 or float64, found 'int8'$"):
        SetDtype("float32", "int8")


ARRAY = {"dtype": "<f4", "shape": [2], "base64": "AAAAAAAAAAA="}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "an edit must name its kind, found None"),
        ({"edit": "Explode"}, "an edit must name its kind, found 'Explode'"),
        ({"edit": ["AddNode"]}, "an edit must name its kind, found ['AddNode']"),
        ({"edit": "Rename", "id": "a"}, "Rename needs 'old' (its fields: id, old, new)"),
        ({"edit": "SetWire", "target": "a", "port": "x", "old": None, "new": ["a"]},
         "'new' of SetWire cannot be read"),
        ({"edit": "AddNode", "node": {"id": "a"}}, "a Node needs the field 'op' (found id)"),
        ({"edit": "MoveNode", "id": "a", "old": [0, 0], "new": [0]}, "'new' of MoveNode cannot be read"),
        ({"edit": "SetValues", "id": "a", "old": None, "new": {**ARRAY, "dtype": "O"}},
         "'new' of SetValues cannot be read: 'O' is not a dtype of numbers"),
        ({"edit": "SetValues", "id": "a", "old": None, "new": {**ARRAY, "shape": [3]}},
         "'new' of SetValues cannot"),
        ({"edit": "SetValues", "id": "a", "old": None, "new": {**ARRAY, "base64": "?"}},
         "'new' of SetValues cannot"),
        ({"edit": "SetValues", "id": "a", "old": None, "new": {}},
         "'new' of SetValues cannot be read: 'dtype'"),
    ],
)  # fmt: skip
def test_json_that_is_no_edit(data: object, message: str) -> None:
    with pytest.raises(EditError) as caught:
        edit_from_json(data)
    assert str(caught.value).startswith(message)


def test_arrays_come_back_as_they_were() -> None:
    arrays: list[Array] = [
        np.array(1.5),
        np.arange(6, dtype=">i2").reshape(2, 3).T,
        np.array([True, False]),
        np.array([math.inf, -0.0, math.nan], np.float16),
    ]
    for array in arrays:
        data = json.loads(json.dumps(SetValues("a", None, array).to_json()))
        again = edit_from_json(data)
        assert isinstance(again, SetValues)
        assert again.new is not None
        assert (again.new.dtype, again.new.shape) == (array.dtype, array.shape)
        assert again.new.tobytes() == array.tobytes()


def test_edits_of_one_cell_join() -> None:
    first, second = MoveNode("a", (0.0, 0.0), (1.0, 0.0)), MoveNode("a", (1.0, 0.0), (2.0, 0.0))
    assert first.key() == second.key() != MoveNode("b", (0.0, 0.0), (1.0, 0.0)).key()
    assert first.then(second) == MoveNode("a", (0.0, 0.0), (2.0, 0.0))
    assert all(issubclass(kind, Swap) for kind in EDITS if kind.free)
