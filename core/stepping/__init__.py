"""Stepping through an iteration: forwards and backwards in time, over the arrays that one run has made."""

from .moment import Gradient, Moment, State, settled
from .timeline import Cursor, Delivery, Micro, Step, Timeline, lay_out

__all__ = ["Cursor", "Delivery", "Gradient", "Micro", "Moment", "State", "Step", "Timeline", "lay_out", "settled"]
