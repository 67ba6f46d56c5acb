"""Averages of the weights in the course of training, which often predict better than the last weights themselves.

They are state: a slot for each trained parameter, and one that counts how often was averaged. What is evaluated and
kept are the averages, once there are any; training itself goes on with the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

import numpy as np

from ..op import Aval
from ..ops import builtin
from ..parameters import Parameter, Range
from .named import Named, chosen
from .optim import LEARNING_RATE
from .rhythm import Place

COUNT = ":averaged"
AVERAGES: dict[str, Named] = {}

_cast, _minimum = (builtin()[name] for name in ("cast", "minimum"))


def _average(by: Literal["iteration", "epoch"], formula: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an average: `by` what it is taken unless that is said."""

    def build(rule: Callable[..., Any]) -> Callable[..., Any]:
        when = Parameter("by", Literal["iteration", "epoch"], by)
        begins = Parameter("start", int, 0, range=Range(low=0, unit="epochs"))
        AVERAGES[rule.__name__] = Named.of(rule, when, begins, formula=formula)
        return rule

    return build


# Each rule gives the share of the old average in the new one, by how often was averaged before: one number of float64.


@_average(by="iteration", formula="a ← decay·a + (1 − decay)·w")
def exponential(count: Any, *, decay: Annotated[float, Range(0, 1, open=True)] = 0.999) -> Any:
    """The running mean of the weights (EMA), in which older ones count ever less; the first average is w itself.

    The first is taken when `start` epochs have passed, also by iteration.
    """
    return decay * _minimum(count, 1.0)


@_average(by="epoch", formula="a ← (n·a + w) / (n + 1)")
def mean(count: Any) -> Any:
    """The mean of the weights of each epoch (SWA; Izmailov et al. 2018, arXiv 1803.05407).

    `start` counts epochs, also by iteration: so many pass, and the end of the next one is the first that is averaged.
    PyTorch's examples count epochs from 0: `epoch > swa_start` there is `start: swa_start + 1` here.
    """
    return count / (count + 1.0)


def slot(id: str) -> str:
    """The slot of a parameter's average."""
    return f"{id}:average"


def averages(complete: Mapping[str, Any] | None, place: Place) -> bool:
    """Whether the average with these settings is taken after this iteration."""
    if complete is None:
        return False
    return place.updates and place.epoch > complete["start"] and (complete["by"] == "iteration" or place.ends_epoch)


def average(builder: Any, updated: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The averages with the parameters as they have become: the new value of every slot."""
    rule, complete = chosen(AVERAGES, "average", settings)
    own = {name: value for name, value in complete.items() if name not in ("by", "start")}
    updates: dict[str, Any] = {}
    with builder.labelled(phase="update", node=None, port=None):
        count = builder.read(COUNT, LEARNING_RATE)
        keep = rule.rule(count, **own)
        updates[COUNT] = count + 1.0
    for id, w in updated.items():
        with builder.labelled(phase="update", node=id, port=None):
            old = builder.read(slot(id), Aval(w.shape, w.dtype))
            share = _cast(keep, dtype=w.dtype.name)
            updates[slot(id)] = share * old + _cast(1.0 - keep, dtype=w.dtype.name) * w
    return updates


def kept_slots(ids: Iterable[str]) -> set[str]:
    """The slots that hold what parameters are, and their averages."""
    return {COUNT, *(name for id in ids for name in (id, slot(id)))}


def averaged(state: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """The averages in a state by parameter; none before the first was taken."""
    if COUNT not in state or not float(state[COUNT]):
        return {}
    end = slot("")
    return {name.removesuffix(end): value for name, value in state.items() if name.endswith(end)}
