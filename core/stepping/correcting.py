"""Of what the gradient of the first argument of an op is made that goes through statistics, as the op says it."""

from __future__ import annotations

import numpy as np

from ..signature import Corrections
from .local import Local
from .terms import array_of


def corrections_of(rule: Local) -> Corrections | None:
    """What was taken away from what came back, and by what the rest is multiplied; None where the op says nothing."""
    record = rule.delivery.record
    if record.op.corrections is None or rule.delivery.position != 0:
        return None
    args = [array_of(arg) for arg in record.args]
    results = [array_of(made) for made in ((record.result,) if record.op.single else record.result)]
    with np.errstate(all="ignore"):  # of numbers that are not finite as well
        found: Corrections | None = record.op.corrections(np.asarray(rule.upstream), results, *args, **record.params)
    return found
