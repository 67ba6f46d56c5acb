"""Smooth activations; safe at extremes: finite wherever their limit is."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ..arrays import special
from ..op import Aval, Sample, ShapeError
from ..signature import Traits
from ._rules import positive_axis
from .activation import ROWS, SAMPLES, activation, along, sigmoid, softmax, softplus
from .arithmetic import abs_, clip, maximum, minimum, square
from .elementary import erf, exp, reciprocal, tanh
from .indexing import concat, slice_
from .reductions import sum_
from .rounding import sign

FAR = 1000.0  # beyond it exponentials are 0 in float64 too
BOUND = 100.0  # beyond it those of squares are


def _lowest(xp: Any, x: Any) -> Any:
    """`x`, but the lowest finite number for −infinity: times the 0 that it meets there it is 0, and not NaN."""
    return xp.maximum(x, np.finfo(x.dtype).min)


GELU = [*SAMPLES, *(sample._replace(params={"approximate": "tanh"}) for sample in SAMPLES)]
ROOT = math.sqrt(2 / math.pi)
CUBE = 0.044715  # with which x Φ(x) and its approximation by tanh differ least


@activation(r"x\,\Phi(x) = \frac{x}{2} (1 + \mathrm{erf}(x / \sqrt{2}))", samples=GELU)
def gelu(xp: Any, x: Any, *, approximate: Literal["none", "tanh"] = "none") -> Any:
    """`x` times the share of the normal distribution that lies below it: a smooth relu that dips below 0.

    `approximate` may be "tanh", as GPT-2 has it: within 0.0005, and faster. At −infinity it is 0 (Hendrycks and
    Gimpel, 2016). At ±infinity the gradient is its limit, 1 and 0, where PyTorch has NaN.
    """
    if approximate == "none":
        return 0.5 * _lowest(xp, x) * special(xp).erfc(x * -math.sqrt(0.5))  # 1 + erf would round small ones off
    near = xp.clip(x, -BOUND, BOUND)
    with np.errstate(over="ignore"):  # an infinite exponential gives the 0 that is right
        return _lowest(xp, x) / (1 + xp.exp(-2 * ROOT * (near + CUBE * near * near * near)))


@gelu.vjp
def _(g: Any, y: Any, x: Any, *, approximate: str) -> Any:
    # Beyond the bounds the other factors make 0 of it; infinity they would make NaN.
    near = maximum(minimum(x, BOUND), -BOUND)  # not clip, which ends the gradient at NaN
    if approximate == "none":
        density = exp(square(near) / -2) / math.sqrt(2 * math.pi)
        return (g * (0.5 * (1 + erf(x * math.sqrt(0.5))) + near * density),)
    s = sigmoid(2 * ROOT * (near + CUBE * (near * near * near)))
    return (g * (s + near * (s * (1 - s)) * (2 * ROOT * (1 + 3 * CUBE * square(near)))),)


@gelu.composition
def _(x: Any, *, approximate: str) -> Any:
    if approximate == "none":
        return x / 2 * (1 + erf(x * math.sqrt(0.5)))
    return x / 2 * (1 + tanh(ROOT * (x + CUBE * (x * x * x))))


gelu.by_element = True
gelu.adjoint = {
    "x": "the gradient {y} is multiplied by Φ(x) + x · φ(x), the normal distribution and its density; approximate: "
    "{approximate}"
}


@activation(r"x\,\sigma(x)", expr="isinf(x) && x < 0 ? 0 : x / (1 + exp(-x))")
def silu(xp: Any, x: Any) -> Any:
    """`x` times its sigmoid, also called swish: a smooth relu that dips below 0; at −infinity it is 0.

    At ±infinity the gradient is its limit, 1 and 0, where PyTorch has NaN.
    """
    with np.errstate(over="ignore"):  # an infinite exponential gives the 0 that is right
        return _lowest(xp, x) / (1 + xp.exp(-x))


@silu.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    s = sigmoid(x)
    return (g * (s + minimum(y, FAR) * (1 - s)),)  # beyond, 1 − s is 0: the bound keeps 0 · ∞ out


@silu.composition
def _(x: Any) -> Any:
    return x * sigmoid(x)


@activation(r"x \tanh(\ln(1 + e^x))", expr="isinf(x) && x < 0 ? 0 : x * tanh(fmax(x, 0) + log1p(exp(-fabs(x))))")
def mish(xp: Any, x: Any) -> Any:
    """`x` times the tanh of its softplus: a smooth relu that dips below 0; at −infinity it is 0 (Misra, 2019).

    At ±infinity the gradient is its limit, 1 and 0, where PyTorch has NaN.
    """
    return _lowest(xp, x) * xp.tanh(xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x))))


@mish.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    t = tanh(softplus(x))
    # Beyond the bounds the other factors make 0 of it; infinity they would make NaN.
    return (g * (t + clip(x, low=-FAR, high=FAR) * ((1 - t * t) * sigmoid(x))),)


@mish.composition
def _(x: Any) -> Any:
    return x * tanh(softplus(x))


@activation(r"\frac{x}{1 + |x|}", expr="isinf(x) ? copysign(1, x) : x / (1 + fabs(x))")
def softsign(xp: Any, x: Any) -> Any:
    """`x` divided by 1 + |x|: between −1 and 1, which it nears more slowly than `tanh` does; ±1 at ±infinity.

    There the gradient is its limit, 0, where PyTorch has NaN.
    """
    most = np.finfo(x.dtype).max
    x = xp.clip(x, -most, most)
    return x / (1 + xp.abs(x))


@softsign.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    r = reciprocal(1 + x * sign(x))  # |x|, but NaN stays NaN in the gradient too
    return (g * (r * r),)


@softsign.composition
def _(x: Any) -> Any:
    return x / (1 + abs_(x))


@activation(r"\ln \sigma(x)", expr="fmin(x, 0) - log1p(exp(-fabs(x)))")
def log_sigmoid(xp: Any, x: Any) -> Any:
    """The logarithm of `sigmoid`, finite where sigmoid itself would be 0."""
    return xp.minimum(x, 0) - xp.log1p(xp.exp(-xp.abs(x)))


@log_sigmoid.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g * sigmoid(-x),)


@log_sigmoid.composition
def _(x: Any) -> Any:
    return -softplus(-x)


log_sigmoid.form_of = ("sigmoid", "log")
log_sigmoid.traits = Traits(probabilities="logarithms")


@activation(r"x - \tanh x", expr="x - tanh(x)")
def tanhshrink(xp: Any, x: Any) -> Any:
    """`x` less its tanh: small values become much smaller, large ones come nearer to 0 by 1."""
    return x - xp.tanh(x)


@tanhshrink.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    t = tanh(x)
    return (g * (t * t),)


@tanhshrink.composition
def _(x: Any) -> Any:
    return x - tanh(x)


@activation(r"\frac{e^{-x_i}}{\sum_j e^{-x_j}}", samples=ROWS, shape=along)
def softmin(xp: Any, x: Any, *, axis: int = -1) -> Any:
    """The `softmax` of −x: probabilities along `axis`, of which the least element has the greatest.

    Where all are +infinity, or one is −infinity, the result is NaN, as in PyTorch. Of nothing it is nothing.
    """
    if not x.size:
        positive_axis(axis, x.ndim)
        return xp.zeros_like(x)
    e = xp.exp(xp.min(x, axis=axis, keepdims=True) - x)
    return e / xp.sum(e, axis=axis, keepdims=True)


@softmin.vjp
def _(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    return (y * (sum_(g * y, axis=axis, keepdims=True) - g),)


@softmin.composition
def _(x: Any, *, axis: int) -> Any:
    return softmax(-x, axis=axis)


softmin.traits = Traits(probabilities="probabilities")
softmin.adjoint = {
    "x": "each of x {x} is in every probability along {axis}: dx = y · (the sum of g · y along {axis} − g)"
}


def _halved(x: Aval, *, axis: int) -> Aval:
    place = positive_axis(axis, x.ndim)
    length = x.shape[place]
    if length % 2:
        raise ShapeError(
            f"x {x.shape} has {length} along axis {axis}, which cannot be halved", port="x", hint="an even length"
        )
    return Aval((*x.shape[:place], length // 2, *x.shape[place + 1 :]), x.dtype)


@activation(
    r"a \odot \sigma(b),\ [a; b] = x",
    samples=[Sample(((2, 4),)), Sample(((4, 3),), {"axis": 0}), Sample(((2, 2, 3),), {"axis": -2})],
    shape=_halved,
)
def glu(xp: Any, x: Any, *, axis: int = -1) -> Any:
    """A gated linear unit: the first half of `x` along `axis` times the sigmoid of the second.

    The length along `axis` must be even, and the result has half of it (Dauphin et al., 2017).
    """
    a, b = xp.split(x, 2, axis=axis)
    with np.errstate(over="ignore", invalid="ignore"):  # an infinite exponential gives the 0 that is right
        return a / (1 + xp.exp(-b))


def _halves(x: Any, axis: int) -> tuple[Any, Any]:
    half = x.shape[axis] // 2
    return slice_(x, axis=axis, stop=half), slice_(x, axis=axis, start=half)


@glu.vjp
def _(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    s = sigmoid(_halves(x, axis)[1])
    return (concat(g * s, g * (y * (1 - s)), axis=axis),)


@glu.composition
def _(x: Any, *, axis: int) -> Any:
    a, b = _halves(x, axis)
    return a * sigmoid(b)


glu.adjoint = {
    "x": "the halves a and b of x {x} along {axis} get g · σ(b) and g · y · (1 − σ(b)), joined again along {axis}"
}
