"""What a finding says would mend it: one edit, in ids, that can be written as JSON.

An `Edit` has one of the kinds below; of the settings of training it may have both. `over_training.mending` and
`mending` make mends of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict


class Op(TypedDict):
    """An op takes the place of that of a node."""

    node: str
    op: str


class SetParameter(TypedDict):
    """A parameter of a node gets another value."""

    node: str
    name: str
    value: Any


class Draw(TypedDict, total=False):
    """A parameter is drawn anew by `init`, and the `others` that need it as much."""

    node: Required[str]
    others: Sequence[str]
    init: str


class Remedy(TypedDict):
    """A node is kept from numbers that are not finite, as its op says."""

    node: str


class Past(TypedDict):
    """The port of a node takes what goes into the node that is `passed`."""

    node: str
    port: str
    passed: str


class Alike(TypedDict):
    """Of what two ports of a node take, of these shapes, one is laid out as the other."""

    node: str
    shapes: Mapping[str, Sequence[int]]


class Between(TypedDict):
    """An op goes into the wire of the port of a node."""

    node: str
    port: str
    op: str


class Without(TypedDict):
    """The parameter `node` goes, with the node at whose port it is `added`."""

    node: str
    added: str
    port: str


class Thaw(TypedDict):
    """A node is frozen no longer."""

    node: str


class Edit(TypedDict, total=False):
    """`optimiser` are settings of it by name, `training` fields of the training settings. `anew` says that it helps
    only a run that begins anew: what is trained is then drawn anew.
    """

    optimiser: Mapping[str, Any]
    training: Mapping[str, Any]
    op: Op
    parameter: SetParameter
    draw: Draw
    remedy: Remedy
    past: Past
    alike: Alike
    between: Between
    without: Without
    thaw: Thaw
    anew: bool
