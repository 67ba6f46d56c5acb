"""Checkpoints: all that a run needs to go on with the same bits, in one file written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError, RunError
from ..parameters import shown

FORMAT = "gradwire checkpoint 1"
SUFFIX = ".ckpt"
BEST = ":best:"  # before the slots of the epoch that early stopping found best
POSITION = {"epoch": int, "iteration": int, "loss": dict, "history": list, "run": dict}


def write(path: Path, state: Mapping[str, np.ndarray[Any, Any]], position: Mapping[str, Any]) -> None:
    """Write the arrays of `state` and the JSON values of `position`.

    Raises `FileError`; an old file stays whole.
    """
    from safetensors.numpy import save

    digest = _digest(state)
    data = save(dict(state), {"format": FORMAT, "position": json.dumps(position), "digest": digest})
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):  # the reason why it cannot be written may hinder this too
            temporary.unlink(missing_ok=True)
        raise FileError(f"the checkpoint {path} cannot be written: {error.strerror or error}") from error


def make_folder(folder: Path) -> None:
    """Make the folder of a run's checkpoints before it starts.

    Raises `FileError` where they could not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = None if os.access(folder, os.W_OK) else "it is write-protected"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise FileError(f"checkpoints cannot be written to {folder}: {reason}")


def check_run(path: Path, found: Mapping[str, Any], wanted: Mapping[str, Any], what: str = "the checkpoint") -> None:
    """Raise `RunError` where `what` is at `path` is of a run of another graph or with other settings."""
    for name, value in wanted.items():
        new = json.loads(json.dumps(value))  # as it is read back: a tuple is a list then
        if found.get(name) != new:
            other = "another graph" if name == "loss" else _difference(name, found.get(name), new)
            message = f"{what} {path} is of a run with {other}"
            raise RunError(message, hint="it goes with its own file and settings")


def _difference(name: str, old: Any, new: Any) -> str:
    """Two values of a setting; of several settings together those of the first that is another."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        names = sorted(old.keys() | new.keys(), key=lambda each: (each != "name", each))
        inner = next((each for each in names if old.get(each) != new.get(each)), names[0])
        return _difference(f"{name} {inner}", old.get(inner), new.get(inner))
    return f"{name} {_shown(old)}, not {_shown(new)}"


def _shown(value: Any) -> str:
    """A setting in a message, of several that have a name that."""
    if isinstance(value, Mapping):
        return str(value["name"]) if "name" in value else shown(value)
    return "none" if value is None else str(value)


def read(path: Path) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, Any]]:
    """The state and the position that `write` wrote. Raises `FileError`."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            # A copy of each: what is read may be a read-only view, and training writes in place.
            state = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise FileError(f"there is no checkpoint {path}", hint=_others(path)) from None
    except (OSError, SafetensorError) as error:
        hint = _earlier(path) if path.stem.isdecimal() else None
        raise FileError(f"the checkpoint {path} cannot be read: {error}", hint=hint) from error
    if metadata.get("format") != FORMAT:
        raise FileError(f"{path} is no checkpoint of a run", hint=_others(path))
    try:
        position = json.loads(metadata["position"])
        complete = all(type(position[name]) is kind for name, kind in POSITION.items())
    except (KeyError, TypeError, ValueError, RecursionError):
        complete = False
    if not complete:
        raise FileError(f"the checkpoint {path} does not say where its run was", hint=_earlier(path))
    if metadata.get("digest") != _digest(state):
        message = f"the checkpoint {path} is damaged: its numbers are not those that were written"
        raise FileError(message, hint=_earlier(path))
    return state, position


def apart(
    found: Mapping[str, np.ndarray[Any, Any]],
) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, np.ndarray[Any, Any]]]:
    """The state of a run, and the slots of its best epoch, which a checkpoint holds beside each other."""
    best = {slot.removeprefix(BEST): array for slot, array in found.items() if slot.startswith(BEST)}
    return {slot: array for slot, array in found.items() if not slot.startswith(BEST)}, best


def _digest(state: Mapping[str, np.ndarray[Any, Any]]) -> str:
    """A hash of the arrays, which tells a damaged file from a whole one."""
    found = sha256()
    for name in sorted(state):
        found.update(f"{name} {state[name].dtype.str} {state[name].shape}\n".encode())
        found.update(np.ascontiguousarray(state[name]).tobytes())
    return found.hexdigest()


def newest(folder: Path) -> Path | None:
    """The checkpoint of the highest iteration in `folder`, None where there is none."""
    found = [path for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal()]
    return max(found, key=lambda path: int(path.stem), default=None)


def thin(folder: Path, budget: int = 2**30) -> None:
    """Delete the oldest checkpoints of `folder` until they take at most `budget` bytes; two always stay."""
    found = sorted((p for p in folder.glob(f"*{SUFFIX}") if p.stem.isdecimal()), key=lambda path: int(path.stem))
    sizes = [path.stat().st_size for path in found]
    while len(found) > 2 and sum(sizes) > budget:
        found.pop(0).unlink(missing_ok=True)
        sizes.pop(0)


def _earlier(path: Path) -> str:
    """What would do in the place of a damaged checkpoint: the one before it."""
    if not path.stem.isdecimal():
        return _others(path)
    found = [each for each in path.parent.glob(f"*{SUFFIX}") if each.stem.isdecimal()]
    before = max((each for each in found if int(each.stem) < int(path.stem)), key=lambda e: int(e.stem), default=None)
    return "no earlier one lies beside it" if before is None else f"an earlier one is {before}"


def _others(path: Path) -> str:
    folder = path if path.is_dir() else path.parent
    last = newest(folder) if folder.is_dir() else None
    return f"the newest there is {last}" if last else "a run with --out DIR writes DIR/checkpoints/ITERATION.ckpt"
