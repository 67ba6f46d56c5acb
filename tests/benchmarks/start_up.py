"""From the start of the process to the window: what Python and Qt take alone, and how long large files take to open.

    python tests/benchmarks/start_up.py [ROUNDS]

The goals: the window painted 200 ms after what Python takes by itself; 1,000 nodes opened and checked within 0.3 s,
10,000 within 2 s. "framed" is the first paint, with menus, toolbar and canvas; "filled" the one with the graph or the
examples. Each run is a process of its own with empty settings, and the median of the rounds counts. The second figure
is processor time, which says more where other programs run at the same time. Without DISPLAY it runs offscreen.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fork.gw"
SIZES = (1_000, 10_000)
GOALS = {
    ("Gradwire, welcome page", "framed"): 200,  # beyond what Python takes; all in ms
    ("Gradwire, small file", "framed"): 200,
    ("open 1,000 nodes", "checked"): 300,
    ("open 10,000 nodes", "checked"): 2000,
}
EMPTY_WINDOW = """
from PySide6.QtWidgets import QApplication, QMainWindow
import os
class Window(QMainWindow):
    def paintEvent(self, event):
        os._exit(0)
application = QApplication([])
window = Window()
window.show()
application.exec()
"""


def write(path: Path, length: int) -> None:
    """A file with layers of 20 nodes, each wired to two of the layer before, with shapes to find."""
    from gradwire.core.document import Document
    from gradwire.core.files import save
    from gradwire.core.ops import builtin

    document = Document(registry=builtin())
    with document.transaction("Layers") as t:
        above = [t.add("input", params={"shape": [32, 16]}, position=(0.0, 120.0 * i)) for i in range(20)]
        for layer in range(1, length // 20):
            wired = [{"x": above[i], "y": above[(i + 1) % 20]} for i in range(20)]
            above = [t.add("add", inputs=w, position=(220.0 * layer, 120.0 * i)) for i, w in enumerate(wired)]
    save(path, document.graph, {})


# In the process that is measured.


def tell(name: str) -> None:
    """Print what has passed since the parent started this process."""
    print(name, perf_counter() - float(os.environ["BEGUN"]), process_time(), flush=True)


def watch(arguments: list[str]) -> None:
    """Start the window as `gradwire` does, and tell of its first paint and of the one that shows its content."""
    from gradwire.app import entry

    show = entry._show

    def show_watched(path: Path | None) -> int:
        gc.disable()  # as the program does before it loads anything
        put_mark()  # not earlier: what loads Qt before the program does so itself makes it slower
        return show(path)

    entry._show = show_watched
    entry.main(arguments)


def put_mark() -> None:
    """Tell of the paints of each window that is opened from now on."""
    from PySide6.QtWidgets import QWidget

    from gradwire.app.application import Application
    from gradwire.app.window import Window

    class Mark(QWidget):
        """One pixel above everything, and so painted last."""

        begun = False

        def paintEvent(self, event: object) -> None:  # noqa: N802 (Qt calls it so)
            tell("filled" if self.begun else "framed")
            if self.begun:
                os._exit(0)

    open_window = Application.open_window

    def open_watched(self: Application, *arguments: object, **named: object) -> Window:
        window = open_window(self, *arguments, **named)
        mark = Mark(window)
        mark.setGeometry(0, 0, 1, 1)
        mark.show()

        def begin() -> None:
            mark.begun = True
            mark.raise_()
            mark.update()

        # Connected after the window's own start, which opens the file.
        window.filled.connect(begin)
        return window

    Application.open_window = open_watched


def open_file(path: Path) -> None:
    """Open a file in a window that stands, until it is painted and its shapes are known."""
    from gradwire.app.application import Application

    application = Application()
    window = application.open_window(empty=True)
    while window.editor.checking.busy:
        application.qt.processEvents()
    begun, used = perf_counter(), process_time()
    assert window.files.open(path)
    window.canvas.repaint()
    print("painted", perf_counter() - begun, process_time() - used, flush=True)
    while window.editor.checking.busy or len(window.editor.shapes) < len(window.editor.graph.nodes):
        application.qt.processEvents()
    window.canvas.repaint()
    print("checked", perf_counter() - begun, process_time() - used, flush=True)
    os._exit(0)


# In the process that measures.


def run(command: list[str], compiled: Path) -> Iterator[tuple[str, float, float]]:
    """Run a process with empty settings; what it told, or else how long it took."""
    with tempfile.TemporaryDirectory() as home:
        folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), home)
        # Compiled once, as in an installation: here the modules may be kept as text only.
        environment = {**os.environ, **folders, "PYTHONPYCACHEPREFIX": str(compiled)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if not os.environ.get("DISPLAY"):
            environment["QT_QPA_PLATFORM"] = "offscreen"
        before, begun = os.times(), perf_counter()
        environment["BEGUN"] = str(begun)
        done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=True)
        passed, after = perf_counter() - begun, os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    yield from [(name, float(wall), float(cpu)) for name, wall, cpu in map(str.split, done.stdout.splitlines())] or [
        ("ended", passed, used)
    ]


def main(rounds: int) -> None:
    here = str(Path(__file__).resolve())
    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder) / f"layers{size}.gw" for size in SIZES}
        for size, path in files.items():
            write(path, size)
        cases = {
            "Python": ["-c", "pass"],
            "Python and NumPy": ["-c", "import numpy"],
            "empty Qt window": ["-c", EMPTY_WINDOW],
            "Gradwire, welcome page": [here, "watch"],
            "Gradwire, small file": [here, "watch", str(EXAMPLE)],
            **{f"open {size:,} nodes": [here, "open", str(path)] for size, path in files.items()},
        }
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for turn in range(1 + rounds):  # in turn, so that a busy minute of the machine meets all
            for case, command in cases.items():
                for name, wall, cpu in run(command, Path(folder) / "compiled"):
                    if turn:  # the first one compiles
                        found.setdefault((case, name), []).append((wall, cpu))
    report(found)


def report(found: dict[tuple[str, str], list[tuple[float, float]]]) -> None:
    """Print one line for each thing measured, beside its goal."""
    print("median (best)")
    python = [min(column) for column in zip(*found["Python", "ended"], strict=True)]
    for key, times in found.items():
        columns = list(zip(*times, strict=True))
        wall, cpu = (f"{1e3 * median(column):6.0f} ({1e3 * min(column):5.0f})" for column in columns)
        goal = f"   goal {GOALS[key]}" if key in GOALS else ""
        if goal and key[1] == "framed":
            more = [1e3 * (min(column) - least) for column, least in zip(columns, python, strict=True)]
            goal += ", best beyond Python {:.0f}, processor {:.0f}".format(*more)
        print(f"{key[0]:<24} {key[1]:<8} {wall} ms, processor {cpu}{goal}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["watch", *rest]:
            watch(rest)
        case ["open", path]:
            open_file(Path(path))
        case rest:
            main(int(rest[0]) if rest else 7)
