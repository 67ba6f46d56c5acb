"""What a source is, by its name alone, and which settings each kind of source takes."""

from __future__ import annotations

from pathlib import Path

from ..errors import ParameterError
from .bundled import BUILTIN
from .datasets import Options
from .folders import is_folder
from .idx import is_idx
from .made import MADE

TEXT_TABLES = (".csv", ".tsv", ".txt")
SUFFIXES = (*TEXT_TABLES, ".npy", ".npz")

# Of each setting, the kinds of source that take it, and how a message names them.
TAKERS = {
    "target": (("table", "arrays", "idx"), "tables, arrays and IDX files"),
    "header": (("table", "arrays"), "tables"),
    "task": (("table", "arrays", "idx"), "files"),
    "classes": (("table", "arrays", "idx"), "files, and of the made sets spirals and blobs"),
    "window": (("text",), ".txt files"),
    "image_size": (("folder",), "folders of images, and of the made set shapes"),
    "colour": (("folder",), "folders of images"),
    "samples": (("made",), "made sets"),
    "noise": (("made",), "made sets"),
    "data_seed": (("made",), "made sets"),
    "categories": (("table",), "tables of text"),
}
TOLD = {
    "built-in": "the built-in set {}",
    "made": "the made set {}",
    "folder": "the folder of images {}",
    "idx": "the IDX file {}",
    "text": "the text {}",
    "table": "the table {}",
    "arrays": "the arrays of {}",
}


def kind_of(text: str, options: Options) -> str | None:
    """ "built-in", "made", "folder", "idx", "text", "table" or "arrays"; None for what is no source."""
    suffix = Path(text).suffix.lower()
    if text in BUILTIN:
        return "built-in"
    if text in MADE:
        return "made"
    if is_folder(text):
        return "folder"
    if is_idx(text):
        return "idx"
    if suffix == ".txt" and options.window is not None:
        return "text"
    if suffix in TEXT_TABLES:
        return "table"
    return "arrays" if suffix in SUFFIXES else None


def is_file(text: str) -> bool:
    """Whether a name is that of a file or folder of data, which lies beside the document."""
    return is_folder(text) or is_idx(text) or Path(text).suffix.lower() in SUFFIXES


def check_options(text: str, options: Options) -> None:
    """Raise ParameterError for a setting that a source of this name does not take."""
    kind = kind_of(text, options)
    if kind is None:
        return  # told as a source that is not known
    taken = takes(text, options)
    for setting, (_, told) in TAKERS.items():
        value = getattr(options, setting)
        if value is None or setting in taken:
            continue
        raise ParameterError(
            f"{setting} must be null for {TOLD[kind].format(text)}; found {value!r}",
            hint=f"it is a setting of {told}",
        )


def takes(text: str, options: Options) -> frozenset[str]:
    """The settings that a source of this name takes; all for one that is not known, which may become any."""
    kind = kind_of(text, options)
    if kind is None:
        return frozenset(TAKERS)
    found = {setting for setting, (takers, _) in TAKERS.items() if kind in takers}
    if kind == "made":
        found |= {*MADE[text].takes}
    if text.lower().endswith(".txt"):
        found.add("window")  # which tells a text from a table
    return frozenset(found)


def told_kind(text: str, options: Options) -> str:
    """What a source is, in words: `the made set moons`."""
    kind = kind_of(text, options)
    return text if kind is None else TOLD[kind].format(text)
