"""Schedules of the learning rate in PyTorch, and what of training settings the exported loop does not spell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..graph import Training
from ..training.criteria import TRAINED
from ..training.rhythm import Rhythm
from ..training.schedules import Schedule
from . import literals

# By name the class of torch.optim.lr_scheduler, and what it calls our settings.
_CLASSES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "step": ("StepLR", {"step_size": "step_size", "gamma": "gamma"}),
    "multi_step": ("MultiStepLR", {"milestones": "milestones", "gamma": "gamma"}),
    "exponential": ("ExponentialLR", {"gamma": "gamma"}),
    "cosine": ("CosineAnnealingLR", {"steps": "T_max", "min_lr": "eta_min"}),
    "polynomial": ("PolynomialLR", {"steps": "total_iters", "power": "power"}),
    "linear": ("LinearLR", {"start_factor": "start_factor", "end_factor": "end_factor", "steps": "total_iters"}),
    "constant": ("ConstantLR", {"factor": "factor", "steps": "total_iters"}),
    "one_cycle": (
        "OneCycleLR",
        {
            "max_lr": "max_lr",
            "steps": "total_steps",
            "pct_start": "pct_start",
            "anneal": "anneal_strategy",
            "div_factor": "div_factor",
            "final_div_factor": "final_div_factor",
            "three_phase": "three_phase",
        },
    ),
    "reduce_on_plateau": (
        "ReduceLROnPlateau",
        {
            name: name
            for name in ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps")
        },
    ),
}
_MODULE = "torch.optim.lr_scheduler."


def read_schedule(training: Training) -> Schedule | None:
    """The schedule of a run of these settings; how many samples it has is known only when the source runs."""
    return Schedule.of(training, Rhythm(0, 1), validates=True)


def schedule_lines(schedule: Schedule, training: Training, lr: float) -> list[str]:
    """`schedule = …`, over several lines where a warm-up comes before it."""
    warmup = schedule.settings.get("warmup", 0)
    total = str(training.epochs)
    if not schedule.by_epoch:
        total += f" * -(-len(data) // {training.batch * training.accumulate})"
    own = any("lr" in group for group in training.parameter_groups)
    highest = '[group["lr"] for group in optimiser.param_groups]' if own else literals.plain(lr)
    made = _call(schedule, f"{total} - {warmup}" if warmup else total, highest)
    if not warmup:
        return [f"schedule = {made}"]
    start = literals.plain(schedule.settings["warmup_start"])
    return [
        f"schedule = {_MODULE}SequentialLR(",
        "    optimiser,",
        "    [",
        f"        {_MODULE}LinearLR(optimiser, start_factor={start}, total_iters={warmup}),",
        f"        {made},",
        "    ],",
        f"    milestones=[{warmup}],",
        ")",
    ]


def _call(schedule: Schedule, total: str, highest: str) -> str:
    name, words = _CLASSES[schedule.name]
    said = ["optimiser"]
    for setting, word in words.items():
        value = schedule.settings[setting]
        if setting == "steps" and value is None:
            said.append(f"{word}={total}")
        elif setting == "max_lr" and value is None:
            said.append(f"{word}={highest}")
        else:
            said.append(f"{word}={literals.plain(value)}")
    more = ["cycle_momentum=False"] * (schedule.name == "one_cycle")
    return f"{_MODULE}{name}({', '.join([*said, *more])})"


def unspelled(training: Training, schedule: Schedule | None) -> Iterator[str]:
    """What the exported loop would do otherwise than training here, each by its name."""
    if training.early_stopping is not None:
        yield "early_stopping"
    penalty, clips = training.l1 or training.l2, training.clip_norm is not None or training.clip_value is not None
    if not training.zero_gradients and (penalty or clips):
        yield "zero_gradients: false with a penalty or clipping"
    if schedule is None:
        return
    settings = schedule.settings
    if schedule.name not in _CLASSES:
        yield f"the schedule {schedule.name}"
        return  # a plugin brings it, whose settings may be called as others are
    if schedule.watches not in (None, TRAINED):
        yield f"the schedule {schedule.name} of {schedule.watches}"
    if settings.get("warmup") and not settings["warmup_start"]:
        yield "a warm-up from 0"
    if schedule.name == "linear" and not settings["start_factor"]:
        yield "the schedule linear from 0"
    if schedule.name == "one_cycle" and settings["steps"] is not None:
        yield "the schedule one_cycle with steps"
