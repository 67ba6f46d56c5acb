"""A look at the numbers of a value, to refuse wrong ones: at once, or for values on a device when the run is read.

A label that is no class, a target that is no probability: what the numbers are decides, and no shape rule can know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any, NamedTuple

import numpy as np

Refuse = Callable[[Any], None]
_run = local()


class Look(NamedTuple):
    """One that is still to be taken: at `values` if `wrong`, a boolean on the device, holds. `refuse` raises."""

    values: Any
    wrong: Any
    refuse: Refuse


def look(values: Any, wrong: Callable[[Any], Any], refuse: Refuse) -> None:
    """Call `refuse`, which raises if something is wrong with `values`, where these are NumPy's.

    On a device `wrong(values)`, of each element whether it is wrong, is computed there, and the rest put off until the
    run is read. Outside of such a run nothing is looked at.
    """
    if isinstance(values, (np.ndarray, np.generic)):
        refuse(values)
    elif (looks := getattr(_run, "looks", None)) is not None and id(values) not in _run.seen:
        looks.append(Look(values, wrong(values).any(), refuse))


@contextmanager
def put_off(seen: frozenset[int]) -> Iterator[list[Look]]:
    """Within it the looks at values on a device are gathered; those at values of the ids `seen` are left out."""
    looks: list[Look] = []
    _run.looks, _run.seen = looks, seen
    try:
        yield looks
    finally:
        del _run.looks, _run.seen
