"""One sample of what somebody has given: drawn or typed numbers, a text, a picture file, or one of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter

from ...core.data.datasets import quoted
from ...core.errors import RunError
from .subject import Subject

Array = np.ndarray[Any, Any]
Given = Array | str | int | Path | QImage  # an int is the number of a sample of the data
GREY = np.array([0.299, 0.587, 0.114])  # how much of each colour is brightness, as in data sets of pictures
MOST_PIXELS = 50_000_000


class Tried(NamedTuple):
    """A sample in the data's own numbers, and x and y (1, ...) as the network takes them; y is known of the data's.

    `number` is that of a sample of the data. `read`: it was read from there or from a file, so that who gave it has
    not seen its numbers.
    """

    own: Array
    x: Array
    y: Array | None = None
    number: int | None = None
    read: bool = False


def make(subject: Subject, given: Given) -> Tried:
    """The sample that was given. Raises `RunError` for what is none."""
    if isinstance(given, int):
        number = given % len(subject.x)
        x, y = np.asarray(subject.x[number : number + 1]), subject.y[number : number + 1]
        return Tried(subject.to_own(x), x, y, number, read=True)
    if isinstance(given, str):
        own = _numbers_of(subject, given)
    elif isinstance(given, Path | QImage):
        own = subject.of_picture(_drawn(subject, _read(given) if isinstance(given, Path) else given))
    else:
        own = given
    return Tried(own, subject.to_network(own), read=isinstance(given, Path | QImage))


def text_of(subject: Subject, own: Array) -> str:
    """The characters of a sample of a text."""
    return "".join(subject.classes[int(number)] for number in own.reshape(-1))


def _numbers_of(subject: Subject, text: str) -> Array:
    """The numbers of the last characters of a text, as many as a sample has."""
    needed = int(np.prod(subject.shape))
    known = {letter: number for number, letter in enumerate(subject.classes)}
    strange = next((letter for letter in text if letter not in known), None)
    if strange is not None:
        letters = quoted("".join(subject.classes), 60)
        raise RunError(f"the characters of the data are required, found {quoted(strange)}", hint=f"one of {letters}")
    if len(text) < needed:
        raise RunError(
            f"{needed:,} characters are required, found {len(text):,}", hint="of a longer text the last ones"
        )
    return np.array([known[letter] for letter in text[-needed:]], np.int64).reshape(subject.shape)


def _read(path: Path) -> QImage:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > MOST_PIXELS:
        raise RunError(f"{path.name}: a picture of at most {MOST_PIXELS:,} pixels is required, found {told(size)}")
    image = reader.read()
    if image.isNull():
        found = "a folder" if path.is_dir() else "something else" if path.exists() else "no such file"
        raise RunError(f"{path.name}: a picture is required, found {found}", hint="a PNG, JPEG, BMP or GIF")
    return image


def told(size: QSize) -> str:
    """How large a picture is, in words."""
    return f"{size.width():,} by {size.height():,}"


def _drawn(subject: Subject, image: QImage) -> Array:
    """A picture in the size and in the range of the data, grey where that is; white behind what is transparent."""
    if image.isNull():
        raise RunError("a picture is required, the clipboard holds none", hint="copy one, or drop a file here")
    rows, columns = subject.plane[:2]
    page = QImage(image.size(), QImage.Format.Format_RGB888)
    page.fill(QColor("white"))
    painter = QPainter(page)
    painter.drawImage(0, 0, image)
    painter.end()
    smooth = Qt.TransformationMode.SmoothTransformation
    page = page.scaled(columns, rows, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    page = page.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(page.constBits(), np.uint8).reshape(rows, page.bytesPerLine())
    shares = lines[:, : 3 * columns].reshape(rows, columns, 3) / 255.0
    if len(subject.plane) == 2:
        shares = shares @ GREY
    low, high = subject.range
    return np.asarray(low + shares * (high - low))
