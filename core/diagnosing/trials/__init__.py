"""Diagnoses that need runs of their own: on copies, so that no value of the document changes.

Each is a generator of immutable reports, of which the last holds the verdict: it can be shown as it goes, and is
stopped by not asking for more.
"""

from __future__ import annotations

from .mixing import Mixed, batch_mixing
from .modes import ByMode, train_and_eval
from .noise import Noise, gradient_noise
from .overfit import Overfit, overfit_batch
from .rates import RateRange, learning_rate_range

__all__ = [
    "ByMode",
    "Mixed",
    "Noise",
    "Overfit",
    "RateRange",
    "batch_mixing",
    "gradient_noise",
    "learning_rate_range",
    "overfit_batch",
    "train_and_eval",
]
