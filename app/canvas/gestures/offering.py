"""What a wire in the making would fit, of all that is in view: found once, where the drag begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ....core.graph import Source
from ....core.graph.elements import natural_key
from ...editing.verdict import misfit
from ...look.theme import PORT_RADIUS
from ...search.fitting import fits
from ..anatomy import NOTE, PortRef

if TYPE_CHECKING:
    from ..canvas import Canvas

LEAST_ZOOM = 0.35  # below it no ports are drawn
MOST = 1500  # ports in view: of more, none is told from the others
HALO, DIMMED = 6.0, 150  # scene units around a port that fits; how much of what does not is covered, of 255

Offers = Mapping[PortRef, bool]


def offers(canvas: Canvas, fixed: Sequence[PortRef], forward: bool) -> Offers:
    """Of each port in view at which wires held at `fixed` could end (`forward`) or begin, whether all would fit."""
    scene, view = canvas.scene, canvas.view
    if view.scale < LEAST_ZOOM:
        return {}
    slots = scene.find.slots_in(*view.window(canvas.width(), canvas.height())).tolist()
    items = [item for item in map(scene.items.at, slots) if item.kind != NOTE]
    shown = [
        PortRef(item.id, name, not forward) for item in items for name in (item.inputs if forward else item.outputs)
    ]
    if len(shown) > MOST:
        return {}
    graph, ends = canvas.editor.graph, {port.id for port in fixed}
    loops = ends | (graph.ancestors(ends) if forward else graph.descendants(ends))
    found = {}
    for port in shown:
        real = scene.real(port)
        found[port] = real.id not in loops and real.id in graph.nodes and _fit(canvas, fixed, real, forward)
    return found


def _fit(canvas: Canvas, fixed: Sequence[PortRef], real: PortRef, forward: bool) -> bool:
    """Whether all wires held at `fixed` would fit at one port."""
    for each in fixed:
        source, target = (each, real) if forward else (real, each)
        along = () if forward else [other.name for other in fixed if other.id == target.id]
        if not takes(canvas, Source(source.id, source.name), target, along):
            return False
    return True


def takes(canvas: Canvas, value: Source, target: PortRef, along: Sequence[str] = ()) -> bool:
    """Whether a port would take a value: beside what is wired to the others, else as the op takes it in some case."""
    editor, graph = canvas.editor, canvas.editor.graph
    checked, registry = editor.checking.found, editor.document.registry
    op = registry.get(graph.node(target.id).op)
    if op is None or not op.has_port(target.name):
        return op is None
    if misfit(graph, registry, checked, value, target.id, target.name, along) is not None:
        return False
    wired = {target.name, *along, *graph.inputs(target.id)}
    if op.grows or all(port.optional or port.hidden or port.name in wired for port in op.ports):
        return True
    aval = checked.avals.get(value)
    known = fits(op, aval, editor.session.dtype or graph.dtype)
    return target.name in {fit.port for fit in known}


def paint_offers(painter: QPainter, canvas: Canvas, found: Offers, held: frozenset[str]) -> None:
    """Rings around the ports that fit; what has none is covered by a veil, but for the items `held`."""
    theme, scene = canvas.theme, canvas.scene
    good, veil = QColor(theme.good), QColor(theme.background)
    halo = QColor(theme.good)
    halo.setAlpha(60)
    veil.setAlpha(DIMMED)
    by_item: dict[str, list[PortRef]] = {}
    for port in found:
        by_item.setdefault(port.id, []).append(port)
    window = canvas.view.window(canvas.width(), canvas.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(veil)
    for slot in scene.find.slots_in(*window).tolist():
        item = scene.items.at(slot)
        if item.id not in held and not any(found[port] for port in by_item.get(item.id, ())):
            x, y, width, height = scene.rect(item.id)
            painter.drawRoundedRect(QRectF(x - HALO, y - 1, width + 2 * HALO, height + 2), 6, 6)
    for port in sorted(found, key=lambda port: natural_key(port.id)):
        if port.id not in scene.visible:
            continue
        middle = QPointF(*scene.position(port))
        if found[port]:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(halo)
            painter.drawEllipse(middle, PORT_RADIUS + HALO, PORT_RADIUS + HALO)
            painter.setPen(QPen(good, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, PORT_RADIUS + 2.5, PORT_RADIUS + 2.5)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(veil)
            painter.drawEllipse(middle, PORT_RADIUS + 2, PORT_RADIUS + 2)
