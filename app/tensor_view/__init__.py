"""A tensor shown whole: as a table, heat map, histogram or images, with its statistics."""

from __future__ import annotations

from .viewer import TensorView

__all__ = ["TensorView"]
