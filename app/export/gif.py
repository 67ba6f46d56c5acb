"""A film as a GIF: one palette for all its pictures, and of each picture only what differs from the one before."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from ...core.cancelling import Cancelled
from ...core.errors import RunError
from .film import Film, Reel

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

COLOURS = 255  # one of the 256 is for what has not changed
SAMPLES = 8  # pictures from which colours are chosen
SHARP = 1.25  # pixels for each scene unit
INSTALL = "pip install Pillow; an HTML file needs nothing more"


def gif(film: Film, scale: float, stopped: Cancelled) -> bytes:
    """The bytes of a GIF that repeats for ever. Raises `RunError` where Pillow is not there, or when `stopped`."""
    try:
        from PIL import Image
    except ImportError:
        raise RunError("a GIF needs Pillow, found none", hint=INSTALL) from None
    reel = Reel(film, scale * SHARP, stopped)
    palette = _palette(reel)

    def pictures() -> Iterator[Picture]:
        for frame in reel.frames():
            yield _rgb(frame.image).quantize(palette=palette, dither=Image.Dither.NONE)

    found, data = pictures(), io.BytesIO()
    durations = [round(reel.seconds(number) * 1000) for number in range(len(reel))]
    next(found).save(data, "GIF", save_all=True, append_images=found, duration=durations, loop=0, disposal=1)
    return data.getvalue()


def _palette(reel: Reel) -> Picture:
    """The colours of some pictures from the whole of a film."""
    from PIL import Image

    last = len(reel) - 1
    numbers = sorted({round(last * share / (SAMPLES - 1)) for share in range(SAMPLES)})
    wide, high = reel.size
    samples = Image.new("RGB", (wide, high * len(numbers)))
    for row, number in enumerate(numbers):
        samples.paste(_rgb(reel.image(number)), (0, row * high))
    return samples.quantize(COLOURS, dither=Image.Dither.NONE)


def _rgb(image: QImage) -> Picture:
    from PIL import Image

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    size = plain.width(), plain.height()
    return Image.frombytes("RGB", size, bytes(plain.constBits()), "raw", "RGB", plain.bytesPerLine())
