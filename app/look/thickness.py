"""How thick the wires of gradients are: on one absolute scale, so that one sees where they vanish."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...core.stepping.timeline import Strength

LEAST, MOST = -6.0, 2.0  # decades of the root of the mean square
THIN, PER_DECADE = 1.0, 0.75  # scene units


@lru_cache(maxsize=10_000)
def lane_width(strength: Strength) -> float:
    """How wide a lane is, in scene units, to a quarter of a decade: lanes of one width are drawn together.

    One that is not finite is as wide as lanes come.
    """
    if not np.isfinite(strength.rms):
        return THIN + PER_DECADE * (MOST - LEAST)
    decade = round(4 * np.log10(strength.rms)) / 4 if strength.rms > 0 else LEAST
    return float(THIN + PER_DECADE * (min(max(decade, LEAST), MOST) - LEAST))
