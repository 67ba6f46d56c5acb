"""The NumPy backend: the bits of the tape however it runs, buffers that nobody sees, text that is safe."""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Built, Program, bits, build, eager, programs

from gradwire.core.backends import backend
from gradwire.core.backends import numpy as numpy_backend
from gradwire.core.builder import Builder, Symbol
from gradwire.core.differentiate import differentiate
from gradwire.core.document import Document
from gradwire.core.errors import RunError
from gradwire.core.graph import Source
from gradwire.core.infer import Binding
from gradwire.core.lower import Lowering
from gradwire.core.op import Aval, op
from gradwire.core.ops import builtin
from gradwire.core.passes import PASSES, optimise, optimised
from gradwire.core.plan import Plan, verify

F64, F32 = np.dtype(np.float64), np.dtype(np.float32)
OPS = builtin()


def ignore(number: int, value: Any) -> None:
    pass


def run(plan: Plan, built: Built, record: bool = False) -> dict[str, np.ndarray[Any, Any]]:
    return numpy_backend.compile(plan, record)({name: built.feeds[name] for name in plan.inputs})


@given(program=programs())
@settings(max_examples=150)
def test_every_way_of_running_a_plan_gives_the_bits_of_the_tape(program: Program) -> None:
    expected = bits(eager(program))
    built = build(program)
    plans = dict(optimise(built.plan))
    assert list(plans) == ["lowered", *(change.__name__ for change in PASSES)]
    for name, plan in plans.items():
        assert bits(run(plan, built)) == expected, name
    last = plans["share_equal"]
    assert bits(run(last, built, record=True)) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numpy_backend, "PART", 3)
        assert bits(run(last, built)) == expected
        assert bits(run(last, built, record=True)) == expected
        patch.setattr(numpy_backend, "LOOP", 0)
        assert bits(run(last, built)) == expected


@given(program=programs())
@settings(max_examples=60)
def test_a_second_run_knows_nothing_of_the_first(program: Program) -> None:
    built = build(program)
    plan = optimised(built.plan)
    executable = numpy_backend.compile(plan)
    feeds = {name: built.feeds[name] for name in plan.inputs}
    others = {name: value[::-1].copy() if value.ndim else value + 1 for name, value in feeds.items()}
    before = {name: value.copy() for name, value in feeds.items()}
    first = executable(feeds)
    kept = bits(first)
    second = executable(others)
    assert bits(first) == kept
    assert bits(executable(feeds)) == kept
    assert bits(numpy_backend.compile(plan)(others)) == bits(second)
    assert bits(feeds) == bits(before)
    arrays = [*feeds.values(), *plan.constants.values(), *second.values()]
    arrays += numpy_backend.lay_out(plan).views().values()
    for name, value in first.items():
        assert not any(np.shares_memory(value, other) for other in arrays), name
        assert not any(np.shares_memory(value, other) for key, other in first.items() if key != name), name
        assert value.flags.writeable
        assert value.flags.owndata


def chain(length: int) -> Plan:
    builder = Builder()
    value = builder.input("x", Aval((100,), F64))
    for i in range(length):
        value = np.sin(value) if i % 2 else value * 1.5
    return builder.finish({"y": value})


def test_the_arena_of_a_deep_chain_holds_few_of_its_values() -> None:
    plan = chain(50)
    executable = numpy_backend.compile(plan)
    assert executable.arena < 3 * 832
    assert sum(plan.avals[out].nbytes for step in plan.steps for out in step.outs) == 50 * 800
    assert numpy_backend.compile(plan, record=True).arena == 0


def test_a_long_plan_is_run_by_a_loop_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert numpy_backend.compile(chain(5)).note == ""
    monkeypatch.setattr(numpy_backend, "LOOP", 4)
    executable = numpy_backend.compile(chain(5))
    assert executable.note == "5 steps: run by a loop, since more than 4 would be slow to compile"
    assert executable.text == ""


# State.


def stateful(order: tuple[str, ...] = ("w", "v")) -> tuple[Builder, dict[str, Symbol]]:
    builder = Builder()
    return builder, {slot: builder.read(slot, Aval((3,), F64)) for slot in order}


def held() -> dict[str, np.ndarray[Any, Any]]:
    return {"w": np.array([1.0, 2.0, 3.0]), "v": np.array([4.0, 5.0, 6.0])}


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize("loop", [False, True])
def test_updates_are_written_into_the_arrays_of_the_state(
    record: bool, loop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if loop:
        monkeypatch.setattr(numpy_backend, "LOOP", 0)
    builder, slots = stateful()
    new = slots["w"] - 0.5 * slots["v"]
    plan = verify(builder.finish({"new": new, "old": slots["w"] * 1.0}, {"w": new}))
    state = held()
    w, v = state["w"], state["v"]
    result = numpy_backend.compile(plan, record)({}, state)
    assert state["w"] is w
    assert np.array_equal(w, [-1.0, -0.5, 0.0])
    assert np.array_equal(result["new"], w)
    assert np.array_equal(result["old"], [1.0, 2.0, 3.0])
    assert np.array_equal(v, [4.0, 5.0, 6.0])
    assert not np.shares_memory(result["new"], w)


def test_an_update_is_written_in_place_only_where_nothing_reads_the_old_value() -> None:
    builder, slots = stateful()
    early = slots["w"] - slots["v"]
    assert not numpy_backend.lay_out(builder.finish({}, {"w": early})).in_place  # a later step might be refused
    builder.phase = "update"
    new = slots["w"] - slots["v"]
    plan = builder.finish({}, {"w": new})
    assert list(numpy_backend.lay_out(plan).in_place) == ["w"]
    late = slots["w"] * 2.0
    assert not numpy_backend.lay_out(builder.finish({"late": late}, {"w": new})).in_place
    assert not numpy_backend.lay_out(builder.finish({"old": slots["w"]}, {"w": new})).in_place
    view = OPS["transpose"](slots["w"])
    assert not numpy_backend.lay_out(builder.finish({"old": view}, {"w": new})).in_place
    assert not numpy_backend.lay_out(builder.finish({}, {"w": new, "v": view})).in_place


@pytest.mark.parametrize("order", [("w", "v"), ("v", "w")])
@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize("loop", [False, True])
def test_updates_are_committed_together(
    order: tuple[str, ...], record: bool, loop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if loop:
        monkeypatch.setattr(numpy_backend, "LOOP", 0)
    builder, slots = stateful()
    values = {"w": OPS["assign"](slots["v"], target="w"), "v": OPS["assign"](slots["w"], target="v")}
    swap = builder.finish({}, {slot: values[slot] for slot in order})
    state = held()
    numpy_backend.compile(swap, record)({}, state)
    assert state["w"].tolist() == [4.0, 5.0, 6.0]
    assert state["v"].tolist() == [1.0, 2.0, 3.0]
    values = {"w": slots["w"] * 2.0, "v": OPS["transpose"](slots["w"])}
    state = held()
    numpy_backend.compile(builder.finish({}, {slot: values[slot] for slot in order}), record)({}, state)
    assert state["w"].tolist() == [2.0, 4.0, 6.0]
    assert state["v"].tolist() == [1.0, 2.0, 3.0]


@given(program=programs(8), rate=st.floats(0.01, 0.5))
@settings(max_examples=40)
def test_a_step_of_training_is_the_same_in_place_and_not(program: Program, rate: float) -> None:
    builder = Builder()
    leaves = [builder.read(f"w{i}", Aval(a.shape, a.dtype)) for i, a in enumerate(program.leaves)]
    outputs = [o for o in program.apply(leaves) if o.dtype.kind == "f"]
    found = differentiate(builder, outputs, [np.ones(o.shape) for o in outputs], leaves)
    pairs = [(i, w, found.gradient(w)) for i, w in enumerate(leaves)]
    with builder.labelled(phase="update"):
        updates = {f"w{i}": w - rate * g for i, w, g in pairs if g is not None}
    fetched = {f"y{i}": o for i, o in enumerate(outputs)}
    plan = optimised(builder.finish(fetched, updates))
    # Where the old values are fetched too, nothing can be written over them.
    apart = optimised(builder.finish(fetched | {f"w{i}": w for i, w in enumerate(leaves)}, updates))
    assert not numpy_backend.lay_out(apart).in_place
    compiled = numpy_backend.compile
    runs = [compiled(plan), compiled(plan, record=True), compiled(apart)]
    states = [{f"w{i}": a.copy() for i, a in enumerate(program.leaves)} for _ in runs]
    for _ in range(3):
        results = [executable({}, state) for executable, state in zip(runs, states, strict=True)]
        found = [bits({name: result[name] for name in fetched}) for result in results]
        assert found[0] == found[1] == found[2]
        assert bits(states[0]) == bits(states[1]) == bits(states[2])


# What is refused.


def test_what_is_fed_must_be_there_and_fit() -> None:
    builder = Builder()
    x, w = builder.input("x", Aval((2, 3), F32)), builder.read("w", Aval((3,), F32))
    executable = numpy_backend.compile(builder.finish({"y": x * w}))
    state = {"w": np.ones(3, np.float32)}
    for feeds, message in (
        ({}, "the run needs 'x' (2, 3) f32, which is not fed"),
        ({"x": np.ones((3, 2), np.float32)}, "'x' must be fed (2, 3) f32, got (3, 2) f32"),
        ({"x": np.ones((2, 3))}, "'x' must be fed (2, 3) f32, got (2, 3) f64"),
    ):
        with pytest.raises(RunError) as caught:
            executable(feeds, state)
        assert str(caught.value) == message
    good = {"x": np.ones((2, 3), np.float32)}
    for given_state, message in (
        (None, "the run reads the state 'w' (3,) f32, which is not there"),
        ({"w": np.ones(3)}, "the state 'w' must be (3,) f32, got (3,) f64"),
    ):
        with pytest.raises(RunError) as caught:
            executable(good, given_state)
        assert str(caught.value) == message
    with pytest.raises(RunError) as caught:
        backend("abacus")
    assert str(caught.value) == "no backend is called 'abacus' (there are: numpy, cupy)"


def test_fed_arrays_of_any_layout_are_taken() -> None:
    builder = Builder()
    x = builder.input("x", Aval((4, 3), F64))
    executable = numpy_backend.compile(builder.finish({"y": np.sum(np.sin(x), axis=0), "s": np.exp(x)}))
    array = np.random.default_rng(0).normal(size=(4, 3))
    expected = bits(executable({"x": array}))
    wide = np.zeros((8, 6))
    wide[::2, ::2] = array
    assert bits(executable({"x": np.asfortranarray(array)})) == expected
    assert bits(executable({"x": wide[::2, ::2]})) == expected


# Text.

TEXT = """\
def part0():
    global v10
    np_multiply(v0, v1, out=v2)
    np_sin(v2, out=v3)
    np_sum(v3, **p4r, out=v4)
    v6 = op_reshape(np, v5, **p3)
    v7 = op_broadcast_to(np, v6, **p4)
    np_cos(v2, out=v8)
    v9 = np_multiply(v7, v8)
    del v6, v7
    v10 = np_multiply(v9, v1)
    del v9

def run(feeds, state):
    global v0
    v0 = feeds[0]
    part0()
    return (v4, v10,), ()"""


def test_the_text_of_a_plan_is_stable() -> None:
    def small() -> Plan:
        builder = Builder()
        x = builder.input("x", Aval((2, 3), F64))
        total = np.sum(np.sin(x * 2.0))
        gradient = differentiate(builder, [total], [None], [x]).gradient(x)
        return builder.finish({"y": total, "g": gradient})

    assert numpy_backend.source(small()) == TEXT
    assert numpy_backend.compile(small()).text == TEXT


ALLOWED = re.compile(
    r"(v|p|feeds|state)\d*r?|p\d+r?|part\d+|run|np|saw|None|out|(np|op)_[a-z_0-9]*|def|global|del|return"
)


def assert_safe(text: str) -> None:
    """Only names of the writer's making, and whole numbers, stand in the text."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            assert ALLOWED.fullmatch(token.string), token
            known = token.string.removeprefix("op_").removeprefix("np_").rstrip("_")
            if token.string.startswith(("op_", "np_")):
                assert known in OPS.names(), token
            else:
                assert keyword.iskeyword(known) or known not in dir(builtins)
        assert token.type != tokenize.STRING
        if token.type == tokenize.NUMBER:
            assert token.string.isdigit()


NAMES = st.one_of(
    st.text(min_size=1, max_size=20),
    st.sampled_from(
        (
            "'",
            '"""',
            "\n    import os\n",
            "__import__('os')",
            "v0",
            "feeds",
            "\\",
            "def run():",
            "#",
            "{x}",
            "\0",
            "%s",
        )
    ),
)


@given(names=st.lists(NAMES, min_size=4, max_size=4, unique=True), message=NAMES)
@settings(max_examples=60)
def test_no_name_and_no_text_reaches_what_is_compiled(names: list[str], message: str) -> None:
    builder = Builder()
    x, w = builder.input(names[0], Aval((2,), F64)), builder.read(names[1], Aval((2,), F64))
    builder.node, builder.port = names[2], names[3]
    y = OPS["assign"](OPS["print"](x * w + 0.25, message=message, first=1, every=7), target=message)
    plan = builder.finish({names[2]: y}, {names[1]: y})
    for record in (False, True):
        assert_safe(numpy_backend.compile(plan, record).text)
    assert str(plan)


@given(name=st.text(min_size=1, max_size=12), constant=NAMES)
@settings(max_examples=40)
def test_no_name_of_a_node_reaches_what_is_compiled(name: str, constant: str) -> None:
    document = Document(registry=OPS)
    try:
        with document.transaction("Build") as t:
            x = t.add("input", name=name, shape=(2,))
            y = t.add("print", inputs={"x": x}, id=f"{name}1", message=constant)
    except Exception:  # a name that the document refuses
        return
    lowering = Lowering(document.graph, OPS, Binding())
    (symbol,) = lowering.lower([Source(y, "y")])
    assert_safe(numpy_backend.source(lowering.builder.finish({name: symbol})))


def test_the_check_of_text_finds_what_does_not_belong() -> None:
    for text in ("import os", "v0 = 'a'", "v1 = eval", "op_evil(v1)", "v1 = 0.5"):
        with pytest.raises(AssertionError):
            assert_safe(text)


def test_each_line_knows_its_step() -> None:
    plan = chain(4)
    executable = numpy_backend.compile(plan)
    lines = executable.text.split("\n")
    for line, index in executable.lines.items():
        assert f"v{plan.steps[index].outs[0]}" in lines[line - 1] or "del " in lines[line - 1]
    assert set(executable.lines.values()) == set(range(4))


# Ops of others.


def test_an_op_that_bears_the_name_of_another_is_run_as_itself() -> None:
    def stranger(factor: float) -> Any:
        @op(formula="x", category="math", samples=[])
        def sin(xp: Any, x: Any) -> Any:
            return x * factor

        sin.shape(lambda x: x)
        return sin

    builder = Builder()
    x = builder.input("x", Aval((2,), F64))
    fetched = {"one": stranger(1.0)(x), "two": stranger(2.0)(x), "sin": np.sin(x)}
    plan = optimised(builder.finish(fetched))
    result = numpy_backend.compile(plan)({"x": np.array([1.0, 2.0])})
    assert result["one"].tolist() == [1.0, 2.0]
    assert result["two"].tolist() == [2.0, 4.0]
    assert np.array_equal(result["sin"], np.sin([1.0, 2.0]))


def test_an_op_without_a_name_can_be_compiled() -> None:
    nameless = op(formula="x", category="math", samples=[])(lambda xp, x: x * 3.0)
    nameless.shape(lambda x: x)
    builder = Builder()
    plan = builder.finish({"y": nameless(builder.input("x", Aval((2,), F64)))})
    assert numpy_backend.compile(plan)({"x": np.ones(2)})["y"].tolist() == [3.0, 3.0]


def test_what_nothing_asks_for_gives_nothing() -> None:
    assert numpy_backend.compile(Builder().finish({}))({}) == {}
