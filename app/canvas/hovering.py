"""What lies under the pointer of a canvas: in words, and with the net of its wire lit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...core.graph import Source, Wire
from ..editing import seen_name, seen_port
from ..editor import Editor
from ..results.waiting import waits_for
from ..stepping.versions import told as written
from ..undoing import is_looked_at
from .anatomy import PortRef
from .finding_badge import sentence
from .items import Slots
from .places import Hit
from .scene import Scene
from .under_badge import BEGUN, FOUND, MET, WRITTEN

if TYPE_CHECKING:
    from ..results.findings import AnyFinding

ON_NODE = "a click on its badge shows what helps"
PARTS = "gradients meet here: a click shows the parts"
LOOKS = "a click looks for what mends it"


class Hover:
    """Follows the pointer; `changed` is called where something else is to be drawn."""

    def __init__(
        self,
        editor: Editor,
        scene: Scene,
        changed: Callable[[], object],
        findings: Callable[[str, bool], list[AnyFinding]],  # of an item, or of those its badge tells
    ) -> None:
        self._editor = editor
        self._scene = scene
        self._changed = changed
        self._findings = findings
        editor.findings.mends.found.connect(self._learn)
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
        elif hit.port is not None and not hit.port.output and (told := self._waiting(hit.port)):
            self.text = told
        elif hit.part == MET:
            self.text = PARTS
        elif hit.item is not None and (sources := self._scene.item(hit.item).sources):
            fates = self._editor.memory.fates(sources[0])
            self.text = (
                self._written(hit, sources[0])
                or self._begun(hit)
                or self._found(hit.item, hit.part == FOUND)
                or ("" if fates is None else fates.sentence)
                or waits_for(self._editor, sources[0])
            )
        self._changed()

    def leave(self) -> None:
        """The pointer is over nothing that is known."""
        self.over(Hit())

    def _found(self, item: str, badge: bool) -> str:
        """What is unusual at an item, and where a click leads; over the badge what mends it is looked for."""
        found, mends = self._findings(item, badge), self._editor.findings.mends
        told = sentence(found)
        if not badge or not found:
            return f"{told} · {ON_NODE}" if found and self._findings(item, True) else told
        offered = () if is_looked_at(self._editor) else mends.of(found[0])
        if offered is None:
            return f"{told} · {LOOKS}"
        return f"{told} · a click offers: {' or '.join(mend.label for mend in offered)}" if offered else told

    def _begun(self, hit: Hit) -> str:
        """What is not finite there, where the pointer is on the badge that says that it begins here."""
        begun = self._editor.live.origin
        if hit.part != BEGUN or hit.item is None or begun is None:
            return ""
        return f"{sentence(self._findings(hit.item, False)) or begun.told(self._editor.graph)} · {LOOKS}"

    def _learn(self) -> None:
        """It may be known now what mends what is under the pointer."""
        if self.hit.part == FOUND:
            hit, self.hit = self.hit, Hit()
            self.over(hit)

    def _written(self, hit: Hit, source: Source) -> str:
        """Who has written a value, where the pointer is on the badge that says that it was."""
        moment = self._editor.stepper.moment
        if moment is None or hit.part != WRITTEN:
            return ""
        return f"{written(moment, source.node, self._editor.graph)} · a click goes there"

    def _waiting(self, port: PortRef) -> str:
        """What is wrong at an input: of one without a wire, what it would take."""
        real = self._scene.real(port)
        found = (p for p in self._editor.problems if (p.node, p.port) == (real.id, real.name))
        return next((f"{real.name}: {problem.told}" for problem in found), "")

    def _words(self, source: Source, target: tuple[str, str] | None) -> str:
        """From where to where, and the shape of the value."""
        graph, entered = self._editor.graph, self._editor.group
        text = seen_name(graph, source.node, entered)
        if target is not None:
            text += f" → {seen_port(graph, *target, entered)}"
        shape = self._editor.shapes.get(source)
        moment, why = self._editor.stepper.moment, ""
        if moment is not None and moment.going_back and target is not None:
            why = moment.timeline.stopped(Wire(source, *target))
        return f"{text}   {shape}" * bool(shape) + text * (not shape) + f"   no gradient comes back: {why}" * bool(why)
