"""Sources: where values enter a graph.

Lowering replaces "N" in a shape by the length of the batch, and the dtype "float" by that of the document,
before any rule here runs; outside a document "float" is float64.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np

from ..errors import RunError
from ..op import Aval, Sample, ShapeError, op
from ..parameters import AnyDtype, FloatDtype, ParameterId, Range, Seed, Shape, Start, Stream
from ..random import normal, uniform
from ..random import state as random_state
from ._rules import lengths

SOURCE = "a source: gradients end here"


@op(
    formula=r"x",
    category="source",
    samples=[Sample((), {"shape": (2, 3)}), Sample((), {"shape": (2,), "value": (1.0, 2.0)})],
    no_gradient=SOURCE,
)
def input_(
    xp: Any,
    *,
    shape: Shape = (),
    dtype: AnyDtype = "float",
    value: Any = None,
) -> Any:
    """A value that is fed at each run; where nothing is fed it is `value`, a number or lists in `shape`.

    A `value` of null must be fed. "N" in `shape` marks the batch axis, whose length the feed decides, or the value.
    """
    if value is None:
        raise RunError(f"an input of shape {shape} is not fed", hint="feed it a value of that shape")
    return xp.asarray(input_value(shape, dtype, value))


@input_.shape
def _(*, shape: Shape, dtype: str, value: Any) -> Aval:
    return Aval(lengths(shape), np.dtype(dtype))


def input_value(shape: Shape, dtype: str, value: Any) -> np.ndarray[Any, Any]:
    """The value of an input where nothing is fed; "N" in `shape` takes any length. Raises `ShapeError`.

    A number fills any shape that has no "N".
    """
    found = numbers(value, dtype)
    if found.ndim == 0 and "N" not in shape:
        return np.full(shape, found)
    fits = found.ndim == len(shape) and all(w in ("N", n) for w, n in zip(shape, found.shape, strict=True))
    if not fits:
        wanted = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
        hint = 'lists of one length, a row for each of "N"' if "N" in shape else "a number fills any shape"
        raise ShapeError(f"value has shape {found.shape}, but the input {wanted}", hint=hint)
    return found


def numbers(value: Any, dtype: str) -> np.ndarray[Any, Any]:
    """`value`, a number or nested lists of numbers ("inf", "-inf" and "nan" too), as an array of `dtype`.

    Raises `ShapeError` for text, lists of unequal lengths, and numbers that an integer dtype does not hold.
    """
    try:
        found = np.array(value)
        if found.dtype.kind == "U":  # JSON has no infinity and no NaN, so they come as texts
            found = found.astype(np.float64)
    except ValueError:
        found = np.array(None)
    if found.dtype.kind not in "biuf":
        raise ShapeError("value must be a number or lists of numbers of equal lengths", hint="value: [[1, 2], [3, 4]]")
    with np.errstate(over="ignore", invalid="ignore"):
        result = found.astype(dtype)
    if result.dtype.kind != "f" and not (result == found).all():
        wrong = found[result != found].flat[0]
        raise ShapeError(f"value holds {wrong}, which is no {result.dtype}", hint='dtype: "float"')
    return result


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs and outputs weights of `shape` (in, out) join; a vector (in,) has one output.

    Those of a convolution (out, in, height, width) join so many for each element of the kernel.
    """
    if len(shape) == 4:
        kernel = shape[2] * shape[3]
        return shape[1] * kernel, shape[0] * kernel
    return shape[0], shape[1] if len(shape) == 2 else 1


@op(
    formula=r"\theta",
    category="source",
    samples=[
        Sample((), {"shape": (3, 4), "init": init}) for init in ("zeros", "ones", "normal", "uniform", "xavier", "he")
    ]
    + [Sample((), {"shape": (2,), "init": "constant", "value": (1.0, 2.0)})],
    no_gradient=SOURCE,
)
def parameter(
    xp: Any,
    *,
    shape: Annotated[tuple[int, ...], Start((1,))],
    init: Literal["zeros", "ones", "constant", "normal", "uniform", "xavier", "he"] = "zeros",
    value: Any = 0.0,
    scale: float = 1.0,
    seed: Seed = None,
    dtype: FloatDtype = "float",
    stream: Stream = 0,
) -> Any:
    """A value that training changes. What it starts from is a function of the seed and the node alone.

    `init`: zeros; ones; constant, which is `value`, a number or lists in `shape`; normal of standard
    deviation `scale`; uniform between −`scale` and `scale`; for weights (in, out) xavier, uniform within
    √(6 / (in + out)) (Glorot and Bengio, 2010), and he, normal of standard deviation √(2 / in) (He et al.,
    2015); of a convolution's (out, in, height, width) both count for each element of the kernel. A `seed` of null is
    the run's; outside a run it is 0.
    """
    _check_start(shape, init, value, dtype)
    if init in ("zeros", "ones", "constant"):
        fill = numbers(value, dtype) if init == "constant" else init == "ones"
        return xp.asarray(np.full(shape, fill, dtype))
    state = random_state(seed or 0)
    if init == "normal" or init == "he":
        std = scale if init == "normal" else math.sqrt(2 / max(fans(shape)[0], 1))
        return xp.asarray(normal(state, stream, shape, dtype) * std)
    bound = scale if init == "uniform" else math.sqrt(6 / max(sum(fans(shape)), 1))
    return xp.asarray((2 * uniform(state, stream, shape, dtype) - 1) * bound)


def _check_start(shape: tuple[int, ...], init: str, value: Any, dtype: str) -> None:
    """Refuse what the parameter cannot start from."""
    lengths(shape)
    if init in ("xavier", "he") and len(shape) not in (1, 2, 4):
        fits = "weights (in, out) or (out, in, height, width)"
        raise ShapeError(f"init {init} needs {fits}, got shape {shape}", hint='init: "normal"')
    if init == "constant" and (found := numbers(value, dtype).shape) not in ((), shape):
        raise ShapeError(f"value has shape {found}, but the parameter {shape}", hint="a number fills any shape")


@parameter.shape
def _(
    *, shape: tuple[int, ...], init: str, value: Any, scale: float, seed: int | None, dtype: str, stream: int
) -> Aval:
    _check_start(shape, init, value, dtype)
    return Aval(shape, np.dtype(dtype))


@op(
    formula=r"c",
    category="source",
    samples=[
        Sample((), {"value": 2.0}),
        Sample((), {"value": ((1, 2), (3, 4)), "dtype": "int64"}),
        Sample((), {"value": (1, "inf")}),
    ],
    no_gradient=SOURCE,
)
def constant(
    xp: Any,
    *,
    value: Annotated[Any, Start(1.0)],
    dtype: AnyDtype = "float",
) -> Any:
    """A value that never changes: a number or nested lists of numbers, which give the shape."""
    return xp.asarray(numbers(value, dtype))


@constant.shape
def _(*, value: Any, dtype: str) -> Aval:
    found = numbers(value, dtype)
    return Aval(found.shape, found.dtype)


@op(
    formula=r"(x, y)",
    category="source",
    samples=[Sample((), {"source": "iris"})],
    outputs=("x", "y"),
    no_gradient=SOURCE,
)
def dataset(
    xp: Any,
    *,
    source: str = "digits",
    validation: Annotated[float, Range(0, 1, "of rows", open=True)] = 0.2,
    split_seed: Annotated[int, Range(low=0)] = 0,
    stratify: bool = True,
    held_out: str | None = None,
    standardise: bool = False,
    balance: bool = False,
    target: str | int | None = None,
    header: bool | None = None,
    task: Literal["classification", "regression"] | None = None,
    classes: Annotated[int | None, Range(low=1)] = None,
    window: Annotated[int | None, Range(low=1, unit="characters")] = None,
    image_size: tuple[int, ...] | None = None,
    colour: Literal["grey", "rgb"] | None = None,
    samples: Annotated[int | None, Range(1, 10_000_000)] = None,
    noise: Annotated[float | None, Range(0, 1_000_000, usual=(0, 1))] = None,
    data_seed: Annotated[int | None, Range(low=0)] = None,
    categories: tuple[tuple[str, ...], ...] | None = None,
) -> Any:
    """Batches of rows `x` (N, …) and targets `y` from a data set or a file.

    `source` is a built-in set (digits, iris, wine, breast_cancer, diabetes), a made one (moons, spirals, blobs, xor,
    sine, shapes), a file beside the document (CSV, NPY, NPZ, IDX as MNIST has it, text) or a folder of images, whose
    name ends in / and which holds a folder for each class. The part `validation` of the rows is held out, chosen by
    `split_seed`, with `stratify` class by class; or those held out are another file, which `held_out` names, as MNIST
    has one. `standardise` brings each column to mean 0 and deviation 1 as fitted on the other rows, among which
    `balance` repeats those of rare classes until all classes are as frequent.

    The rest is null where the source says it itself. Of a file, `target` names the column, array or file of targets,
    `header` says whether the first row holds names, `task` whether targets are labels or numbers, and `classes` how
    many labels there are. A column of text in a table becomes a column of 0 and 1 for each of its texts, and a target
    of text the number of its class; `categories` lists these texts, as in [["colour", "blue", "red"]]: training notes
    there what it found, so that another file is read alike, and a text that is not listed is refused. `window` makes a
    .txt a text of which each sample is so many characters, and its targets those that come next. `image_size` (height,
    width) and `colour` are those of images. `samples`, `noise` and `data_seed` say how a made set is drawn.
    """
    raise RunError(f"the data set {source!r} is not loaded", hint="a session loads it")


@dataset.shape
def _(*, source: str, **_: Any) -> Aval:
    raise ShapeError(f"the shapes of the data set {source!r} are not known", hint="a session loads it")


@op(formula=r"x", category="source", samples=[Sample((), {"of": "parameter0"})], no_gradient=SOURCE)
def shared(xp: Any, *, of: ParameterId) -> Any:
    """The parameter whose id is `of`, once more: a second place in the graph for one value.

    The parameter's gradient is the sum of what comes back to all of its places.
    """
    raise RunError(f"the parameter {of!r} is not there outside a graph", hint="wire the parameter itself")


@shared.shape
def _(*, of: str) -> Aval:
    raise ShapeError(f"the shape of the parameter {of!r} is not known", hint="a graph knows it")
