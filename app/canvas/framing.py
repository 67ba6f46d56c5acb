"""Showing all, or some, as large as it fits: with what a moment adds to it, and room for the caption beneath."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .extent import around, extent
from .stepping.forks import chips_in_view

if TYPE_CHECKING:
    from .canvas import Canvas

FOOT = 52.0  # pixels that are left free below what is framed: there captions come to stand
STEPPING_FOOT = 104.0  # the same where the longest of them may come
MOST_FOOT = 0.2  # of the height of a low canvas


def fit(canvas: Canvas, ids: Iterable[str] | None = None) -> None:
    """Show all of a canvas, or these nodes and groups, as large as they fit."""
    bounds = extent(canvas.scene, ids)
    if bounds is None:
        return
    foot = FOOT if canvas.editor.stepper.moment is None else STEPPING_FOOT
    high = canvas.height() - min(foot, MOST_FOOT * canvas.height())
    canvas.view.frame(bounds, canvas.width(), high)
    if ids is None and (chips := chips_in_view(canvas)):  # which are placed in what is in view
        canvas.view.frame(around(bounds, chips), canvas.width(), high)
