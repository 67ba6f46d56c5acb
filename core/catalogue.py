"""A catalogue: all there is of one kind by name, what the program brings and what plugins add, through one door.

Of plugins those that ship are part of the program. They are loaded when a catalogue that they may add to is first
asked for all that it holds, or for a name that it does not hold: whoever asks for less waits for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from operator import attrgetter
from typing import Any, Generic, TypeVar

from .errors import GradwireError
from .other_names import suggested

Entry = TypeVar("Entry")
LOADER = "gradwire.core.plugins"  # by its name: what loads plugins knows every catalogue


class Catalogue(Generic[Entry]):
    """Entries of one kind, in the order in which they came; `one` names one of them: "a layer".

    `table` is a view of them by name. `version` grows with each change: what was made of the entries before may be
    out of date. One that is `fixed` holds what the program itself brings, and no plugin adds to it.
    """

    def __init__(
        self,
        one: str,
        entries: Iterable[Entry] = (),
        named: Callable[[Any], str] = attrgetter("name"),
        fixed: bool = False,
    ) -> None:
        self.one = one
        self.fixed = fixed
        self.version = 0
        self._named = named
        self._entries: dict[str, Entry] = {}
        self._owners: dict[str, str] = {}
        self.table: Mapping[str, Entry] = _Table(self)
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry, owner: str = "") -> None:
        """Make an entry known by its name; `owner` is the plugin that brings it. Raises where another bears the name.

        An entry that is there already stays as it is.
        """
        name = self._named(entry)
        found = self._entries.get(name)
        if found is entry:
            return
        if found is not None:
            whose = f", of the plugin {self._owners[name]}" if name in self._owners else ""
            raise GradwireError(f"{self.one} named {name!r} is there already{whose}", hint="choose another name")
        self._entries[name] = entry
        if owner:
            self._owners[name] = owner
        self.version += 1

    def remove(self, name: str) -> None:
        """Forget the entry called `name`. Raises `KeyError` where there is none."""
        del self._entries[name]
        self._owners.pop(name, None)
        self.version += 1

    def owner(self, name: str) -> str:
        """The plugin that brought the entry called `name`; nothing where it is the program's own."""
        self.get(name)  # it may be one that ships and is not loaded yet
        return self._owners.get(name, "")

    @property
    def kind(self) -> str:
        """What an entry is, without its article."""
        return self.one.split(" ", 1)[1]

    def named(self, entry: Entry) -> str:
        """The name by which an entry is known."""
        return self._named(entry)

    def get(self, name: str) -> Entry | None:
        if name not in self._entries:
            self._complete()
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Entry:
        """The entry called `name`. Raises `GradwireError` with those that are called nearly so."""
        found = self.get(name)
        if found is None:
            near = ", ".join(suggested(name, self.kind, self._entries)) or "none is called nearly so"
            raise GradwireError(f"no {self.kind} is called {name!r}", hint=near)
        return found

    def names(self) -> tuple[str, ...]:
        self._complete()
        return tuple(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        self._complete()
        return iter(tuple(self._entries.values()))  # plugins come and go while somebody goes through them

    def __len__(self) -> int:
        self._complete()
        return len(self._entries)

    def _complete(self) -> None:
        if not self.fixed:
            import_module(LOADER).load_shipped()


class _Table(Mapping[str, Entry]):
    """The entries of a catalogue by name, to be read."""

    def __init__(self, catalogue: Catalogue[Entry]) -> None:
        self._catalogue = catalogue

    def __getitem__(self, name: str) -> Entry:
        found = self._catalogue.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.names())

    def __len__(self) -> int:
        return len(self._catalogue)
