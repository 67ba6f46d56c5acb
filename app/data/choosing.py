"""Which set a dataset node reads: an edit, and what leads there from a file of the user's."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.data.idx import is_idx, labels_beside
from ...core.data.kinds import is_file
from ...core.data.sources import locate
from ...core.document import Transaction
from ...core.document.edits import ABSENT
from ...core.errors import DataError
from ..inspecting.data_line import OF_SOURCES

if TYPE_CHECKING:
    from ..editor import Editor

UNSAVED = "data files are looked for beside the document, which has no folder yet (save the document first)"


def choose(editor: Editor, id: str, name: str) -> str | None:
    """Read another set, one undo; the refusal, None where it was taken.

    What was said about how the old one is read or drawn is said no longer.
    """
    node = editor.graph.nodes[id]

    def act(t: Transaction) -> None:
        for setting in sorted(OF_SOURCES.intersection(node.params)):
            t.set_param(id, setting, ABSENT)
        t.set_param(id, "source", name)

    if name == node.params.get("source", "digits"):
        return None
    return editor.refusal(f"Set source of {node.name}", act, source="data panel")


def name_of(path: Path) -> str:
    """What a file or folder is called by a node whose document lies beside it."""
    return path.name + "/" * path.is_dir()


def referred(path: Path, folder: Path | None) -> str | None:
    """A file or folder as a node names it, by its way from the document's folder; None for one that lies elsewhere.

    Raises `DataError` where there is no such folder yet, and for what is no file of data.
    """
    if not is_file(name_of(path)):
        locate(name_of(path), folder)  # which tells what is
    if folder is None:
        raise DataError(UNSAVED)
    home, file = folder.resolve(), path.resolve()
    if not file.is_relative_to(home) or file == home:
        return None
    name = file.relative_to(home).as_posix() + "/" * file.is_dir()
    locate(name, folder)
    return name


def copy_beside(path: Path, folder: Path) -> str:
    """Copy a file or folder of data into the document's folder, with labels that belong to it; what it is called there.

    One that is there already with the same content is taken as it is. Raises `DataError` for another of that name.
    """
    name = name_of(path)
    files = [path]
    if path.is_file() and is_idx(name):
        files += [beside for each in labels_beside(name) if (beside := path.parent / each).is_file()][:1]
    for file in files:
        there = folder / file.name
        if not there.exists():
            _copy(file, there)
        elif file.is_dir() or not there.is_file() or not filecmp.cmp(file, there, shallow=False):
            raise DataError(
                f"{file.name} is beside the document already, with other content", hint="rename one of them"
            )
    return name


def _copy(file: Path, there: Path) -> None:
    """Under its own name only once it is whole."""
    part = there.with_name(f".{there.name}.part")
    try:
        if file.is_dir():
            shutil.copytree(file, part)
        else:
            shutil.copy2(file, part)
        part.rename(there)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)
        raise DataError(f"{file.name} cannot be copied beside the document: {error.strerror or error}") from error
