"""From graph to plan: flags, shared parameters, feeds, casts, and the same bits eagerly and compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import bits

from gradwire.core.differentiate import differentiate
from gradwire.core.document import Document
from gradwire.core.document.transaction import Transaction
from gradwire.core.errors import GradwireError, RunError
from gradwire.core.graph import Graph, Source
from gradwire.core.infer import Binding
from gradwire.core.lower import RANDOM_STATE, Lowering
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.passes import optimised
from gradwire.core.program import Program, Question, resolve
from gradwire.core.random import state as random_state
from gradwire.core.session import Session

OPS = builtin()
F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
BOTH = ("eager", "static")


def graph(build: Callable[[Transaction], Any]) -> Graph:
    document = Document(registry=OPS)
    with document.transaction("Build") as t:
        build(t)
    return document.graph


def names(found: Graph, *texts: str) -> tuple[Source, ...]:
    return tuple(resolve(found, OPS, text) for text in texts)


def program(found: Graph, *fetch: str, root: str = "", wrt: tuple[str, ...] = (), **more: Any) -> Program:
    fed = more.pop("fed", {})
    binding = Binding(**{"dtype": "float64", **more})
    question = Question(names(found, *fetch), names(found, root)[0] if root else None, names(found, *wrt), parts=True)
    return Program(found, OPS, question, binding, {names(found, k)[0]: v for k, v in fed.items()}, None)


def answers(asked: Program, feeds: dict[str, Any], state: dict[str, Any]) -> Any:
    """The answer of both modes, after a look that they are the same."""
    found = []
    states = [{k: v.copy() for k, v in state.items()} for _ in BOTH]
    for mode, own in zip(BOTH, states, strict=True):
        found.append(asked.run(feeds, own, mode))
    assert bits(found[0].values) == bits(found[1].values)
    assert found[0][1:] == found[1][1:]
    assert bits(states[0]) == bits(states[1])
    state.update(states[0])
    return found[0]


def diamond(t: Transaction) -> None:
    t.add("input", name="x", shape=(2, 3))
    t.add("parameter", name="w", shape=(3, 3), init="normal")
    t.add("matmul", name="h", inputs={"x": "input0", "w": "parameter0"})
    t.add("tanh", name="a", inputs={"x": "matmul0"})
    t.add("multiply", name="p", inputs={"x": "matmul0", "y": "tanh0"})
    t.add("sum", name="total", inputs={"x": "multiply0"})


DATA = np.random.default_rng(0).normal(size=(2, 3))
WEIGHTS = {"parameter0": np.random.default_rng(1).normal(size=(3, 3))}


def test_contributions_are_told_by_node_and_port_and_add_up() -> None:
    found = graph(diamond)
    h = names(found, "h")[0]
    answer = answers(program(found, "total", root="total", wrt=("h", "w", "x")), {"x": DATA}, dict(WEIGHTS))
    parts = answer.parts[h]
    assert [(part.node, part.port) for part in parts] == [("multiply0", "x"), ("tanh0", "x")]
    total = answer.values[parts[0].output] + answer.values[parts[1].output]
    assert bits({"g": total}) == bits({"g": answer.gradient(h)})
    (only,) = answer.parts[names(found, "w")[0]]
    assert (only.node, only.port) == ("matmul0", "w")


def test_only_what_is_needed_is_lowered_and_feeds_cut_the_graph() -> None:
    found = graph(diamond)
    lowering = Lowering(found, OPS, Binding("float64"))
    assert lowering.needed(names(found, "a")) == {"tanh0", "matmul0", "parameter0", "input0"}
    h = names(found, "h")[0]
    cut = Lowering(found, OPS, Binding("float64"), fed={h: Aval((5, 2), F64)})
    assert cut.needed(names(found, "total")) == {"sum0", "multiply0", "tanh0"}
    (symbol,) = cut.lower(names(found, "a"))
    assert [step.op.name for step in cut.builder.steps] == ["tanh"]
    assert symbol.shape == (5, 2)
    assert list(cut.builder.inputs) == ["h"]
    assert cut.builder.state == {}
    answer = answers(
        program(found, "total", root="total", wrt=("h",), fed={"h": Aval((5, 2), F64)}),
        {"h": np.ones((5, 2))},
        {},
    )
    assert answer.value(names(found, "total")[0]) == pytest.approx(10 * np.tanh(1.0))


def test_a_value_that_is_fed_may_be_asked_for() -> None:
    found = graph(diamond)
    h = names(found, "h")[0]
    answer = answers(program(found, "h", "a", fed={"h": Aval((2,), F64)}), {"h": np.zeros(2)}, {})
    assert answer.value(h).tolist() == [0.0, 0.0]


def chain(flags: dict[str, list[str]], shape: tuple[int, ...] = (2, 3)) -> Graph:
    def build(t: Transaction) -> None:
        t.add("input", name="x", shape=(2, 3))
        t.add("input", name="v", shape=shape)
        t.add("add", name="s", inputs={"x": "input0", "y": "input1"})
        t.add("sin", name="f", inputs={"x": "add0"})
        t.add("sum", name="total", inputs={"x": "sin0"})
        for id, wanted in flags.items():
            t.set_flags(id, wanted)

    return graph(build)


def test_a_bypassed_node_passes_its_first_input_of_the_same_shape_on() -> None:
    found = chain({"sin0": ["bypass"], "add0": ["bypass"]})
    feeds = {"x": DATA, "v": np.ones((2, 3))}
    answer = answers(
        program(found, "total", "s", "f", root="total", wrt=("x", "v", "f")), {"x": DATA, "v": feeds["v"]}, {}
    )
    x, v, f = names(found, "x", "v", "f")
    assert np.array_equal(answer.value(f), DATA)
    assert np.array_equal(answer.gradient(x), np.ones((2, 3)))
    assert answer.gradient(v) is None
    assert [(part.node, part.port) for part in answer.parts[x]] == [("sum0", "x")]
    # The first that fits may be the second.
    found = graph(
        lambda t: (
            t.add("input", name="b", shape=(3,)),
            t.add("input", name="x", shape=(2, 3)),
            t.add("add", name="s", inputs={"x": "input0", "y": "input1"}),
            t.set_flags("add0", ["bypass"]),
        )
    )
    answer = answers(program(found, "s"), {"b": np.ones(3), "x": DATA}, {})
    assert np.array_equal(answer.value(names(found, "s")[0]), DATA)


def test_a_bypass_without_an_input_like_the_output_is_refused() -> None:
    found = chain({"sum0": ["bypass"]})
    with pytest.raises(GradwireError) as caught:
        program(found, "total").run({"x": DATA, "v": DATA}, {})
    assert str(caught.value) == "total: a bypass needs an input like its output () f64, got (2, 3) f64"
    assert caught.value.node == "sum0"


def test_a_detached_node_is_computed_and_lets_no_gradient_through() -> None:
    found = chain({"sin0": ["detach"]})
    answer = answers(program(found, "f", root="total", wrt=("x", "f", "s")), {"x": DATA, "v": DATA}, {})
    x, f, s = names(found, "x", "f", "s")
    assert np.array_equal(answer.value(f), np.sin(DATA + DATA))
    assert answer.gradient(x) is None
    assert answer.gradient(s) is None
    assert np.array_equal(answer.gradient(f), np.ones((2, 3)))
    assert answer.parts[x] == ()


def test_a_shared_parameter_is_one_slot_and_one_gradient() -> None:
    def build(t: Transaction) -> None:
        t.add("input", name="x", shape=(3, 3))
        t.add("parameter", name="w", shape=(3, 3))
        t.add("matmul", name="h", inputs={"x": "input0", "w": "parameter0"})
        t.add("shared", name="again", of="parameter0")
        t.add("matmul", name="y", inputs={"x": "matmul0", "w": "shared0"})
        t.add("sum", name="total", inputs={"x": "matmul1"})

    found = graph(build)
    state = {"parameter0": WEIGHTS["parameter0"].copy()}
    asked = program(found, "y", root="total", wrt=("w",))
    answer = answers(asked, {"x": np.eye(3)}, state)
    w = state["parameter0"]
    assert list(asked.plan.state) == ["parameter0"]
    assert np.array_equal(answer.value(names(found, "y")[0]), w @ w)
    parts = [(part.node, part.port) for part in answer.parts[names(found, "w")[0]]]
    assert parts == [("matmul1", "w"), ("matmul0", "w")]


def test_a_cast_that_a_port_needs_is_told_as_that_port() -> None:
    def build(t: Transaction) -> None:
        t.add("input", name="x", shape=(3,), dtype="float32")
        t.add("input", name="v", shape=(3,), dtype="float64")
        t.add("multiply", name="p", inputs={"x": "input0", "y": "input1"})
        t.add("add", name="s", inputs={"x": "multiply0", "y": "input0"})
        t.add("sum", name="total", inputs={"x": "add0"})

    found = graph(build)
    feeds = {"x": np.array([1, 2, 3], np.float32), "v": np.array([0.1, 0.2, 0.3])}
    asked = program(found, root="total", wrt=("x",))
    answer = answers(asked, feeds, {})
    x = names(found, "x")[0]
    assert [(part.node, part.port) for part in answer.parts[x]] == [("add0", "y"), ("multiply0", "x")]
    parts = [answer.values[part.output] for part in answer.parts[x]]
    assert [part.dtype for part in parts] == [F32, F32]
    assert bits({"g": parts[0] + parts[1]}) == bits({"g": answer.gradient(x)})
    casts = [step for step in asked.lowered().steps if step.op.name == "cast" and step.phase == "forward"]
    assert [(step.node, step.port) for step in casts] == [("multiply0", "x"), ("add0", "y")]


def test_a_batch_is_bound_when_a_graph_is_lowered() -> None:
    found = graph(lambda t: t.add("sin", inputs={"x": t.add("input", name="x", shape=("N", 2))}))
    (symbol,) = Lowering(found, OPS, Binding(batch=7)).lower([Source("sin0", "y")])
    assert symbol.shape == (7, 2)
    with pytest.raises(GradwireError) as caught:
        Lowering(found, OPS, Binding()).lower([Source("sin0", "y")])
    assert str(caught.value) == "x: the batch size is not known (feed a value, whose first axis tells it)"


def test_random_numbers_come_from_the_state_that_the_run_feeds() -> None:
    def build(t: Transaction) -> None:
        t.add("input", name="x", shape=(50,))
        t.add("dropout", name="one", inputs={"x": "input0"})
        t.add("dropout", name="two", inputs={"x": "input0"})
        t.add("add", name="s", inputs={"x": "dropout0", "y": "dropout1"})
        t.add("sum", name="total", inputs={"x": "add0"})

    found = graph(build)
    asked = program(found, "one", "two", root="total", wrt=("x",), mode="train")
    feeds = {"x": np.ones(50), RANDOM_STATE: random_state(0, 3)}
    first = answers(asked, feeds, {})
    one, two, x = names(found, "one", "two", "x")
    assert not np.array_equal(first.value(one), first.value(two))
    assert np.array_equal(first.gradient(x), first.value(one) + first.value(two))
    assert bits(answers(asked, feeds, {}).values) == bits(first.values)
    other = answers(asked, {**feeds, RANDOM_STATE: random_state(0, 4)}, {})
    assert not np.array_equal(first.value(one), other.value(one))
    still = answers(program(found, "one", mode="eval"), {"x": np.ones(50), RANDOM_STATE: random_state(0)}, {})
    assert np.array_equal(still.value(one), np.ones(50))


def test_what_assign_writes_is_committed_after_the_run() -> None:
    def build(t: Transaction) -> None:
        t.add("parameter", name="count", shape=())
        t.add("constant", name="one", value=1.0)
        t.add("add", name="next", inputs={"x": "parameter0", "y": "constant0"})
        t.add("assign", name="kept", inputs={"value": "add0"}, target="parameter0")
        t.add("multiply", name="seen", inputs={"x": "assign0", "y": "parameter0"})

    found = graph(build)
    state = {"parameter0": np.array(2.0)}
    asked = program(found, "seen", "count")
    answer = answers(asked, {}, state)
    seen, count = names(found, "seen", "count")
    assert (answer.value(seen), answer.value(count), state["parameter0"]) == (6.0, 2.0, 3.0)


def test_two_parameters_may_change_places() -> None:
    def build(t: Transaction) -> None:
        for _ in range(2):
            t.add("parameter", shape=(2,))
        for i in range(2):
            t.add("assign", inputs={"value": f"parameter{1 - i}"}, target=f"parameter{i}")
        t.add("add", name="both", inputs={"x": "assign0", "y": "assign1"})

    state = {"parameter0": np.array([1.0, 2.0]), "parameter1": np.array([3.0, 4.0])}
    answers(program(graph(build), "both"), {}, state)
    assert [state[f"parameter{i}"].tolist() for i in range(2)] == [[3.0, 4.0], [1.0, 2.0]]


def test_a_path_that_reads_like_a_gradient_is_another_value() -> None:
    def build(t: Transaction) -> None:
        outer = t.add_group(name="∂y")
        t.add("input", name="x", shape=())
        t.add("sin", name="∂x", group=outer, inputs={"x": "input0"})
        t.add("square", name="y", inputs={"x": "input0"})

    found = graph(build)
    asked = program(found, "∂y/∂x", "y", root="y", wrt=("x",))
    answer = answers(asked, {"x": np.array(3.0)}, {})
    assert answer.value(names(found, "∂y/∂x")[0]) == np.sin(3.0)
    assert answer.gradient(names(found, "x")[0]) == 6.0


def test_the_first_problem_is_raised_with_its_place() -> None:
    found = graph(lambda t: t.add("sin", name="lonely"))
    with pytest.raises(GradwireError) as caught:
        Lowering(found, OPS, Binding()).lower([Source("sin0", "y")])
    assert str(caught.value) == "lonely.x: nothing is wired to this port"
    assert (caught.value.node, caught.value.port) == ("sin0", "x")


@pytest.mark.parametrize("mode", BOTH)
def test_what_is_not_fed_is_named_in_both_modes(mode: str) -> None:
    found = graph(diamond)
    asked = program(found, "total")
    with pytest.raises(RunError) as caught:
        asked.run({}, dict(WEIGHTS), mode)
    assert str(caught.value) == "the run needs 'x' (2, 3) f64, which is not fed"
    with pytest.raises(RunError) as caught:
        asked.run({"x": DATA.astype(np.float32)}, dict(WEIGHTS), mode)
    assert str(caught.value) == "'x' must be fed (2, 3) f64, got (2, 3) f32"


def test_a_mode_is_one_of_two() -> None:
    with pytest.raises(RunError) as caught:
        program(graph(diamond), "total").run({}, {}, "lazy")
    assert str(caught.value) == "a mode is static or eager, got 'lazy'"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("h.z", "h has no output 'z' (it has y)"),
        ("data0", "data0 has 2 outputs (data0.x, data0.y)"),
        ("hh", "there is no node 'hh' (near: h)"),
    ],
)
def test_names_of_values_are_resolved_or_refused(text: str, message: str) -> None:
    found = graph(lambda t: (diamond(t), t.add("dataset", name="data0")))
    with pytest.raises(GradwireError) as caught:
        resolve(found, OPS, text)
    assert str(caught.value).startswith(message.split(" (near")[0])


# Random graphs.

KINDS = ("sin", "tanh", "multiply", "add", "matmul", "transpose", "dropout", "softmax", "identity")


@given(
    choices=st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=15
    ),
    flags=st.lists(st.tuples(st.integers(0, 99), st.sampled_from(("bypass", "detach"))), max_size=3),
    dtype=st.sampled_from(("float32", "float64")),
)
@settings(max_examples=60)
def test_eager_and_static_give_the_same_bits_on_any_graph(choices: Any, flags: Any, dtype: str) -> None:
    made: list[str] = []

    def build(t: Transaction) -> None:
        made.append(t.add("input", name="x", shape=(3, 3)))
        made.append(t.add("parameter", name="w", shape=(3, 3)))
        for kind, first, second in choices:
            ports = {"x": made[first % len(made)]}
            if kind in ("multiply", "add", "matmul"):
                ports["w" if kind == "matmul" else "y"] = made[second % len(made)]
            made.append(t.add(kind, inputs=ports))
        for index, flag in flags:
            id = made[2 + index % len(choices)]
            t.set_flags(id, t.node(id).flags | {flag})
        made.append(t.add("mean", name="root", inputs={"x": made[-1]}))

    found = graph(build)
    inner = tuple(id for id in made[:-1] if id in Lowering(found, OPS, Binding()).needed([Source(made[-1], "y")]))
    asked = program(found, "root", *inner, root="root", wrt=inner, mode="train", dtype=dtype)
    feeds = {"x": DATA.repeat(2, 0)[:3].astype(dtype), RANDOM_STATE: random_state(0, 1)}
    answer = answers(asked, feeds, {"parameter0": WEIGHTS["parameter0"].astype(dtype)})
    for id in inner:
        source = Source(id, "y")
        parts = [answer.values[part.output] for part in answer.parts[source]]
        if parts and answer.gradient(source) is not None:
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            assert bits({"g": np.asarray(total)}) == bits({"g": answer.gradient(source)})


def test_every_gradient_can_be_asked_for_at_once() -> None:
    found = graph(diamond)
    lowering = Lowering(found, OPS, Binding("float64"))
    total, *_ = lowering.lower(names(found, "total"))
    gradients = differentiate(lowering.builder, [total], [None])
    values = {source.node: symbol for source, symbol in lowering.values.items()}
    assert all(gradients.gradient(symbol) is not None for symbol in values.values())
    plan = optimised(lowering.builder.finish({id: gradients.gradient(s) for id, s in values.items()}))
    assert len(plan.outputs) == 6
    # A root of one element starts from 1 and was delivered nothing.
    assert [(node, port) for node, port, _ in gradients.contributions(total)] == [("sum0", "seed")]  # it starts from 1


def test_a_shared_parameter_may_come_first_by_its_id_and_is_copied_with_its_parameter() -> None:
    document = Document()
    with document.transaction("Draw") as t:
        w = t.add("parameter", id="w0", name="w", shape=(), init="ones")
        again = t.add("shared", id="a0", name="again", of=w)
        t.add("add", name="y", inputs={"x": w, "y": again})
    first = Session(document)
    assert first.run(fetch="y")["y"] == 2
    nodes, wires = list(document.graph.nodes.values()), list(document.graph.wires())
    with document.transaction("Paste") as t:
        ids = t.paste(nodes, [], wires)
        t.set_values(w, np.float32(5.0))
    assert document.graph.nodes[ids[again]].params["of"] == ids[w]
    assert first.run(fetch=["y", "y_2"]) == {"y": 10, "y_2": 2}
