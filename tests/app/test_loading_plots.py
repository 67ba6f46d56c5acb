"""pyqtgraph asks for all classes of Qt, on a thread: the window's own thread has made them by then."""

from __future__ import annotations

import subprocess
import sys
import threading

from pytestqt.qtbot import QtBot

from gradwire.app.bridge import Request
from gradwire.app.plots.loading import QtClasses

FRESH = """
import sys, threading
from PySide6 import QtCore, QtGui, QtWidgets
from gradwire.app.bridge import Request
from gradwire.app.plots import loading

qt, request = QtWidgets.QApplication([]), Request(lambda request: None)
loading.prepare()
unmade = [name for name in dir(QtWidgets) if name not in vars(QtWidgets)]
thread = threading.Thread(target=loading.load_plots, args=(request,))
thread.start()
while thread.is_alive():
    assert not ("pyqtgraph" in sys.modules and not loading._classes._made.is_set())
    qt.processEvents()
left = [name for module in (QtCore, QtGui, QtWidgets) for name in dir(module) if name not in vars(module)]
print(len(unmade) > 50, left, "pyqtgraph" in sys.modules)
"""


def test_all_classes_are_made_before_pyqtgraph_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "True [] True\n"), done.stderr


def test_who_is_not_wanted_any_more_does_not_wait(qtbot: QtBot) -> None:
    classes, request, answers = QtClasses(), Request(lambda request: None), []
    thread = threading.Thread(target=lambda: answers.append(classes.wait(request)))
    thread.start()
    request.cancel()
    thread.join(20)  # nothing is made: this thread serves no events
    assert answers == [False]
    classes.deleteLater()
