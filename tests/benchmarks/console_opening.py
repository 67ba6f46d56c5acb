"""What opening the console costs: seconds and memory from the first look at its dock to its prompt.

Run: `.venv/bin/python tests/benchmarks/console_opening.py`. The goal is 0.6 s and 80 MB, and nothing before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5


def memory() -> float:
    """Resident memory in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def once() -> None:
    """Open one console in a new process and print what it took."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from gradwire.app.editor import Editor
    from gradwire.app.look.style import dress
    from gradwire.app.look.theme import DARK
    from gradwire.app.panels.console import ConsolePanel
    from gradwire.core.session import Session

    qt = QApplication([])
    dress(qt, DARK, 1.0)
    editor = Editor(Session())
    panel = ConsolePanel(editor, DARK, folder=Path(tempfile.mkdtemp()))
    qt.processEvents()
    early = {"IPython", "qtconsole"} & sys.modules.keys()
    begun, before, worked = time.perf_counter(), memory(), time.process_time()
    panel.show()
    while panel.view is None or "In [1]" not in panel.view.text:
        qt.processEvents()
    took, work = time.perf_counter() - begun, time.process_time() - worked
    print(f"{took:.3f} {work:.3f} {memory() - before:.1f} {len(early)}")
    panel.engine.close()  # type: ignore[union-attr]
    editor.close()


def main() -> None:
    """Tell the median of several processes."""
    rows = []
    for _ in range(ROUNDS):
        done = subprocess.run([sys.executable, __file__, "once"], capture_output=True, text=True, check=True)
        rows.append([float(word) for word in done.stdout.split()])
    seconds, work, megabytes, early = (sorted(column)[ROUNDS // 2] for column in zip(*rows, strict=True))
    print(f"opening: {seconds:.2f} s ({work:.2f} s of the processor), {megabytes:.0f} MB; loaded before: {early:.0f}")


if __name__ == "__main__":
    once() if sys.argv[1:] == ["once"] else main()
