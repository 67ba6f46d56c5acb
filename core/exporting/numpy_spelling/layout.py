"""How ops that move, repeat and pad elements are written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from ...ops.padding import VALUES, pairs_of
from .. import literals
from ..calls import Call, Spelling


def _named(name: str, *params: str) -> Spelling:
    """`np.name(x, param)`, with its axis by name where there is one."""

    def spell(call: Call) -> str:
        given = [literals.plain(call.params[each]) for each in params]
        axis = call.params.get("axis")
        given += [] if axis is None else [f"axis={literals.plain(axis)}"]
        return f"np.{name}({', '.join((call.x, *given))})"

    return spell


def _split(call: Call) -> str:
    sections = literals.plain(call.params["sections"])
    return f"np.split({call.x}, {sections}, axis={call.params['axis']})[{call.params['index']}]"


def _meshgrid(call: Call) -> str:
    more = ', indexing="ij"' if call.params["indexing"] == "ij" else ""
    return f"np.meshgrid({', '.join(call.args)}{more})"


def _pad(call: Call) -> str:
    pairs, mode, value = pairs_of(call.params["pad_width"], call.ndim), call.params["mode"], call.params["value"]
    if not pairs:
        return f"{call.x}.copy()"
    more = "" if mode == "constant" else f", mode={literals.text(mode)}"
    more += f", {VALUES[mode]}={literals.number(value)}" if mode in VALUES and value else ""
    return f"np.pad({call.x}, {literals.plain(pairs)}{more})"


SPELLINGS: Mapping[str, Spelling] = {
    "expand_dims": _named("expand_dims"),
    "squeeze": _named("squeeze"),
    "swapaxes": _named("swapaxes", "axis1", "axis2"),
    "moveaxis": _named("moveaxis", "source", "destination"),
    "flip": _named("flip"),
    "roll": _named("roll", "shift"),
    "stack": lambda call: f"np.stack([{', '.join(call.args)}], axis={call.params['axis']})",
    "split": _split,
    "tile": _named("tile", "reps"),
    "repeat": _named("repeat", "repeats"),
    "meshgrid": _meshgrid,
    "pad": _pad,
}
