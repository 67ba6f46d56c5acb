"""A plot as a file: a picture as it is seen, or all of its numbers. Each file is written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSizeF
from PySide6.QtGui import QImage, QPaintDevice, QPainter

from ...core.cancelling import Cancelled, never
from ...core.errors import FileError, RunError
from ..export.writing import painting, put_in_place, vector
from ..look.theme import Theme
from .card import SUFFIXES, Array, Card, Sheet

SHARP = 2  # pixels of a PNG for each pixel of the window
ROWS = 2**15  # that are written between two looks at whether the file is still wanted


def export_plot(plot: Card, path: Path, theme: Theme | None = None) -> None:
    """Write a plot in the format that the suffix names. Raises `GradwireError` where it cannot be written."""
    prepare_export(plot, path, theme)(never)


def prepare_export(plot: Card, path: Path, theme: Theme | None = None) -> Callable[[Cancelled], None]:
    """What is left to do, on any thread: pictures are drawn at once, numbers are only referred to.

    `theme` are other colours than those of the window. Raises `FileError` for a format that there is not.
    """
    suffix = path.suffix.lower()
    if suffix in (".png", ".svg"):
        data = _in_colours(plot, theme, _png if suffix == ".png" else _svg)
        return lambda stopped: put_in_place(path, data, stopped)
    if suffix in (".csv", ".json"):
        title, sheets = plot.told_title, plot.sheets()
        if not sheets:
            raise RunError(f"there is nothing to write of {plot.title}", hint="train an iteration first")
        write = _csv if suffix == ".csv" else _json
        return lambda stopped: put_in_place(path, write(title, sheets, path, stopped), stopped)
    raise FileError(f"a plot must end in {', '.join(SUFFIXES)}; found {path.name!r}")


def _in_colours(plot: Card, theme: Theme | None, draw: Callable[[Card], bytes]) -> bytes:
    """Drawn in a theme, in which the plot on the screen is not seen."""
    own = plot.theme
    if theme is None or theme == own:
        return draw(plot)
    plot.set_theme(theme)
    try:
        return draw(plot)
    finally:
        plot.set_theme(own)


def _png(plot: Card) -> bytes:
    image = QImage(plot.size() * SHARP, QImage.Format.Format_RGB32)
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(SHARP, SHARP)
        plot.draw(painter, QRectF(plot.rect()))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


def _svg(plot: Card) -> bytes:
    """Texts are outlines, so that every reader shows the same."""
    from ..export.outlining import outlined

    def draw(device: QPaintDevice) -> None:
        with painting(device) as painter:
            plot.draw(painter, QRectF(plot.rect()))

    return outlined(vector(QSizeF(plot.size()), draw, title=plot.told_title))


def _csv(title: str, sheets: tuple[Sheet, ...], path: Path, stopped: Cancelled) -> bytes:
    """One table: its first column says of which curve a row is; a column that a curve lacks is empty there."""
    names = list(dict.fromkeys(name for sheet in sheets for name in sheet.columns))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([title, *names])
    for sheet in sheets:
        for columns in _parts(sheet, path, stopped):
            length = max((len(column) for column in columns.values()), default=0)
            rows = [columns.get(name, [""] * length) for name in names]
            writer.writerows(zip([sheet.name] * length, *rows, strict=True))
    return text.getvalue().encode()


def _json(title: str, sheets: tuple[Sheet, ...], path: Path, stopped: Cancelled) -> bytes:
    """What JSON has no numbers for is told as "NaN", "Infinity" and "-Infinity"."""
    parts = []
    for sheet in sheets:
        columns: dict[str, list[Any]] = {name: [] for name in sheet.columns}
        for found in _parts(sheet, path, stopped):
            for name, values in found.items():
                columns[name] += [_SPELLED.get(str(value), value) for value in values]
        parts.append({"name": sheet.name, "columns": columns})
    return json.dumps({"title": title, "parts": parts}, ensure_ascii=False, allow_nan=False).encode()


_SPELLED: dict[str, Any] = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _parts(sheet: Sheet, path: Path, stopped: Cancelled) -> Iterator[dict[str, list[Any]]]:
    """The columns as Python's values, so many rows at a time."""
    length = max((len(column) for column in sheet.columns.values()), default=0)
    for start in range(0, length, ROWS):
        if stopped():
            raise RunError(f"{path.name} was stopped before it was written")
        yield {name: _plain(column[start : start + ROWS]) for name, column in sheet.columns.items()}


def _plain(values: Array) -> list[Any]:
    """Numbers of a shorter type with the digits that they have, and not those of the longer one."""
    if values.dtype.kind == "f" and values.dtype.itemsize < 8:
        return [float(text) for text in values.astype(str).tolist()]
    return values.tolist()
