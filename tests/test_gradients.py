"""Gradients: every op against differences, the tape against plans, derivatives nested in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from over import over
from strategies import bits
from test_ops import CASES, DIFFERENTIABLE, call, draw, pull, weights

import gradwire.core as gw
from gradwire.core.backends import numpy as numpy_backend
from gradwire.core.builder import Builder
from gradwire.core.differentiate import backward, differentiate, tangents
from gradwire.core.errors import GradwireError, RunError, ShapeError
from gradwire.core.op import Aval, Op, Sample, op, promote
from gradwire.core.ops import builtin
from gradwire.core.passes import optimised
from gradwire.core.passes.unused import remove_unused
from gradwire.core.plan import verify
from gradwire.core.tape import Tensor

OPS = builtin()


def of_floats(found: Op, sample: Sample, args: tuple[Any, ...]) -> tuple[Callable[..., Any], list[Any]]:
    """An op as a function of its float arguments only, and these."""
    floats = [i for i, arg in enumerate(args) if arg.dtype.kind == "f"]
    params = found.check_parameters(sample.params)

    def fn(*given: Any) -> Any:
        complete = list(args)
        for i, value in zip(floats, given, strict=True):
            complete[i] = value
        return joined(found(*complete, **params))

    return fn, [args[i] for i in floats]


def joined(made: Any) -> Any:
    """Several results as one: those that are floats, as one vector."""
    if not isinstance(made, tuple):
        return made
    return OPS["concat"](*(OPS["reshape"](y, shape=(-1,)) for y in made if y.dtype.kind == "f"))


@over(DIFFERENTIABLE)
def test_every_op_agrees_with_differences_in_both_modes_to_second_order(found: Op, sample: Sample) -> None:
    if found.name == "divide":  # by what lies far enough from 0 for differences
        sample = sample._replace(domain="positive")
    fn, floats = of_floats(found, sample, promote(found, draw(sample)))
    gw.check_grads(fn, floats, modes=("fwd", "rev"), order=2)


def tampered(found: Op, factor: float) -> Op:
    """The op with all its gradients too large by `factor`."""

    def rule(g: Any, y: Any, *args: Any, **params: Any) -> Any:
        entries = [entry() if callable(entry) else entry for entry in found.vjp_rule(g, y, *args, **params)]
        return tuple(None if entry is None else entry * factor for entry in entries)

    changed = object.__new__(Op)
    changed.__dict__.update(found.__dict__)
    changed.vjp_rule = rule
    changed.jvp_rule = None  # forward mode goes by it too
    return changed


def slopes(found: Op, sample: Sample) -> bool:
    """Whether any gradient is not 0: those of what moves in steps are 0 times any factor as well."""
    args, params = promote(found, draw(sample)), found.check_parameters(sample.params)
    g = weights(found, call(found, args, params), np.random.default_rng(0))
    return any(np.any(entry) for entry in pull(found, args, params, g) if entry is not None)


def test_only_what_moves_in_steps_has_no_slope() -> None:
    sloping = {case.values[0].name for case in DIFFERENTIABLE if slopes(*case.values)}
    level = {case.values[0].name for case in DIFFERENTIABLE} - sloping
    assert level == {"floor", "ceil", "trunc", "round", "sign", "floor_divide"}


@over(case for case in DIFFERENTIABLE if slopes(*case.values))
def test_the_check_finds_each_rule_that_is_wrong_by_a_two_thousandth(found: Op, sample: Sample) -> None:
    fn, floats = of_floats(tampered(found, 1.0005), sample, promote(found, draw(sample)))
    for mode in ("fwd", "rev"):
        with pytest.raises(GradwireError, match=f"^{mode}: the derivative is"):
            gw.check_grads(fn, floats, modes=(mode,), order=1)


@over(DIFFERENTIABLE)
def test_forward_and_reverse_mode_agree(found: Op, sample: Sample) -> None:
    fn, floats = of_floats(found, sample, promote(found, draw(sample)))
    numbers = np.random.default_rng(3)
    directions = [np.asarray(numbers.normal(size=a.shape)) for a in floats]
    y, tangent = gw.jvp(fn, floats, directions)
    value, pullback = gw.vjp(fn, *floats)
    assert np.array_equal(y, value)
    assert np.array_equal(y, fn(*floats))
    seed = np.asarray(numbers.normal(size=y.shape))
    backwards = sum(float(np.vdot(d, g)) for d, g in zip(directions, pullback(seed), strict=True))
    assert float(np.vdot(seed, tangent)) == pytest.approx(backwards, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@over(CASES)
def test_the_tape_and_a_plan_give_the_same_bits(found: Op, sample: Sample, dtype: str) -> None:
    args = draw(sample, dtype)
    params = found.check_parameters(sample.params)
    if params.get("dtype") == "float":
        params["dtype"] = dtype
    if not args:
        return
    tensors = [Tensor(arg) if arg.dtype.kind == "f" else arg for arg in args]
    builder = Builder()
    symbols = [builder.input(f"x{i}", Aval(arg.shape, arg.dtype)) for i, arg in enumerate(args)]
    y = joined(builder.apply(found, tuple(symbols), params))
    fetched = {"y": y}
    single = found.single
    expected = {
        "y": np.asarray(
            found.forward(np, *promote(found, args), **params) if single else joined(found(*args, **params))
        )
    }
    traced = joined(found(*tensors, **params))
    floats = [i for i, arg in enumerate(args) if arg.dtype.kind == "f"]
    if floats:
        assert bits({"y": np.asarray(traced)}) == bits(expected)
    if floats and traced.dtype.kind == "f" and not found.no_gradient:
        seed = np.asarray(np.random.default_rng(1).normal(size=traced.shape)).astype(traced.dtype)
        eager = backward(traced, seed, wrt=[tensors[i] for i in floats])
        plan = differentiate(builder, [y], [seed], [symbols[i] for i in floats])
        for i in floats:
            gradient = plan.gradient(symbols[i])
            assert (gradient is None) == (eager.get(tensors[i]) is None)
            if gradient is not None:
                fetched[f"g{i}"], expected[f"g{i}"] = gradient, np.asarray(eager[tensors[i]])
    executable = numpy_backend.compile(optimised(builder.finish(fetched)))
    feeds = {f"x{i}": arg for i, arg in enumerate(args)}
    assert bits(executable(feeds)) == bits(expected)


BINARY = ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum")


@given(
    name=st.sampled_from(BINARY),
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=0),
)
@settings(max_examples=60)
def test_broadcast_arguments_get_gradients_of_their_own_shapes(name: str, shapes: Any) -> None:
    x, y = draw(Sample(tuple(shapes.input_shapes), domain="positive"))
    gw.check_grads(OPS[name], (x, y), order=1)
    _, pullback = gw.vjp(OPS[name], x, y)
    gx, gy = pullback(np.ones(shapes.result_shape))
    assert (gx.shape, gy.shape) == (x.shape, y.shape)


@pytest.mark.parametrize("name", BINARY)
def test_broadcasts_hold_to_second_order(name: str) -> None:
    x, y = draw(Sample(((2, 1, 3), (4, 1)), domain="positive"))
    gw.check_grads(OPS[name], (x, y), order=2)


# The checker.


def wrong(vjp: Callable[..., Any] | None = None, jvp: Callable[..., Any] | None = None) -> Op:
    """The square by rules that may be wrong."""

    @op(formula="x^2", category="math", samples=[((3,),)])
    def almost(xp: Any, x: Any) -> Any:
        return xp.square(x)

    almost.shape(lambda x: x)
    almost.vjp(vjp or (lambda g, y, x: (g * (2 * x),)))
    if jvp is not None:
        almost.jvp(jvp)
    return almost


POINT = [np.array([0.7, -1.3, 2.0])]


def test_a_right_rule_passes_the_check() -> None:
    gw.check_grads(wrong(), POINT)
    gw.check_grads(wrong(jvp=lambda t, y, x: 2 * x * t[0]), POINT)


def test_the_check_finds_a_rule_that_is_wrong_by_little() -> None:
    with pytest.raises(GradwireError, match=r"^rev: the derivative is -?[0-9.]+, the difference quotient -?[0-9.]+$"):
        gw.check_grads(wrong(lambda g, y, x: (g * (2.001 * x),)), POINT, modes=("rev",), order=1)
    with pytest.raises(GradwireError, match=r"^fwd: "):
        gw.check_grads(wrong(lambda g, y, x: (g * (2.001 * x),)), POINT, modes=("fwd",), order=1)


def hidden_curve(factor: float) -> Callable[..., Any]:
    """A vjp of the square that is right at first order, and whose own derivative is wrong by `factor`."""

    @op(formula="2x", category="math", samples=[((3,),)])
    def slope(xp: Any, x: Any) -> Any:
        return 2 * x

    slope.shape(lambda x: x)
    slope.vjp(lambda g, y, x: (g * (2 * factor),))
    return lambda g, y, x: (g * slope(x),)


def test_the_check_finds_a_rule_that_is_wrong_in_second_order_only() -> None:
    gw.check_grads(wrong(hidden_curve(1.0)), POINT)
    gw.check_grads(wrong(hidden_curve(1.0005)), POINT, order=1)
    for modes in (("rev",), ("fwd",), ("fwd", "rev")):
        with pytest.raises(GradwireError, match=r"^(fwd|rev) of (fwd|rev): "):
            gw.check_grads(wrong(hidden_curve(1.0005)), POINT, modes=modes, order=2)


def test_the_check_finds_a_jvp_rule_that_is_wrong() -> None:
    bad = wrong(jvp=lambda t, y, x: 2.001 * x * t[0])
    gw.check_grads(bad, POINT, modes=("rev",))
    with pytest.raises(GradwireError, match=r"^fwd: "):
        gw.check_grads(bad, POINT, order=1)


def test_the_check_knows_two_modes() -> None:
    with pytest.raises(GradwireError) as caught:
        gw.check_grads(np.sin, POINT, modes=("sideways",))
    assert str(caught.value) == "a mode is 'fwd' or 'rev', got 'sideways'"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mode", ["maximum", "median"])
def test_the_check_steps_over_no_kink_beside_which_the_gradient_is_right(mode: str, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=1000)  # some of it so near to 0 that most steps cross that
    gw.check_grads(gw.ops.relu, [x])
    gw.check_grads(lambda x: gw.ops.pad(x, pad_width=((2, 2),), mode=mode), [x])


@pytest.mark.parametrize("name", ["relu", "abs", "sign", "round"])
def test_the_check_takes_any_slope_between_those_of_both_sides_of_a_kink(name: str) -> None:
    gw.check_grads(OPS[name], [np.array([0.0, 1e-9, -0.5, 1.0])])


def kinked(factor: float) -> Op:
    """A relu whose gradient is 1 at its kink, all of it times `factor`."""

    @op(formula="r", category="math", samples=[((3,),)])
    def relu_like(xp: Any, x: Any) -> Any:
        return xp.maximum(x, 0)

    relu_like.shape(lambda x: x)
    relu_like.vjp(lambda g, y, x: (g * OPS["cast"](OPS["greater_equal"](x, 0), dtype="float64") * factor,))
    return relu_like


def test_the_check_finds_what_is_wrong_at_kinks_and_beside_them() -> None:
    gw.check_grads(kinked(1.0), [np.array([0.0, 1.0, -1.0])], order=1)
    with pytest.raises(GradwireError) as caught:
        gw.check_grads(kinked(1.0005), [np.array([0.0, 1.0, -1.0])], order=1)
    assert str(caught.value) == (
        "fwd: the derivative is 0.563554202,"
        " the difference quotients from 0.5632725657 to 0.5632725657 beside the kinks"
    )
    with pytest.raises(GradwireError) as caught:
        gw.check_grads(kinked(2.0), [np.array([0.0])], order=1)
    assert str(caught.value) == (
        "fwd: the derivative is -0.201925216, the difference quotients from -0.100962608 to 0 at a kink"
    )


# Derivatives within derivatives.


def test_a_derivative_within_a_function_is_not_confused_with_the_one_around_it() -> None:
    grad, x = gw.grad, 3.0
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(x) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(x) == 2 * x
    assert grad(lambda x: x * grad(lambda y: x * y * y)(x))(x) == pytest.approx(2 * 3 * x**2)
    assert grad(lambda x: grad(lambda y: x * y * y)(x) * 1.0)(x) == 4 * x
    assert grad(lambda x: grad(lambda x: x**3)(x))(2.0) == pytest.approx(12.0)
    assert grad(lambda x: gw.jvp(lambda y: x * y, (5.0,), (1.0,))[1] * x)(x) == 2 * x
    assert gw.jvp(lambda x: x * gw.jvp(lambda y: x + y, (1.0,), (1.0,))[1], (x,), (1.0,))[1] == 1.0
    assert gw.jvp(lambda x: x * gw.jvp(lambda y: x * y, (2.0,), (1.0,))[1], (x,), (1.0,))[1] == 2 * x
    assert gw.jvp(lambda x: x * grad(lambda y: x * y)(2.0), (x,), (1.0,))[1] == 2 * x
    # A tangent that is itself being differentiated.
    assert grad(lambda t: gw.jvp(lambda y: y * y, (x,), (t,))[1])(1.0) == 2 * x
    assert grad(lambda s: gw.vjp(lambda y: y * y, x)[1](s)[0] * 1.0)(1.0) == 2 * x


def derivative(mode: str, fn: Callable[..., Any]) -> Callable[..., Any]:
    if mode == "rev":
        return gw.grad(fn)
    return lambda x: gw.jvp(fn, (x,), (1.0,))[1]


@pytest.mark.parametrize("modes", [(a, b, c) for a in ("fwd", "rev") for b in ("fwd", "rev") for c in ("fwd", "rev")])
def test_derivatives_nest_in_any_order(modes: tuple[str, ...]) -> None:
    fn: Callable[..., Any] = lambda x: np.sin(x) * np.exp(x)  # noqa: E731
    expected = [
        lambda x: np.exp(x) * (np.sin(x) + np.cos(x)),
        lambda x: 2 * np.exp(x) * np.cos(x),
        lambda x: 2 * np.exp(x) * (np.cos(x) - np.sin(x)),
    ]
    for order, mode in enumerate(modes):
        fn = derivative(mode, fn)
        found = fn(0.7)
        assert isinstance(found, np.ndarray)
        assert found == pytest.approx(expected[order](0.7), rel=1e-12)


def test_third_order_agrees_with_differences() -> None:
    gw.check_grads(
        lambda x, y: np.sum(np.tanh(x) @ np.exp(y)),
        [np.array([[0.3, -0.2]]), np.array([[0.1], [0.5]])],
        order=3,
    )


def test_the_jacobian_times_a_vector_of_a_network() -> None:
    w = np.random.default_rng(0).normal(size=(3, 3))
    hessian = gw.jvp(gw.grad(lambda x: np.sum(np.tanh(x @ w) ** 2)), (np.ones(3),), (np.eye(3)[0],))[1]
    step = 1e-6
    slope = gw.grad(lambda x: np.sum(np.tanh(x @ w) ** 2))
    moved = (slope(np.ones(3) + step * np.eye(3)[0]) - slope(np.ones(3) - step * np.eye(3)[0])) / (2 * step)
    assert hessian == pytest.approx(moved, rel=1e-6)


# What comes back.

SEEDLESS = (
    "the root has shape (2,): a gradient starts from one element or needs a seed of that shape "
    "(sum or mean it, or give a seed)"
)
MUST_RETURN = "a function to be differentiated must return one value"


def test_gradients_are_arrays_of_their_own() -> None:
    x, y = np.ones(3), np.ones(3)
    gx, gy = gw.grad(lambda a, b: np.sum(a + b), (0, 1))(x, y)
    gx += 1
    assert gy.tolist() == [1.0, 1.0, 1.0]
    seed = np.ones(3)
    (g,) = gw.vjp(lambda a: a, x)[1](seed)
    g += 1
    assert seed.tolist() == x.tolist() == [1.0, 1.0, 1.0]


def test_a_constant_within_a_function_makes_no_tape_of_its_result() -> None:
    assert type(gw.grad(lambda x: np.sum(x * Tensor(np.ones(2))))(np.ones(2))) is np.ndarray
    captured = Tensor(np.ones(2))
    assert type(gw.grad(lambda x: np.sum(x * captured))(np.ones(2))) is Tensor


def test_value_and_grad_gives_one_gradient_or_several() -> None:
    value, gradient = gw.value_and_grad(lambda x, y, scale=1.0: scale * x * y)(2, 3, scale=10.0)
    assert (value, gradient) == (60.0, 30.0)
    value, gradients = gw.value_and_grad(lambda x, y: x * y, argnums=(1, 0))(2.0, 3.0)
    assert gradients == (2.0, 3.0)


def test_an_argument_without_a_path_gets_zeros_and_none_where_paths_are_asked_for() -> None:
    x, y = Tensor(np.ones(2)), Tensor(np.ones((2, 2), np.float32))
    total = x.sum() + np.argmax(y) * 0.0 + OPS["detach"](y).sum()
    found = backward(total, wrt=[x, y])
    assert found.get(y) is None
    assert bits({"g": found[y]}) == bits({"g": np.zeros((2, 2), np.float32)})
    assert gw.grad(lambda x: 3.0)(np.ones(2)).tolist() == [0.0, 0.0]
    assert gw.jvp(lambda x: 3.0, [np.ones(2)], [np.ones(2)])[1] == 0.0
    assert gw.grad(lambda x: np.sum(x > 0) * 1.0 + 0.0 * np.sum(x))(np.ones(2)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: gw.grad(lambda x: x * 2)(x),
            "grad needs a function that returns one float, got (2,) f64 (sum or mean it, or take vjp and a seed)",
        ),
        (
            lambda x: gw.grad(lambda x: np.argmax(x))(x),
            "grad needs a function that returns one float, got () i64 (what moves in steps has no gradient)",
        ),
        (
            lambda x: gw.grad(lambda x: (x, x))(x),
            f"{MUST_RETURN}, got a tuple (concat or add up what it returns)",
        ),
        (
            lambda x: gw.vjp(lambda x: x * 2, x)[1](np.ones(3)),
            "the seed of the root must have its shape (2,), got (3,)",
        ),
        (
            lambda x: gw.jvp(np.sin, [x], [np.ones(3)]),
            "the tangent of primal 0 must have its shape (2,), got (3,)",
        ),
        (lambda x: gw.jvp(np.sin, [x], []), "jvp needs one tangent a primal: 1, got 0"),
        (
            lambda x: gw.grad(lambda x: None)(x),
            f"{MUST_RETURN}, got None (return it)",
        ),
    ],
)
def test_what_cannot_be_differentiated_is_refused(call: Callable[..., Any], message: str) -> None:
    with pytest.raises(RunError) as caught:
        call(np.ones(2))
    assert str(caught.value) == message


def test_a_plan_refuses_a_root_without_a_seed_as_the_tape_does() -> None:
    builder = Builder()
    x = builder.input("x", Aval((2,), np.dtype(np.float64)))
    with pytest.raises(RunError) as caught:
        differentiate(builder, [x * 2.0], [None], [x])
    assert str(caught.value) == SEEDLESS


def test_a_gradient_that_was_not_asked_for_is_refused() -> None:
    x, w = Tensor(np.ones(2)), Tensor(np.ones(2))
    h = x * w
    for gradients, tensor in ((backward(h.sum()), h), (backward(h.sum(), wrt=[x]), w)):
        with pytest.raises(RunError) as caught:
            gradients[tensor]
        assert str(caught.value) == "the gradient of this tensor was not asked for (backward(root, wrt=[tensor]))"
    assert backward(h.sum())[Tensor(np.ones(2))].tolist() == [0.0, 0.0]
    assert backward(h.sum(), wrt=[h])[h].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            lambda g: np.ones(3, g.dtype),
            "the gradient that careless gives for x must be (2, 3) {0}, got (3,) {0} {1}",
        ),
        (
            lambda g: np.ones((2, 3), np.float16),
            "the gradient that careless gives for x must be (2, 3) {0}, got (2, 3) f16",
        ),
        (
            lambda g: 1.0,
            "the gradient that careless gives for x must be (2, 3) {0}, got () f64 {1}",
        ),
    ],
)
def test_a_gradient_that_does_not_fit_its_value_is_refused(
    entry: Callable[[Any], Any], message: str, dtype: Any
) -> None:
    @op(formula="x", category="math", samples=[])
    def careless(xp: Any, x: Any) -> Any:
        return xp.positive(x)

    careless.shape(lambda x: x)
    careless.vjp(lambda g, y, x: (entry(g),))
    x = Tensor(np.ones((2, 3), dtype))
    with pytest.raises(ShapeError) as caught:
        backward(careless(x), np.ones((2, 3)), wrt=[x])
    hint = "(sum_to(g, shape) adds up what was broadcast)"
    assert str(caught.value) == message.format("f32" if dtype is np.float32 else "f64", hint)
    assert caught.value.port == "x"


def test_a_rule_that_gives_too_few_gradients_is_refused() -> None:
    @op(formula="x + y", category="math", samples=[])
    def careless(xp: Any, x: Any, y: Any) -> Any:
        return x + y

    x = Tensor(np.ones(2))
    for rule, found in ((lambda g, z, x, y: (g,), "1"), (lambda g, z, x, y: g, "ndarray")):
        careless.vjp(rule)
        with pytest.raises(ShapeError) as caught:
            backward(careless(x, x), np.ones(2), wrt=[x])
        assert str(caught.value) == (
            f"the vjp rule of careless must give an entry for each of its 2 arguments, got {found} "
            "(return a tuple; None says that there is no path)"
        )


def test_an_unproven_op_gives_no_gradient_to_integers() -> None:
    @op(formula="x", category="math", samples=[])
    def careless(xp: Any, x: Any, n: Any) -> Any:
        return x * n

    careless.vjp(lambda g, y, x, n: (g * n, g * x))
    x, n = Tensor(np.ones(2)), Tensor(np.array([1, 2]))
    found = backward(careless(x, n), np.ones(2), wrt=[x, n])
    assert found.get(n) is None
    assert found[x].tolist() == [1.0, 2.0]


# Contributions.


@given(values=st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=6))
@settings(max_examples=50)
def test_contributions_add_up_to_the_gradient_bit_for_bit(values: list[float]) -> None:
    x = Tensor(np.array(values, np.float32))
    y = x * x + np.sin(x) * x + np.concatenate([x, x])[: len(values)] + OPS["detach"](x)
    found = backward(y.sum(), wrt=[x])
    parts = found.contributions(x)
    assert [(name, port) for name, port, _ in parts] == [
        ("concat", "xs0"),
        ("concat", "xs1"),
        ("multiply", "y"),
        ("sin", "x"),
        ("multiply", "x"),
        ("multiply", "y"),
    ]
    total = parts[0][2]
    for _, _, part in parts[1:]:
        total = total + part
    assert bits({"g": np.asarray(total)}) == bits({"g": np.asarray(found[x])})


def test_a_square_by_hand_has_two_contributions() -> None:
    x = Tensor(3.0)
    assert backward(x * x).contributions(x) == [("multiply", "x", 3.0), ("multiply", "y", 3.0)]
    builder = Builder()
    s = builder.input("x", Aval((), np.dtype(np.float64)))
    found = differentiate(builder, [s * s], [None], [s])
    assert [(node, port) for node, port, _ in found.contributions(s)] == [
        ("multiply", "x"),
        ("multiply", "y"),
    ]


def test_several_roots_are_differentiated_together() -> None:
    x = Tensor(np.array([1.0, 2.0]))
    h = x * 3.0
    found = backward([h, np.sum(x * x), h], [np.array([1.0, 10.0]), None, np.array([100.0, 100.0])], wrt=[x, h])
    assert found[x].tolist() == [303.0 + 2.0, 330.0 + 4.0]
    assert found[h].tolist() == [101.0, 110.0]
    builder = Builder()
    s = builder.input("x", Aval((2,), np.dtype(np.float64)))
    t = s * 3.0
    roots, seeds = [t, np.sum(s * s), t], [np.array([1.0, 10.0]), None, np.array([100.0, 100.0])]
    made = differentiate(builder, roots, seeds, [s, t])
    plan = builder.finish({"x": made.gradient(s), "h": made.gradient(t)})
    result = numpy_backend.compile(optimised(plan))({"x": np.array([1.0, 2.0])})
    assert bits(result) == bits({"x": found[x], "h": found[h]})


def test_a_leaf_may_be_differentiated_with_respect_to_itself() -> None:
    x = Tensor(2.0)
    assert backward(x, wrt=[x])[x] == 1.0
    assert gw.grad(lambda x: x)(2.0) == 1.0
    assert gw.jvp(lambda x: x, (2.0,), (5.0,))[1] == 5.0


# Tangents of plans.


def test_tangents_can_be_added_to_a_plan() -> None:
    builder = Builder()
    aval = Aval((3,), np.dtype(np.float64))
    x, t = builder.input("x", aval), builder.input("t", aval)
    y = np.sum(np.sin(x) * x) / 2.0
    tangent = tangents(builder, [x], [t])[y.slot]
    plan = verify(remove_unused(builder.finish({"t": tangent})))
    assert {step.phase for step in plan.steps} == {"forward", "tangent"}
    feeds = {"x": np.array([0.1, 0.2, 0.3]), "t": np.array([1.0, -1.0, 2.0])}
    result = numpy_backend.compile(optimised(plan))(feeds)
    expected = gw.jvp(lambda x: np.sum(np.sin(x) * x) / 2.0, [feeds["x"]], [feeds["t"]])[1]
    assert bits(result) == bits({"t": expected})


def test_a_plan_can_be_differentiated_twice() -> None:
    builder = Builder()
    x = builder.input("x", Aval((3,), np.dtype(np.float64)))
    first = differentiate(builder, [np.sum(np.exp(x) * x)], [None], [x]).gradient(x)
    second = differentiate(builder, [np.sum(first)], [None], [x], order=2).gradient(x)
    plan = optimised(builder.finish({"second": second}))
    assert {step.order for step in plan.steps} <= {0, 1, 2}
    assert any(step.order == 2 for step in plan.steps)
    value = np.array([0.1, 0.5, -1.0])
    found = numpy_backend.compile(plan)({"x": value})["second"]
    assert found == pytest.approx(np.exp(value) * (value + 2))
    assert bits({"g": found}) == bits(
        {"g": gw.grad(lambda x: np.sum(gw.grad(lambda y: np.sum(np.exp(y) * y))(x)))(value)}
    )


@pytest.mark.parametrize("scale", [1.0, 1e-4, 1e-8])
def test_a_small_function_is_checked_as_finely(scale: float) -> None:
    """Half of the gradient of scale·x² is lost where one factor is taken as a constant."""
    with pytest.raises(GradwireError, match="the derivative is"):
        gw.check_grads(lambda x: scale * x * getattr(x, "value", x), [np.ones(3)])
