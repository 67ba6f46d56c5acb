"""Where the first NaN or infinity of what was computed begins: asked of a thread, since every number is looked at."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from ...core.evaluating import Evaluated
from ...core.graph import Graph
from ...core.ops import Registry
from ...core.stepping import lay_out
from ...core.stepping.beginnings import Beginning, first_beginning

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
    """Where it begins, None where all numbers are finite, and where those that are not do no harm."""
    arrays = [np.asarray(tensor.value) for tensor in run.tensors.values()]
    arrays += [np.asarray(total) for total in run.gradients.totals.values()]
    bad = [array for array in arrays if array.dtype.kind == "f" and not np.isfinite(array).all()]
    found = first_beginning(lay_out(run, registry)) if bad else None
    return None if found is None or found.harmless else _told(run.asked.graph, found)


def _told(graph: Graph, found: Beginning) -> Origin:
    """Of a value the word stands first, of a gradient last: behind the numbers that it comes of."""
    text = found.text.removeprefix(graph.path(found.node)).strip().removeprefix("is ")
    words = _WORD.findall(text) or ["NaN"]
    backward = found.port is not None
    return Origin(found.node, words[-1 if backward else 0], f"gradient {text}" if backward else text, backward)
