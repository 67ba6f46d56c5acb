"""What a walk over computed values meets, whether they lie on the tape or in a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .op import Op


class Record(NamedTuple):
    """One application of an op, as a walk meets it.

    `args` are the arguments as they were given, `values` what rules receive for them, `result` what they receive
    for the output (a tuple where there are several). `slot` is the number of the output, of several the first:
    the others follow it. `owner` tells whoever owns the walk where the record comes from.
    """

    op: Op
    args: Sequence[Any]
    values: Sequence[Any]
    params: Mapping[str, Any]
    slot: int
    result: Any
    owner: Any = None

    @property
    def slots(self) -> range:
        """The numbers of all outputs."""
        return range(self.slot, self.slot + len(self.op.outputs))
