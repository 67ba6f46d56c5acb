"""The learning rates of PyTorch's schedulers for the cases of `schedule_cases.py`.

    .venv/bin/python tests/make_schedule_numbers.py

writes them to `tests/schedule_numbers.json`, which tests compare with wherever they run; only this script needs
PyTorch.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import torch
from schedule_cases import CASES, LR, PLATEAUS, STEPS, WATCHED
from torch.optim import lr_scheduler

NUMBERS = Path(__file__).with_name("schedule_numbers.json")


def optimiser() -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)


def rates(name: str) -> list[float]:
    """The rate of each of the steps."""
    made = optimiser()
    scheduler: Any = CASES[name][1](lr_scheduler, made)
    found = []
    for _ in range(STEPS):
        found.append(float(made.param_groups[0]["lr"]))
        made.step()
        if len(found) < STEPS:
            scheduler.step()
    return found


def plateau_rates(name: str) -> list[float]:
    """The rate of each epoch, the first before any number is known."""
    made = optimiser()
    scheduler = lr_scheduler.ReduceLROnPlateau(made, **PLATEAUS[name])
    found = [LR]
    for number in WATCHED:
        scheduler.step(number)
        found.append(float(made.param_groups[0]["lr"]))
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # SequentialLR's own call of a deprecated argument
    numbers = {"rates": {name: rates(name) for name in CASES}, "plateaus": {n: plateau_rates(n) for n in PLATEAUS}}
    NUMBERS.write_text(json.dumps(numbers, indent=1) + "\n", "utf-8")
