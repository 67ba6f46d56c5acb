"""Asking before a run is ended by something else than its own button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files import asking

if TYPE_CHECKING:
    from ..window import Window


def may_end(window: Window, closing: bool = False) -> bool:
    """Whether the run of a window, where one is active, may be ended: the user says so."""
    training = window.editor.training
    if not training.active:
        return True
    where = "" if training.run is None else f" It stops with a checkpoint in {training.run.record.path}."
    text = f"{window.files.name} is being trained.{where} The document keeps the values that it has."
    return asking.confirmed(window, text, "Stop and close" if closing else "Stop the run")
