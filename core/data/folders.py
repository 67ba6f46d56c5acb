"""Folders of images: a folder for each class within it, read by Pillow."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ..cancelling import Cancelled, never, stop_if
from ..errors import DataError, Place, Refusals
from .datasets import Dataset, Options, quoted
from .idx import pixels
from .rows import IN_MEMORY

# By Pillow's name for what is read; nothing else is tried, whatever a file begins with.
FORMATS = {
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "PPM": (".pgm", ".ppm"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
ENDINGS = tuple(ending for endings in FORMATS.values() for ending in endings)
GREY = ("1", "L", "LA")
COLOUR = ("P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")
MOST_PIXELS = 2**26  # of one image
ORIENTATION, TURNED = 0x0112, (5, 6, 7, 8)  # the Exif field, and its values that say "on its side"


class Picture(NamedTuple):
    """An image file as its header tells it: height and width as it is looked at."""

    path: Path
    shown: str
    label: int
    size: tuple[int, int]
    grey: bool


def is_folder(text: str) -> bool:
    """Whether a source of this name is a folder: it ends in a slash."""
    return text.endswith(("/", "\\"))


def classes_of(folder: Path, shown: str) -> dict[str, list[Path]]:
    """The image files of each class, both sorted by name; what is hidden or no image is passed over.

    Raises `DataError` where there are no classes, where one is empty, and for a link out of the folder.
    """
    home = folder.resolve()
    found = {}
    for each in sorted(folder.iterdir()):
        if each.name.startswith(".") or not each.is_dir():
            continue
        files = sorted(
            path for path in each.iterdir() if path.suffix.lower() in ENDINGS and not path.name.startswith(".")
        )
        if not files:
            raise DataError(
                f"{shown}{each.name}/: an image of the class {quoted(each.name)} is required; found none",
                hint=f"files that end in {', '.join(ENDINGS)}; or take the folder away",
            )
        for path in files:
            if not path.resolve().is_relative_to(home) or not path.is_file():
                raise DataError(
                    f"{shown}{each.name}/{path.name}: a file within that folder is required; found a link elsewhere",
                    hint="copy it there",
                )
        found[each.name] = files
    if not found:
        raise DataError(
            f"{shown}: a folder for each class is required, with its images; found no folder in it",
            hint=f"{shown}cat/1.png, {shown}dog/1.png",
        )
    return found


def stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Which bytes the image files hold, as far as can be told without reading them."""
    found = []
    for each in sorted(folder.iterdir()):
        for path in sorted(each.iterdir()) if each.is_dir() else ():
            stat = path.stat()
            found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def read_folder(folder: Path, shown: str, options: Options, cancelled: Cancelled = never) -> Dataset:
    """Read the images of all classes: x (N, channels, height, width) from 0 to 1, y (N,) labels in order of the names.

    All must have one size, or `options.image_size` brings them to it; grey where `options.colour` says so, or where
    it says nothing and all are grey. What is transparent is laid over white, as a page shows it; CMYK becomes RGB
    without regard to colour profiles. Refused is what 8 bits a channel do not hold, and files of several pictures.
    """
    image = _pillow()
    classes = classes_of(folder, shown)
    pictures, refusals = [], Refusals(f"{shown}: ")
    for label, (name, paths) in enumerate(classes.items()):
        for path in paths:
            stop_if(cancelled)
            with refusals.gathering():
                pictures.append(_header(image, path, f"{shown}{name}/{path.name}", label))
    refusals.raise_any()
    size = options.image_size or _one_size(pictures, shown)
    grey = options.colour == "grey" if options.colour is not None else all(each.grey for each in pictures)
    x = _read(image, pictures, size, "L" if grey else "RGB", shown, cancelled)
    y = np.array([each.label for each in pictures], np.int64)
    return Dataset(shown, pixels(x), y, (), tuple(classes), lambda _, row: Place(pictures[row].shown, shown))


def _pillow() -> ModuleType:
    try:
        # Imported here and not above: a graph that reads no images never needs it.
        from PIL import Image
    except ImportError as error:
        raise DataError(
            f"a folder of images needs Pillow, which cannot be imported: {error}", hint="pip install pillow"
        ) from error
    return Image


@contextmanager
def _opened(image: ModuleType, path: Path, shown: str) -> Iterator[Any]:
    """An image by its header. Whatever Pillow raises over its content becomes one `DataError` that names the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are held against our own limit, and of odd metadata
            with image.open(path, formats=tuple(FORMATS)) as opened:
                yield opened
    except DataError:
        raise
    except Exception as error:  # as with arrays: each of its parsers has exceptions of its own
        reason = quoted(str(error).replace(str(path), path.name) or type(error).__name__, 100)
        raise DataError(
            f"{shown}: a whole image is required; found a damaged one, or something else: {reason}",
            hint="take it away, or save it again as PNG",
        ) from error


def _header(image: ModuleType, path: Path, shown: str, label: int) -> Picture:
    with _opened(image, path, shown) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise DataError(
                f"{shown}: an image of at most {MOST_PIXELS:,} pixels is required; found {width} by {height}"
            )
        if opened.mode not in GREY + COLOUR or _is_deep(opened):
            found = f"one of the mode {opened.mode}" if opened.mode not in GREY + COLOUR else "one of 16"
            raise DataError(
                f"{shown}: an image of 8 bits a channel is required; found {found}",
                hint="save it with 8 bits, or save numbers as .npy",
            )
        _refuse_more_than_one(opened, shown)
        turned = opened.getexif().get(ORIENTATION) in TURNED
        return Picture(path, shown, label, (width, height) if turned else (height, width), opened.mode in GREY)


def _refuse_more_than_one(opened: Any, shown: str) -> None:
    """Refuse what moves or has pages. Cameras put a preview beside a photograph (MPO), which is no second picture."""
    if opened.format != "MPO" and getattr(opened, "is_animated", False):
        raise DataError(
            f"{shown}: a file of one picture is required; found {opened.n_frames} pictures",
            hint="save each that is meant as a file of its own",
        )


def _is_deep(opened: Any) -> bool:
    """Whether a file has more than 8 bits a channel, which Pillow cuts to 8 where there are several channels."""
    if opened.format == "PPM":
        return any(isinstance(tile[3], tuple) and int(tile[3][-1]) > 255 for tile in opened.tile)
    return any(";16" in str(tile[3]) for tile in opened.tile)


def _over_white(image: ModuleType, opened: Any, mode: str) -> Any:
    """An image in `mode`, upright, with white behind what is transparent."""
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(opened)
    if not upright.has_transparency_data:
        return upright.convert(mode)
    page = image.new("RGBA", upright.size, "white")
    page.alpha_composite(upright.convert("RGBA"))
    return page.convert(mode)


def _one_size(pictures: Sequence[Picture], shown: str) -> tuple[int, int]:
    (height, width), refusals = pictures[0].size, Refusals(f"{shown}: ")
    for each in pictures:
        if each.size != (height, width):
            refusals.add(
                DataError(
                    f"{each.shown}: an image {height} high and {width} wide is required, as {pictures[0].shown} is;"
                    f" found {each.size[0]} by {each.size[1]}",
                    hint=f'"image_size": [{height}, {width}] brings all to one size',
                )
            )
    refusals.raise_any()
    return height, width


def _read(
    image: ModuleType,
    pictures: Sequence[Picture],
    size: tuple[int, int],
    mode: str,
    shown: str,
    cancelled: Cancelled,
) -> Any:
    """The pixels of all, uint8 (N, channels, height, width)."""
    shape = (len(pictures), 1 if mode == "L" else 3, *size)
    if (needed := int(np.prod(shape, dtype=object))) > IN_MEMORY:
        raise DataError(
            f"{shown}: at most {IN_MEMORY:,} bytes of pixels are read into memory; {shape} would take {needed:,}",
            hint='a smaller "image_size"; or save them as one .npy, which may be larger than memory',
        )
    x, refusals = np.zeros(shape, np.uint8), Refusals(f"{shown}: ")
    for row, each in enumerate(pictures):
        stop_if(cancelled)
        with refusals.gathering(), _opened(image, each.path, each.shown) as opened:
            upright = _over_white(image, opened, mode)
            if upright.size != size[::-1]:
                upright = upright.resize(size[::-1], image.Resampling.BILINEAR)
            x[row] = np.asarray(upright).reshape(*size, -1).transpose(2, 0, 1)
    refusals.raise_any()
    return x
