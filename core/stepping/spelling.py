"""Expressions on the tape as a reader would write them: `g · cos(x)`, `1.000 · cos(1.000)`.

What is written can be computed with NumPy as it stands. A step that only brings a tensor to another form is left out
where broadcasting does it: in `(x − mean(x)) · g`, but not where axes would then meet that do not belong together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..op import Op
from ..ops.shapes import broadcast_to, sum_to_
from ..tape import Tensor

Number = Callable[[float], str]

_INFIX = {"add": (" + ", 1), "subtract": (" − ", 1), "multiply": (" · ", 2), "divide": (" / ", 2), "matmul": (" @ ", 2)}
COMPARED = {"greater": ">", "greater_equal": "≥", "less": "<", "less_equal": "≤", "equal": "=", "not_equal": "≠"}
ONLY_FORMS = {"shape", "dtype", "classes", "keepdims"}
_SIGN, _POWER, _ATOM = 2, 3, 4
_FEW = 8  # numbers that a formula lists


def spell(
    tensor: Tensor, names: Mapping[int, str], index: tuple[int, ...] | None = None, number: Number | None = None
) -> str:
    """The expression of `tensor` in terms of the tensors that have names.

    With an `index` their elements there stand in place of the names.
    """
    return _Speller(names, index, number or _plain).of(tensor, 0)


def spell_gradient(entry: Tensor, names: Mapping[int, str], port: str, summed: bool = True) -> str:
    """The expression of a gradient; what only brings it to the shape of its port in words, where that is not plain.

    With `summed` also that it is summed to this shape.
    """
    product = before_sum(entry)
    speller = _Speller(names, None, _plain)
    if product is not entry:
        changed = summed and product.shape != entry.shape
        return speller.of(product, 0) + f", summed to the shape of {port}" * changed
    if product.op is not None and product.slot not in names and product.op.traits.carries == "reformed":
        before = product.args[0]
        if isinstance(before, Tensor) and before.shape != product.shape:
            return f"{speller.of(before, 0)}, reshaped to the shape of {port}"
    spread = speller.shape(product) != product.shape and product.value.size != 1
    return speller.of(product, 0, loose=True) + f", spread to the shape of {port}" * spread


def before_sum(entry: Tensor) -> Tensor:
    """What a rule has made, before it was only brought to the shape of the argument that it is the gradient of."""
    while entry.op is sum_to_:
        entry = entry.args[0]
    return entry


def told_parameters(op: Op, params: Mapping[str, Any]) -> list[str]:
    """The parameters that say something to a reader, as `padding=1`: not those that are what they are anyhow, nor
    those that only give a form.
    """
    return [f"{name}={value}" for name, value in params.items() if _is_told(op, name, value)]


def _is_told(op: Op, name: str, value: Any) -> bool:
    default = op.parameters[name].default if name in op.parameters else None
    same = value == default or (isinstance(value, tuple) and bool(value) and all(each == default for each in value))
    return value is not None and not same and name not in ONLY_FORMS


def size_text(count: int) -> str:
    """A number of bytes: `40 B`, `1.54 kB`, `164 kB`."""
    size, units = float(count), ["B", "kB", "MB", "GB"]
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{count} B" if units[0] == "B" else f"{size:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f} {units[0]}"


def _plain(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


class _Speller:
    def __init__(self, names: Mapping[int, str], index: tuple[int, ...] | None, number: Number) -> None:
        self.names = names
        self.index = index
        self.number = number
        self._shapes: dict[int, tuple[Any, tuple[int, ...]]] = {}  # with what has it, whose id is not given again so

    def of(self, value: Any, binding: int, loose: bool = False) -> str:
        """`value` in an expression that binds as tightly as `binding`; `loose` where that may broadcast what it takes,
        as what is `by_element` does.
        """
        text, own = self._part(value, loose or self.index is not None)
        return f"({text})" if own < binding else text

    def shape(self, value: Any) -> tuple[int, ...]:
        """The shape of what is written of `value` where that may be broadcast."""
        if id(value) not in self._shapes:
            self._shapes[id(value)] = value, self._loose_shape(value)
        return self._shapes[id(value)][1]

    def _loose_shape(self, value: Any) -> tuple[int, ...]:
        if not self._is_made(value):
            return np.shape(value.value if isinstance(value, Tensor) else value)
        if self._left_out(value):
            return self.shape(value.args[0])
        if _broadcasts(value.op):
            return np.broadcast_shapes(*(self.shape(arg) for arg in value.args if arg is not None))
        return self._without_kept(value)

    def _is_made(self, value: Any) -> bool:
        """Whether it is written as what it is made of."""
        return isinstance(value, Tensor) and value.op is not None and value.slot not in self.names

    def _left_out(self, value: Tensor) -> bool:
        """Whether it only brings its argument to a form that broadcasting makes of it as well."""
        assert value.op is not None
        before = np.shape(getattr(value.args[0], "value", value.args[0]))
        return value.op is broadcast_to or (value.op.traits.carries == "reformed" and _alike(before, value.shape))

    def _without_kept(self, value: Tensor) -> tuple[int, ...]:
        """The shape without the axes that a reduction keeps, where broadcasting adds them again."""
        if not value.params.get("keepdims") or value.value.size == 0:
            return value.shape
        axis = value.params.get("axis")
        axes = range(value.value.ndim) if axis is None else np.atleast_1d(axis)
        reduced = {int(each) % value.value.ndim for each in axes} if value.value.ndim else set()
        kept = tuple(length for i, length in enumerate(value.shape) if i not in reduced)
        return kept if _alike(kept, value.shape) else value.shape

    def _part(self, value: Any, loose: bool) -> tuple[str, int]:
        """Its text, and how tightly that holds together."""
        if not self._is_made(value):
            return self._leaf(value)
        op, args, params = value.op, value.args, value.params
        if self._is_form(value, loose):
            return self._part(args[0], loose)
        loose_args = _broadcasts(op) and (loose or self.shape(value) == value.shape)
        if op.name in _INFIX:
            sign, binding = _INFIX[op.name]
            right = binding + (op.name not in ("add", "multiply", "matmul"))
            second = self.of(args[1], right, loose_args)
            second = f"({second})" if second.startswith("−") else second  # two signs side by side are not read
            return f"{self.of(args[0], binding, loose_args)}{sign}{second}", binding
        if op.name in COMPARED:
            first, second = (self.of(arg, _ATOM, loose_args) for arg in args)
            return f"{first} {COMPARED[op.name]} {second}", 0
        if op.name == "negative":
            return f"−{self.of(args[0], _POWER, loose_args)}", _SIGN
        if op.name == "power":
            return f"{self.of(args[0], _ATOM, loose_args)}^{self.of(args[1], _ATOM, loose_args)}", _POWER
        if op.name == "square":
            return f"{self.of(args[0], _ATOM, loose_args)}²", _POWER
        if op.name == "transpose" and value.value.ndim <= 2:
            return f"{self.of(args[0], _ATOM)}ᵀ", _ATOM
        if op.name == "where" and args[0] is False:  # a number, whatever stands beside it
            return self._part(args[2], loose_args)
        if op.traits.carries == "reformed" and (added := _axes_added(self.shape(args[0]), value.shape)):
            return self.of(args[0], _ATOM) + added, _ATOM
        told = [self.of(arg, 0, loose_args) for arg in args if arg is not None]
        told += told_parameters(op, params)
        if args and isinstance(params.get("shape"), tuple):  # what comes of an argument, not what is made of nothing
            told.append(f"shape={params['shape']}")
        if params.get("keepdims") and not (loose and self._without_kept(value) != value.shape):
            told.append("keepdims=True")
        return f"{op.name}({', '.join(told)})", _ATOM

    def _is_form(self, value: Tensor, loose: bool) -> bool:
        """Whether nothing is written of it but its argument."""
        assert value.op is not None
        if self.index is not None:  # elements have no form
            return value.op.traits.carries in ("reformed", "copied")
        before = np.shape(getattr(value.args[0], "value", value.args[0]))
        same = before == value.shape and value.op.traits.carries in ("reformed", "copied")
        return same or (loose and self._left_out(value))

    def _leaf(self, value: Any) -> tuple[str, int]:
        array = value.value if isinstance(value, Tensor) else value
        name = self.names.get(value.slot) if isinstance(value, Tensor) else None
        if name is not None and self.index is None:
            return name, _ATOM
        if np.size(array) == 1:
            element = np.asarray(array).reshape(())
        elif self.index is not None:
            element = np.asarray(array)[_broadcast(self.index, np.shape(array))]
        elif np.ndim(array) == 1 and np.size(array) <= _FEW:
            return f"[{', '.join(self._leaf(each)[0] for each in np.asarray(array))}]", _ATOM
        else:
            return f"numbers {np.shape(array)}".replace(",)", ")"), _ATOM
        if element.dtype.kind == "b":
            return str(bool(element)), _ATOM
        text = self.number(int(element) if element.dtype.kind in "iu" else float(element))  # integers are exact
        return text, _SIGN if text.startswith(("−", "-")) else _ATOM


def _broadcast(index: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The place in an array of `shape` from which the element at `index` of a broadcast one comes."""
    last = index[len(index) - len(shape) :]
    return tuple(0 if length == 1 else i for i, length in zip(last, shape, strict=True))


def _axes_added(before: tuple[int, ...], after: tuple[int, ...]) -> str:
    """How NumPy's indexing makes `after` of the shape `before`: `[:, None]`; "" where other axes come."""
    kept = iter((*before, None))
    following = next(kept)
    told = []
    for length in after:
        own = length == following
        if not own and length != 1:
            return ""
        told.append(":" if own else "None")
        following = next(kept) if own else following
    if following is not None or len(before) == len(after):
        return ""
    return "[..., None]" if told == [":"] * len(before) + ["None"] and len(before) > 1 else f"[{', '.join(told)}]"


def _broadcasts(op: Op) -> bool:
    """Whether what an op takes may be broadcast as well as what it gives."""
    return op.by_element or op.traits.carries == "unchanged"


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two shapes are the same to broadcasting: but for axes of length 1 in front."""
    short, long = sorted((one, other), key=len)
    return long[len(long) - len(short) :] == short and all(length == 1 for length in long[: len(long) - len(short)])
