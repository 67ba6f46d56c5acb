"""Showing all, or some, as large as it fits: with what a moment adds to it, and room for the caption beneath."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from .anatomy import NOTE
from .extent import around, extent
from .notes import ENOUGH, READ
from .stepping.forks import chips_in_view
from .view import Bounds

if TYPE_CHECKING:
    from .canvas import Canvas

FOOT = 52.0  # pixels that are left free below what is framed: there captions come to stand
STEPPING_FOOT = 104.0  # the same where the longest of them may come
BENEATH = 6.0  # pixels between what lies over the corner and what is framed
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
        bounds = around(bounds, chips)
        canvas.view.frame(bounds, canvas.width(), high)
    _clear_corner(canvas, bounds, high)


def _clear_corner(canvas: Canvas, bounds: Bounds, high: float) -> None:
    """Frame it lower where an item would come to lie under what lies over the left top corner."""
    over, view = canvas.covered_by, canvas.view
    if over is None or not over.isVisible():
        return
    right, bottom = view.to_scene(QPointF(over.width(), over.height()))
    if len(canvas.scene.find.slots_in(*view.to_scene(QPointF(0, 0)), right, bottom)):
        below = over.height() + BENEATH
        view.frame(bounds, canvas.width(), high - below)
        view.place(view.x, view.y + below)


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
