"""Plans: how they print, what is refused in them, and passes that change no number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import Program, bits, build, eager, programs

from gradwire.core.backends import numpy as numpy_backend
from gradwire.core.builder import Builder
from gradwire.core.catalogue import Catalogue
from gradwire.core.differentiate import differentiate
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.graph import Source
from gradwire.core.infer import Binding
from gradwire.core.lower import Lowering
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.passes import PASSES, optimise, optimised
from gradwire.core.passes.equal import share_equal
from gradwire.core.passes.unused import remove_unused
from gradwire.core.plan import Delivery, Gradient, Plan, Step, StepOrigin, verify
from gradwire.core.random import state

OPS = builtin()
F32, F64 = np.dtype(np.float32), np.dtype(np.float64)


def forked() -> Plan:
    """y = sum(h · tanh(h)) with h = x w, in float32, and its gradient with respect to w."""
    document = Document(registry=OPS)
    with document.transaction("Build") as t:
        x = t.add("input", shape=(2, 3), name="x")
        w = t.add("parameter", shape=(3, 4), name="w")
        h = t.add("matmul", inputs={"x": x, "w": w}, name="h")
        a = t.add("tanh", inputs={"x": h})
        p = t.add("multiply", inputs={"x": h, "y": a})
        s = t.add("sum", inputs={"x": p}, name="total", axis=None)
    lowering = Lowering(document.graph, OPS, Binding())
    total, weight = lowering.lower([Source(s, "y"), Source(w, "y")])
    found = differentiate(lowering.builder, [total], [None], [weight])
    return lowering.builder.finish({"total": total, "∂total/∂w": found.gradient(weight)})


TEXT = """\
inputs %0 x(2, 3) f32
state %1 parameter0(3, 4) f32
%2   (2, 4) f32 = matmul(%0, %1)                  # matmul0  forward
%3   (2, 4) f32 = tanh(%2)                        # tanh0  forward
%4   (2, 4) f32 = multiply(%2, %3)                # multiply0  forward
%5   () f32 = sum(%4)                             # sum0  forward
%7   (1, 1) f32 = reshape(1.0, shape=(1, 1))      # sum0  backward
%8   (2, 4) f32 = broadcast_to(%7, shape=(2, 4))  # sum0  backward
%9   (2, 4) f32 = multiply(%8, %3)                # multiply0  backward
%10  (2, 4) f32 = multiply(%8, %2)                # multiply0  backward
%11  (2, 4) f32 = multiply(%3, %3)                # tanh0  backward
%12  (2, 4) f32 = subtract(1.0, %11)              # tanh0  backward
%13  (2, 4) f32 = multiply(%10, %12)              # tanh0  backward
%14  (2, 4) f32 = accumulate(%9, %13)             # matmul0  backward   from multiply0.x, tanh0.x
%15  (3, 2) f32 = transpose(%0)                   # matmul0  backward
%16  (3, 4) f32 = matmul(%15, %14)                # matmul0  backward
outputs total = %5, ∂total/∂w = %16"""


def test_a_plan_prints_with_where_each_step_comes_from() -> None:
    assert str(verify(forked())) == TEXT


def test_casts_scalars_and_updates_are_printed() -> None:
    builder = Builder()
    x, w = builder.input("x", Aval((3,), np.dtype(np.int64))), builder.read("w", Aval((3,), F32))
    table = builder.constant(np.ones((2, 3), np.float32))
    with builder.labelled(node="add0"):
        y = x + w
    with builder.labelled(node="w", phase="update"):
        new = w - 0.5 * OPS["sum"](y + table, axis=0)
    empty = builder.apply(OPS["dropout"], (y, None), {"rate": 0.5, "mode": "eval", "stream": 0})
    assert str(builder.finish({"y": y, "kept": empty}, {"w": new})) == UPDATES


UPDATES = """\
inputs %0 x(3,) i64
state %1 w(3,) f32
constants %2 (2, 3) f32
%3        (3,) f32 = cast(%0, dtype='float32')       # add0.x  forward
%4        (3,) f32 = add(%3, %1)                     # add0  forward
%5        (2, 3) f32 = add(%4, %2)                   # w  update
%6        (3,) f32 = sum(%5, axis=0)                 # w  update
%8        (3,) f32 = multiply(0.5, %6)               # w  update
%9        (3,) f32 = subtract(%1, %8)                # w  update
%10, %11  (3,) f32 = dropout(%4, none, mode='eval')  # -  forward
outputs y = %4, kept = %10
updates w = %9"""


def small() -> Plan:
    builder = Builder()
    x = builder.input("x", Aval((2,), F64))
    y = np.sin(x) * 2.0
    return builder.finish({"y": y}, {})


def with_step(plan: Plan, index: int, **changes: Any) -> Plan:
    steps = list(plan.steps)
    steps[index] = steps[index]._replace(**changes)
    return plan.with_steps(steps)


def with_aval(plan: Plan, number: int, aval: Aval) -> Plan:
    return replace(plan, avals=(*plan.avals[:number], aval, *plan.avals[number + 1 :]))


BROKEN: list[tuple[Callable[[Plan], Plan], str]] = [
    (lambda p: p.with_steps(p.steps[::-1]), "step 0 (multiply) uses %1 before it is made"),
    (lambda p: with_step(p, 0, args=(99,)), "step 0 (sin) uses %99 before it is made"),
    (lambda p: with_step(p, 1, outs=(1,)), "step 1 (multiply) makes %1 a second time"),
    (lambda p: with_step(p, 1, outs=(0,)), "step 1 (multiply) makes %0 a second time"),
    (lambda p: with_step(p, 1, outs=()), "step 1 (multiply) makes 0 values, but its op gives 1"),
    (lambda p: with_step(p, 1, outs=(3, 1)), "step 1 (multiply) makes 2 values, but its op gives 1"),
    (
        lambda p: with_aval(p, 1, Aval((3,), F64)),
        "step 0 (sin) makes %1 (2,) f64, but the plan says (3,) f64",
    ),
    (
        lambda p: with_aval(p, 3, Aval((2,), F32)),
        "step 1 (multiply) makes %3 (2,) f64, but the plan says (2,) f32",
    ),
    (
        lambda p: with_step(p, 1, op=OPS["matmul"]),
        "step 1 (matmul): w is a scalar, and matmul needs rows (w: (…, K, M))",
    ),
    (lambda p: replace(p, outputs={"y": 7}), "the output 'y' is %7, which no step makes"),
    (lambda p: replace(p, updates={"w": 7}), "the update 'w' is %7, which no step makes"),
    (
        lambda p: replace(with_aval(p, 2, Aval((), F32)), steps=p.steps),
        "the constant %2 is () f64, but the plan says () f32",
    ),
    (lambda p: replace(p, state={"w": 0}), "%0 is given twice, as an input, state or constant"),
    (
        lambda p: replace(p, avals=(*p.avals, Aval((3,), F64)), state={"w": 4}, updates={"w": 3}),
        "the update of 'w' must be (3,) f64, got (2,) f64",
    ),
]


@pytest.mark.parametrize(("breaking", "message"), BROKEN)
def test_a_broken_plan_is_refused(breaking: Callable[[Plan], Plan], message: str) -> None:
    plan = verify(small())
    with pytest.raises(GradwireError) as caught:
        verify(breaking(plan))
    assert str(caught.value) == message


def test_equal_scalars_are_one_constant() -> None:
    builder = Builder()
    numbers = [builder.constant(v).slot for v in (0.0, -0.0, 0.0, float("nan"), float("nan"), 0, False, np.float32(0))]
    assert numbers == [0, 1, 0, 2, 2, 3, 4, 5]
    assert np.signbit(builder.constants[1])
    assert builder.constant(np.ones(2)).slot != builder.constant(np.ones(2)).slot
    assert not builder.constants[0].flags.writeable


def test_a_constant_is_a_copy() -> None:
    builder = Builder()
    array = np.ones(2)
    number = builder.constant(array).slot
    array[0] = 5.0
    assert builder.constants[number].tolist() == [1.0, 1.0]


def test_a_symbol_has_no_truth_value() -> None:
    x = Builder().input("x", Aval((), F64))
    with pytest.raises(GradwireError) as caught:
        bool(x > 0)
    assert str(caught.value) == (
        "the result of greater has no value while it is traced, so Python cannot decide by it "
        "(gw.ops.where(condition, a, b) decides element by element)"
    )
    assert repr(x) == "%0 () f64"


def test_symbols_of_two_plans_do_not_meet() -> None:
    x, y = (Builder().input("x", Aval((2,), F64)) for _ in range(2))
    with pytest.raises(GradwireError) as caught:
        x + y
    assert str(caught.value) == (
        "add is applied to %0 of another plan (a traced function may use its own arguments only)"
    )


def test_inputs_and_state_of_one_name_are_one_value() -> None:
    builder = Builder()
    aval = Aval((2,), F64)
    assert builder.input("x", aval).slot == builder.input("x", aval).slot
    assert builder.read("x", aval).slot != builder.input("x", aval).slot


# Passes.


def test_each_pass_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(plan: Plan) -> Plan:
        return plan.with_steps(plan.steps[::-1])

    changes = Catalogue("a pass", (*PASSES, spoil), named=attrgetter("__name__"))
    monkeypatch.setattr("gradwire.core.passes.PASSES", changes)
    with pytest.raises(GradwireError) as caught:
        list(optimise(small()))
    assert str(caught.value) == "step 0 (multiply) uses %1 before it is made"
    with pytest.raises(GradwireError):
        optimised(spoil(small()))


def test_what_nothing_needs_is_removed() -> None:
    builder = Builder()
    aval = Aval((4, 3), F64)
    x, unused = builder.input("x", aval), builder.input("unused", aval)
    w, idle, written = (builder.read(slot, Aval((3,), F64)) for slot in ("w", "idle", "written"))
    np.sin(unused) * 3.0
    y = OPS["dropout"](x * w, state(0), mode="train") + 5.0
    np.cos(y)
    plan = verify(remove_unused(builder.finish({"y": y}, {"written": w * 1.0})))
    assert [step.op.name for step in plan.steps] == ["multiply", "dropout", "add", "multiply"]
    assert list(plan.inputs) == ["x"]
    assert list(plan.state) == ["w", "written"]
    assert sorted(value.ndim for value in plan.constants.values()) == [0, 0, 1]
    assert idle.slot not in plan.state.values()
    assert written.slot in plan.state.values()


def test_equal_steps_share_a_result_that_keeps_all_origins() -> None:
    builder = Builder()
    x = builder.input("x", Aval((2,), F64))
    sines = []
    for node in ("a", "b", "c"):
        with builder.labelled(node=node):
            sines.append(np.exp(np.sin(x)))
    plan = verify(share_equal(builder.finish({"y": sines[0] + sines[1], "z": sines[2]})))
    assert [step.op.name for step in plan.steps] == ["sin", "exp", "add"]
    assert plan.steps[0].node == "a"
    assert plan.origins[plan.steps[0].outs[0]] == (StepOrigin("b", None, "forward"), StepOrigin("c", None, "forward"))
    assert plan.origins[plan.steps[1].outs[0]] == (StepOrigin("b", None, "forward"), StepOrigin("c", None, "forward"))
    assert plan.outputs["z"] == plan.steps[1].outs[0]
    assert plan.steps[2].args == (plan.steps[1].outs[0],) * 2


def shared(make: Callable[[Any], list[Any]]) -> int:
    """How many steps stay of those that `make` adds."""
    builder = Builder()
    made = make(builder.input("x", Aval((3, 2), F64)))
    return len(verify(share_equal(builder.finish({f"y{i}": y for i, y in enumerate(made)}))).steps)


def test_what_is_not_the_same_is_not_shared() -> None:
    dropout, show, leaky = OPS["dropout"], OPS["print"], OPS["leaky_relu"]
    key = state(0)
    assert shared(lambda x: [x * 2.0, x * 2.0]) == 1
    assert shared(lambda x: [x * 0.0, x * -0.0]) == 2
    assert shared(lambda x: [x * 2.0, 2.0 * x]) == 2
    assert shared(lambda x: [leaky(x, slope=0.0), leaky(x, slope=-0.0)]) == 2
    assert shared(lambda x: [leaky(x, slope=1.0), leaky(x, slope=1)]) == 1  # both are read as the float that it is
    assert shared(lambda x: [x.apply_op(leaky, (x,), {"slope": slope}) for slope in (1.0, 1)]) == 2
    assert shared(lambda x: [x.sum(axis=0), x.sum(axis=1), x.sum(axis=0, keepdims=True), x.sum(axis=0)]) == 3
    assert shared(lambda x: [show(x), show(x)]) == 2
    assert shared(lambda x: [dropout(x, key, stream=1), dropout(x, key, stream=2)]) == 2
    assert shared(lambda x: [x + np.ones(2), x + np.ones(2)]) == 2


def test_random_numbers_of_one_state_and_stream_are_shared() -> None:
    builder = Builder()
    x, key = builder.input("x", Aval((3,), F64)), builder.input(":random", Aval((4,), np.dtype(np.uint64)))
    made = [builder.apply(OPS["dropout"], (x, key), {"rate": 0.5, "mode": "train", "stream": s}) for s in (1, 1, 2)]
    plan = verify(share_equal(builder.finish({f"y{i}": y for i, y in enumerate(made)})))
    assert len(plan.steps) == 2
    assert plan.outputs["y0"] == plan.outputs["y1"] != plan.outputs["y2"]


def test_of_two_equal_sums_each_keeps_what_it_is_the_sum_of() -> None:
    builder = Builder()
    x = builder.input("x", Aval((2,), F64))
    totals = []
    explained = []
    for node in ("a", "b"):
        with builder.labelled(node=node):
            total = OPS["accumulate"](np.sin(x), np.cos(x))
        parts = [(node, "x", builder.input("x", Aval((2,), F64))), (node, "y", np.sin(x))]
        explained.append((total.slot + 100, total, parts))
        totals.append((total, parts[0][2].slot))
    builder.explain(lambda: explained)
    plan = verify(share_equal(builder.finish({"a": totals[0][0], "b": totals[1][0]})))
    sine = plan.steps[0].outs[0]
    total = totals[0][0].slot
    assert list(plan.gradients.values()) == [
        Gradient(total, (Delivery(node, "x", leaf), Delivery(node, "y", sine)))
        for node, (_, leaf) in zip("ab", totals, strict=True)
    ]


@given(program=programs(12))
@settings(max_examples=60)
def test_no_pass_changes_a_number(program: Program) -> None:
    built = build(program)
    expected = bits(eager(program))
    for change in PASSES:
        for plan in (verify(change(built.plan)), verify(change(change(optimised(built.plan))))):
            feeds = {name: built.feeds[name] for name in plan.inputs}
            assert bits(numpy_backend.compile(plan)(feeds)) == expected


@given(program=programs(12))
@settings(max_examples=40)
def test_a_second_turn_of_the_passes_changes_nothing(program: Program) -> None:
    once = optimised(build(program).plan)
    assert str(optimised(once)) == str(once)


def test_a_plan_is_not_changed_by_a_pass() -> None:
    plan = forked()
    before = str(plan), plan.steps, dict(plan.origins)
    optimised(plan)
    assert (str(plan), plan.steps, dict(plan.origins)) == before


def test_a_step_says_what_it_is() -> None:
    step = Step((1,), OPS["sin"], (0,), {})
    assert (step.phase, step.order, step.node, step.port) == ("forward", 0, None, None)
