"""What parameters and random ops start from: one text for both languages, which differ in words alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..ops.sources import fans
from . import literals


class Words(NamedTuple):
    """How a language makes arrays. `dtype` gives the argument that names one, with its comma, or nothing."""

    module: str
    normal: str  # the function that draws of mean 0 and deviation 1
    uniform: str  # from 0 to 1
    dtype: Callable[[str], str]
    constant: Callable[[Any, str], str]


def initial(params: Mapping[str, Any], words: Words) -> str:
    """The values that a parameter starts from."""
    lengths, kind, init = params["shape"], words.dtype(params["dtype"]), params["init"]
    shape = literals.shape(lengths)
    if init in ("zeros", "ones"):
        return f"{words.module}.{init}({shape}{kind})"
    if init == "constant":
        value = params["value"]
        if isinstance(value, (list, tuple)):
            return words.constant(value, params["dtype"])
        return f"{words.module}.full({shape}, {literals.number(float(value))}{kind})"
    if init in ("normal", "he"):
        deviation = (
            literals.number(params["scale"]) if init == "normal" else f"math.sqrt(2 / {max(fans(lengths)[0], 1)})"
        )
        return f"{words.normal}({shape}{kind}) * {deviation}"
    ends = sum(fans(lengths)) if lengths else 1
    bound = literals.number(params["scale"]) if init == "uniform" else f"math.sqrt(6 / {max(ends, 1)})"
    return f"(2 * {words.uniform}({shape}{kind}) - 1) * {bound}"


def normal(params: Mapping[str, Any], words: Words) -> str:
    """What the op random_normal draws."""
    return _moved(words.normal, params, words, params["std"], params["mean"])


def uniform(params: Mapping[str, Any], words: Words) -> str:
    """What the op random_uniform draws."""
    return _moved(words.uniform, params, words, params["high"] - params["low"], params["low"])


def _moved(draw: str, params: Mapping[str, Any], words: Words, factor: float, term: float) -> str:
    """A draw, scaled and moved where the parameters say so."""
    text = f"{draw}({literals.shape(params['shape'])}{words.dtype(params['dtype'])})"
    text += f" * {literals.number(factor)}" if factor != 1 else ""
    return text + (f" + {literals.number(term)}" if term else "")
