"""Showing all, or some, as large as it fits: with what a moment adds to it, and room for the caption beneath."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .anatomy import NOTE
from .extent import around, extent
from .notes import ENOUGH, READ
from .stepping.forks import chips_in_view

if TYPE_CHECKING:
    from .canvas import Canvas

FOOT = 52.0  # pixels that are left free below what is framed: there captions come to stand
STEPPING_FOOT = 104.0  # the same where the longest of them may come
MOST_FOOT = 0.2  # of the height of a low canvas


def above_captions(canvas: Canvas) -> float:
    """How many pixels of a canvas, from its top, are free of captions at its foot."""
    foot = FOOT if canvas.editor.stepper.moment is None else STEPPING_FOOT
    return canvas.height() - min(foot, MOST_FOOT * canvas.height())


def fit(canvas: Canvas, ids: Iterable[str] | None = None) -> None:
    """Show all of a canvas, or these nodes and groups, as large as they fit."""
    bounds = extent(canvas.scene, ids)
    if bounds is None:
        return
    high = above_captions(canvas)
    canvas.view.frame(bounds, canvas.width(), high)
    if ids is None and (chips := chips_in_view(canvas)):  # which are placed in what is in view
        canvas.view.frame(around(bounds, chips), canvas.width(), high)


def begin(canvas: Canvas) -> None:
    """Show all of what was just opened; a lesson so large that its note, which asks the question, can be read.

    Where not all has room then, the rest comes into view with the steps.
    """
    fit(canvas)
    items, bounds = canvas.scene.items, extent(canvas.scene)
    notes = items.boxes[items.kinds == NOTE]
    if bounds is None or not len(notes) or canvas.view.scale >= ENOUGH or not _is_lesson(canvas):
        return
    x, y, wide, high = min(notes.tolist(), key=lambda box: (box[1], box[0]))
    canvas.view.begin(bounds, (x, y, x + wide, y + high), READ, canvas.width(), above_captions(canvas))


def _is_lesson(canvas: Canvas) -> bool:
    return canvas.editor.graph.extra.get("lesson") is True
