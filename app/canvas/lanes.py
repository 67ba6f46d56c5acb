"""Where backward wires run: each on a lane of its own, clear of the nodes that it passes."""

from __future__ import annotations

import numpy as np

from .batch import Floats
from .curves import CLEAR, TURN, lanes

GAP = 12.0  # between two lanes: the heads of arrows on both are whole
PAD = CLEAR / 2  # between a lane and a node that it passes
NEST = 6.0  # by how much each turn of wires that run beside each other swings out further
NESTED = 6  # of them at most
MOST_WIRES, MOST_WORK = 100, 300_000  # wires, and wires times nodes: of more nobody follows a single one


def routed(ends: Floats, source: Floats, target: Floats, boxes: Floats) -> tuple[Floats, Floats]:
    """The y of the lane of each backward wire, and how far its turns swing out.

    `ends` (n, 4) are the two ports, `source` and `target` (n, 4) the boxes that they are of, `boxes` (m, 4) all that
    are to be passed.
    """
    wanted, turns = lanes(source, target), np.full(len(ends), TURN)
    if len(ends) > MOST_WIRES or len(ends) * len(boxes) > MOST_WORK:
        return _apart(wanted), turns
    found = wanted.copy()
    reach = 0.75 * TURN  # of a turn beyond the port, near the lane
    left, right = ends[:, 2] - reach, ends[:, 0] + reach
    way = np.abs(wanted - ends[:, 1]) + np.abs(wanted - ends[:, 3])
    done: list[int] = []
    for i in np.lexsort((way, ends[:, 0] - ends[:, 2])).tolist():  # the short ones within the long ones
        passed = boxes[(boxes[:, 0] < right[i]) & (boxes[:, 0] + boxes[:, 2] > left[i])]
        beside = [j for j in done if left[j] < right[i] and right[j] > left[i]]
        low = np.concatenate([passed[:, 1] - PAD, found[beside] - GAP])
        high = np.concatenate([passed[:, 1] + passed[:, 3] + PAD, found[beside] + GAP])
        found[i] = _nearest_free(float(wanted[i]), low, high)
        near = sum(abs(found[j] - found[i]) <= GAP * NESTED for j in beside)
        turns[i] += NEST * min(near, NESTED)
        done.append(i)
    return found, turns


def bounds(ends: Floats, lane: Floats, turn: Floats) -> Floats:
    """Left, top, right and bottom (4, n) of wires that go back in these lanes."""
    left, right = np.minimum(ends[:, 0], ends[:, 2]) - turn, np.maximum(ends[:, 0], ends[:, 2]) + turn
    top = np.minimum(np.minimum(ends[:, 1], ends[:, 3]), lane)
    low = np.maximum(np.maximum(ends[:, 1], ends[:, 3]), lane)
    return np.array([left, top, right, low])


def _nearest_free(y: float, low: Floats, high: Floats) -> float:
    """What is nearest to `y` and within none of the stretches from `low` to `high`."""
    if not len(low):
        return y
    order = np.argsort(low)
    low, high = low[order], np.maximum.accumulate(high[order])
    begins = np.flatnonzero(np.concatenate([[True], low[1:] >= high[:-1]]))  # of stretches that meet no other
    low, high = low[begins], high[np.concatenate([begins[1:] - 1, [len(high) - 1]])]
    at = int(np.searchsorted(low, y)) - 1
    if at < 0 or y >= high[at]:
        return y
    return float(low[at] if y - low[at] < high[at] - y else high[at])


def _apart(wanted: Floats) -> Floats:
    """Lanes at the same height one below the other, up to a few."""
    order = np.argsort(wanted, kind="stable")
    _, first, counts = np.unique(wanted[order], return_index=True, return_counts=True)
    ranks = np.arange(len(wanted)) - np.repeat(first, counts)
    found = wanted.copy()
    found[order] += GAP * (ranks % NESTED)
    return found
