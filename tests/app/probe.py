"""The program as its user starts it, which tells in a file, ever anew, where its widgets are and what they say.

Run as `python probe.py TOLD [FILE]`. It reads and changes nothing: the hand that moves the program is xdotool's.
"""

from __future__ import annotations

import json
import os
import sys
from itertools import count
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from gradwire.app import entry
from gradwire.app.application import Application
from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.describing import item_words

LOOKS = count()


def _word(widget: QWidget) -> str:
    """What a user would call it."""
    if isinstance(widget, QAbstractButton | QLabel):
        return widget.text()
    return widget.accessibleName() or (widget.placeholderText() if isinstance(widget, QLineEdit) else "")


def _seen() -> dict[str, list[int]]:
    places = {}
    # A field is called as the label beside it: the label first, so that the field's place stays.
    for widget in sorted(QApplication.allWidgets(), key=lambda each: not isinstance(each, QLabel)):
        word = _word(widget)
        if word and widget.isVisible() and not widget.visibleRegion().isEmpty():
            at = widget.mapToGlobal(QPoint(0, 0))
            places[word] = [at.x(), at.y(), widget.width(), widget.height()]
    return places


def _drawn(canvas: Canvas) -> dict[str, dict[str, object]]:
    """The nodes in the words of a screen reader, and where their ports are on the screen."""
    words, ports = {}, {}
    for id, node in canvas.editor.graph.nodes.items():
        words[node.name] = item_words(canvas, canvas.scene.item(id))
        for port in canvas.scene.ports(id):
            at = canvas.mapToGlobal(canvas.view.to_screen(*canvas.scene.position(port))).toPoint()
            ports[f"{node.name}.{'out' if port.output else port.name}"] = [at.x(), at.y()]
    return {"nodes": words, "ports": ports}


def _look(told: Path, application: Application) -> None:
    window = application.windows[0]
    if not (hasattr(window, "files") and window.files.begun):
        return
    focus = QApplication.focusWidget()
    state = {
        "look": next(LOOKS),
        "window": int((QApplication.activeModalWidget() or window).winId()),
        "seen": _seen(),
        "titles": [each.windowTitle() for each in QApplication.topLevelWidgets() if each.isVisible()],
        "focus": "" if focus is None else _word(focus) or type(focus).__name__,
        "selected": [window.editor.graph.item(id).name for id in window.editor.selection],
        **_drawn(window.canvas),
    }
    told.with_suffix(".new").write_text(json.dumps(state))
    os.replace(told.with_suffix(".new"), told)


def main() -> int:
    """Start the program, and look at it from a timer."""
    told = Path(sys.argv[1])
    begun = Application.__init__

    def begin(self: Application, *args: object) -> None:
        begun(self, *args)
        timer = QTimer(self, interval=100)
        timer.timeout.connect(lambda: self.windows and _look(told, self))
        timer.start()

    Application.__init__ = begin  # type: ignore[method-assign]
    return entry.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
