"""Layers: groups that are built, rebuilt by their parameters, and edited by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from documents import refusing

from gradwire.core.document import Document
from gradwire.core.errors import EditError, GradwireError, ParameterError
from gradwire.core.graph.elements import BuiltBy, Source
from gradwire.core.layers import LAYERS, add_layers, build, building, find, rebuild
from gradwire.core.layers.building import Built, Interior, layer
from gradwire.core.layers.dense import ACTIVATIONS
from gradwire.core.ops import builtin
from gradwire.core.session import Session

refused = refusing(ParameterError)


def network(kind: str = "mlp", **params: Any) -> tuple[Document, Built]:
    """x -> the layer `kind` -> y, an identity."""
    doc = Document()
    with doc.transaction("Build") as t:
        t.add("input", name="x", shape=("N", 4))
        made = build(t, kind, Source("input0", "y"), name="net", **params)
        t.add("identity", name="y", inputs={"x": made.output})
    return doc, made


def changed(doc: Document, group: str, **params: Any) -> Built:
    with doc.transaction("Rebuild") as t:
        return rebuild(t, group, **params)


def paths(doc: Document) -> dict[str, str]:
    """Id by path of every node and group."""
    graph = doc.graph
    return {graph.path(id): id for id in (*graph.groups, *graph.nodes)}


# --- building


def test_layer_norm_takes_one_length_as_a_number() -> None:
    doc = Document()
    with doc.transaction("Build") as t:
        x = t.add("input", name="x", shape=("N", 6))
        build(t, "layer_norm", x, name="one", normalized_shape=6)
        build(t, "layer_norm", x, name="many", normalized_shape=(6,))
    shapes = {
        doc.graph.path(id): node.params["shape"] for id, node in doc.graph.nodes.items() if node.op == "parameter"
    }
    assert shapes == dict.fromkeys(("one/weight", "one/bias", "many/weight", "many/bias"), (6,))
    found = Session(doc).run({"x": np.arange(12.0).reshape(2, 6)}, ["one", "many"])
    assert np.array_equal(found["one"], found["many"])
    assert found["one"].mean(axis=-1) == pytest.approx([0, 0], abs=1e-6)


def test_a_linear_layer() -> None:
    doc, made = network("linear", in_features=4, out_features=3)
    assert made == Built("linear0", Source("add0", "y"))
    assert doc.graph.group("linear0").built_by == BuiltBy(
        "linear", {"in_features": 4, "out_features": 3, "bias": True, "init": "he"}
    )
    checked = Session(doc).check()
    assert checked.problems == ()
    shapes = {doc.graph.path(source.node): shape for source, shape in checked.shapes.items()}
    assert shapes == {
        "x": "(N, 4) f32",
        "net/weight": "(4, 3) f32",
        "net/bias": "(3,) f32",
        "net/matmul": "(N, 3) f32",
        "net/add": "(N, 3) f32",
        "y": "(N, 3) f32",
    }
    values = Session(doc).run(feed={"x": np.zeros((1, 4))}, fetch=["net/weight", "net/bias"])
    assert (values["net/bias"] == 0).all()
    assert len(np.unique(values["net/weight"])) == 12


def test_the_spread_of_initial_weights() -> None:
    """He: deviation √(2 / in); Xavier: uniform within √(6 / (in + out)). 90,000 draws tell within 1 %."""
    for init, expected, largest in (("he", np.sqrt(2 / 300), 1.0), ("xavier", 0.1 / np.sqrt(3), 0.1)):
        doc = Document()
        with doc.transaction("Build") as t:
            build(t, "linear", None, in_features=300, out_features=300, init=init)
        weight = Session(doc).run(fetch="weight")["weight"]
        assert weight.std() == pytest.approx(expected, rel=0.01)
        assert np.abs(weight).max() <= largest


def test_a_linear_layer_without_bias_is_a_product() -> None:
    doc, made = network("linear", in_features=4, out_features=3, bias=False)
    assert made.output == Source("matmul0", "y")
    assert sorted(paths(doc)) == ["net", "net/matmul", "net/weight", "x", "y"]


def test_a_network_of_layers() -> None:
    doc, _ = network(sizes=[4, 8, 8, 3], activation="tanh")
    names = [doc.graph.path(id) for id in doc.graph.order() if doc.graph.nodes[id].op in ("add", "tanh", "identity")]
    assert names == [
        "net/linear_1/add",
        "net/tanh_1",
        "net/linear_2/add",
        "net/tanh_2",
        "net/linear_3/add",
        "y",
    ]
    inits = {doc.graph.node(id).params["init"] for path, id in paths(doc).items() if path.endswith("weight")}
    assert inits == {"xavier"}  # He's is meant for relu
    checked = Session(doc).check()
    assert checked.problems == ()
    assert checked.shapes[Source("identity0", "y")] == "(N, 3) f32"


def test_nodes_stand_beside_each_other() -> None:
    doc, _ = network(sizes=[4, 8, 3])
    places = [node.position for node in doc.graph.nodes.values() if node.group is not None]
    assert len(set(places)) == len(places)


def test_an_input_left_open_is_wired_later_and_kept() -> None:
    doc = Document()
    with doc.transaction("Build") as t:
        made = build(t, "mlp", sizes=[4, 8, 3])
        t.add("input", shape=("N", 4))
        t.connect("input0", "matmul0", "x")
    assert doc.graph.group(made.group).built_by is not None
    changed(doc, made.group, activation="sigmoid")
    assert doc.graph.inputs("matmul0")["x"] == Source("input0", "y")


@pytest.mark.parametrize(
    ("kind", "params", "message"),
    [
        (
            "mlp",
            {"sizes": [5]},
            "mlp: sizes must be two or more numbers of 1 or more, got [5] (sizes: [784, 256, 10])",
        ),
        (
            "mlp",
            {"sizes": []},
            "mlp: sizes must be two or more numbers of 1 or more, got [] (sizes: [784, 256, 10])",
        ),
        (
            "mlp",
            {"sizes": [4, 0]},
            "mlp: sizes must be two or more numbers of 1 or more, got [4, 0] (sizes: [784, 256, 10])",
        ),
        (
            "mlp",
            {"sizes": [4, -3]},
            "mlp: sizes must be two or more numbers of 1 or more, got [4, -3] (sizes: [784, 256, 10])",
        ),
        ("mlp", {"sizes": "4, 3"}, "mlp: sizes must be a list of integers, got '4, 3'"),
        ("mlp", {"sizes": [4, 2.5]}, "mlp: sizes must be a list of integers, got [4, 2.5]"),
        (
            "mlp",
            {"sizes": [4, 3], "activation": "swish"},
            f"mlp: activation must be one of {', '.join(ACTIVATIONS)}, got 'swish'",
        ),
        ("mlp", {}, "mlp needs the parameter 'sizes' (a list of integers)"),
        (
            "mlp",
            {"size": [4, 3]},
            "mlp has no parameter 'size' (its parameters: sizes, activation, bias)",
        ),
        ("linear", {"in_features": 0, "out_features": 1}, "linear: in_features must be an integer of 1 or more, got 0"),
        (
            "linear",
            {"in_features": 1, "out_features": -1},
            "linear: out_features must be an integer of 1 or more, got -1",
        ),
        (
            "linear",
            {"in_features": True, "out_features": 1},
            "linear: in_features must be an integer of 1 or more, got True",
        ),
        (
            "linear",
            {"in_features": 1, "out_features": 1, "bias": "no"},
            "linear: bias must be true or false, got 'no'",
        ),
        ("liner", {}, "no layer is called 'liner' (there is linear)"),
        ("dropout", {}, 'dropout is an op, not a layer (a node: t.add("dropout", inputs=…))'),
        ("attention", {}, f"no layer is called 'attention' (there is {', '.join(each.name for each in LAYERS)})"),
    ],
)
@pytest.mark.parametrize("fed", [True, False])
def test_what_cannot_be_built(kind: str, params: dict[str, Any], message: str, fed: bool) -> None:
    doc = Document()
    with doc.transaction("Begin") as t:
        t.add("input", shape=("N", 4))
    before = doc.graph
    with refused(message), doc.transaction("Build") as t:
        try:
            build(t, kind, Source("input0", "y") if fed else None, **params)
        except ParameterError:
            assert [type(edit).__name__ for edit in t.edits] == []  # taken back within the transaction
            raise
    assert doc.graph is before


def test_a_rebuild_that_is_refused_changes_nothing() -> None:
    doc, made = network(sizes=[4, 8, 3])
    before = doc.graph
    message = "mlp: sizes must be two or more numbers of 1 or more, got [3] (sizes: [784, 256, 10])"
    with refused(message):
        changed(doc, made.group, sizes=[3])
    assert doc.graph is before


# --- rebuilding


def test_a_rebuild_keeps_ids_and_wires_and_the_values_whose_shape_stays() -> None:
    doc, made = network(sizes=[4, 8, 3])
    before = paths(doc)
    with doc.transaction("Values") as t:
        for id in ("parameter0", "parameter1", "parameter2", "parameter3"):
            t.set_values(id, np.full(doc.graph.node(id).params["shape"], 7.0))
    changed(doc, made.group, sizes=[4, 8, 5])
    assert paths(doc) == before
    assert sorted(doc.values) == ["parameter0", "parameter1"]
    assert doc.graph.inputs("identity0")["x"] == Source("add1", "y")
    assert doc.graph.node("parameter2").params["shape"] == (8, 5)
    assert doc.graph.group("mlp0").built_by == BuiltBy("mlp", {"sizes": (4, 8, 5), "activation": "relu", "bias": True})
    inner = doc.graph.group("linear1").built_by
    assert inner is not None
    assert inner.params["out_features"] == 5
    assert Session(doc).check().problems == ()


def test_a_rebuild_with_nothing_new_is_no_change() -> None:
    doc, made = network(sizes=[4, 8, 3])
    entries, before = len(doc.history.entries), doc.graph
    assert changed(doc, made.group, bias=True) == made
    assert len(doc.history.entries) == entries
    assert doc.graph is before


@pytest.mark.parametrize(
    ("kind", "params", "there"),
    [
        ("mlp", {"sizes": [4, 8, 3]}, {"sizes": [4, 3]}),
        ("mlp", {"sizes": [4, 3]}, {"sizes": [4, 16, 8, 3], "activation": "tanh"}),
        ("mlp", {"sizes": [4, 8, 3], "bias": False}, {"bias": True}),
        ("mlp", {"sizes": [4, 8, 3], "bias": True}, {"bias": False}),
        ("mlp", {"sizes": [4, 8, 3]}, {"activation": "sigmoid"}),
        ("linear", {"in_features": 4, "out_features": 3}, {"bias": False, "init": "zeros"}),
        ("linear", {"in_features": 4, "out_features": 3, "bias": False}, {"bias": True}),
    ],
)
def test_a_rebuild_to_and_fro_gives_an_equal_graph(kind: str, params: dict[str, Any], there: dict[str, Any]) -> None:
    doc, made = network(kind, **params)
    first = doc.graph
    other = changed(doc, made.group, **there)
    second = doc.graph
    assert second != first
    assert doc.graph.inputs("identity0")["x"] == other.output  # also where the output is another node now
    assert Session(doc).check().problems == ()
    back = changed(doc, made.group, **{name: params.get(name, find(kind).parameters[name].default) for name in there})
    assert back == made
    assert doc.graph == first
    doc.undo()
    assert doc.graph == second
    doc.undo()
    assert doc.graph == first
    doc.redo()
    assert doc.graph == second


def test_undo_of_a_build_and_of_a_rebuild() -> None:
    doc, made = network(sizes=[4, 8, 3])
    built = doc.graph
    with doc.transaction("Values") as t:
        t.set_values("parameter3", [1.0, 2.0, 3.0])
    changed(doc, made.group, sizes=[4, 8, 2])
    assert dict(doc.values) == {}
    doc.undo()
    assert doc.values["parameter3"].tolist() == [1, 2, 3]
    doc.undo()
    doc.undo()
    assert not doc.graph.nodes
    assert not doc.graph.groups
    doc.redo()
    assert doc.graph == built


def test_other_wires_out_of_a_group_stay_where_they_are() -> None:
    """A tap on a weight (for a penalty, say) is no wire from the output."""
    doc, made = network(sizes=[4, 8, 3])
    with doc.transaction("Tap") as t:
        t.add("square", name="penalty", inputs={"x": "parameter0"})
        t.add("identity", name="hidden", inputs={"x": "relu0"})
    changed(doc, made.group, bias=False)
    assert doc.graph.inputs("square0")["x"] == Source("parameter0", "y")
    assert doc.graph.inputs("identity1")["x"] == Source("relu0", "y")
    assert doc.graph.inputs("identity0")["x"] == Source("matmul1", "y")
    changed(doc, made.group, sizes=[4, 3])  # the hidden layer is gone, and with it what was tapped
    assert doc.graph.inputs("identity1") == {}
    assert doc.graph.inputs("square0")["x"] == Source("parameter0", "y")


# --- editing by hand

HAND_EDITS: dict[str, Callable[[Any], object]] = {
    "parameter": lambda t: t.set_param("parameter0", "init", "zeros"),
    "node": lambda t: t.add("relu", group="linear0"),
    "removal": lambda t: t.remove("relu0"),
    "wire": lambda t: t.connect("parameter3", "add0", "y"),
}


@pytest.mark.parametrize("kind", HAND_EDITS)
def test_a_hand_edit_inside_ends_the_layer(kind: str) -> None:
    doc, _ = network(sizes=[4, 8, 3])
    with doc.transaction("Edit") as t:
        HAND_EDITS[kind](t)
    assert doc.graph.group("mlp0").built_by is None
    with refused("net was built or edited by hand, so it has no layer's parameters", EditError):
        changed(doc, "mlp0", bias=False)
    doc.undo()
    assert doc.graph.group("mlp0").built_by is not None
    changed(doc, "mlp0", bias=False)


def test_a_rebuild_within_a_layer_is_an_edit_of_that_layer_by_hand() -> None:
    doc, _ = network(sizes=[4, 8, 3])
    changed(doc, "linear0", out_features=9)
    assert doc.graph.group("linear0").built_by is not None
    assert doc.graph.group("mlp0").built_by is None


def test_what_changes_no_node_keeps_the_layer() -> None:
    doc, made = network(sizes=[4, 8, 3])
    with doc.transaction("Edit") as t:
        t.move("relu0", (5, 5))
        t.set_flags("parameter0", ["freeze"])
        t.rename("mlp0", "body")
        t.collapse("mlp0")
        t.set_values("parameter1", np.ones(8))
        t.remove("identity0")
    before = paths(doc)
    changed(doc, made.group, bias=True, activation="relu", sizes=[4, 8, 2])
    assert paths(doc) == before
    assert doc.graph.node("relu0").position == (5, 5)
    assert doc.graph.node("parameter0").flags == {"freeze"}
    assert list(doc.values) == ["parameter1"]


def test_a_renamed_part_is_not_built_anew_without_its_value() -> None:
    doc, made = network(sizes=[4, 8, 3])
    with doc.transaction("Edit") as t:
        t.rename("parameter0", "W")
        t.set_values("parameter0", np.ones((4, 8)))
    before = doc.graph
    with refused(
        "net is no longer as its layer mlp builds it (give what lies within its old names, or build it anew)",
        EditError,
    ):
        changed(doc, made.group, bias=False)
    assert doc.graph is before
    with doc.transaction("Edit") as t:
        t.rename("parameter0", "weight")
    changed(doc, made.group, bias=False)
    assert (doc.values["parameter0"] == 1).all()


def test_how_a_parameter_begins_is_chosen_beside_its_layer() -> None:
    doc, made = network(sizes=[4, 8, 3])
    with doc.transaction("Begin otherwise") as t:
        for id, name, value in (("parameter0", "seed", 7), ("parameter2", "seed", 8), ("parameter1", "init", "normal")):
            with t.building(*t.graph.chain(t.node(id).group)):
                t.set_param(id, name, value)
    assert doc.graph.group(made.group).built_by is not None
    changed(doc, made.group, sizes=[4, 8, 5])
    assert doc.graph.node("parameter2").params["shape"] == (8, 5)
    assert [doc.graph.node(f"parameter{number}").params.get("seed") for number in (0, 2)] == [7, 8]
    assert doc.graph.node("parameter1").params["init"] == "normal"
    assert doc.graph.group(made.group).built_by is not None


def test_what_a_layer_is_told_anew_of_how_it_begins_goes_before_what_was_chosen() -> None:
    doc, made = network("linear", in_features=4, out_features=3)
    with doc.transaction("Begin otherwise") as t, t.building(made.group):
        t.set_param("parameter0", "init", "normal")
    changed(doc, made.group, out_features=5)
    assert doc.graph.node("parameter0").params["init"] == "normal"
    changed(doc, made.group, init="zeros")
    assert doc.graph.node("parameter0").params["init"] == "zeros"


def test_a_group_of_nodes_is_no_layer() -> None:
    doc, _ = network("linear", in_features=4, out_features=3)
    with doc.transaction("Group") as t:
        group = t.group(["identity0"], "mine")
    with refused("mine was built or edited by hand, so it has no layer's parameters", EditError):
        changed(doc, group, bias=False)


def test_a_copy_of_a_layer_can_be_rebuilt() -> None:
    doc, made = network(sizes=[4, 8, 3])
    graph = doc.graph
    nodes, groups = graph.interior(made.group)
    with doc.transaction("Paste") as t:
        ids = t.paste(
            [graph.node(id) for id in nodes],
            [graph.group(id) for id in (made.group, *groups)],
            [wire for wire in graph.wires() if wire.target in nodes],
        )
    changed(doc, ids[made.group], sizes=[4, 5, 3])
    assert doc.graph.node(ids["parameter0"]).params["shape"] == (4, 5)
    assert doc.graph.node("parameter0").params["shape"] == (4, 8)


# --- layers of one's own


@layer
def scaled(
    interior: Interior,
    x: Source | None,
    *,
    times: float = 1.0,
    clip: float | None = None,
    steep: bool = False,
) -> Source:
    """`x` times a constant, perhaps through a tanh or a clip."""
    factor = interior.add("constant", "factor", value=times)
    value = interior.add("multiply", "multiply", {"x": x, "y": factor})
    if steep:
        return interior.add("tanh", "bound", {"x": value})
    return interior.add("clip", "bound", {"x": value}, **({} if clip is None else {"low": -clip, "high": clip}))


@pytest.fixture
def own_layer() -> Iterator[None]:
    add_layers(scaled)
    yield
    building.LAYERS.remove("scaled")


@pytest.mark.usefixtures("own_layer")
def test_a_part_that_is_another_op_now_is_replaced() -> None:
    doc, made = network("scaled", times=2.0)
    changed(doc, made.group, steep=True)
    assert {node.op for node in doc.graph.nodes.values()} == {
        "input",
        "constant",
        "multiply",
        "tanh",
        "identity",
    }
    assert doc.graph.inputs("identity0")["x"] == Source("tanh0", "y")


@pytest.mark.usefixtures("own_layer")
def test_a_parameter_that_is_not_given_any_more_follows_its_default() -> None:
    doc, made = network("scaled")
    first = doc.graph
    changed(doc, made.group, clip=1.0)
    assert doc.graph.node("clip0").params == {"low": -1.0, "high": 1.0}
    changed(doc, made.group, clip=None)
    assert doc.graph == first


@pytest.mark.usefixtures("own_layer")
def test_a_layer_says_what_it_is() -> None:
    assert find("scaled") is scaled
    assert scaled.doc == "`x` times a constant, perhaps through a tanh or a clip."
    assert list(scaled.parameters) == ["times", "clip", "steep"]
    add_layers(scaled)  # the same one again is no second one


@pytest.mark.usefixtures("own_layer")
def test_a_second_layer_of_a_name_is_refused() -> None:
    other = scaled._replace(doc="another")
    with refusing(GradwireError)("a layer named 'scaled' is there already (choose another name)"):
        add_layers(other)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_network_takes_each_activation_between_its_layers(activation: str) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=("N", 4))
        made = build(t, "mlp", f"{x}.y", sizes=[4, 6, 3], activation=activation)
    session = Session(document)
    assert not session.check().problems
    assert [node.op for node in session.graph.nodes.values()].count(activation) == 1
    value = session.run({"x": np.eye(4)}, made.output.node)[made.output.node]
    assert value.shape == (4, 3)
    assert np.isfinite(value).all()


def test_every_activation_that_leaves_the_shape_is_one_of_a_network() -> None:
    named = {op.name for op in builtin() if op.category == "activation"}
    assert named - set(ACTIVATIONS) == {"glu", "prelu"}
