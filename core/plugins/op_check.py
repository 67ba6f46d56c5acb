"""An op held against what it says of itself: its shape rule and its gradients, at each of its samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..differences import check_grads
from ..errors import GradwireError
from ..op import Aval, Op
from ..promotion import promoted_avals
from ..signature import Sample
from ..stepping.worked_example import argument


def check_op(op: Op) -> None:
    """Raise `GradwireError` where, at a sample of `op`, what is computed is not as its shape rule says, in float32 and
    in float64, or where a gradient differs from central differences, to second order.
    """
    if not op.samples:
        raise GradwireError(f"{op.name} needs a sample to be checked at", hint="samples=[((2, 3),)]")
    if not op.doc or op.shape_rule is None:
        raise GradwireError(f"{op.name} needs a docstring and a shape rule")
    if op.vjp_rule is None and op.no_gradient is None:
        raise GradwireError(f"{op.name} needs a gradient rule", hint=f"@{op.name}.vjp, or no_gradient='why'")
    for sample in op.samples:
        given = [argument(each, sample, i) for i, each in enumerate(sample.args)]
        for dtype in (np.float32, np.float64):
            _check_shapes(op, [_as(each, dtype) for each in given], sample)
        if op.no_gradient is None:
            _check_gradients(op, [_as(each, np.float64) for each in given], sample)


def _as(given: Any, dtype: Any) -> Any:
    """An argument as an array, its floats of one dtype."""
    if given is None:
        return None
    array = np.asarray(given)
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _check_shapes(op: Op, given: list[Any], sample: Sample) -> None:
    avals = [None if each is None else Aval(each.shape, each.dtype) for each in given]
    inferred = op.infer(promoted_avals(op, avals), op.check_parameters(sample.params, called=True))
    made = op(*given, **sample.params)
    visible = [inferred[i] for i in op.visible]
    for wanted, value in zip(visible, made if isinstance(made, tuple) else (made,), strict=True):
        found = Aval(np.shape(value), np.asarray(value).dtype)
        if found != wanted:
            raise GradwireError(f"{op.name} must give {wanted}, as its shape rule says, got {found}")


def _check_gradients(op: Op, given: list[Any], sample: Sample) -> None:
    places = [i for i, each in enumerate(given) if each is not None and each.dtype.kind == "f"]
    visible = [op.outputs[i].name for i in op.visible]

    def applied(output: int) -> Any:
        def call(*floats: Any) -> Any:
            complete = list(given)
            for place, value in zip(places, floats, strict=True):
                complete[place] = value
            made = op(*complete, **sample.params)
            return made[output] if len(visible) > 1 else made

        return call

    for output, name in enumerate(visible if places else ()):
        value = np.asarray(applied(output)(*(given[i] for i in places)))
        if value.dtype.kind != "f":
            continue
        try:
            check_grads(applied(output), tuple(given[i] for i in places), modes=("fwd", "rev"), order=2)
        except GradwireError as error:
            raise GradwireError(f"the gradient of {op.name} at its output {name}: {error}") from error
