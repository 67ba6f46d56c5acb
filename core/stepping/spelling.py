"""Expressions on the tape as a reader would write them: `g · cos(x)`, `1.000 · cos(1.000)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..op import Op
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

    def of(self, value: Any, binding: int) -> str:
        """`value` in an expression that binds as tightly as `binding`."""
        text, own = self._part(value)
        return f"({text})" if own < binding else text

    def _part(self, value: Any) -> tuple[str, int]:
        """Its text, and how tightly that holds together."""
        if not isinstance(value, Tensor) or value.op is None or value.slot in self.names:
            return self._leaf(value)
        op, args, params = value.op, value.args, value.params
        if op.name in _INFIX:
            sign, binding = _INFIX[op.name]
            right = binding + (op.name not in ("add", "multiply", "matmul"))
            second = self.of(args[1], right)
            second = f"({second})" if second.startswith("−") else second  # two signs side by side are not read
            return f"{self.of(args[0], binding)}{sign}{second}", binding
        if op.name in COMPARED:
            return f"{self.of(args[0], _ATOM)} {COMPARED[op.name]} {self.of(args[1], _ATOM)}", 0
        if op.name == "negative":
            return f"−{self.of(args[0], _POWER)}", _SIGN
        if op.name == "power":
            return f"{self.of(args[0], _ATOM)}^{self.of(args[1], _ATOM)}", _POWER
        if op.name == "square":
            return f"{self.of(args[0], _ATOM)}²", _POWER
        if op.name == "transpose" and value.value.ndim <= 2:
            return f"{self.of(args[0], _ATOM)}ᵀ", _ATOM
        if op.traits.carries in ("reformed", "copied"):  # it only brings its argument to another form
            return self._part(args[0])
        if op.name == "where" and args[0] is False:  # a number, whatever stands beside it
            return self._part(args[2])
        told = [self.of(arg, 0) for arg in args if arg is not None]
        told += told_parameters(op, params)
        return f"{op.name}({', '.join(told)})", _ATOM

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
