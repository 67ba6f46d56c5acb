"""What runs came to: put into the document where that is still as it was, else kept until somebody takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.document import Transaction
from ...core.errors import GradwireError
from ..looking_away import come_back
from .starting import RunOrigin

if TYPE_CHECKING:
    from ..editor import Editor

Array = np.ndarray[Any, Any]
TAKE = "Take the trained values"


class Trained(QObject):
    """The values of the last run, where they could not be put into the document. `changed` when there are others."""

    changed = Signal()

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.kept: Mapping[str, Array] = {}  # by id

    def put(self, values: Mapping[str, Array], origin: RunOrigin, told: str, broken: str = "") -> None:
        """Put them into the document, one undo, unless that is another one by now, or they are `broken`, as that says;
        `told` says what was done.
        """
        editor, document = self._editor, self._editor.home.document
        if broken:  # nobody wants them; whoever does finds them in the list of runs
            editor.told.emit(broken, "refusal")
            return
        if not origin.is_still(document):
            self._keep(values)
            line = "graph or values were edited since the run began, so these stay as they are"
            editor.told.emit(f"{told}; {line}", "note")
            return
        try:  # not through the editor, where another graph may be looked at
            with document.transaction("Train", source="training") as t:
                _set(t, values)
        except GradwireError as error:
            self._keep(values)
            editor.told.emit(str(error), "refusal")
            return
        origin.values = document.values
        editor.told.emit(told, "note")

    def take(self) -> None:
        """Put what was kept into the document as it is now, one undo: what still fits there."""
        values, editor = self.kept, self._editor
        come_back(editor)
        nodes = editor.graph.nodes
        fitting = {id: value for id, value in values.items() if id in nodes and _fits(nodes[id], value)}
        if not fitting:
            editor.told.emit("No parameter of the graph has the shape that was trained", "refusal")
        elif editor.attempt(TAKE, lambda t: _set(t, fitting), source="training") is not None:
            self.forget()
            if len(fitting) < len(values):
                editor.told.emit(f"Took {len(fitting)} of {len(values)} trained values: the others fit no more", "note")

    def forget(self) -> None:
        """Another run begins."""
        self._keep({})

    def _keep(self, values: Mapping[str, Array]) -> None:
        if values or self.kept:
            self.kept = values
            self.changed.emit()


def _set(t: Transaction, values: Mapping[str, Array]) -> bool:
    for id, value in values.items():
        t.set_values(id, value)
    return True


def _fits(node: Any, value: Array) -> bool:
    return node.op == "parameter" and tuple(node.params["shape"]) == value.shape
