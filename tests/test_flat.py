"""Which ops give zeros back where what comes to them is none: each says why."""

from __future__ import annotations

import numpy as np
from test_adjoints import OPS, Case

from gradwire.core.errors import DataError
from gradwire.core.op import Op


def blocked(found: Op) -> set[str]:
    """The ports to which the op's rule gives 0 at some elements of its samples, some of which are 0 and below."""
    ports = set()
    for sample in found.samples:
        case = Case(found, sample)
        for shift in (0.0, -0.5):
            args = [arg + shift if arg.dtype.kind == "f" and shift else arg for arg in case.args]
            with np.errstate(all="ignore"):
                try:
                    result = found.forward(np, *args, **case.params)
                except DataError:
                    assert shift  # it takes no numbers below 0
                    continue
                given = case.g if found.single else (case.g, *[None] * (len(case.results) - 1))
                entries = found.vjp_rule(given, result, *args, **case.params)
                arrays = [entry() if callable(entry) else entry for entry in entries[: len(args)]]
            for position, array in enumerate(arrays):
                if array is not None and args[position].dtype.kind == "f" and np.any(np.asarray(array) == 0):
                    ports.add(found.ports[min(position, len(found.ports) - 1)].name)
    return ports


def test_every_op_that_gives_zeros_back_says_why() -> None:
    differentiable = [found for found in OPS.values() if found.vjp_rule is not None]
    silent = {found.name: ports for found in differentiable if (ports := blocked(found) - found.flat.keys())}
    assert silent == {}
