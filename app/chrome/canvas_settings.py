"""How the canvas of a window shows nodes, remembered from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..canvas.canvas import Canvas
    from ..settings import Settings

NAMES = ("gradients", "order_badges", "decimals", "follows_step")  # attributes of the canvas
DECIMALS = range(13)


class CanvasSettings:
    """Of one canvas."""

    def __init__(self, canvas: Canvas, settings: Settings) -> None:
        self._canvas, self._settings = canvas, settings
        for name in NAMES:
            setattr(canvas, name, settings.get(f"canvas/{name}", getattr(canvas, name)))

    def set(self, name: str, value: object) -> None:
        """Set one of `NAMES`, and remember it."""
        setattr(self._canvas, name, value)
        self._settings.set(f"canvas/{name}", value)
        self._canvas.update()

    def set_decimals(self, decimals: int) -> None:
        """Show numbers with so many digits after the point."""
        decimals = min(max(decimals, DECIMALS[0]), DECIMALS[-1])
        self.set("decimals", decimals)
        self._canvas.editor.told.emit(f"Numbers with {decimals} decimals", "note")
