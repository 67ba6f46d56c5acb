"""What is wrong at a node while another of its ports is open: refused whatever came there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import GradwireError, ShapeError
from ..op import Op
from ..refusing import FAILURES, outcome
from ..signature import Aval, Draw

GUESSES = 3  # samples of which the shapes are tried at open ports
LONGER = 7  # by how much each axis is longer at a second try


def refused_alone(op: Op, fed: Mapping[str, Aval], params: Mapping[str, Any]) -> ShapeError | None:
    """Why what is `fed`, by port, cannot fit, whatever comes to the ports that are open; None where it may, or where
    nobody knows.

    Tried with values as in the op's samples at the open ports, each at two sizes: what is refused in the same words
    each time, at a port that is fed, has nothing to do with them.
    """
    names = [port.name for port in op.ports if not port.variadic]
    if op.grows or not op.proven or not fed or fed.keys() - set(names):
        return None
    refusals = []
    for avals in _tried(op, names, fed):
        try:
            outcome(op, avals, params)
        except ShapeError as error:
            refusals.append(error)
        except (GradwireError, *FAILURES):
            return None  # a guess for which the rule is not made, or a fault that is no matter of one port
        else:
            return None
    same = {(each.message, each.port) for each in refusals}
    if len(refusals) < 2 or len(same) != 1 or refusals[0].port not in fed:
        return None
    found = refusals[0]
    found.others = ()  # they are of a guess, as a hint is that tells of its numbers
    found.hint = found.hint if len({each.hint for each in refusals}) == 1 else None
    return found


def _tried(op: Op, names: Sequence[str], fed: Mapping[str, Aval]) -> Iterator[list[Aval | None]]:
    wanted = {port.name for port in op.ports if not port.optional and not port.hidden}
    for sample in op.samples[:GUESSES]:
        for more in (0, LONGER):
            tried: list[Aval | None] = []
            for name, argument in zip(names, sample.args, strict=False):
                tried.append(fed.get(name) or (_aval(argument, more) if name in wanted else None))
            yield tried + [fed.get(name) for name in names[len(tried) :]]


def _aval(argument: Any, more: int) -> Aval:
    """That of an argument of a sample, with each axis longer by so many."""
    if isinstance(argument, Draw):
        shape, kind = argument.shape, np.dtype(bool if argument.kind == "bool" else np.int64)
    elif isinstance(argument, tuple):
        shape, kind = argument, np.dtype(np.float32)
    else:
        shape, kind = np.shape(argument), np.asarray(argument).dtype
    return Aval(tuple(length + more for length in shape), kind)
