"""Whether a schedule or an average fits the length of its run: what the run never comes to, or what comes after it; and
whether the batches of an update fit into an epoch.
"""

from __future__ import annotations

from ..graph import Training
from .rhythm import Rhythm
from .schedules import Schedule

# Of a schedule that is in neither table, as those of plugins, nobody knows what its steps are, and nothing is told.
_AFTER = {  # what the rate does behind the steps of a schedule that ends before the run
    "cosine": "climbs again",
    "one_cycle": "stays at its least",
    "polynomial": "is 0",
}
_UP = {"linear": "its end_factor", "constant": "that of the optimiser"}  # what comes after the steps of a warm-up


def misfit(schedule: Schedule | None) -> str | None:
    """What does not fit, in one line with what would; None where all does."""
    if schedule is None or schedule.watches is not None:
        return None
    settings, unit = schedule.settings, "epoch" if schedule.by_epoch else "update"
    warmup = settings.get("warmup", 0)
    left = schedule.total - warmup
    run = f"the run has {_count(schedule.total, unit)}"
    head = f"the schedule {schedule.name}"
    if left <= 0:
        told, fits = f"warms up for {_count(warmup, unit)}", f"warmup: less than {schedule.total}"
        return f"{head} {told}, but {run}: the rate never reaches that of the optimiser ({fits})"
    behind = f"{run}, {left:,} of them behind the warm-up" if warmup else run
    if (first := _first_change(schedule)) is not None and first >= left:
        return f"{head} first changes the rate after {_count(first, unit)}, but {behind}: it never does"
    steps = settings.get("steps")
    if schedule.name not in (*_AFTER, *_UP) or steps is None or steps == left:
        return None
    if schedule.name in _UP:
        never = f"the rate never reaches {_UP[schedule.name]} (steps: up to {left})"
        return f"{head} takes {_count(steps, unit)}, but {behind}: {never}" if steps > left else None
    fits = f"(steps: {left}, or null for the whole run)"
    if steps > left:
        return f"{head} takes {_count(steps, unit)}, but {behind}: it is broken off before its end {fits}"
    return f"{head} takes {_count(steps, unit)}, and {behind}: after them the rate {_AFTER[schedule.name]} {fits}"


def misfits(schedule: Schedule | None, rhythm: Rhythm, training: Training) -> list[str]:
    """A line for each thing that does not fit."""
    return [*filter(None, (misfit(schedule), _beyond_an_epoch(rhythm), _never_averaged(training)))]


def _never_averaged(training: Training) -> str | None:
    start, epochs = (training.average or {}).get("start", 0), training.epochs
    if start < epochs or not start:
        return None
    behind, has = _count(start, "epoch"), _count(epochs, "epoch")
    fits = f" (start: up to {epochs - 1})" * (epochs > 0)
    return f"the average starts after {behind}, but the run has {has}: none is ever taken{fits}"


def _beyond_an_epoch(rhythm: Rhythm) -> str | None:
    if rhythm.accumulate <= rhythm.per_epoch:
        return None
    has = f"an epoch has {rhythm.per_epoch:,} batch{'' if rhythm.per_epoch == 1 else 'es'}"
    fits = f"(accumulate: up to {rhythm.per_epoch})"
    return f"accumulate takes {rhythm.accumulate:,} batches, but {has}: that is one update {fits}"


def _first_change(schedule: Schedule) -> int | None:
    """After how many steps behind the warm-up a schedule of jumps has its first."""
    if schedule.name == "step":
        return int(schedule.settings["step_size"])
    return min(schedule.settings["milestones"], default=None) if schedule.name == "multi_step" else None


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
