"""What lies under the pointer of a canvas: in words, and with the net of its wire lit."""

from __future__ import annotations

from collections.abc import Callable

from ...core.graph import Source
from ..editor import Editor
from .items import Slots
from .places import Hit
from .scene import Scene


class Hover:
    """Follows the pointer; `changed` is called where something else is to be drawn."""

    def __init__(self, editor: Editor, scene: Scene, changed: Callable[[], object]) -> None:
        self._editor = editor
        self._scene = scene
        self._changed = changed
        self.hit = Hit()
        self.text = ""
        self.lit: Slots | None = None  # the wires of the net under the pointer

    def over(self, hit: Hit) -> None:
        """The pointer is over this now."""
        if hit == self.hit:
            if self.text:
                self._changed()  # the text goes along with the pointer
            return
        self.hit, self.lit, self.text = hit, None, ""
        if hit.wire is not None:
            self.lit = self._scene.wires.net_of(hit.wire.source)
            self.text = self._words(hit.wire.source, (hit.wire.target, hit.wire.port))
        elif hit.port is not None and hit.port.output:
            self.text = self._words(self._scene.source(hit.port), None)
        elif hit.item is not None and (sources := self._scene.item(hit.item).sources):
            fates = self._editor.memory.fates(sources[0])
            self.text = "" if fates is None else fates.sentence
        self._changed()

    def leave(self) -> None:
        """The pointer is over nothing that is known."""
        self.over(Hit())

    def _words(self, source: Source, target: tuple[str, str] | None) -> str:
        """From where to where, and the shape of the value."""
        graph = self._editor.graph
        text = graph.path(source.node)
        if target is not None:
            text += f" → {graph.path(target[0])}.{target[1]}"
        shape = self._editor.shapes.get(source)
        return f"{text}   {shape}" if shape else text
