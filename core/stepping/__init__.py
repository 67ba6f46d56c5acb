"""Stepping through an iteration: forwards and backwards in time, over the arrays that one run has made."""

from .laying_out import lay_out
from .moment import Gradient, Moment
from .states import State, settled
from .timeline import Cursor, Delivery, Micro, Pass, Standing, Start, Step, Timeline

__all__ = [
    "Cursor",
    "Delivery",
    "Gradient",
    "Micro",
    "Moment",
    "Pass",
    "Standing",
    "Start",
    "State",
    "Step",
    "Timeline",
    "lay_out",
    "settled",
]
