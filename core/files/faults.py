"""What is wrong with the JSON value of a `.gw` file: gathered, and told with the file and the place in it."""

from __future__ import annotations

from ..errors import FileError, GradwireError, GraphFileError, Refusals
from ..graph import Graph
from .strict_json import shorten


class Faults:
    """What is wrong with a file: values that cannot be read, and wires with which the graph cannot stand."""

    def __init__(self) -> None:
        self.values = Refusals()
        self.wires = Refusals()

    def raise_any(self, name: str, graph: Graph) -> None:
        """Raise what was found, values first, since they decide of which kind it is. `graph` is the rest."""
        told = Refusals(f"{name}: ")
        for kind, found in ((FileError, self.values), (GraphFileError, self.wires)):
            for error in found.first:
                told.add(named(name, error, kind))
            told.more += found.more
        for error in told.first:
            if isinstance(error, GraphFileError):
                error.graph = graph
        told.raise_any()


def named(name: str, error: GradwireError, kind: type[FileError]) -> FileError:
    """`error` with the file that it is about, and not too long."""
    hint = error.hint and shorten(error.hint, 200)
    return kind(f"{name}: {shorten(error.message, 400)}", hint=hint, node=error.node, port=error.port)


def of_item(what: str, id: str, error: GradwireError) -> FileError:
    """`error` of a node, group or wire, with its id."""
    message = f"{what} {shorten(repr(id))}: {error.message}"
    return FileError(message, hint=error.hint, node=id, port=error.port)


def of_wire(target: str, port: str, message: str, hint: str | None, kind: str = "") -> FileError:
    """What is wrong with the wire into a port."""
    where = f"{shorten(target)}.{shorten(port)}"
    return FileError(f"{kind}{where} {message}", hint=hint, node=target, port=port)
