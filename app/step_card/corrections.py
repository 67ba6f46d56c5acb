"""The picture of a gradient that goes back through a mean and a variance: what is taken away, and who shares it."""

from __future__ import annotations

import numpy as np

from ...core.stepping.local import Local
from ...core.tape import Tensor
from .working import Term


def correction_picture(rule: Local) -> tuple[Term, ...]:
    """What the gradient of the first argument is made of, where its op says so; nothing elsewhere."""
    record = rule.delivery.record
    if record.op.corrections is None or rule.delivery.position != 0:
        return ()
    args, made = (
        [np.asarray(each.value) if isinstance(each, Tensor) else each for each in given]
        for given in (record.args, (record.result,) if record.op.single else record.result)
    )
    found = record.op.corrections(np.asarray(rule.upstream), made, *args, **record.params)
    if found is None:
        return ()
    terms = [Term.map_of(sign, name, array) for sign, name, array in found.terms]
    terms[0] = terms[0]._replace(shared=found.axes)
    return (*terms, Term.map_of("=", f"d{rule.delivery.port}", rule.entry.value))
