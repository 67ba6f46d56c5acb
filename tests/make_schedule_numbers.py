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
from schedule_cases import CASES, LR, OWN_LR, PLATEAUS, STEPS, WATCHED
from torch.optim import lr_scheduler

NUMBERS = Path(__file__).with_name("schedule_numbers.json")


def optimiser() -> torch.optim.Optimizer:
    one, other = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    return torch.optim.SGD([{"params": [one]}, {"params": [other], "lr": OWN_LR}], lr=LR)


def now(made: torch.optim.Optimizer) -> list[float]:
    """The rate of each of the two parameter groups."""
    return [float(group["lr"]) for group in made.param_groups]


def rates(name: str) -> list[list[float]]:
    """The rates of each of the steps."""
    made = optimiser()
    scheduler: Any = CASES[name][1](lr_scheduler, made)
    found = []
    for _ in range(STEPS):
        found.append(now(made))
        made.step()
        if len(found) < STEPS:
            scheduler.step()
    return found


def plateau_rates(name: str) -> list[list[float]]:
    """The rates of each epoch, the first before any number is known."""
    made = optimiser()
    scheduler = lr_scheduler.ReduceLROnPlateau(made, **PLATEAUS[name])
    found = [now(made)]
    for number in WATCHED:
        scheduler.step(number)
        found.append(now(made))
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # SequentialLR's own call of a deprecated argument
    numbers = {"rates": {name: rates(name) for name in CASES}, "plateaus": {n: plateau_rates(n) for n in PLATEAUS}}
    NUMBERS.write_text(json.dumps(numbers).replace("]], ", "]],\n") + "\n", "utf-8")  # a line for each case
