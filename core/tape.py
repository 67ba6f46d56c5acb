"""Eager values that remember: each `Tensor` holds its value and the op and arguments it came from.

There is no tape object to open or to clear. A tensor keeps alive what it was made of and nothing else, and slots
are numbered as values are made, so that a walk backwards needs a sort and no search for an order.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from .applying import again
from .arrays import is_quiet, quiet, quietly
from .errors import RunError, usage_told
from .op import NOTHING, Op, promote
from .operators import Operators
from .ops import builtin
from .records import Record
from .refusing import FAILURES, numbers
from .traced import Traced
from .tracking import is_tracked, lost_in_trace

_next_slot = count().__next__
_new: Any = object.__new__


@usage_told
class Tensor(Operators):
    """A value on the tape. NumPy's own functions take it and give tensors back.

    `value` is the array; `op`, `args` and `params` say where it came from (`op` is None for a leaf);
    `results` holds, for an op of several outputs, the number of the first and the values of all.
    """

    __slots__ = ("__weakref__", "args", "op", "params", "results", "slot", "value")
    value: Any

    def __init__(self, value: Any) -> None:
        if isinstance(value, Tensor):
            value._check_untracked("be copied by Tensor(x)")
            self.value = value.value
        else:
            # A copy: what the caller writes into the array later must not change what is remembered.
            self.value = np.array(numbers(value, "a tensor holds"))
        self.slot = _next_slot()
        self.op: Op | None = None
        self.args: tuple[Any, ...] = ()
        self.params: Mapping[str, Any] = NOTHING
        self.results: tuple[int, tuple[Any, ...]] | None = None

    @staticmethod
    def apply_op(op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Compute `op` at once and remember it. (The hottest lines of the eager mode: see tests/benchmarks.)"""
        for arg in args:
            if type(arg) is not Tensor and isinstance(arg, Traced):
                return arg.apply_op(op, args, params)  # a plan is being built: to it a tensor is a constant
        try:
            values = _values(args)
            if op.promoted and not _one_dtype(values, op.floating):
                args = quietly(promote, op, args)
                values = _values(args)
            if is_quiet():
                result = op.compute(np, *values, **params)
            else:
                result = quiet.run(op.compute, np, *values, **params)
        except FAILURES as error:
            return again(op, args, params, error)
        if not op.single:
            return _several(op, args, params, result)
        tensor = _new(Tensor)
        tensor.value = result
        tensor.slot = _next_slot()
        tensor.op = op
        tensor.args = args
        tensor.params = params
        tensor.results = None
        return tensor

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        return self.value.shape

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        return self.value.dtype

    def numpy(self) -> np.ndarray[Any, Any]:
        """The value as an array, without its history."""
        return np.asarray(self.value)

    def item(self) -> Any:
        """The value of a tensor of one element as a Python number."""
        if self.value.size != 1:
            raise RunError(f"only a tensor of one element is a number, got the shape {self.shape}", hint="x.numpy()")
        return np.asarray(self.value).item()

    def __float__(self) -> float:
        self._check_untracked("become a number of Python")
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        if self.value.size != 1:
            raise RunError(
                f"only a tensor of one element is true or false, got the shape {self.shape}",
                hint="gw.ops.where(condition, a, b) decides element by element",
            )
        return bool(self.item())

    def __repr__(self) -> str:
        body = np.array2string(np.asarray(self.value), separator=", ", threshold=20, precision=4, prefix="Tensor(")
        origin = f", from={self.op.name}" if self.op is not None else ""
        return f"Tensor({body}, shape={self.shape}, dtype={self.dtype}{origin})"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        self._check_untracked("become an array")
        return np.array(self.value, dtype=dtype, copy=copy)

    def as_constant(self) -> Any:
        if is_tracked(self):
            raise lost_in_trace()
        return self.value

    def _check_untracked(self, what: str) -> None:
        """Refuse to forget, in silence, what a transform that is at work would ask for. Raises `RunError`."""
        if is_tracked(self):
            raise RunError(
                f"a tensor that is being differentiated cannot {what}: its gradient would be lost",
                hint="NumPy's functions and gw.ops take it as it is; x.numpy() and x.item() give it as a constant",
            )


def _values(args: Sequence[Any]) -> Sequence[Any]:
    """What rules and forward functions receive for `args`: arrays. (Written out for one and two: half the time.)"""
    if len(args) == 2:
        x, y = args
        return (x.value if type(x) is Tensor else x), (y.value if type(y) is Tensor else y)
    if len(args) == 1:
        x = args[0]
        return ((x.value if type(x) is Tensor else x),)
    return [arg.value if type(arg) is Tensor else arg for arg in args]


_SCALAR = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
}


def _arithmetic(name: str) -> tuple[Any, Any]:
    """The methods of an operator between two values, the right-hand one too.

    They do what `apply_op` does, without its generality, where both are floats of one dtype: a chain of small arrays
    takes half the time.
    """
    op, kernel, scalar = builtin()[name], getattr(np, name), _SCALAR[name]

    def method(self: Tensor, other: Any) -> Any:
        x, y = self.value, (other.value if type(other) is Tensor else other)
        dtype, kind = x.dtype, type(y)
        if (kind is not np.ndarray and kind is not type(x)) or y.dtype is not dtype or dtype.kind != "f":
            return Tensor.apply_op(op, (self, other), NOTHING)
        try:
            # Two of NumPy's scalars make the same number without a ufunc, in a tenth of the time.
            compute = kernel if type(x) is np.ndarray else scalar
            result = compute(x, y) if is_quiet() else quiet.run(compute, x, y)
        except ValueError:
            return Tensor.apply_op(op, (self, other), NOTHING)
        tensor = _new(Tensor)
        tensor.value = result
        tensor.slot = _next_slot()
        tensor.op = op
        tensor.args = (self, other)
        tensor.params = NOTHING
        tensor.results = None
        return tensor

    def right(self: Tensor, other: Any) -> Any:
        return Tensor.apply_op(op, (other, self), NOTHING)

    return method, right


Tensor.__add__, Tensor.__radd__ = _arithmetic("add")  # type: ignore[method-assign]
Tensor.__sub__, Tensor.__rsub__ = _arithmetic("subtract")  # type: ignore[method-assign]
Tensor.__mul__, Tensor.__rmul__ = _arithmetic("multiply")  # type: ignore[method-assign]
Tensor.__truediv__, Tensor.__rtruediv__ = _arithmetic("divide")  # type: ignore[method-assign]


def _one_dtype(values: Sequence[Any], floating: bool) -> bool:
    """Whether the arguments are of one dtype, a floating one where that is asked for: nothing is to be promoted."""
    try:
        dtype = values[0].dtype
        for value in values:
            if value.dtype is not dtype:
                return False
    except AttributeError:  # a number of Python
        return False
    return not floating or dtype.kind == "f"


def _several(op: Op, args: Any, params: Any, values: tuple[Any, ...]) -> Any:
    """The visible outputs of an op that has several."""
    slots = [_next_slot() for _ in values]
    outputs = _outputs(op, args, params, (slots[0], tuple(values)))
    return outputs[op.visible[0]] if len(op.visible) == 1 else tuple(outputs[i] for i in op.visible)


def _outputs(op: Op, args: Any, params: Any, results: tuple[int, tuple[Any, ...]]) -> tuple[Tensor, ...]:
    """A tensor for each of several outputs, hidden ones included. They are numbered from `results[0]` on."""
    made = []
    for slot, value in enumerate(results[1], results[0]):
        tensor = _new(Tensor)
        tensor.value, tensor.slot, tensor.results = value, slot, results
        tensor.op, tensor.args, tensor.params = op, args, params
        made.append(tensor)
    return tuple(made)


def output(tensor: Tensor, op: Op, name: str) -> Tensor | None:
    """The output `name`, which may be hidden, of the application of `op` that made `tensor`; None where another did."""
    if tensor.op is not op and tensor.args and isinstance(tensor.args[0], Tensor):
        tensor = tensor.args[0]  # behind the detach that a flag puts there
    if tensor.op is not op:
        return None
    index = [output.name for output in op.outputs].index(name)
    if tensor.results is None:
        return tensor
    return _outputs(op, tensor.args, tensor.params, tensor.results)[index]


def leaf(like: Any) -> Tensor:
    """A new leaf of zeros of the shape and dtype of `like`."""
    return Tensor(np.zeros(like.shape, like.dtype))


def history(roots: Iterable[Any], after: int = -1) -> list[Tensor]:
    """The tensors that `roots` were made of, each once, in the order in which they were made.

    Tensors with a slot up to `after` are left out: nothing made from the tensor `after` is among them.
    """
    found: dict[int, Tensor] = {}
    stack = [root for root in roots if type(root) is Tensor and root.slot > after]
    while stack:
        tensor = stack.pop()
        slot = tensor.slot if tensor.results is None else tensor.results[0]
        if slot in found:
            continue
        found[slot] = tensor
        for arg in tensor.args:
            if type(arg) is Tensor and arg.slot > after:
                stack.append(arg)
    return [found[slot] for slot in sorted(found)]


def records(tensors: Iterable[Tensor], traced: bool) -> Iterator[Record]:
    """The applications that made `tensors`, in their order.

    Where `traced`, rules receive tensors, so that their own results can be differentiated; otherwise plain arrays.
    What comes are tuples in the form of `Record`: naming the fields of each would take longer than the walk.
    """
    for tensor in tensors:
        op, args = tensor.op, tensor.args
        if op is None:
            continue
        values = args if traced else _values(args)
        if tensor.results is None:
            result = tensor if traced else tensor.value
            yield (op, args, values, tensor.params, tensor.slot, result, tensor)  # type: ignore[misc]
        else:
            first, outs = tensor.results
            result = _outputs(op, args, tensor.params, tensor.results) if traced else outs
            yield Record(op, args, values, tensor.params, first, result, tensor)


def untraced(value: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    return value.value if isinstance(value, Tensor) else value


def depending(tensors: Iterable[Tensor], wanted: Iterable[int]) -> set[int]:
    """The slots of `tensors`, given in order, that depend on one of `wanted`, itself included."""
    active = set(wanted)
    for tensor in tensors:
        for arg in tensor.args:
            if type(arg) is Tensor and arg.slot in active:
                if tensor.results is None:
                    active.add(tensor.slot)
                else:
                    active.update(range(tensor.results[0], tensor.results[0] + len(tensor.results[1])))
                break
    return active
