"""Where the first NaN or infinity of what was computed begins: asked of a thread, since every number is looked at."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from ...core.evaluating import Evaluated
from ...core.graph import Graph
from ...core.ops import Registry
from ...core.stepping import lay_out
from ...core.stepping.explaining import Why, first_not_finite

_WORD = re.compile("NaN|−?∞")


class Origin(NamedTuple):
    """At which node it begins, what (`word`: "NaN", "∞", "−∞") and how: "NaN at [0], of a = −3"."""

    node: str
    word: str
    text: str
    backward: bool = False

    def told(self, graph: Graph) -> str:
        """In a few words: `NaN starts at log`."""
        return f"{self.word} starts {'going back ' if self.backward else ''}at {graph.path(self.node)}"


def origin(run: Evaluated, registry: Registry) -> Origin | None:
    """Where it begins, None where all numbers are finite.

    An infinity that was typed, as in a mask, is what its user wants, as long as no NaN comes of it.
    """
    arrays = [np.asarray(tensor.value) for tensor in run.tensors.values()]
    arrays += [np.asarray(total) for total in run.gradients.totals.values()]
    bad = [array for array in arrays if array.dtype.kind == "f" and not np.isfinite(array).all()]
    why = first_not_finite(lay_out(run, registry)) if bad else None
    if why is None or why.node is None or why.node not in run.asked.graph.nodes:
        return None
    typed = why.port is None and run.asked.graph.nodes[why.node].op in ("constant", "input")
    if typed and not any(np.isnan(array).any() for array in bad):
        return None
    return _told(run.asked.graph, why, why.node)


def _told(graph: Graph, why: Why, node: str) -> Origin:
    """Of a value the word stands first, of a gradient last: behind the numbers that it comes of."""
    text = why.text.removeprefix(graph.path(node)).strip().removeprefix("is ")
    found = _WORD.findall(text) or ["NaN"]
    backward = why.port is not None
    return Origin(node, found[-1 if backward else 0], f"gradient {text}" if backward else text, backward)
