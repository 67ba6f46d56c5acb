"""What an attached script trains, for the panel of training: curves and words that are marked as the script's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ...core.session import Session
from ..bridge import Request
from ..plots.data import Reference
from .curves import ScriptCurves

if TYPE_CHECKING:
    from ...core.attaching import Seen
    from ..editor import Editor

Levels = Mapping[str, Sequence[Reference]]
NOT_OURS = "An attached script trains, which the window does not control"
ITS_CURVES = "of a script · curves only"
NO_FOLDER = (
    "A script sends how its training goes. Parameters, predictions, distributions and weights over time are read from "
    "the folder of a run that the window trains, and of a script there is none; as they are now the graph shows them."
)
NO_STEPS = "No checkpoints of the script are here to step through its iterations; its values now are in the graph"


class ScriptTraining(QObject):
    """`curves` stay when the script has ended, until the window trains, or shows another document or script."""

    changed = Signal()
    begun = Signal()  # the first training of a script that is attached

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self.curves: ScriptCurves | None = None
        self.goes_on = False  # whether the script is attached
        editor.training.begun.connect(self.forget)
        editor.training.looking.left.connect(self.forget)

    @property
    def shown(self) -> ScriptCurves | None:
        """The curves that stand in the panel: None where those of the window's own run do."""
        return None if self._editor.training.active else self.curves

    @property
    def words(self) -> str:
        """Whose training it is, and where it stands."""
        curves = self.curves
        if curves is None:
            return ""
        return f"{curves.name}{'' if self.goes_on else ' (ended)'}: {curves.words}"

    def take(self, name: str, seen: Seen, levels: Levels) -> None:
        """More of it came from the script of this name."""
        for numbers in seen.numbers:
            first = not self.goes_on
            if self.curves is None or first or self.curves.training != numbers.training:
                self.curves = ScriptCurves(name, numbers.training, levels)
            self.curves.take(numbers)
            self.goes_on = True
            if first:
                self.begun.emit()
        if seen.numbers:
            self.changed.emit()

    def end(self) -> None:
        """The script has ended: its curves stay, unless there are others of the window's own."""
        self.goes_on = False
        if self._editor.training.run is not None:
            self.curves = None
        self.changed.emit()

    def forget(self) -> None:
        """Show nothing of it any more."""
        if self.curves is not None:
            self.curves, self.goes_on = None, False
            self.changed.emit()


def levels_of(session: Session, request: Request) -> Levels:
    """What the curves of a script's graph are read against. For a thread of its own: plots are loaded with it."""
    from ..plots.loading import load_plots
    from ..training.beginning import references

    load_plots(request)
    graph = session.graph
    if graph.training is None or graph.training.loss not in graph.nodes:
        return {}
    return references(graph, session.check())
