"""Training: optimisers and metrics, a loop with events, and a trainer that goes on with the same bits after a kill."""

from __future__ import annotations

from .engine import Engine, Events
from .trainer import Result, Settings, Trainer

__all__ = ["Engine", "Events", "Result", "Settings", "Trainer"]
