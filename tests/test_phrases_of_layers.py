"""Which is meant where an op and a layer have one name, values for ports by name, and the right form in refusals."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import gradwire.core as gw
from gradwire.core.errors import GradwireError
from gradwire.core.layers import LAYERS
from gradwire.core.ops import installed
from gradwire.core.scripting import names
from gradwire.core.scripting.phrases import complete, read

LACKS = "the op conv2d has neither a port nor a parameter 'out_channels' (the layer conv2d has it: layer:conv2d)"
UNNAMED = "the name of a parameter must stand before"
AN_INTEGER = "an integer of 1 or more"


def script(*lines: str) -> SimpleNamespace:
    """A document with pictures, a kernel, data and logits, in which these were said."""
    made = SimpleNamespace(**names(gw.Session()))
    for line in (
        "add input shape=[2, 3, 8, 8] value=1 as img",
        "add parameter shape=[4, 3, 3, 3] as w",
        "add dataset source=iris as data",
        "data.x -> linear units=3 as head",
        *lines,
    ):
        made.say(line)
    return made


@pytest.fixture(scope="module")
def start() -> SimpleNamespace:
    """Nothing here changes it."""
    return script()


def built(made: SimpleNamespace, name: str) -> str:
    """`layer conv2d` of a group, `op conv2d` of a node."""
    graph, id = made.doc.graph, made.g[name].id
    return f"op {graph.nodes[id].op}" if id in graph.nodes else f"layer {graph.groups[id].built_by.layer}"


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("img -> conv2d out_channels=4 padding=1", "conv2d", "layer conv2d"),
        ("img -> conv2d filters=4", "conv2d", "layer conv2d"),
        ("img -> conv2d", "conv2d", "layer conv2d"),
        ("img -> nn.Conv2d out_channels=4", "conv2d", "layer conv2d"),
        ("img, w -> conv2d padding=1", "conv2d", "op conv2d"),
        ("img -> conv2d w=w", "conv2d", "op conv2d"),
        ("w -> conv2d x=img", "conv2d", "op conv2d"),
        ("y = conv2d(img, w)", "y", "op conv2d"),
        ("add batch_norm num_features=3", "batch_norm", "layer batch_norm"),
        ("add layer_norm", "layer_norm", "layer layer_norm"),
        ("data.x -> layer_norm axis=0", "layer_norm", "op layer_norm"),
        ("data.y -> embedding", "embedding", "layer embedding"),
        ("img -> layer:conv2d out_channels=4", "conv2d", "layer conv2d"),
        ("img -> op:conv2d", "conv2d", "op conv2d"),
        ("add op:batch_norm", "batch_norm", "op batch_norm"),
        ("y = layer:conv2d(img, out_channels=4)", "y", "layer conv2d"),
        ("y = op:conv2d(img, w)", "y", "op conv2d"),
        ("c = conv2d out_channels=4", "c", "layer conv2d"),
    ],
)
def test_an_op_and_a_layer_of_one_name_are_told_apart(text: str, name: str, wanted: str) -> None:
    assert built(script(text), name) == wanted


@pytest.mark.parametrize("name", [name for name in LAYERS.names() if name in installed().names()])
def test_each_layer_that_shares_its_name_is_built_by_phrases(name: str) -> None:
    for text in (f"add {name} as made", f"add layer:{name} as made", f"{name} as made"):
        assert built(script(text), "made") == f"layer {name}"
    assert built(script(f"add op:{name} as made"), "made") == f"op {name}"


def test_a_convolutional_network_is_typed_in_one_line() -> None:
    made = script("img -> conv2d out_channels=4 padding=1 -> batch_norm -> relu -> max_pool2d kernel_size=2")
    assert made.g.conv2d.weight.shape == (4, 3, 3, 3)
    assert made.g["batch_norm/running_mean"].shape == (4,)
    assert made.g.max_pool2d.value.shape == (2, 4, 4, 4)


def test_what_will_be_added_is_told_before_it_is(start: SimpleNamespace) -> None:
    graph, registry = start.doc.graph, start.session.registry
    told = {text: read(text, graph, registry).told for text in ("img -> conv2d filters=4", "img, w -> conv2d")}
    assert list(told.values()) == ["adds the layer conv2d (in_channels=3) of img", "adds the op conv2d of img and w"]


@pytest.mark.parametrize(
    "text",
    [
        "head -> cross_entropy target=data.y as loss",
        "cross_entropy(head, data.y) as loss",
        "loss = cross_entropy(head, target=data.y)",
        "data.y -> cross_entropy logits=head as loss",
    ],
)
def test_a_value_goes_into_the_port_that_is_named(text: str) -> None:
    made = script(text)
    assert made.g.loss.inputs == {"logits": "head/add", "target": "data.y"}


def test_what_is_added_may_be_called_as_one_calls_an_expression() -> None:
    made = script("digits = dataset source=digits", "dropout rate=0.3", "relu as r", "sin(img) + 1 as f", "3 as x")
    assert made.g.digits.source == "digits"
    assert made.g.dropout.rate == 0.3
    assert (made.g.r.op, made.g.f.op, made.g.x.op) == ("relu", "add", "input")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "img -> op:conv2d out_channels=4",
            f"column 8: {LACKS}",
        ),
        (
            "img -> layer:conv2d w=w",
            "column 8: the layer conv2d has neither a port nor a parameter 'w' (the op conv2d has it: op:conv2d)",
        ),
        (
            "img, w -> conv2d filters=4",
            "column 11: conv2d takes 1 value, got 2 (the op conv2d takes more: op:conv2d)",
        ),
        ("add layer:relu", "column 5: no layer is called 'relu' (the op relu: op:relu)"),
        ("add op:linear", "column 5: no op is called 'linear' (the layer linear: layer:linear)"),
        ("img -> max_pool2d 2", f"column 19: {UNNAMED} 2 (as in max_pool2d kernel_size=2)"),
        ("max_pool2d 2", f"column 12: {UNNAMED} 2 (as in max_pool2d kernel_size=2)"),
        ("linear 10", f"column 8: {UNNAMED} 10 (as in linear out_features=10)"),
        ("h = linear 10", f"column 12: {UNNAMED} 10 (as in linear out_features=10)"),
        ("img -> conv2d(8)", f"column 15: {UNNAMED} 8 (as in conv2d out_channels=8)"),
        (
            "data.x -> mlp [4, 3]",
            f"column 15: {UNNAMED} [4, 3] (as in mlp sizes=[4, 3])",
        ),
        ("head 2", "column 6: a sign must stand between the two, got '2' (as in 2*x, sin(x))"),
        ("head units=7", "column 1: 'head' is there, no op or layer is called so (set head.units 7 sets it)"),
        ("head as h", "column 1: 'head' is there, no op or layer is called so (rename head h gives another name)"),
        ("head -> cross_entropy target=data.z", "column 30: data has no output 'z' (its outputs: x, y)"),
        (
            "head -> cross_entropy target=3",
            "column 9: target of cross_entropy is a port: it takes the value of a node, got 3 (as in target=x)",
        ),
        ("head -> linear units=data.y", f"column 22: units of linear is no port (it takes {AN_INTEGER})"),
        ("h = linear units=3 as fc", "column 5: one name is given, got 'h' and 'fc' (without the as)"),
    ],
)  # fmt: skip
def test_refusals_show_the_right_form(start: SimpleNamespace, text: str, told: str) -> None:
    with pytest.raises(GradwireError) as refused:
        read(text, start.doc.graph, start.session.registry)
    assert str(refused.value) == told


def test_a_form_that_a_refusal_shows_can_be_typed() -> None:
    made = script(
        "img -> max_pool2d kernel_size=2", "head -> linear out_features=10 as l", "rename head h", "set h.units 7"
    )
    assert made.g.l.weight.shape == (3, 10)
    assert made.g.h.weight.shape == (4, 7)


def test_a_script_adds_the_layer_by_its_whole_name_and_what_follows_from_x_is_left_out() -> None:
    made = script()
    assert made.add("layer:conv2d", x="img", out_channels=4).weight.shape == (4, 3, 3, 3)
    assert made.add("linear", x="data.x", out_features=10).weight.shape == (4, 10)
    assert made.add("layer:batch_norm", x="img").num_features == 3
    assert made.add("op:conv2d", x="img", w="w").op == made.add("conv2d", x="img", w="w").op == "conv2d"
    told = {
        ("conv2d", "out_channels"): LACKS,
        ("layer:conv2d", "w"): "the layer conv2d has neither a port nor a parameter 'w' "
        "(the op conv2d has it: op:conv2d)",
        ("layer:relu", "rate"): "no layer is called 'relu' (the op relu: op:relu)",
        ("linear", "init"): f"linear needs the parameter 'out_features' ({AN_INTEGER})",
    }
    for (what, key), line in told.items():
        with pytest.raises(GradwireError) as refused:
            made.add(what, x="img", **{key: "he"})
        assert str(refused.value) == line


def test_what_fits_is_offered_for_the_layer_first_and_for_ports(start: SimpleNamespace) -> None:
    def fitting(text: str) -> list[str]:
        found = complete(text, len(text), start.doc.graph, start.session.registry)
        return [text[: each.start] + each.text for each in found]

    assert fitting("add conv2")[0] == "add conv2d"
    assert fitting("add layer:con") == ["add layer:conv2d"]
    assert fitting("img -> op:conv") == ["img -> op:conv2d"]
    assert fitting("img -> conv2d out") == ["img -> conv2d out_channels="]
    assert fitting("head -> cross_entropy ta") == ["head -> cross_entropy target="]
    assert fitting("head -> cross_entropy target=da") == ["head -> cross_entropy target=data"]
    assert fitting("head -> cross_entropy target=data.") == [f"head -> cross_entropy target=data.{end}" for end in "xy"]
    assert fitting("linear un") == ["linear units="]


def test_what_a_layer_gives_is_told_by_its_name(start: SimpleNamespace) -> None:
    told = [
        read(text, start.doc.graph, start.session.registry).told
        for text in ("head -> softmax, tanh", "head -> relu as r -> sum")
    ]
    assert told == ["adds softmax of head, tanh of head", "adds relu r of head, sum of r"]
