"""What is found of a run: it begins at an iteration, goes on, and ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ...errors import RunError

if TYPE_CHECKING:
    from ..edits import Edit
    from .diagnosis import Band

BEGINS, GOES_ON, WORSENS, ENDS = "begins", "goes on", "worsens", "ends"


@dataclass(frozen=True)
class RunFinding:
    """One thing that is wrong with a run; the fields of a finding about one iteration mean the same here.

    `node` is an id, nothing where it is about the run. `about` explains it; `measured` is the number and `band` what
    was required of it, at least and at most. It holds from iteration `began` to `number`, the last that was looked at.
    `plot` is the title of the plot that shows it. `edit` is what would mend it, where one does: `mending` makes it.
    """

    rule: str
    level: str
    node: str
    text: str
    mend: str
    word: str
    about: str
    measured: float
    band: Band
    plot: str
    began: int
    number: int
    state: str
    edit: Edit | None = None

    @property
    def key(self) -> tuple[str, str]:
        """By what it is the same finding from one fact to the next."""
        return self.rule, self.node

    @property
    def ended(self) -> bool:
        """Whether it has come to an end."""
        return self.state == ENDS

    def to_json(self) -> dict[str, Any]:
        """As JSON values: an infinity or a NaN becomes a text."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found["measured"] = float(self.measured) if math.isfinite(self.measured) else str(self.measured)
        return {**found, "band": list(self.band)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> RunFinding:
        """What `to_json` gave. Raises `RunError` for anything else."""
        try:
            found = {field.name: told[field.name] for field in fields(cls)}
            texts = ("rule", "level", "node", "text", "mend", "word", "about", "plot", "state")
            low, high = (None if limit is None else float(limit) for limit in found["band"])
            found.update({name: str(found[name]) for name in texts}, band=(low, high))
            found.update(measured=float(found["measured"]), began=int(found["began"]), number=int(found["number"]))
            if not isinstance(found["edit"], Mapping | None):
                raise TypeError
            return cls(**found)
        except (KeyError, TypeError, ValueError) as error:
            raise RunError("this is not a finding of a run, as its log has them") from error
