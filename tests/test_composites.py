"""Nodes expanded into the simpler ops of which they are made, and fused again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from documents import refused
from test_compositions import CASES, COMPOSITE
from test_ops import draw

import gradwire.core as gw
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.files.writing import write_graph
from gradwire.core.graph.elements import BuiltBy, Source, Training
from gradwire.core.layers import LAYERS, build, rebuild
from gradwire.core.op import Op, Sample
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.tracing import is_composite, standing_for

NEAR = 1e-12


def text(session: Session) -> bytes:
    """The bytes of the file."""
    return write_graph(session.graph, 1, None)


def graph_of(op: Op, sample: Sample) -> Session:
    """Inputs with the numbers of a sample -> the op, called `whole` -> sin -> sum."""
    document = Document()
    with document.transaction("Make") as t:
        t.set_dtype("float64")
        ids = []
        for value in draw(sample, seed=3):
            dtype = "float" if value.dtype == np.float64 else value.dtype.name
            ids.append(t.add("input", shape=value.shape, dtype=dtype, params={"value": value.tolist()}))
        wires = {op.port_name(i): id for i, id in enumerate(ids)}
        t.add(op.name, id="it", name="whole", position=(300, 40), inputs=wires, params=sample.params)
        t.add("sin", id="sin", inputs={"x": "it"}, position=(600, 40))  # so that elements count differently
        t.add("sum", id="end", name="end", inputs={"x": "sin"}, position=(900, 40))
    return Session(document)


def slopes(session: Session, op: Op) -> dict[str, Any]:
    count = sum(node.op == "input" for node in session.graph.nodes.values())  # optional ports may be open
    floats = [f"input_{i + 1}" if i else "input" for i in range(count)]
    avals = session.check().avals
    given = [name for name in floats if avals[Source(session.graph.resolve(name), "y")].floating]
    return dict(session.gradients("end", given))


def loss(**training: Any) -> Session:
    """logits (a parameter) and labels -> cross_entropy "loss", which training names, and a reader of it."""
    document = Document()
    with document.transaction("Make") as t:
        t.add("parameter", id="w", name="w", shape=(4, 3), init="normal")
        t.add("input", id="labels", name="labels", shape=(4,), dtype="int64", value=[0, 2, 1, 1])
        t.add("cross_entropy", id="loss", name="loss", inputs={"logits": "w", "target": "labels"}, position=(400, 100))
        t.add("identity", id="read", name="read", inputs={"x": "loss"}, position=(700, 100))
        t.set_bends("loss", "logits", [(100, 10), (200, 20)])
        t.set_bends("read", "x", [(600, 60)])
        t.set_training(Training("loss", **training))
    return Session(document)


def written(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a file holds them, where an infinity is a text."""
    return {name: str(value) if value in (math.inf, -math.inf) else value for name, value in params.items()}


# --- expand and fuse


@pytest.mark.parametrize(("op", "sample"), CASES)
def test_an_expanded_node_gives_the_same_and_is_fused_to_the_same_file(op: Op, sample: Sample) -> None:
    session = graph_of(op, sample)
    file, value, gradients = text(session), session.run(fetch="end")["end"], slopes(session, op)
    assert gw.expand(session, "whole") == "it"
    assert session.check().problems == ()
    assert "it" not in session.graph.nodes
    group = session.graph.groups["it"]
    assert (group.name, group.built_by, group.position) == (
        "whole",
        BuiltBy(op.name, written(sample.params)),
        (300, 40),
    )
    assert all(session.graph.nodes[id].group == "it" for id in session.graph.interior("it")[0])
    assert session.run(fetch="end")["end"] == pytest.approx(value, rel=NEAR)
    for name, gradient in slopes(session, op).items():
        np.testing.assert_allclose(gradient, gradients[name], rtol=0, atol=NEAR * np.max(np.abs(gradients[name])))
    expanded = text(session)
    assert gw.fuse(session, "whole") == "it"
    assert text(session) == file
    session.document.undo()
    assert text(session) == expanded
    session.document.undo()
    assert text(session) == file


def test_parts_are_expanded_in_turn_down_to_what_is_made_of_nothing_and_fused_all_at_once() -> None:
    session = loss()
    file, value = text(session), session.run(fetch="read")["read"]
    waiting = ["loss"]
    while waiting:
        group = gw.expand(session, waiting.pop())
        within = session.graph.interior(group)[0]
        waiting += [session.graph.path(id) for id in within if session.graph.nodes[id].op in COMPOSITE]
        waiting = [path for path in dict.fromkeys(waiting) if not path.endswith("/mean")]
    ops = {session.graph.nodes[id].op for id in session.graph.interior("loss")[0]}
    assert {"take_along_axis", "max", "detach", "exp", "log", "sum"} <= ops
    assert not ops & COMPOSITE.keys() - {"mean"}
    assert session.run(fetch="read")["read"] == pytest.approx(value, rel=1e-6)
    gw.fuse(session, "loss")
    assert text(session) == file


def test_a_port_that_several_parts_read_is_one_part_called_as_the_port() -> None:
    session = graph_of(COMPOSITE["softmax"], COMPOSITE["softmax"].samples[0])
    gw.expand(session, "whole")
    (wire,) = session.graph.consumers("input0")
    assert session.graph.path(wire.target) == "whole/x"
    assert len(session.graph.consumers(wire.target)) == 2


def test_what_names_the_node_names_what_it_gives() -> None:
    session = loss(metrics=({"name": "mse", "prediction": "loss.y", "target": "labels"},))
    file = text(session)
    gw.expand(session, "loss")
    training = session.graph.training
    assert training is not None
    assert session.graph.path(training.loss) == "loss/nll"
    assert training.metrics[0]["prediction"] == f"{training.loss}.y"
    gw.fuse(session, "loss")
    assert text(session) == file


def test_flags_and_bends_are_kept() -> None:
    session = loss()
    with session.document.transaction("Flag") as t:
        t.set_flags("loss", ["detach"])
    file, bends = text(session), dict(session.graph.bends)
    gw.expand(session, "loss")
    graph = session.graph
    (inner,) = graph.consumers("w")
    assert graph.bends[inner.target, inner.port] == bends["loss", "logits"]
    assert graph.bends["read", "x"] == bends["read", "x"]
    assert graph.nodes[graph.inputs("read")["x"].node].flags == {"detach"}
    gw.fuse(session, "loss")
    assert text(session) == file


def test_a_dtype_within_goes_with_that_of_the_document() -> None:
    session = loss()
    gw.expand(session, "loss")
    gw.expand(session, "loss/nll")
    with session.document.transaction("Set dtype") as t:
        t.set_dtype("float64")
    assert session.run(fetch="read")["read"].dtype == np.float64
    gw.fuse(session, "loss")
    assert session.graph.nodes["loss"].op == "cross_entropy"


def test_a_copy_of_an_expanded_node_can_be_fused_too() -> None:
    session = loss()
    gw.expand(session, "loss")
    graph = session.graph
    with session.document.transaction("Paste") as t:
        nodes, groups = graph.interior("loss")
        wires = [wire for wire in graph.wires() if wire.target in nodes]
        made = t.paste([graph.nodes[id] for id in nodes], [graph.groups[id] for id in ("loss", *groups)], wires)
    copy = made["loss"]
    gw.fuse(session, copy)
    assert session.graph.nodes[copy].op == "cross_entropy"
    assert session.graph.inputs(copy) == {"logits": Source("w", "y"), "target": Source("labels", "y")}


def test_another_wire_into_the_group_goes_on_into_the_node() -> None:
    session = loss()
    gw.expand(session, "loss")
    with session.document.transaction("Rewire") as t:
        t.add("relu", id="relu", inputs={"x": "w"})
        (inner,) = [wire for wire in t.graph.consumers("w") if wire.target != "relu"]
        t.connect("relu", inner.target, inner.port)
    gw.fuse(session, "loss")
    assert session.graph.inputs("loss")["logits"] == Source("relu", "y")


# --- within layers


def in_a_layer() -> Session:
    document = Document()
    with document.transaction("Build") as t:
        t.add("input", name="x", shape=("N", 4))
        build(t, "mlp", Source("input0", "y"), name="net", sizes=[4, 8, 3], activation="sigmoid")
    return Session(document)


def test_a_node_that_a_layer_built_is_its_layers_again_when_it_is_fused() -> None:
    session = in_a_layer()
    file = text(session)
    gw.expand(session, "net/sigmoid_1")
    assert session.graph.groups["mlp0"].built_by is not None
    with refused("the name 'sigmoid_1' is taken in net (sigmoid_2 is free)"), session.document.transaction("Set") as t:
        rebuild(t, "mlp0", bias=False)
    gw.fuse(session, "net/sigmoid_1")
    assert text(session) == file
    with session.document.transaction("Set") as t:
        rebuild(t, "mlp0", bias=False)


# --- refusals


def test_what_is_made_of_nothing_simpler_is_not_expanded() -> None:
    session = loss()
    with refused("read cannot be expanded: identity is not made of simpler ops"):
        gw.expand(session, "read")
    assert session.document.history.entries[-1].label == "Make"


def test_a_mean_over_the_batch_is_not_expanded_since_it_divides_by_another_number_each_time() -> None:
    document = Document()
    with document.transaction("Make") as t:
        t.add("input", id="x", shape=("N", 3))
        t.add("mean", id="all", name="all", inputs={"x": "x"})
        t.add("mean", id="rows", name="rows", inputs={"x": "x"}, axis=1)
        t.add("mse", id="mse", name="mse", inputs={"prediction": "x", "target": "x"})
    session = Session(document)
    message = "all cannot be expanded: what it is made of depends on how many samples a batch has"
    with refused(f"{message} (mean over other axes than that of the batch can be)"):
        gw.expand(session, "all")
    gw.expand(session, "rows")
    gw.expand(session, "mse")
    assert {session.graph.nodes[id].op for id in session.graph.interior("mse")[0]} == {"subtract", "square", "mean"}
    feed = {"x": np.arange(6.0).reshape(2, 3)}
    np.testing.assert_allclose(session.run(feed, fetch="rows/divide")["rows/divide"], [1, 4])


def normalising(kept: str) -> Session:
    """A batch normalisation whose running statistics are of this op."""
    document = Document()
    with document.transaction("Make") as t:
        x = t.add("input", name="x", shape=(4, 2), value=[[1, 2], [3, 4], [5, 9], [0, 1]])
        given = {"init": "ones"} if kept == "parameter" else {"value": [1, 1]}
        statistics = {name: t.add(kept, name=name, shape=(2,), **given) for name in ("running_mean", "running_var")}
        t.add("batch_norm", name="bn", inputs={"x": x, **statistics})
    return Session(document)


def test_what_writes_parameters_is_not_expanded_where_its_parts_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin()["batch_norm"], "writing", None)
    message = "bn cannot be expanded: it also writes running_mean and running_var, and its parts would not"
    with refused(message):
        gw.expand(normalising("parameter"), "bn")


def test_a_normalisation_that_writes_nothing_is_expanded_and_goes_with_the_mode() -> None:
    session = normalising("input")
    before = {mode: session.run(fetch="bn", train=mode)["bn"] for mode in (True, False)}
    assert not np.allclose(before[True], before[False])
    group = gw.expand(session, "bn")
    last = next(id for id in session.graph.interior(group)[0] if not session.graph.consumers(id))
    path = session.graph.path(last)
    for mode, wanted in before.items():
        np.testing.assert_allclose(session.run(fetch=path, train=mode)[path], wanted, rtol=1e-5, atol=1e-6)


OPEN: dict[str, tuple[Callable[[Any], object], str]] = {
    "port": (lambda t: t.disconnect("loss", "target"), "loss.target must have a wire for it to be expanded"),
    "problem": (
        lambda t: t.set_param("labels", "value", [1, 2]),
        "the shapes of what feeds loss must be known for it to be expanded (mend the problems before it)",
    ),
    "misfit": (
        lambda t: [t.set_param("labels", "value", 0), t.set_param("labels", "shape", (3,))],
        "loss: target (3,) int64 does not fit logits (4, 3): labels must be (4,) (target: (4,))",
    ),
    "bypass": (
        lambda t: t.set_flags("loss", ["bypass"]),
        "loss cannot be expanded while it is bypassed (end the bypass first)",
    ),
}


@pytest.mark.parametrize("kind", OPEN)
def test_a_node_is_expanded_only_where_it_is_known_what_it_does(kind: str) -> None:
    session = loss()
    edit, message = OPEN[kind]
    with session.document.transaction("Edit") as t:
        edit(t)
    file = text(session)
    with refused(message):
        gw.expand(session, "loss")
    assert text(session) == file


def inner(t: Any, op: str) -> str:
    return next(id for id in t.graph.interior("loss")[0] if t.graph.nodes[id].op == op)


EDITED: dict[str, tuple[Callable[[Any], object], str]] = {
    "parameter": (
        lambda t: t.set_param(inner(t, "nll"), "reduction", "sum"),
        "loss was built or edited by hand, so no one op stands for it",
    ),
    "node": (lambda t: t.add("relu", group="loss"), "loss was built or edited by hand, so no one op stands for it"),
    "reader": (
        lambda t: t.add("identity", name="other", inputs={"x": inner(t, "log_softmax")}),
        "loss/log_softmax is read by other, and one op hides it (take off that wire first)",
    ),
    "flag": (
        lambda t: t.set_flags(inner(t, "log_softmax"), ["detach"]),
        "loss/log_softmax has the flag detach, which would be lost",
    ),
    "training": (
        lambda t: t.set_training(Training(inner(t, "log_softmax"))),
        "training names loss/log_softmax, and one op hides it",
    ),
    "shape": (
        lambda t: [t.set_param("labels", "shape", (4, 3)), t.set_param("labels", "dtype", "float")],
        "the shape of loss/nll must be known to fuse loss (mend the problems before it)",
    ),
    "note": (
        lambda t: t.add_note("mine", group="loss"),
        "the note loss/note would be lost with the group that it lies in (take it out)",
    ),
}


@pytest.mark.parametrize("kind", EDITED)
def test_a_group_is_fused_only_where_nothing_is_lost(kind: str) -> None:
    session = loss()
    gw.expand(session, "loss")
    edit, message = EDITED[kind]
    with session.document.transaction("Edit") as t:
        if kind == "shape":
            t.set_param("labels", "value", None)
        edit(t)
    file = text(session)
    with refused(message):
        gw.fuse(session, "loss")
    assert text(session) == file


def test_parts_of_which_one_reads_something_else_are_no_longer_the_op() -> None:
    session = graph_of(COMPOSITE["mean"], Sample(((4,),)))
    gw.expand(session, "whole")
    with session.document.transaction("Edit") as t:
        t.set_param("input0", "value", [1.0, 2.0])
        t.set_param("input0", "shape", (2,))
    message = "whole is no longer what mean is made of for what feeds it"
    with refused(f"{message} (other shapes or wires feed it than when it was expanded)"):
        gw.fuse(session, "whole")


def test_a_layer_and_a_group_are_not_fused() -> None:
    session = in_a_layer()
    with refused("net was built by the layer mlp, which is not one op"):
        gw.fuse(session, "net")
    with pytest.raises(GradwireError):
        gw.fuse(session, "nothing")


@pytest.mark.parametrize("kind", [found.name for found in LAYERS if is_composite(builtin().get(found.name))])
def test_a_layer_that_is_called_as_an_op_stands_for_none(kind: str) -> None:
    document = Document()
    with document.transaction("Add") as t:
        x = t.add("input", shape=("N", 4, 3))
        made = build(t, kind, x, **{"batch_norm": {"num_features": 4}, "layer_norm": {"normalized_shape": (3,)}}[kind])
    assert standing_for(document.graph, document.registry, made.group) is None
