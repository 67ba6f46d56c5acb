"""What panels, gestures and actions ask of others, whom they do not know: of the canvas, of the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Wishes(QObject):
    """Of one editor; each is asked for by emitting it."""

    add = Signal(str)  # the canvas is to add this op, "layer:NAME" or "own:NAME" in the middle
    card = Signal(str)  # the window is to show the card of this op, "layer:NAME" or "own:NAME"
    sight = Signal(object)  # the canvas is to bring all of these ids into view
    parts = Signal(str)  # the window is to expand this node, or to fuse this group of its parts
    export = Signal(object, str)  # the window is to write this plot into a file of this suffix
    mend = Signal(object)  # the window is to do this Mend, and to place what it puts in
    open_run = Signal(object)  # the window is to show the graph of the run in this folder
    tensorboard = Signal(object)  # the window is to write the run in this folder for TensorBoard
    data = Signal()  # the window is to show the panel of data
    view = Signal(object)  # the tensor viewer is to show this Source
    track = Signal()  # the timeline's track is to have the keyboard: Space and arrows step
    thresholds = Signal()  # the window is to show the thresholds of diagnoses
