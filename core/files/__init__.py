"""Files: a graph and its values on the disk, and the journal of what is not saved yet."""

from .format import FORMAT, MIGRATIONS, dump_graph, migrate, parse_graph
from .journal import Journal, Recovered, recover
from .storage import Loaded, load, save
from .strict_json import read_json

__all__ = [
    "FORMAT",
    "MIGRATIONS",
    "Journal",
    "Loaded",
    "Recovered",
    "dump_graph",
    "load",
    "migrate",
    "parse_graph",
    "read_json",
    "recover",
    "save",
]
