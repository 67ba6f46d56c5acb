"""What is known of the items beside their anatomy: problems, places in the order, what hovering lights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from ...core.errors import GradwireError
from ...core.graph import Graph
from ...core.infer import UNWIRED
from ...core.stepping import Moment
from .anatomy import Item
from .finding_badge import Word, by_face, word
from .gradient_chip import Chip
from .nodes import State
from .scene import Scene
from .seen import Seen
from .values import Shown

if TYPE_CHECKING:
    from ..results.findings import AnyFinding

_NONE: frozenset[str] = frozenset()


class Marks:
    """The marks on the items of one scene."""

    def __init__(self, editor: Seen, scene: Scene, moment: Callable[[], Moment | None]) -> None:
        self._editor = editor
        self._scene = scene
        self._moment = moment  # that is stepped to, None at rest
        self.bad_items: set[str] = set()
        self.origin: tuple[str | None, str] = (None, "")  # the item in which NaN or infinity begins, and which it is
        self.turn = 0  # grows with each check
        self.findings: Mapping[str, list[AnyFinding]] = {}  # by item: what is unusual there
        self.halting: frozenset[str] = _NONE  # items with a breakpoint, or one within
        self._halting_nodes: frozenset[str] = _NONE
        self._found: tuple[AnyFinding, ...] = ()
        self._checked: frozenset[str] = _NONE  # of `bad_items` those that the check has found
        self._bad_ports: dict[str, frozenset[str]] = {}
        self._open_ports: dict[str, frozenset[str]] = {}  # by item: nothing is wired to them yet
        self._order: dict[str, int] = {}
        self._ordered: Graph | None = None

    def take_problems(self) -> None:
        """Mark what the check has found."""
        scene, graph = self._scene, self._editor.graph
        self.turn += 1
        self.bad_items = set()
        ports: dict[str, set[str]] = {}
        waiting: dict[str, set[str]] = {}
        found = set()
        for problem in self._editor.problems:
            if problem.node is None or problem.node not in graph.nodes:
                continue
            face = scene.face(problem.node)
            if face is None:
                continue
            is_open = problem.message == UNWIRED
            if not is_open:  # what is not wired yet is no fault: each new node would be red
                self.bad_items.add(face)
            for port in problem.ports:
                found.add((problem.node, port))
                name = port if face == problem.node else f"{problem.node}.{port}"
                (waiting if is_open else ports).setdefault(face, set()).add(name)
        self._bad_ports = {face: frozenset(names) for face, names in ports.items()}
        self._open_ports = {face: frozenset(names) for face, names in waiting.items()}
        self._checked = frozenset(self.bad_items)
        scene.mark(found)
        self.findings = by_face(scene, self._found)
        self.halting = self._faces(self._halting_nodes)
        self.take_errors()

    def take_errors(self) -> None:
        """Mark what was refused at run time too, on a collapsed group where that is within."""
        graph, face = self._editor.graph, self._scene.face
        self.bad_items = {*self._checked, *self._faces(self._editor.live.errors())}
        begun = self._editor.live.origin
        self.origin = (face(begun.node), begun.word) if begun is not None and begun.node in graph.nodes else (None, "")

    def take_findings(self, found: Iterable[AnyFinding]) -> None:
        """Mark what is unusual about what is shown."""
        self.turn += 1
        self._found = tuple(found)
        self.findings = by_face(self._scene, self._found)

    def take_breakpoints(self, nodes: frozenset[str]) -> None:
        """Mark where a run halts."""
        if nodes != self._halting_nodes:
            self.turn += 1
            self._halting_nodes = nodes
            self.halting = self._faces(nodes)

    def _faces(self, nodes: Iterable[str]) -> frozenset[str]:
        """The items as which nodes are shown: themselves, or the collapsed groups in which they lie."""
        graph = self._editor.graph
        return frozenset(shown for id in nodes if id in graph.nodes and (shown := self._scene.face(id)) is not None)

    def state(self, item: Item, shown: Shown | None, order: bool) -> State:
        """What is drawn on an item."""
        editor = self._editor
        return State(
            item.id in editor.selection,
            item.id == editor.active and len(editor.selection) > 1,
            shown is not None and shown.stale,
            item.id in self.bad_items or (shown is not None and shown.error is not None),
            self._bad_ports.get(item.id, _NONE),
            self._open_ports.get(item.id, _NONE),
            chip=shown.chip if shown is not None else Chip(),
            named=shown is not None and shown.labelled(item),
            order=self._number(item.id) if order else None,
            origin=self.begins(item.id),
            fates=shown.fates if shown is not None else None,
            version=shown.version if shown is not None else "",
            mode=shown.mode if shown is not None else "",
            halts=item.id in self.halting,
            finding=self._finding(item, shown),
        )

    def begins(self, id: str) -> str:
        """What that is not finite begins at an item: "NaN" or "∞"; nothing as long as it has not come to that."""
        begun, moment = self._editor.live.origin, self._moment()
        if id != self.origin[0] or begun is None:
            return ""
        if moment is None or begun.node not in moment.timeline.run.asked.graph.nodes:
            return self.origin[1]
        sent = begun.backward and any(node == begun.node for node, _ in moment.delivered)
        return self.origin[1] if sent or (not begun.backward and moment.computed(begun.node)) else ""

    def _finding(self, item: Item, shown: Shown | None) -> Word:
        found = self.findings.get(item.id)
        return Word() if found is None else word(found, shown, self._moment())

    def wired(self, item: Item, state: State) -> State:
        """The same with the ports that have a wire."""
        graph = self._editor.graph
        if item.id in graph.groups:
            ports = {(name, False) for name in item.inputs if graph.fed(*name.rsplit(".", 1)) is not None}
            for name, source in zip(item.outputs, item.sources, strict=True):
                if any(wire.source == source for wire in graph.consumers(source.node)):
                    ports.add((name, True))
        else:
            ports = {(port, False) for port in graph.inputs(item.id)}
            ports |= {(wire.source.output, True) for wire in graph.consumers(item.id)}
        return state._replace(wired=frozenset(ports))

    def _number(self, id: str) -> int | None:
        graph = self._editor.graph
        if graph is not self._ordered:
            self._ordered = graph
            try:
                self._order = {node: number for number, node in enumerate(graph.order(), 1)}
            except GradwireError:  # a loop, which the problems name: there is no order then
                self._order = {}
        return self._order.get(id)
