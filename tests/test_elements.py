"""What graphs are made of: immutable, in one normal form, and the same after JSON."""

from __future__ import annotations

import copy

import pytest

from gradwire.core.errors import EditError
from gradwire.core.graph import BuiltBy, Graph, Group, Node, Training
from gradwire.core.graph.elements import from_json
from gradwire.core.graph.normal_form import FrozenDict, canonical, frozen


def test_parts_are_immutable_and_travel() -> None:
    node = Node("op0", "op", "op", {"shape": [2, 3], "deep": {"a": [1]}}, position=(1, 2))
    assert node.params == {"shape": (2, 3), "deep": {"a": (1,)}}
    with pytest.raises(TypeError, match="this mapping cannot be changed; make an edit instead"):
        node.params["shape"] = 1  # type: ignore[index]
    assert isinstance(copy.deepcopy(node).params, FrozenDict)
    assert copy.deepcopy(node) == node
    with pytest.raises(TypeError):
        Graph().nodes["a"] = node  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {1, 2},
            (
                "a value must be one that JSON can hold, found set "
                "(numbers, strings, booleans, None, lists and mappings of these)"
            ),
        ),
        ({1: 2}, "a mapping's keys must be strings, found 1"),
    ],
)
def test_values_that_json_cannot_hold(value: object, message: str) -> None:
    with pytest.raises(EditError) as caught:
        frozen(value)
    assert str(caught.value) == message


def test_values_nested_too_deep() -> None:
    deep: list[object] = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(EditError, match=r"^a value may nest 100 levels deep, this one nests deeper$"):
        frozen(deep)


@pytest.mark.parametrize("position", [(1,), (1, 2, 3), ("a", "b"), (float("nan"), 0), (1e308, float("inf")), 5])
def test_positions(position: object) -> None:
    with pytest.raises(EditError, match=r"^a position must be "):
        Node("op0", "op", "op", position=position)  # type: ignore[arg-type]


def test_parts_survive_json() -> None:
    node = Node("op0", "op", "op", {"a": [1, 2.5, None]}, frozenset({"freeze"}), "group0", (1, 2), {"x": "y"})
    group = Group("group0", "block", None, BuiltBy("linear", {"units": 3}), True, (3, 4), {"colour": "red"})
    training = Training("mse0", metrics=({"name": "accuracy"},), schedule={"name": "cosine"})
    for part in (node, group, training):
        assert from_json(type(part), part.to_json()) == part
        assert canonical(from_json(type(part), part.to_json()).to_json()) == canonical(part.to_json())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "a Node must be a mapping, found list"),
        ({"id": "a", "op": "b"}, "a Node needs the field 'name' (found id, op)"),
        ({"id": "a", "op": "b", "name": "c", "x": 1},
         "a Node has no field 'x' (its fields: id, op, name, params, flags, group, position, extra)"),
        ({"id": "a", "op": "b", "name": "c", "params": 3}, "parameters must be a mapping, found int"),
        ({"id": "a", "op": "b", "name": "c", "flags": 3},
         "a Node cannot be read: 'int' object is not iterable"),
    ],
)  # fmt: skip
def test_parts_that_cannot_be_read(data: object, message: str) -> None:
    with pytest.raises(EditError) as caught:
        from_json(Node, data)
    assert str(caught.value) == message


def test_graphs_are_equal_when_their_json_is() -> None:
    def with_parameter(value: object) -> Graph:
        draft = Graph().draft()
        draft.add_node(Node("op0", "op", "op", {"a": value}))
        return draft.freeze()

    assert with_parameter(float("nan")) == with_parameter(float("nan"))
    assert with_parameter([1, 2]) == with_parameter((1, 2))
    assert with_parameter(1) != with_parameter(1.0)
    assert with_parameter(1) != with_parameter(True)
    assert with_parameter(1) != "a graph"
