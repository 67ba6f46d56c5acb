"""What a graph is refused for, a call on arrays is refused for too: misfits of every op, made from its samples."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple, get_args, get_origin

import numpy as np
import pytest
from test_ops import FED, draw

from gradwire.core.errors import DataError, GradwireError, ShapeError
from gradwire.core.op import Aval, Op
from gradwire.core.ops import builtin
from gradwire.core.parameters import HIDDEN, Parameter
from gradwire.core.promotion import promoted_avals

OPS = {found.name: found for found in builtin() if found.name not in FED}
LENGTHS = (-5, -2, -1, 0, 1, 2, 3, 7)
NUMBERS = (-2.0, 0.0, 0.25, 1.0, 3.0)


class Misfit(NamedTuple):
    """Arguments and parameters of which one is not as the sample has it; `what` says which."""

    what: str
    args: tuple[Any, ...]
    params: dict[str, Any]


def _others(arg: Any) -> Iterator[tuple[str, Any]]:
    """Arrays of another shape or dtype, of numbers that pick something wherever they are labels."""
    yield "a scalar", arg.reshape(-1)[0] if arg.size else np.zeros((), arg.dtype)
    yield "one axis more", arg[None]
    yield "one axis more behind", arg[..., None]
    if arg.ndim:
        yield "one axis less", arg[0] if len(arg) else np.zeros(arg.shape[1:], arg.dtype)
        yield "flat", arg.reshape(-1)
    for axis, length in enumerate(arg.shape):
        yield f"one less along {axis}", np.take(arg, range(length - 1), axis)
        yield f"one more along {axis}", np.concatenate([arg, np.take(arg, range(1), axis)], axis)
        yield f"one along {axis}", np.take(arg, range(min(length, 1)), axis)
        yield f"none along {axis}", np.take(arg, range(0), axis)
    for dtype in ("bool", "int64", "float64"):
        if arg.dtype != dtype:
            yield dtype, (np.abs(arg) > 0.5).astype(dtype)


def _values(parameter: Parameter) -> Iterator[Any]:
    kinds = get_args(parameter.annotation) or (parameter.annotation,)
    if int in kinds:
        yield from LENGTHS
    if float in kinds:
        yield from NUMBERS
    for kind in (parameter.annotation, *kinds):
        if get_origin(kind) is tuple:
            yield from ((), (0,), (2,), (0, 0), (1, 0), (2, 3), (-1, 2), (3, 2, 1), (0, 1, 1))
    yield from (option for option in kinds if isinstance(option, str))


def misfits(found: Op) -> Iterator[Misfit]:
    """What differs from a sample in one argument or one parameter: some of it fits."""
    for sample in found.samples:
        args, params = draw(sample), found.check_parameters(sample.params)
        for i, arg in enumerate(args):
            if not found.ports[min(i, len(found.ports) - 1)].hidden:
                for what, other in _others(np.asarray(arg)):
                    yield Misfit(
                        f"{found.port_name(i)}: {what}", (*args[:i], np.asarray(other), *args[i + 1 :]), params
                    )
        for name, parameter in found.parameters.items():
            for value in _values(parameter) if parameter.role not in HIDDEN else ():
                try:
                    given = found.check_parameters({**params, name: value})
                except GradwireError:
                    continue  # whoever calls it is refused before
                yield Misfit(f"{name}: {value}", args, given)


def inferred(found: Op, misfit: Misfit) -> tuple[Aval, ...] | None:
    """What the shape rule says of a misfit, None where it refuses it."""
    avals = [Aval(arg.shape, arg.dtype) for arg in misfit.args]
    try:
        return found.infer(promoted_avals(found, avals), misfit.params)
    except ShapeError:
        return None


def computed(found: Op, misfit: Misfit) -> tuple[Aval, ...]:
    """What a call on arrays gives."""
    with np.errstate(all="ignore"):
        result = found(*misfit.args, **misfit.params)
    values = result if isinstance(result, tuple) else (result,)
    return tuple(Aval(np.shape(value), np.asarray(value).dtype) for value in values)


def refuses(found: Op, misfit: Misfit) -> bool:
    try:
        computed(found, misfit)
    except GradwireError:
        return True
    return False


# Of a scalar NumPy has the axes 0 and −1: what it computes is that of a vector of one, and harms nobody.
AS_VECTORS = {
    *("sum", "prod", "max", "min", "logsumexp", "argmax", "argmin", "all", "any", "count_nonzero"),
    *("cumsum", "cumprod", "repeat", "argsort", "softmax", "log_softmax", "softmin"),
}


@pytest.mark.parametrize("name", OPS)
def test_what_a_graph_is_refused_for_is_not_computed_of_arrays(name: str) -> None:
    found = OPS[name]
    wrong = [misfit for misfit in misfits(found) if inferred(found, misfit) is None]
    if name in AS_VECTORS:
        wrong = [misfit for misfit in wrong if misfit.args[0].ndim]
    assert list(dict.fromkeys(misfit.what for misfit in wrong if not refuses(found, misfit))) == []


@pytest.mark.parametrize("name", sorted(AS_VECTORS))
def test_a_scalar_has_the_result_of_a_vector_of_one(name: str) -> None:
    found, params = OPS[name], {"repeats": 2} if name == "repeat" else {}
    for axis in (0, -1):
        one, several = (found(np.full(shape, 1.5), axis=axis, **params) for shape in ((), (1,)))
        assert np.ravel(one).tolist() == np.ravel(several).tolist()


@pytest.mark.parametrize("name", OPS)
def test_what_a_graph_accepts_is_computed_as_its_rule_says(name: str) -> None:
    found = OPS[name]
    for misfit in misfits(found):
        told = inferred(found, misfit)
        if told is not None:
            with suppress(DataError):  # a label, say, that is none
                assert computed(found, misfit) == tuple(told[i] for i in found.visible), misfit.what
