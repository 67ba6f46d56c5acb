"""What class each sample is predicted to be of, and of which it is."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from ...errors import DataError, ShapeError
from ...parameters import Parameter
from ...signature import Limits
from .counting import Array, Shaped

Given = Literal["logits", "probabilities"]  # what a prediction holds
SCORES = Parameter("scores", Given, "logits")
NONE = -1  # what a sample is predicted as whose scores hold NaN: no class, so it is never right


ROUNDED = 1e-4  # how far beyond 0 and 1 a probability may lie that was rounded


class Decided(NamedTuple):
    """The class `predicted` for each sample, and for each place of a text, `NONE` where a score is NaN; and the one
    `expected`.
    """

    predicted: Array
    expected: Array
    classes: int


def check_classes(name: str, prediction: Shaped, target: Shaped) -> None:
    """Raise ShapeError but for scores (N, …, C) with labels (N, …) or probabilities, and for one score a sample."""
    shape = prediction.shape
    if not shape or (len(shape) > 1 and not shape[-1]) or (len(shape) > 2 and shape[-1] == 1):
        raise ShapeError(
            f"{name} needs a prediction of shape (N, …, C), (N, 1) or (N,); found {shape}", port="prediction"
        )
    fits = (shape[:-1], shape) if scores(shape) else (shape[:1], (shape[0], 1))
    if target.shape not in fits:
        raise ShapeError(
            f"{name} of prediction {shape} needs a target of shape {fits[0]} or {fits[1]}; found {target.shape}",
            port="target",
            hint="one integer label a sample" if scores(shape) else "0 or 1 a sample",
        )


def class_limits(prediction: Shaped, target: Shaped) -> Limits | None:
    """What labels must lie between; None for probabilities."""
    if scores(prediction.shape) and target.shape == prediction.shape:
        return None
    return label_limits(scores(prediction.shape) or 2)


def label_limits(classes: int) -> Limits:
    """What labels of so many classes must lie between."""
    return Limits(0, classes - 1, f"labels of {classes} classes", "mend the labels, or let there be more classes")


def scores(shape: tuple[int, ...]) -> int:
    """How many scores each sample of a prediction of `shape` has, 0 where it has one, for class 1."""
    return shape[-1] if len(shape) > 1 and shape[-1] > 1 else 0


def rows(prediction: Array) -> Array:
    """Scores (N, …, C) as (M, C), a row for each that is predicted."""
    return prediction.reshape(-1, prediction.shape[-1])


def expected_classes(name: str, prediction: Array, target: Array) -> Array:
    """The class (M,) of each row, of probabilities that of the largest."""
    classes = scores(prediction.shape)
    if classes and target.shape == prediction.shape:
        return np.argmax(rows(target), axis=1)
    return labels(name, target, classes or 2)


def decide(name: str, prediction: Array, target: Array, given: Given) -> Decided:
    """The largest score is the prediction, the first of equal ones; of one score a sample 1 is predicted above 0, of
    one probability above one half.
    """
    check_classes(name, prediction, target)
    check_probabilities(name, prediction, given)
    expected = expected_classes(name, prediction, target)
    if scores(prediction.shape):
        # NumPy's argmax stops at a NaN, so a broken network would sometimes seem right.
        each = rows(prediction)
        broken, chosen = np.isnan(each).any(axis=1), np.argmax(each, axis=1)
    else:
        one = prediction.reshape(len(prediction))
        broken, chosen = np.isnan(one), (one > (0.5 if given == "probabilities" else 0)).astype(np.int64)
    return Decided(np.where(broken, NONE, chosen), expected, scores(prediction.shape) or 2)


def check_probabilities(name: str, prediction: Array, given: Given) -> None:
    """Raise DataError where a prediction is said to hold probabilities and does not: its logarithm would mislead."""
    if given != "probabilities" or not prediction.size:
        return
    beyond = (prediction < -ROUNDED) | (prediction > 1 + ROUNDED)  # NaN is none of both, and told by the metric
    if beyond.any():
        row = int(np.argmax(beyond.reshape(len(prediction), -1).any(axis=1)))
        raise DataError(
            f'{name} with scores "probabilities" needs numbers from 0 to 1; found'
            f" {prediction[beyond][0]:.4g} at row {row} (from 0) of the batch",
            hint='scores: "logits", or a prediction behind softmax or sigmoid',
        )


def labels(name: str, target: Array, classes: int) -> Array:
    """Labels (N, …) as integers (M,); DataError at the first that is not a whole number from 0 to classes - 1."""
    valid = (target >= 0) & (target < classes) & (target == np.floor(target))
    if not valid.all():
        first = tuple(np.argwhere(~valid)[0])
        raise DataError(
            f"{name} needs labels from 0 to {classes - 1} for {classes} classes;"
            f" found {target[first]} at row {first[0]} (from 0) of the batch"
        )
    return target.astype(np.int64).reshape(-1)
