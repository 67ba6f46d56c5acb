"""The whole message of each refusal: what was required, what was found, and what would fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradwire.core.errors import DataError, GradwireError, ParameterError, RunError, ShapeError
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.promotion import common_dtype

OPS = {found.name: found for found in builtin()}


def inferred(name: str, *shapes: Any, **params: Any) -> Any:
    """The result of a shape rule; a shape stands for floats, (shape, dtype) for another dtype."""
    found = OPS[name]
    avals = [
        Aval(shape[0], np.dtype(shape[1])) if shape and isinstance(shape[-1], str) else Aval(shape, np.dtype("float32"))
        for shape in shapes
    ]
    return found.infer(avals, found.check_parameters(params))


# fmt: off
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any], str | None, str]] = [
    ("add", ((2, 3), (2, 4)), {}, None,
     "shapes (2, 3) and (2, 4) do not broadcast: axis -1 has 3 and 4 (lengths must be equal or 1)"),
    ("subtract", (((2,), "bool"), ((2,), "bool")), {}, None,
     "arithmetic needs numbers, got bool (cast it to a float or to int64)"),
    ("accumulate", ((2,), (1,)), {}, "xs1", "xs1 is (1,) f32, but xs0 is (2,) f32 (add broadcasts)"),
    ("accumulate", (), {}, None, "accumulate has nothing to add (wire at least one value)"),
    ("clip", ((2,),), {"low": 1, "high": 0}, None,
     "low must be at most high, got 1.0 and 0.0 (low: 0.0, high: 1.0)"),
    ("reshape", ((2, 3),), {"shape": (4, -1)}, "x",
     "x has 6 elements, which do not fill (4, -1) (a multiple of 4)"),
    ("reshape", ((2, 3),), {"shape": (4, 2)}, "x", "x has 6 elements but shape (4, 2) holds 8"),
    ("flatten", ((),), {}, "x", "x is a scalar, and flatten needs a batch axis (x: (N, …))"),
    ("transpose", ((2, 3),), {"axes": (0,)}, "x", "axes (0,) must name each axis of x once: it has 2"),
    ("broadcast_to", ((2, 3),), {"shape": (3, 2)}, "x",
     "x (2, 3) does not broadcast to (3, 2) (from the right, lengths of x must be 1 or as in the shape)"),
    ("sum_to", ((2, 3),), {"shape": (4, 2, 3)}, "x", "x (2, 3) is no broadcast of (4, 2, 3)"),
    ("sum", ((2, 3),), {"axis": 2}, "x", "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("sum", ((),), {"axis": 0}, "x", "x has 0 axes, so no axis 0 (it is a scalar)"),
    ("mean", ((2, 3),), {"axis": [0, -2]}, "x", "axis (0, -2) names one axis twice"),
    ("max", ((2, 0),), {"axis": 1}, "x",
     "x (2, 0) has no elements along axis 1, and max needs at least one (lengths of 1 or more)"),
    ("softmax", ((2, 0),), {"axis": 2}, "x", "x has 2 axes, so no axis 2 (axes: -2 to 1)"),
    ("concat", (), {}, None, "concat has nothing to join (wire at least one value)"),
    ("concat", ((2, 3), (2, 4)), {}, "xs1",
     "xs1 (2, 4) cannot be joined to xs0 (2, 3) along axis 0 (xs1: (…, 3))"),
    ("concat", ((2,), (2, 4)), {}, "xs1", "xs1 (2, 4) cannot be joined to xs0 (2,) along axis 0 (xs1: (…,))"),
    ("concat", ((), ()), {}, "xs0", "xs0 has 0 axes, so no axis 0 (it is a scalar)"),
    ("slice", ((4,),), {"step": 0}, None, "step must not be 0 (step: 1, or -1 to go backwards)"),
    ("place", ((3,),), {"shape": (4,), "stop": 2}, "x",
     "x (3,) does not fill the part (2,) of (4,) (x: (2,))"),
    ("gather", ((4, 3), (2,)), {}, "indices",
     "indices must be integers, got float32 (cast indices to int64)"),
    ("scatter_add", ((2, 3), ((4,), "int64")), {"shape": (5, 3)}, "x",
     "x (2, 3) does not fit indices (4,) along axis 0 of (5, 3) (x: (4, 3))"),
    ("one_hot", ((2,),), {"classes": 3}, "x", "x must be integers, got float32 (cast x to int64)"),
    ("matmul", ((2, 3), (5, 4)), {}, "w", "x has 3 columns but w has 5 rows (w: (3, …))"),
    ("matmul", ((3,), (5,)), {}, "w", "x has 3 elements but w has 5 elements (w: (3,))"),
    ("matmul", ((2, 3), ()), {}, "w", "w is a scalar, and matmul needs rows (w: (…, K, M))"),
    ("matmul", ((2, 2, 3), (3, 3, 4)), {}, "w",
     "x (2, 2, 3) and w (3, 3, 4) do not broadcast before their last two axes (lengths must be equal or 1)"),
    ("mse", ((4, 1), (4,)), {}, "target",
     "prediction (4, 1) and target (4,) must have one shape (reshape target to (4, 1))"),
    ("mse", ((4, 2), (4,)), {}, "target",
     "prediction (4, 2) and target (4,) must have one shape (target: (4, 2))"),
    ("binary_cross_entropy", ((4,), (4, 1)), {}, "target",
     "logits (4,) and target (4, 1) must have one shape (reshape target to (4,))"),
    ("cross_entropy", ((), ()), {}, "logits", "logits () has no classes (logits: (N, C))"),
    ("cross_entropy", ((4, 3), (4,)), {}, "target",
     "target (4,) float32 does not fit logits (4, 3): probabilities must be (4, 3) (cast labels to int64)"),
    ("cross_entropy", ((4, 3), ((4, 1), "int64")), {}, "target",
     "target (4, 1) int64 does not fit logits (4, 3): labels must be (4,) (reshape target to (4,))"),
    ("cross_entropy", ((4, 3), ((4, 3), "int64")), {}, "target",
     "target (4, 3) int64 does not fit logits (4, 3): labels must be (4,) (one-hot targets must be floats)"),
    ("cross_entropy", ((2, 3, 4, 5), ((2, 4, 5), "int64")), {}, "target",
     ("target (2, 4, 5) int64 does not fit logits (2, 3, 4, 5): labels must be (2, 3, 4) "
      "(classes are the last axis here, not the second: moveaxis of 1 to -1 before logits)")),
    ("cross_entropy", ((4, 3), (5, 3)), {}, "target",
     "target (5, 3) float32 does not fit logits (4, 3): probabilities must be (4, 3) (target: (4, 3))"),
    ("cross_entropy", ((4, 3), ((4, 3), "bool")), {}, "target",
     "target must be integer labels or probabilities, got bool (cast target to int64 or to a float)"),
    ("nll", ((4, 3), (4, 3)), {}, "target", "target must be integers, got float32 (cast target to int64)"),
    ("nll", ((4, 3), ((5,), "int64")), {}, "target",
     "target (5,) int64 does not fit log_probabilities (4, 3): labels must be (4,) (target: (4,))"),
    ("input", (), {"shape": [4, -1]}, None, "shape (4, -1) has a length below 0 (lengths of 0 or more)"),
    ("input", (), {"shape": ["N", 4]}, None,
     "shape ('N', 4) has no length for the batch axis N (a run binds it)"),
    ("parameter", (), {"shape": [2, 3, 4], "init": "he"}, None,
     'init he needs weights (in, out) or (out, in, height, width), got shape (2, 3, 4) (init: "normal")'),
    ("parameter", (), {"shape": [2], "init": "constant", "value": [1, 2, 3]}, None,
     "value has shape (3,), but the parameter (2,) (a number fills any shape)"),
    ("constant", (), {"value": [[1, 2], [3]]}, None,
     "value must be a number or lists of numbers of equal lengths (value: [[1, 2], [3, 4]])"),
    ("constant", (), {"value": "one"}, None,
     "value must be a number or lists of numbers of equal lengths (value: [[1, 2], [3, 4]])"),
    ("constant", (), {"value": {"a": 1}}, None,
     "value must be a number or lists of numbers of equal lengths (value: [[1, 2], [3, 4]])"),
    ("constant", (), {"value": [1, 1.5], "dtype": "int64"}, None,
     'value holds 1.5, which is no int64 (dtype: "float")'),
    ("constant", (), {"value": 2 ** 40, "dtype": "int32"}, None,
     'value holds 1099511627776, which is no int32 (dtype: "float")'),
    ("constant", (), {"value": "nan", "dtype": "bool"}, None,
     'value holds nan, which is no bool (dtype: "float")'),
    ("random_uniform", (), {"low": 1.0, "high": 0.0}, None,
     "low must be at most high, got 1.0 and 0.0 (low: 0.0, high: 1.0)"),
    ("dataset", (), {"source": "iris"}, None,
     "the shapes of the data set 'iris' are not known (a session loads it)"),
]
# fmt: on


@pytest.mark.parametrize(("name", "shapes", "params", "port", "message"), REFUSED)
def test_shape_rules_say_why(name: str, shapes: Any, params: Any, port: str | None, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        inferred(name, *shapes, **params)
    assert str(caught.value) == message
    assert caught.value.port == port


F = np.zeros((4, 3), np.float32)
# fmt: off
AT_RUN_TIME: list[tuple[str, tuple[Any, ...], dict[str, Any], type[GradwireError], str]] = [
    ("gather", (F, np.array([0, 3, 4, -1])), {}, DataError,
     "indices[2] is 4, outside 0 to 3 (x (4, 3) has 4 along axis 0)"),
    ("gather", (F, np.array(-1)), {"axis": 1}, DataError,
     "indices is -1, outside 0 to 2 (x (4, 3) has 3 along axis 1)"),
    ("gather", (F[:0], np.array([[0]])), {}, DataError,
     "indices[0, 0] is 0, where nothing can be picked (x (0, 3) has 0 along axis 0)"),
    ("scatter_add", (F, np.array([0, 1, 2, 9])), {"shape": (5, 3)}, DataError,
     "indices[3] is 9, outside 0 to 4 (shape (5, 3) has 5 along axis 0)"),
    ("one_hot", (np.array([1, 3]),), {"classes": 3}, DataError, "x[1] is 3, outside 0 to 2 (classes: 3)"),
    ("cross_entropy", (F, np.array([0, 1, 3, 7])), {}, DataError,
     "target[2] is 3, outside 0 to 2 (labels of 3 classes)"),
    ("nll", (F, np.array([0, -1, 2, 0])), {}, DataError,
     "target[1] is -1, outside 0 to 2 (labels of 3 classes)"),
    ("binary_cross_entropy", (F[0], np.array([0, 1, 2])), {}, DataError,
     ("target must lie between 0 and 1, got 2 at element 2 "
     "(labels: 0 or 1; a loss with logits takes these first, which may be any numbers)")),
    ("mse", (F[:, :1], F[:, 0]), {}, ShapeError,
     "prediction (4, 1) and target (4,) must have one shape (reshape target to (4, 1))"),
    ("power", (np.array([2]), np.array([-1])), {}, DataError,
     "integers have no negative powers (cast x to a float)"),
    ("input", (), {"shape": (3,)}, RunError,
     "an input of shape (3,) is not fed (feed it a value of that shape)"),
    ("dataset", (), {"source": "iris"}, RunError, "the data set 'iris' is not loaded (a session loads it)"),
    ("random_normal", (), {}, RunError,
     "random_normal needs a random state (a run feeds it; by hand: state=gw.random.state(seed))"),
    ("dropout", (F,), {}, RunError,
     "dropout in training needs a random state (a run feeds it; by hand: state=gw.random.state(seed))"),
]
# fmt: on


@pytest.mark.parametrize(("name", "args", "params", "error", "message"), AT_RUN_TIME)
def test_runs_say_why(name: str, args: Any, params: Any, error: type[GradwireError], message: str) -> None:
    with pytest.raises(error) as caught:
        OPS[name](*args, **params)
    assert str(caught.value) == message


PARAMETERS = [
    ("sum", {"axes": 1}, "sum has no parameter 'axes' (its parameters: axis, keepdims)"),
    ("dropout", {"p": 1}, "dropout has no parameter 'p' (its parameters: rate)"),
    ("exp", {"p": 1}, "exp has no parameter 'p' (its parameters: none)"),
    ("one_hot", {}, "one_hot needs the parameter 'classes' (an integer of 1 or more)"),
    ("one_hot", {"classes": 0}, "one_hot: classes must be an integer of 1 or more, got 0"),
    ("print", {"every": 0}, "print: every must be an integer of 1 or more, got 0"),
    ("dropout", {"rate": 1.5}, "dropout: rate must be a number from 0 to 1, got 1.5"),
    ("dropout", {"rate": "nan"}, "dropout: rate must be a number from 0 to 1, got nan"),
    ("random_normal", {"std": -1.0}, "random_normal: std must be a number of 0 or more, got -1.0"),
    ("dataset", {"validation": 2}, "dataset: validation must be a number from 0 up to but not 1, got 2.0"),
    ("sum", {"axis": 1.5}, "sum: axis must be an integer, a list of integers or null, got 1.5"),
    ("mse", {"reduction": "avg"}, "mse: reduction must be one of mean, sum, none, got 'avg'"),
    ("input", {"shape": ["M"]}, "input: shape must be a list of integers or N, got ['M']"),
]


@pytest.mark.parametrize(("name", "params", "message"), PARAMETERS)
def test_parameters_say_why(name: str, params: Any, message: str) -> None:
    with pytest.raises(ParameterError) as caught:
        OPS[name].check_parameters(params)
    assert str(caught.value) == message


def test_integers_with_floats_give_that_float() -> None:
    whole, half = np.zeros(2, np.int64), np.zeros(2, np.float32)
    assert common_dtype((whole, half), False) == np.float32
    assert common_dtype((whole, 0.5), False) == np.float64
    assert common_dtype((half, 0.5, 2), False) == np.float32
    assert common_dtype((whole, 2), False) == np.int64
    assert common_dtype((whole, 2), True) == np.float64
    assert common_dtype((), False) is None
