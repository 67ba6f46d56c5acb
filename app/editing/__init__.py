"""What editing does to a document, as functions of a transaction: gestures, actions and panels call these.

Each is all or nothing and raises EditError where it is refused. `add` and `connect` open their transaction
themselves, and tell a refusal. Labels of the history are made here too, so that all doors use the same words.
"""

from __future__ import annotations

from .adding import add
from .bending import add_dot, bend_label, dots_among, dots_counted, move_dots, place_of, remove_dots, straighten
from .chaining import bridge, delete, delete_and_reconnect, extract, insert_label, insert_on_wire, insertable, passed_on
from .copying import duplicate, wires_within
from .flags import flag_label, flagged, has_flag, toggle_flag
from .grouping import group, put_into, put_label, toggle_collapsed, ungroup
from .linking import read_link
from .moving import STEP, move, outermost, with_interior
from .naming import counted, cover, port_name, seen_name, seen_port, source_name, wire_name, wires_counted
from .swapping import Survivors, survivors, swap
from .verdict import Verdict, verdict, way
from .wiring import (
    best_port,
    connect,
    connect_items,
    connect_label,
    connect_selected,
    cut,
    cut_label,
    lazy_connect,
    move_end,
    move_source,
    outputs,
    plan,
    planned,
    ports,
    selected_wires,
    wires_at,
)

__all__ = [
    "STEP",
    "Survivors",
    "Verdict",
    "add",
    "add_dot",
    "bend_label",
    "best_port",
    "bridge",
    "connect",
    "connect_items",
    "connect_label",
    "connect_selected",
    "counted",
    "cover",
    "cut",
    "cut_label",
    "delete",
    "delete_and_reconnect",
    "dots_among",
    "dots_counted",
    "duplicate",
    "extract",
    "flag_label",
    "flagged",
    "group",
    "has_flag",
    "insert_label",
    "insert_on_wire",
    "insertable",
    "lazy_connect",
    "move",
    "move_dots",
    "move_end",
    "move_source",
    "outermost",
    "outputs",
    "passed_on",
    "place_of",
    "plan",
    "planned",
    "port_name",
    "ports",
    "put_into",
    "put_label",
    "read_link",
    "remove_dots",
    "seen_name",
    "seen_port",
    "selected_wires",
    "source_name",
    "straighten",
    "survivors",
    "swap",
    "toggle_collapsed",
    "toggle_flag",
    "ungroup",
    "verdict",
    "way",
    "wire_name",
    "wires_at",
    "wires_counted",
    "wires_within",
    "with_interior",
]
