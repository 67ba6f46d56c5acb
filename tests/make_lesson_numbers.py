"""What PyTorch computes for the lessons in `examples/lessons`, in float64: the values and gradients of their nodes.

    .venv/bin/python tests/make_lesson_numbers.py

writes it to `tests/lessons_by_pytorch.json`, which tests compare with wherever they run; only this script needs
PyTorch. Each lesson is written here anew, numbers included: nothing is read from its graph.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy, one_hot

NUMBERS = Path(__file__).with_name("lessons_by_pytorch.json")

Tensors = dict[str, torch.Tensor]
Lesson = Callable[[], Tensors]
LESSONS: dict[str, Lesson] = {}


def lesson(build: Lesson) -> Lesson:
    """Keep a lesson: its tensors by the names of its nodes, the last of them the root."""
    LESSONS[build.__name__] = build
    return build


def leaf(value: Any) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


@lesson
def chain_rule() -> Tensors:
    x, w, target = leaf(2), leaf(3), leaf(4)
    prediction = x * w
    error = prediction - target
    return {"x": x, "w": w, "target": target, "prediction": prediction, "error": error, "loss": error.square()}


@lesson
def fork() -> Tensors:
    x = leaf(3)
    squared, negated = x.square(), -x
    return {"x": x, "squared": squared, "negated": negated, "y": squared + negated}


@lesson
def square() -> Tensors:
    x = leaf(3)
    return {"x": x, "y": x * x}


@lesson
def broadcast_bias() -> Tensors:
    x, b = leaf([[1, -1], [2, 0], [0, 3]]), leaf([1, -1])
    z = x + b
    squared = z.square()
    return {"x": x, "b": b, "z": z, "squared": squared, "loss": squared.sum()}


@lesson
def matmul_shapes() -> Tensors:
    x, w = leaf([[1, 2, 3], [4, 5, 6]]), leaf([[1, 0, 2, -1], [0, 1, 1, 2], [3, -2, 0, 1]])
    y = x @ w
    return {"X": x, "W": w, "Y": y, "loss": y.sum()}


@lesson
def dying_relu() -> Tensors:
    x, w, b = leaf([[1, 2], [2, 1], [1, 3]]), leaf([[1, -1, 1], [1, 1, 1]]), leaf([0, 0, -10])
    product = x @ w
    z = product + b
    h = z.relu()
    return {"x": x, "W": w, "b": b, "xW": product, "z": z, "h": h, "loss": h.sum()}


@lesson
def vanishing_sigmoids() -> Tensors:
    tensors = {"x": leaf(0)}
    for number in range(1, 9):
        tensors[f"s{number}"] = [*tensors.values()][-1].sigmoid()
    return tensors


@lesson
def where_nan() -> Tensors:
    x = leaf([0, 0.5, 2])
    log = x.log()
    y = torch.where(x > 1, log, x)
    return {"x": x, "log x": log, "y": y, "loss": y.sum()}


@lesson
def max_routing() -> Tensors:
    clear, tied = leaf([1, 5, 2]), leaf([4, 0, 4])
    winner, winners = clear.amax(), tied.amax()
    return {"clear": clear, "tied": tied, "winner": winner, "winners": winners, "loss": winner * winners}


@lesson
def repeated_index() -> Tensors:
    table, weights = leaf([10, 20, 30, 40]), leaf([1, 2, 3])
    picked = table[torch.tensor([1, 3, 1])]
    weighted = picked * weights
    return {"table": table, "weights": weights, "picked": picked, "weighted": weighted, "loss": weighted.sum()}


@lesson
def not_zeroed() -> Tensors:
    """The first pass: what is not set to zero after it is tested with the lesson itself."""
    w, target = leaf(3), leaf(1)
    error = w - target
    return {"w": w, "target": target, "error": error, "loss": error.square()}


@lesson
def shared_over_time() -> Tensors:
    w, h = leaf(2), leaf(1)
    tensors = {"w": w, "h0": h}
    for step, number in enumerate([1, -1, 2]):
        x = leaf(number)
        product = w * h
        h = product + x
        tensors |= {f"wh{step}": product, f"x{step + 1}": x, f"h{step + 1}": h}
    return tensors


@lesson
def softmax_cross_entropy() -> Tensors:
    counts, label = leaf([1, 2, 5]), torch.tensor(2)
    logits = counts.log()
    p, y = logits.softmax(-1), one_hot(label, 3).double()
    return {"counts": counts, "logits": logits, "p": p, "y": y, "p − y": p - y, "loss": cross_entropy(logits, label)}


def go_back(tensors: Tensors) -> None:
    """From the last tensor to all of them; gradients add to what is there."""
    for tensor in tensors.values():
        if tensor.requires_grad:
            tensor.retain_grad()
    [*tensors.values()][-1].backward()


def numbers(build: Lesson) -> dict[str, dict[str, Any]]:
    """The values and gradients of a lesson by name, as JSON values; a gradient without a path is null."""
    tensors = build()
    go_back(tensors)
    return {
        "values": {name: plain(tensor.tolist()) for name, tensor in tensors.items()},
        "gradients": {
            name: None if tensor.grad is None else plain(tensor.grad.tolist()) for name, tensor in tensors.items()
        },
    }


def plain(value: Any) -> Any:
    """Nested lists of numbers; what JSON cannot say becomes text: "nan", "-inf"."""
    if isinstance(value, list):
        return [plain(element) for element in value]
    return value if abs(value) < float("inf") else str(value)


if __name__ == "__main__":
    found = {name: numbers(build) for name, build in LESSONS.items()}
    lines = ",\n".join(
        f"  {json.dumps(name)}: {{\n"
        + ",\n".join(f"    {json.dumps(key)}: {json.dumps(part, ensure_ascii=False)}" for key, part in parts.items())
        + "\n  }"
        for name, parts in found.items()
    )
    NUMBERS.write_text(f"{{\n{lines}\n}}\n", "utf-8")
