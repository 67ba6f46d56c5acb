"""Graphs of what is written in Python: of a function, and of what an op says that it is made of."""

from __future__ import annotations

from .asking import expand, expand_label, fuse, fuse_label
from .composites import Expanded, expand_node
from .functions import trace
from .fusing import Fused, fuse_group, standing_for
from .parts import is_composite

__all__ = [
    "Expanded",
    "Fused",
    "expand",
    "expand_label",
    "expand_node",
    "fuse",
    "fuse_group",
    "fuse_label",
    "is_composite",
    "standing_for",
    "trace",
]
