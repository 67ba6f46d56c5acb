"""What `torch.optim` makes of a small regression in ten steps, in float64, for each case of optimiser_cases.py.

    .venv/bin/python tests/make_optimiser_numbers.py

writes it to `tests/optimiser_numbers.json`; tests compare with it wherever they run, and only this needs PyTorch.
Of Lion, which PyTorch does not have, algorithm 2 of its paper is written here (arXiv 2302.06675).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from optimiser_cases import CASES, SMALL, STEPS, Case, Problem

NUMBERS = Path(__file__).with_name("optimiser_numbers.json")
CLASSES = {
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "NAdam",
    "adamax": "Adamax",
    "radam": "RAdam",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adadelta": "Adadelta",
}


class Lion(torch.optim.Optimizer):
    """Algorithm 2: c = interp(g, m, β₁); θ ← θ − η (sign(c) + λ θ); m ← interp(g, m, β₂)."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-4, betas: Any = (0.9, 0.99), weight_decay: float = 0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            (beta1, beta2), eta = group["betas"], group["lr"]
            for theta in group["params"]:
                g, m = theta.grad, self.state[theta].get("m", torch.zeros_like(theta))
                c = beta1 * m + (1 - beta1) * g
                theta.data = theta.data - eta * (torch.sign(c) + group["weight_decay"] * theta.data)
                self.state[theta]["m"] = beta2 * m + (1 - beta2) * g


def by_pytorch(case: Case, problem: Problem = SMALL, scheduler: Any = None) -> dict[str, list[Any]]:
    """By name, each parameter after each step; `scheduler` is made of PyTorch's module of them and the optimiser."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # or NAdam keeps the product of its μ in float32
    try:
        return _steps(case, problem, scheduler)
    finally:
        torch.set_default_dtype(before)


def _steps(case: Case, problem: Problem, scheduler: Any) -> dict[str, list[Any]]:
    x, target = (torch.tensor(value, dtype=torch.float64) for value in (problem.x, problem.target))
    named = {name: torch.tensor(getattr(problem, name), dtype=torch.float64, requires_grad=True) for name in ("w", "b")}
    settings = dict(case.optimiser)
    name = settings.pop("name")
    rule: Any = Lion if name == "lion" else getattr(torch.optim, CLASSES[name])
    optimiser = rule([{"params": [each], **case.groups.get(key, {})} for key, each in named.items()], **settings)
    schedule = scheduler and scheduler(torch.optim.lr_scheduler, optimiser)
    watches = isinstance(schedule, torch.optim.lr_scheduler.ReduceLROnPlateau)
    found: dict[str, list[Any]] = {key: [] for key in named}
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = (x @ named["w"] + named["b"] - target).square().mean()
        loss.backward()
        optimiser.step()
        if schedule is not None:
            schedule.step(*[loss.item()] * watches)
        for key, each in named.items():
            found[key].append(each.tolist())
    return found


if __name__ == "__main__":
    lines = [f"{json.dumps(name)}: {json.dumps(by_pytorch(case))}" for name, case in CASES.items()]
    NUMBERS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
