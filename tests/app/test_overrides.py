"""An error in what Qt calls is told, however deep in Qt it happened; on Python 3.11 PySide alone would crash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from windows import Place

from gradwire.app.overrides import CRASHES, overrides

WITHIN_A_CALL = """
import faulthandler, os, sys
from gradwire.app.entry import load_qt

faulthandler.enable()
os.environ["QT_QPA_PLATFORM"] = "offscreen"
load_qt()
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

class Filter(QObject):
    def eventFilter(self, watched, event):
        return {error}

application, widget, filter = QApplication([]), QWidget(), Filter()
widget.installEventFilter(filter)
font = widget.font()
font.setPointSize(40)
try:
    widget.setFont(font)
except Exception as error:
    print(type(error).__name__)
widget.removeEventFilter(filter)
"""


@pytest.mark.parametrize(
    ("error", "named"), [("[][0]", "IndexError"), ("{}[0]", "KeyError"), ("watched.nothing", "AttributeError")]
)
def test_an_error_within_a_call_into_qt_ends_no_program(error: str, named: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHIN_A_CALL.replace("{error}", error)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, f"{named}\n"), ran.stderr


class Extended(QWidget):
    """Two methods of Qt's, and one of its own."""

    def event(self, event: QEvent) -> bool:
        """What comes."""
        return super().event(event)

    def sizeHint(self) -> object:
        raise KeyError(1)

    def own(self) -> int:
        return 1


def test_methods_of_qt_are_known_from_own_ones(qapp: object) -> None:
    assert [name for name, _ in overrides(Extended)] == ["event", "sizeHint"]
    assert (Extended.event.__name__, Extended.event.__doc__) == ("event", "What comes.")
    with pytest.raises(KeyError):
        Extended().sizeHint()


def extended(base: type) -> Iterator[type]:
    for each in base.__subclasses__():
        yield each
        yield from extended(each)


@pytest.mark.skipif(not CRASHES, reason="PySide does not crash on this Python")
def test_every_class_of_the_window_is_guarded(place: Place) -> None:
    place.start()
    ours = [each for each in extended(shiboken6.Shiboken.Object) if each.__module__.startswith("gradwire.app")]
    assert len(ours) > 100
    assert issubclass(QObject, shiboken6.Shiboken.Object)
    open_ones = {
        f"{each.__name__}.{name}" for each in ours for name, own in overrides(each) if not hasattr(own, "__wrapped__")
    }
    assert open_ones == set()
