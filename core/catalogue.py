"""A catalogue: all there is of one kind by name, what the program brings and what plugins add, through one door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from .errors import GradwireError
from .near import near as near_names

Entry = TypeVar("Entry")


class Catalogue(Generic[Entry]):
    """Entries of one kind, in the order in which they came; `one` names one of them: "a layer".

    `table` is a view of them by name. `version` grows with each change: what was made of the entries before may be
    out of date.
    """

    def __init__(
        self, one: str, entries: Iterable[Entry] = (), named: Callable[[Any], str] = attrgetter("name")
    ) -> None:
        self.one = one
        self.version = 0
        self._named = named
        self._entries: dict[str, Entry] = {}
        self._owners: dict[str, str] = {}
        self.table: Mapping[str, Entry] = MappingProxyType(self._entries)
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
        return self._owners.get(name, "")

    def named(self, entry: Entry) -> str:
        """The name by which an entry is known."""
        return self._named(entry)

    def get(self, name: str) -> Entry | None:
        return self._entries.get(name)

    def __getitem__(self, name: str) -> Entry:
        """The entry called `name`. Raises `GradwireError` with those that are called nearly so."""
        found = self._entries.get(name)
        if found is None:
            near = ", ".join(near_names(name, self._entries, 3)) or "none is called nearly so"
            raise GradwireError(f"no {self.one.split(' ', 1)[1]} is called {name!r}", hint=near)
        return found

    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries.values()))  # plugins come and go while somebody goes through them

    def __len__(self) -> int:
        return len(self._entries)
