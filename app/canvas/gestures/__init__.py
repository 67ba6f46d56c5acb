"""Gestures of the pointer that edit: each kind is one class, and the first that begins with a press has the pointer."""

from __future__ import annotations

from .connect import Break, Connect
from .following_up import FollowUp
from .gesture import Gesture, Press
from .menu import Menu
from .move import Move
from .opening import Open, View
from .rerouting import MoveDots, Reroute
from .select import Select
from .strokes import Cut, LazyConnect

GESTURES: tuple[type[Gesture], ...] = (
    Cut,
    FollowUp,
    Open,
    View,
    Break,
    Connect,
    LazyConnect,
    Reroute,
    Menu,
    MoveDots,
    Move,
    Select,
)

__all__ = ["GESTURES", "Gesture", "Press"]
