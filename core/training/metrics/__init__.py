"""Metrics that grow batch by batch and are exact however the samples are cut into batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from ...catalogue import Catalogue
from ...errors import ParameterError, usage_told
from ...other_names import suggested
from ...parameters import shown
from .by_class import F1, Confusion, ConfusionMatrix, Precision, Recall
from .counting import Metric
from .curves import OneVersusRest, PrecisionRecall, PrecisionRecallCurve, Roc, RocCurve
from .differences import R2, MeanAbsoluteError, MeanSquaredError
from .likelihood import NegativeLogLikelihood, Perplexity
from .loss import MeanLoss
from .shares import Accuracy, TopK

# Those that compare a prediction with a target, as `Training.metrics` names them.
_ALL: tuple[type[Metric], ...] = (
    Accuracy,
    TopK,
    Precision,
    Recall,
    F1,
    ConfusionMatrix,
    Roc,
    PrecisionRecall,
    NegativeLogLikelihood,
    Perplexity,
    MeanSquaredError,
    MeanAbsoluteError,
    R2,
)
METRICS: Catalogue[type[Metric]] = Catalogue("a metric", _ALL)
ROLES = ("prediction", "target")  # what an entry of `Training.metrics` names beside the metric and its settings


@usage_told
def metric(entry: str | Mapping[str, Any]) -> Metric:
    """A metric of METRICS that has seen nothing: by its name, or by an entry of `Training.metrics` with its settings.

    Raises ParameterError for an unknown name, an unknown setting, and one of another kind or outside its range.
    """
    told: Any = entry
    if not isinstance(told, str | Mapping):
        wanted = "a metric is told by its name, or by a mapping of that and its settings"
        raise ParameterError(f"{wanted}, got {shown(told)}", hint='as in "accuracy"')
    given = {"name": entry} if isinstance(entry, str) else dict(entry)
    name = given.pop("name", None)
    known = METRICS.table
    if not isinstance(name, str) or name not in known:
        near = suggested(name, "metric", known, 1)
        hint = f"perhaps {near[0]}" if near else f"known: {', '.join(known)}"
        raise ParameterError(f"there is no metric {name!r}", hint=hint)
    found, chosen = known[name], {}
    for key, value in given.items():
        if key in ROLES:
            continue
        if key not in found.settings:
            hint = f"its settings: {', '.join(found.settings)}" if found.settings else "it has none"
            raise ParameterError(f"the metric {name} has no setting {key!r}", hint=hint)
        setting = found.settings[key]
        chosen[key] = setting.read(value, f"the metric {name}")
        setting.check_range(chosen[key], f"the metric {name}")
    return found(**chosen)


def labelled(entries: Iterable[Any]) -> dict[str, Metric]:
    """By label the metrics of those entries of `Training.metrics` in which nothing is wrong."""
    found = {}
    for entry in entries:
        with suppress(ParameterError):
            if isinstance(entry, Mapping):
                made = metric(entry)
                found[made.label] = made
    return found


__all__ = [
    "F1",
    "METRICS",
    "R2",
    "ROLES",
    "Accuracy",
    "Confusion",
    "ConfusionMatrix",
    "MeanAbsoluteError",
    "MeanLoss",
    "MeanSquaredError",
    "Metric",
    "NegativeLogLikelihood",
    "OneVersusRest",
    "Perplexity",
    "Precision",
    "PrecisionRecall",
    "PrecisionRecallCurve",
    "Recall",
    "Roc",
    "RocCurve",
    "TopK",
    "labelled",
    "metric",
]


def __dir__() -> list[str]:
    """What is offered here, which completion asks for: not what this module itself imports."""
    return sorted(__all__)
