"""Files: a graph and its values on the disk, and the journal of what is not saved yet."""

from .format import FORMAT, MIGRATIONS, dump_graph, migrate, parse_graph
from .journal import Journal, Recovered, recover
from .storage import Loaded, as_path, load, save
from .strict_json import read_json
from .writing import LAYOUT_KEYS, SECTIONS

__all__ = [
    "FORMAT",
    "LAYOUT_KEYS",
    "MIGRATIONS",
    "SECTIONS",
    "Journal",
    "Loaded",
    "Recovered",
    "as_path",
    "dump_graph",
    "load",
    "migrate",
    "parse_graph",
    "read_json",
    "recover",
    "save",
]
