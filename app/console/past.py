"""What was typed in earlier consoles: one line of JSON for each cell, in the data folder."""

from __future__ import annotations

import json
from pathlib import Path

KEPT = 1000  # cells
CELL = 20_000  # characters of one that is kept


class Past:
    """The cells of this user, in a file that all windows append to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[str]:
        """The last cells, oldest first; a line that cannot be read is passed over. A long file is made short."""
        try:
            lines = self.path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return []
        cells = [cell for cell in map(_cell, lines[-KEPT:]) if cell]
        if len(lines) > 2 * KEPT:
            self._write("".join(f"{line}\n" for line in lines[-KEPT:]), "w")
        return cells

    def add(self, cell: str) -> None:
        """Put one down; where the disk refuses it is not, and nothing else depends on that."""
        if cell.strip() and len(cell) <= CELL:
            self._write(json.dumps(cell, ensure_ascii=False) + "\n", "a")

    def _write(self, text: str, mode: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open(mode, encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError:
            return


def _cell(line: str) -> str:
    try:
        cell = json.loads(line)
    except ValueError:
        return ""
    return cell if isinstance(cell, str) else ""
