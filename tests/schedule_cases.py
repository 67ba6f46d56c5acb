"""Schedules as training settings write them, and as PyTorch makes them, from the optimiser on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

LR, OWN_LR = 0.05, 0.01  # of all parameters, and of a parameter group of its own
EPOCHS, PER_EPOCH = 10, 5  # 50 iterations
STEPS = EPOCHS * PER_EPOCH

# By name: settings of ours, and (torch, optimiser) -> scheduler. All count iterations, so that 50 rates differ.
# What they name absolutely (min_lr, max_lr) holds for each parameter group.
CASES: Mapping[str, tuple[Mapping[str, Any], Callable[[Any, Any], Any]]] = {
    "step": ({"name": "step", "step_size": 7, "gamma": 0.5}, lambda s, o: s.StepLR(o, 7, 0.5)),
    "multi_step": (
        {"name": "multi_step", "milestones": [3, 20, 20, 41], "gamma": 0.3},
        lambda s, o: s.MultiStepLR(o, [3, 20, 20, 41], 0.3),
    ),
    "exponential": ({"name": "exponential", "gamma": 0.9}, lambda s, o: s.ExponentialLR(o, 0.9)),
    "cosine": ({"name": "cosine"}, lambda s, o: s.CosineAnnealingLR(o, STEPS)),
    "cosine, twice": (
        {"name": "cosine", "steps": 20, "min_lr": 0.002},
        lambda s, o: s.CosineAnnealingLR(o, 20, 0.002),
    ),
    "cosine with warm-up": (
        {"name": "cosine", "warmup": 8, "warmup_start": 0.1},
        lambda s, o: s.SequentialLR(
            o, [s.LinearLR(o, 0.1, total_iters=8), s.CosineAnnealingLR(o, STEPS - 8)], milestones=[8]
        ),
    ),
    "cosine with warm-up, to a rate above that of a group": (
        {"name": "cosine", "warmup": 8, "warmup_start": 0.1, "min_lr": 0.02},
        lambda s, o: s.SequentialLR(
            o, [s.LinearLR(o, 0.1, total_iters=8), s.CosineAnnealingLR(o, STEPS - 8, 0.02)], milestones=[8]
        ),
    ),
    "step with warm-up": (
        {"name": "step", "step_size": 9, "gamma": 0.4, "warmup": 5},
        lambda s, o: s.SequentialLR(o, [s.LinearLR(o, total_iters=5), s.StepLR(o, 9, 0.4)], milestones=[5]),
    ),
    "polynomial": (
        {"name": "polynomial", "steps": 30, "power": 2.0},
        lambda s, o: s.PolynomialLR(o, 30, 2.0),
    ),
    "linear": (
        {"name": "linear", "start_factor": 0.1, "end_factor": 0.8, "steps": 12},
        lambda s, o: s.LinearLR(o, 0.1, 0.8, 12),
    ),
    "linear, as it is": ({"name": "linear"}, lambda s, o: s.LinearLR(o)),
    "constant": ({"name": "constant"}, lambda s, o: s.ConstantLR(o)),
    "one_cycle": (
        {"name": "one_cycle", "max_lr": 0.2},
        lambda s, o: s.OneCycleLR(o, 0.2, STEPS, cycle_momentum=False),
    ),
    "one_cycle, linear": (
        {"name": "one_cycle", "max_lr": 0.2, "pct_start": 0.25, "anneal": "linear", "div_factor": 10},
        lambda s, o: s.OneCycleLR(
            o, 0.2, STEPS, pct_start=0.25, anneal_strategy="linear", div_factor=10, cycle_momentum=False
        ),
    ),
    "one_cycle, three phases": (
        {"name": "one_cycle", "max_lr": 0.2, "three_phase": True, "final_div_factor": 100},
        lambda s, o: s.OneCycleLR(o, 0.2, STEPS, three_phase=True, final_div_factor=100, cycle_momentum=False),
    ),
}

# Of `reduce_on_plateau`, and the numbers that it is shown, one an epoch.
WATCHED = [1.0, 0.8, 0.81, 0.805, 0.79, 0.795, 0.8, 0.7999, 0.79, 0.789, 0.7891, 0.79, 0.791, 0.5, 0.6, 0.7, 0.8] * 3
PLATEAUS: Mapping[str, Mapping[str, Any]] = {
    "as it is": {},
    "eager": {"factor": 0.5, "patience": 1},
    "cooling": {"factor": 0.5, "patience": 0, "cooldown": 2},
    "absolute": {"factor": 0.3, "patience": 1, "threshold": 0.02, "threshold_mode": "abs", "min_lr": 0.001},
    "least above that of a group": {"factor": 0.5, "patience": 1, "min_lr": 0.02},
    "largest": {"factor": 0.5, "patience": 2, "mode": "max"},
    "hardly smaller": {"factor": 0.99, "patience": 0, "eps": 1e-3},
}
