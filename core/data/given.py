"""Arrays that a script gives a session: written as the .npz files that the graph names, to a folder of their own until
the document is saved, and then beside it. So they are read, checked, split and saved as any file is.
"""

from __future__ import annotations

import filecmp
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from .datasets import quoted

EXAMPLE = 'as in data={"points.npz": (x, y)}'


class Given:
    """`data` by the names of files: (x, y), each what NumPy can make an array of. Raises `DataError` for others."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        arrays = _read(data)
        self.names = tuple(arrays)
        self.folder = Path(tempfile.mkdtemp(prefix="gradwire-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        for name, (x, y) in arrays.items():
            np.savez(self.folder / name, x=x, y=y)

    def refuse_others(self, home: Path) -> None:
        """Raise `DataError` where a file of one of these names, with another content, lies in a folder."""
        for name in self.names:
            there = home / name
            if there.exists() and not filecmp.cmp(self.folder / name, there, shallow=False):
                raise DataError(f"{there} is there already, with other arrays", hint="give the source another name")

    def save(self, home: Path) -> None:
        """Put the files into the folder of a document. Raises `DataError` as `refuse_others` does."""
        self.refuse_others(home)
        for name in self.names:
            if not (home / name).exists():
                shutil.copyfile(self.folder / name, home / name)


def _read(data: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    if not isinstance(data, Mapping):
        raise DataError(f"arrays are given by the name of a file, got {type(data).__name__}", hint=EXAMPLE)
    found = {}
    for name, pair in data.items():
        if not isinstance(name, str) or not name.endswith(".npz") or Path(name).name != name or "\\" in name:
            raise DataError(f"arrays are given by the name of an .npz file, got {quoted(name)}", hint=EXAMPLE)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise DataError(f"{name}: two arrays are required, x and y; got {type(pair).__name__}", hint=EXAMPLE)
        found[name] = (_array(name, "x", pair[0]), _array(name, "y", pair[1]))
    return found


def _array(name: str, which: str, value: Any) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(value)
    except ValueError:
        raise DataError(f"{name}: {which} must be numbers in rows of one length") from None
    if array.dtype.kind not in "biufU":
        raise DataError(f"{name}: {which} must be numbers, or text labels; found {array.dtype}")
    return array
