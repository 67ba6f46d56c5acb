"""The words in which the canvas speaks of places: a port, what lies under a point, where something is to be added."""

from __future__ import annotations

from typing import NamedTuple

from ...core.graph import Wire
from .anatomy import PortRef
from .bends import Dot


class Hit(NamedTuple):
    """What lies under a point."""

    item: str | None = None
    port: PortRef | None = None
    wire: Wire | None = None
    part: str = ""  # of the item: "title", "body", "frame", "value", "gradient"
    dot: Dot | None = None  # of the wire


class Place(NamedTuple):
    """Where something is to be added, and what it is to be wired to."""

    x: float
    y: float
    port: PortRef | None = None
    wire: Wire | None = None


class Stub(NamedTuple):
    """The end of a wire that comes into the group shown from outside, or leaves it."""

    port: PortRef
    label: str
