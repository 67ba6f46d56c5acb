"""A node shown as the simpler ops of which it is made, laid out, with room around it; and the one node again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.graph import GraphView, Source
from ...core.ops import Registry
from ...core.tracing import expand_label, expand_node, fuse_group, fuse_label, standing_for
from ..canvas.anatomy import Anatomist
from ..layout.arranging import layout_of, put
from ..layout.boxes import Box
from ..layout.giving_way import extent, give_way
from ..layout.leading_in import forget, lead_in
from ..layout.leading_past import forget_past, lead_past
from .moving import move

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas


def expand(canvas: Canvas, id: str) -> None:
    """Put in the place of a node a group of the simpler ops of which it is made, as soon as shapes are known. One undo.

    What is recorded is recorded again, so that stepping goes on through the parts.
    """
    editor = canvas.editor

    def act(t: Transaction) -> None:
        around, before = _expanded_around(t.graph, editor.registry, id), _Drawn(canvas, {})
        old = before.box(t.graph, id)
        forget(t, around, before.size)
        forget_past(t, around, before.anatomist, before.size)
        made = expand_node(t, id, editor.checking.found, editor.session.dtype)
        drawn = _Drawn(canvas, made.shapes)
        _lay_out_within(t, id, drawn, old)
        give_way(t, id, old, drawn.box(t.graph, id), drawn.size, editor.group)
        lead_in(t, [*around, id], drawn.anatomist, drawn.size)
        lead_past(t, [*around, id], drawn.anatomist, drawn.size)
        editor.live.stand_ins.add(whole=made.was, part=made.output)

    _attempt(canvas, id, expand_label, act)


def fuse(canvas: Canvas, id: str) -> None:
    """Make a group of parts the one node again, as soon as shapes are known, and let what went aside come back."""
    editor = canvas.editor

    def act(t: Transaction) -> None:
        around, before = _expanded_around(t.graph, editor.registry, id), _Drawn(canvas, {})
        t.expand(id)  # what went aside did so for what it holds
        old = before.box(t.graph, id)
        forget(t, [*around, id], before.size)
        forget_past(t, [*around, id], before.anatomist, before.size)
        made = fuse_group(t, id, editor.checking.found, editor.session.dtype)
        drawn = _Drawn(canvas, {made.output: editor.shapes.get(made.was, "")})
        give_way(t, id, old, drawn.box(t.graph, id), drawn.size, editor.group)
        lead_in(t, around, drawn.anatomist, drawn.size)
        lead_past(t, around, drawn.anatomist, drawn.size)
        editor.live.stand_ins.add(whole=made.output, part=made.was)

    _attempt(canvas, id, fuse_label, act)


class _Drawn:
    """How large things are drawn, of which some are not shown yet: `shapes` are those of their values."""

    def __init__(self, canvas: Canvas, shapes: Mapping[Source, str]) -> None:
        editor = canvas.editor
        known, batch = {**editor.shapes, **shapes}, canvas.scene.anatomist.batch
        self.anatomist = Anatomist(editor.registry, lambda source: known.get(source, ""), canvas.gradients, batch)

    def size(self, graph: GraphView, id: str) -> tuple[float, float]:
        """Of a node, a note or a collapsed group."""
        item = self.anatomist.of(graph, id)
        return item.width, item.height

    def box(self, graph: GraphView, id: str) -> Box:
        """Where a node or group stands, and how large it is."""
        return extent(graph, id, self.size, {})


def _expanded_around(graph: GraphView, registry: Registry, id: str) -> list[str]:
    """The groups around a node or group that were expanded as well, the outermost first."""
    chain = graph.chain(graph.item(id).group)
    return [group for group in reversed(chain) if standing_for(graph, registry, group) is not None]


def _lay_out_within(t: Transaction, id: str, drawn: _Drawn, old: Box) -> None:
    """Lay out what a group holds, so that its frame has its corner where the node had its own."""
    graph, place = t.graph, t.graph.group(id).position
    shown = {each: drawn.anatomist.of(graph, each) for each in graph.interior(id)[0]}
    put(t, layout_of(graph, shown, [id], graph.group(id).group))
    left, top, _, _ = drawn.box(graph, id)
    move(t, [id], old[0] - left, old[1] - top)
    t.move(id, place)  # where it becomes the node again


def _sees_all(canvas: Canvas) -> bool:
    left, top, right, low = canvas.scene.bounds() or (0.0, 0.0, 0.0, 0.0)
    return canvas.view.holds((left, top, right - left, low - top), canvas.width(), canvas.height())


def _attempt(canvas: Canvas, id: str, label: Callable[[str], str], act: Callable[[Transaction], None]) -> None:
    """Do it as one undo once the graph is checked; what is recorded goes on with what stands there then."""
    editor = canvas.editor

    def attempt() -> None:
        if id not in editor.graph.nodes and id not in editor.graph.groups:
            return  # it went while the graph was checked
        all_seen = _sees_all(canvas)
        if editor.refusal(label(editor.graph.item(id).name), act) is not None:
            return
        editor.select([id], id)

        def show() -> None:
            # Who had all in view does not lose what goes aside.
            canvas.bring_into_view(canvas.scene.visible if all_seen else [id], whole=True, made=True)

        show()
        editor.checking.when_known(show)  # with its shapes it may be larger
        if editor.stepper.active:
            editor.branching.record_again()

    editor.checking.when_known(attempt)
