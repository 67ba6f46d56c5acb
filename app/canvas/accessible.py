"""The canvas as screen readers see it: a list of nodes and groups, each with its ports, all with names in words.

Nothing of this is made before something asks for it. What was made is kept for good: Qt holds on to an interface for
as long as the program runs, and must not find it gone.
Qt takes None for none where the stubs of PySide6 leave that out.
"""

from __future__ import annotations

import weakref
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPoint, QPointF, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QAccessibleStateChangeEvent, QWindow
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import isValid

from .anatomy import PortRef
from .describing import item_words, port_words

if TYPE_CHECKING:
    from .canvas import Canvas

PORT_SIDE = 12.0  # of the square that stands for a port, scene units
_canvases: weakref.WeakSet[Canvas] = weakref.WeakSet()  # those that are shown in windows
_kept: list[QAccessibleInterface] = []


def is_shown(canvas: Canvas, id: str) -> bool:
    """Whether a node or group is there, in the graph and in the scene, which follows it a moment later."""
    graph = canvas.editor.graph
    return id in canvas.scene.items.slots and (id in graph.nodes or id in graph.groups)


class Part(QAccessibleInterface):
    """A part of a canvas that is no widget."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self.canvas = canvas
        _kept.append(self)

    @property
    def shown(self) -> bool:
        """Whether it is there now."""
        raise NotImplementedError

    def isValid(self) -> bool:
        return isValid(self.canvas) and self.shown

    def object(self) -> QObject | None:  # type: ignore[override]  # or None
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]  # or None
        return self.canvas.window().windowHandle() if isValid(self.canvas) else None

    def setText(self, text: QAccessible.Text, content: str) -> None:
        """Names are changed by the actions of the window."""

    def _on_screen(self, x: float, y: float, width: float, height: float) -> QRect:
        view = self.canvas.view
        corner = self.canvas.mapToGlobal(view.to_screen(x, y)).toPoint()
        return QRect(corner.x(), corner.y(), round(width * view.scale), round(height * view.scale))


class PortInterface(Part):
    """A port of a node or group."""

    def __init__(self, canvas: Canvas, port: PortRef) -> None:
        super().__init__(canvas)
        self.port = port

    @property
    def shown(self) -> bool:
        return is_shown(self.canvas, self.port.id) and self.port in self.canvas.scene.ports(self.port.id)

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        found = interface_of(self.canvas)
        return found.item(self.port.id) if found is not None else None

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def text(self, kind: QAccessible.Text) -> str:
        return port_words(self.canvas, self.port) if kind == QAccessible.Text.Name and self.isValid() else ""

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        x, y = self.canvas.scene.position(self.port)
        return self._on_screen(x - PORT_SIDE / 2, y - PORT_SIDE / 2, PORT_SIDE, PORT_SIDE)

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.StaticText

    def state(self) -> QAccessible.State:
        return QAccessible.State()


class ItemInterface(Part):
    """A node or a group, with its ports."""

    def __init__(self, canvas: Canvas, id: str) -> None:
        super().__init__(canvas)
        self.id = id
        self._ports: dict[PortRef, PortInterface] = {}

    @property
    def shown(self) -> bool:
        return is_shown(self.canvas, self.id)

    def _refs(self) -> list[PortRef]:
        return self.canvas.scene.ports(self.id) if self.isValid() else []

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        return interface_of(self.canvas)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        ports = self._refs()
        if not 0 <= index < len(ports):
            return None
        port = ports[index]
        if port not in self._ports:
            self._ports[port] = PortInterface(self.canvas, port)
        return self._ports[port]

    def childCount(self) -> int:
        return len(self._refs())

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        found = (self.child(index) for index in range(self.childCount()))
        return next((port for port in found if port is not None and port.rect().contains(x, y)), None)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        port = getattr(child, "port", None)
        return self._refs().index(port) if port in self._refs() else -1

    def text(self, kind: QAccessible.Text) -> str:
        if kind != QAccessible.Text.Name or not self.isValid():
            return ""
        return item_words(self.canvas, self.canvas.scene.item(self.id))

    def rect(self) -> QRect:
        return self._on_screen(*self.canvas.scene.rect(self.id)) if self.isValid() else QRect()

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if self.isValid():
            editor = self.canvas.editor
            state.selectable = state.focusable = True
            state.selected = self.id in editor.selection
            state.focused = self.id == editor.active and self.canvas.hasFocus()
        return state


class CanvasInterface(QAccessibleWidget):
    """The canvas: a list of what it shows."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, QAccessible.Role.List, "Canvas")
        self.canvas = canvas
        self._items: dict[str, ItemInterface] = {}
        _kept.append(self)

    def _slots(self) -> np.ndarray:
        return np.flatnonzero(self.canvas.scene.items.kinds) if isValid(self.canvas) else np.zeros(0, np.intp)

    def item(self, id: str) -> ItemInterface:
        """What stands for a node or group."""
        if id not in self._items:
            self._items[id] = ItemInterface(self.canvas, id)
        return self._items[id]

    def childCount(self) -> int:
        return len(self._slots())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        slots = self._slots()
        found = self.canvas.scene.items.items[slots[index]] if 0 <= index < len(slots) else None
        return self.item(found.id) if found is not None else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        place = QPointF(self.canvas.mapFromGlobal(QPoint(x, y)))
        hit = self.canvas.hit(*self.canvas.view.to_scene(place))
        return self.item(hit.item) if hit.item is not None else None

    def index_of(self, id: str) -> int:
        """Which child stands for a node or group, -1 where it is not shown."""
        slot = self.canvas.scene.items.slots.get(id)
        return -1 if slot is None else int(np.searchsorted(self._slots(), slot))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self.index_of(getattr(child, "id", ""))

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]  # or None
        active = self.canvas.editor.active
        return self.item(active) if active in self.canvas.scene.items.slots else None


def _made(key: str, object: QObject) -> QAccessibleInterface | None:
    canvas = next((canvas for canvas in _canvases if canvas is object), None)
    return CanvasInterface(canvas) if canvas is not None else None


def interface_of(canvas: Canvas) -> CanvasInterface | None:
    """What screen readers see of a canvas."""
    found = QAccessible.queryAccessibleInterface(canvas) if isValid(canvas) else None
    return found if isinstance(found, CanvasInterface) else None


@cache
def _install() -> None:
    QAccessible.installFactory(_made)


def follow(canvas: Canvas) -> None:
    """Let screen readers see into this canvas."""
    _install()
    _canvases.add(canvas)


def tell_focus(canvas: Canvas) -> None:
    """Say what is active now: by an event, and in the canvas' own description for readers that look no further."""
    scene, active = canvas.scene, canvas.editor.active
    shown = active is not None and is_shown(canvas, active)
    canvas.setAccessibleDescription(item_words(canvas, scene.item(active)) if shown and active is not None else "")
    if not QAccessible.isActive() or not canvas.hasFocus():
        return
    found = interface_of(canvas)
    if found is None or not shown or active is None:
        return
    event = QAccessibleEvent(canvas, QAccessible.Event.Focus)
    event.setChild(found.index_of(active))
    QAccessible.updateAccessibility(event)
    state = QAccessible.State()
    state.selected = True
    changed = QAccessibleStateChangeEvent(canvas, state)
    changed.setChild(found.index_of(active))
    QAccessible.updateAccessibility(changed)
