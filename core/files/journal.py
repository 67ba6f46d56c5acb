"""The journal: what was done to a document since it was saved, kept beside the file for the case of a crash.

One JSON line for each change, after a line that says on which bytes of the file they build: its edits, or, where it
brings back what was there, as after which change the document is again ("as": 0 is the file itself). Who opens a file
asks `recover` first; when the user wants the changes, `Recovered.replay` makes them again, as one undo.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..document import Change, Document
from ..document.edits import Edit, edit_from_json
from ..errors import FileError, GradwireError
from .storage import AnyPath, reason, shown, target_of
from .strict_json import describe, read_json, shorten, to_bytes, write_line

_FORMAT = 2
_READ = (1, 2)  # the first had edits in every line
_LARGEST = 2**31  # bytes of one line, which may hold weights
# How notices end that say more than that something cannot be read.
BUILDS_ELSEWHERE = ": builds on another state of the file"
HOLDS_EARLIER = ": holds changes of an earlier session"


def journal_path(path: AnyPath, folder: Path | None = None) -> Path:
    """Where the journal of the file at `path` stands: beside it, or in a `folder` that is used for many files."""
    target = target_of(Path(path))
    if folder is None:
        return target.with_name(f".{target.name}.journal")
    place = sha256(os.fsencode(target.absolute())).hexdigest()[:16]
    return folder / f".{target.name}.{place}.journal"


class Journal:
    """Writes down the changes of a document from the moment that it is as the file at `path`.

    `digest` is the SHA-256 of that file's bytes as `load` and `save` give it. Nothing is written before the
    first change. Where the journal cannot be written, `failed` says why, `tell` is called with it once, and editing
    goes on without it. `folder` is for a file in whose own folder nothing may be written.
    """

    def __init__(
        self,
        path: AnyPath,
        digest: str,
        folder: Path | None = None,
        tell: Callable[[FileError], object] | None = None,
    ) -> None:
        self.path = journal_path(path, folder)
        self._folder = folder
        self.failed: FileError | None = None
        self._tell = tell
        self._digest = digest
        self._started = False
        self._document: Document | None = None
        self._written = 0  # changes
        self._held: list[dict[str, Any]] = []  # lines of what a document is opened with: written with the first edit
        self._states: dict[tuple[int, int], int] = {}  # of the history -> the change after which it was in this state
        self._end: Callable[[], None] | None = None

    def attach(self, document: Document) -> None:
        """Write down every change of `document` from now on."""
        self.detach()
        self._document = document
        self._begin()
        self._end = document.observe(self._append)

    def _begin(self) -> None:
        """Know which state of the document is that of the file: this one, unless there are changes already."""
        self._states = {}
        if not self._started:
            self._written, self._held = 0, []
            if self._document is not None:
                self._states[self._document.history.state] = 0

    def detach(self) -> None:
        """Write down nothing more; what is written stays."""
        if self._end is not None:
            self._end()
            self._end = None

    def clear(self, digest: str) -> None:
        """Begin anew after a save, or when the user did not want what was recovered.

        `digest` is that of the file as it is now.
        """
        self._digest, self._started, self.failed = digest, False, None
        self._begin()
        self._remove(self.path, *earlier_journals(self.path))

    def follow(self, path: AnyPath, digest: str) -> None:
        """Begin anew after the document was saved at `path`, which may be another file than before."""
        self.clear(digest)
        self.path = journal_path(path, self._folder)

    @property
    def started(self) -> bool:
        """Whether this session has written anything: else what stands at `path` is of an earlier one."""
        return self._started

    def forget_earlier(self) -> None:
        """Remove what earlier sessions left, which the user does not want; what this one wrote stays."""
        self._remove(*earlier_journals(self.path), *(() if self._started else (self.path,)))

    def forget(self) -> None:
        """Remove what this session wrote, which the user gives up; what earlier ones left stays."""
        self.detach()
        if self._started:
            self._started = False
            self._remove(self.path)

    def _append(self, change: Change) -> None:
        if self.failed is not None:  # a gap would make what follows it useless
            return
        assert self._document is not None
        what = self._what(change)
        self._held.append({"label": change.label, "source": change.source} | what)
        opening = not self._document.dirty and self._document.history.state != self._document.saved_state
        if not self._started and (opening or "as" in what):
            return
        lines, self._held = self._held, []
        if not self._started:
            lines.insert(0, {"base": self._digest, "journal": _FORMAT})
        data = b"".join(to_bytes(write_line(line) + "\n") for line in lines)
        try:
            if not self._started:
                self._put_aside()
            with open(self.path, "ab", buffering=0) as file:
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) or 0 :]
        except OSError as error:
            self._fail(error)
        self._started = True

    def _what(self, change: Change) -> dict[str, Any]:
        """What leads to the document as it is now: an earlier change, else edits."""
        assert self._document is not None
        self._written += 1
        now = self._document.history.state
        if now in self._states:
            return {"as": self._states[now]}
        self._states[now] = self._written
        return {"edits": [edit.to_json() for edit in change.edits]}

    def _put_aside(self) -> None:
        """Keep an earlier journal until the next save: it may be the one that is being replayed just now."""
        if self.path.exists():
            last = max(map(_number, earlier_journals(self.path)), default=-1)
            os.replace(self.path, self.path.with_name(f"{self.path.name}~{last + 1 or ''}"))

    def _remove(self, *paths: Path) -> None:
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                self._fail(error)

    def _fail(self, error: OSError) -> None:
        message = f"{shown(self.path)}: the journal cannot be written: {reason(error)}"
        first = self.failed is None
        self.failed = FileError(message, hint="after a crash only what is saved will be there")
        if first and self._tell is not None:
            self._tell(self.failed)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change as a journal has it: edits, or the number of the change after which the document was as after this."""

    label: str
    source: str
    edits: tuple[Edit, ...]
    again: int | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the journal at `path` holds. `fits`: it builds on the file as it is now; else its changes may not fit.

    `earlier` is what sessions before that one left, newest first: each builds on the file, not on the others.
    """

    changes: tuple[Recorded, ...]
    fits: bool
    notices: tuple[str, ...]
    path: Path
    earlier: tuple[Recovered, ...] = ()

    @property
    def lasting(self) -> tuple[Recorded, ...]:
        """The changes whose edits lead to the last state: without those that were undone and stayed so."""
        return tuple(_lasting(self.changes))

    def replay(self, document: Document) -> Change | None:
        """Make the changes again, all or none, as one entry of the history.

        Raises EditError where they do not fit the document.
        """
        edits = [edit for change in self.lasting for edit in change.edits]
        count = len(self.lasting)
        label = self.lasting[0].label if count == 1 else f"Recover {count} changes"
        return document.replay(edits, label, source="journal")


def recover(path: AnyPath, folder: Path | None = None) -> Recovered | None:
    """What the journal of the file at `path` holds, None where there is no change in it. For `folder` see `Journal`.

    Where it holds none, the newest of those put aside before it is taken; the others are its `earlier`, of which
    notices tell as well. A last line that was cut off is left out, and so is what follows a damaged one; notices say
    so. Raises FileError where journal or file cannot be read.
    """
    current = journal_path(path, folder)
    journals = [current, *reversed(earlier_journals(current))]
    found: list[Recovered] = []
    notices: list[str] = []
    for journal in journals:
        try:
            read = _recovered(journal, Path(path))
        except FileError as error:
            if not found:
                raise
            notices.append(error.message)
            continue
        if read is not None:
            notices += read.notices if not found else [f"{shown(journal)}{HOLDS_EARLIER}"]
            found.append(read)
    return replace(found[0], notices=tuple(notices), earlier=tuple(found[1:])) if found else None


def earlier_journals(journal: Path) -> list[Path]:
    """The journals that were put aside before this one, oldest first."""
    found = journal.parent.glob(f"{glob.escape(journal.name)}~*")
    return sorted((path for path in found if re.search(r"~\d*$", path.name)), key=_number)


def _number(aside: Path) -> int:
    """The how manieth of those that were put aside it is."""
    return int(aside.name.rpartition("~")[2] or 0)


def _recovered(journal: Path, path: Path) -> Recovered | None:
    try:
        data = journal.read_bytes()
        digest = sha256(target_of(path).read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileError(f"{shown(journal)}: cannot be read: {reason(error)}") from None
    *lines, rest = data.split(b"\n")
    notices = []
    if rest:
        notices.append(f"{shown(journal)}: the last change was cut off and is left out")
    fits, changes = False, []
    for number, line in enumerate(lines, 1):
        try:
            content = read_json(line, f"{shown(journal)}: line {number}", _LARGEST)
            if number == 1:
                fits = _base(content) == digest
            else:
                changes.append(_recorded(content, number - 1))
        except GradwireError as error:
            notices.append(f"{shown(journal)}: line {number} is damaged: {shorten(str(error), 200)}")
            break
    if changes and not fits:
        notices.append(f"{shown(journal)}{BUILDS_ELSEWHERE}")
    return Recovered(tuple(changes), fits, tuple(notices), journal) if _lasting(changes) else None


def _lasting(changes: Sequence[Recorded]) -> list[Recorded]:
    reached = [0]  # after each change: the one whose edits led there last
    before = [0]  # before the edits of each change
    for number, change in enumerate(changes, 1):
        before.append(reached[-1])
        reached.append(number if change.again is None else reached[change.again])
    lasting, at = [], reached[-1]
    while at:
        lasting.append(changes[at - 1])
        at = before[at]
    return lasting[::-1]


def _base(content: Any) -> Any:
    if not isinstance(content, dict) or content.get("journal") not in _READ:
        raise FileError(f"a journal of format {' or '.join(map(str, _READ))} is required, found none")
    return content.get("base")


def _recorded(content: Any, number: int) -> Recorded:
    """Change `number` of a journal."""
    if not isinstance(content, dict) or not ("as" in content or isinstance(content.get("edits"), list)):
        raise FileError('an object with a list of "edits" is required')
    label, source = content.get("label"), content.get("source")
    if not isinstance(label, str) or not isinstance(source, str):
        raise FileError('"label" and "source" must be texts')
    if "as" in content:
        again = content["as"]
        if type(again) is not int or not 0 <= again < number:
            raise FileError(f'"as" must be the number of an earlier change, found {describe(again)}')
        return Recorded(label, source, (), again)
    return Recorded(label, source, tuple(map(edit_from_json, content["edits"])))
