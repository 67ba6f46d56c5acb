"""A run in one line: where it stands, how fast it goes, and what it came to."""

from __future__ import annotations

from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from ..look.numbers import significant
from ..wording import counted

if TYPE_CHECKING:
    from ...core.runs import Run
    from ...core.runs.happening import Happened, Iterations
    from ..editor import Editor
    from .controller import Training

BEGINNING, STARTING, PAUSE = "beginning", "Starting …", "pause"
SPAN = 2.0  # seconds over which iterations are counted
ASIDE = ("epoch", "iteration", "time", "learning_rate", "train_loss")
_WORDS = {
    "starting": STARTING,
    "paused": "Paused",
    "stopped": "Stopped",
    "completed": "Done",
    "failed": "Failed",
    "died": "Ended",
}


class Speed:
    """How many iterations a second a run does."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def follow(self, run: Run) -> None:
        """It is where it is now."""
        if run.state != "running":
            self._seen.clear()
            return
        now = monotonic()
        self._seen.append((now, run.iteration))
        while self._seen[0][0] < now - SPAN:
            self._seen.popleft()

    def forget(self) -> None:
        """Another run begins."""
        self._seen.clear()

    @property
    def per_second(self) -> float | None:
        """None where that is not known yet."""
        if len(self._seen) < 2:
            return None
        (first, begun), (last, now) = self._seen[0], self._seen[-1]
        return (now - begun) / (last - first) if last - first > 0.2 else None


def can_pause(training: Training) -> bool:
    """Whether a run begins or goes on, and was not told to pause before it did."""
    begins = training.state in (BEGINNING, "starting") and training.first != PAUSE
    return begins or training.state == "running"


def share(run: Run | None) -> float:
    """How much of a run is done, 0 to 1."""
    total = _total(run) if run is not None else 0
    return min(run.iteration / total, 1.0) if run is not None and total else 0.0


def status(training: Training) -> str:
    """Where a run stands:
    `epoch 3 of 30 · val accuracy 0.967 · loss 0.123 · iteration 135 of 1,350 · 420 iterations/s`, behind its state
    where it rests; what is waited for stands before what is cut where there is little room, and in short words.
    """
    run = training.run
    if run is None or training.state == BEGINNING:
        return STARTING if training.state == BEGINNING else ""
    total = _total(run)
    if not total:
        return _WORDS.get(run.state, STARTING)
    assert run.graph.training is not None
    early = stopped_early(run)
    parts = ["Stopped early" if early else _WORDS[run.state]] if run.state in _WORDS else []
    parts += [f"epoch {_epoch(run):,} of {run.graph.training.epochs:,}", *_numbers_briefly(run)]
    parts += [early] if early else []
    parts += [f"iteration {run.iteration:,} of {total:,}"]
    if run.process.held:
        parts.append(f"{run.process.held}; Stop ends the run")
    elif training.stopping.takes_long:
        parts.append("stops after this iteration; Stop ends it at once")
    elif run.state == "running" and (fast := training.speed.per_second) is not None:
        parts.append(f"{significant(fast, 3) if fast < 100 else f'{fast:,.0f}'} iterations/s")
    return " · ".join(parts)


def briefly(training: Training) -> str:
    """`Training: epoch 3 of 30`."""
    run = training.run
    settings = None if run is None or training.state == BEGINNING else run.graph.training
    if run is None or not run.facts or settings is None or run.state == "starting":
        return STARTING
    return f"{'Paused' if run.state == 'paused' else 'Training'}: epoch {_epoch(run):,} of {settings.epochs:,}"


def brief(event: Happened | Iterations) -> str:
    """What the status bar says of an event, if anything: of why a run has died the panel says the rest."""
    line: str = getattr(event, "message", "")
    if getattr(event, "name", "") in ("STOPPED", "COMPLETED"):
        return ""  # it is told with what becomes of the values
    died = getattr(event, "name", "") == "DIED"
    return line.partition(";")[0].replace("the process of the run", "the run") if died else line


def ended(run: Run) -> str:
    """The line that says what went wrong with a run that is over, "" where nothing: where its numbers are not finite
    also what becomes of them.
    """
    if not run.message or run.state not in ("stopped", "completed"):
        return run.message
    return f"{_WORDS[run.state]}: {run.message}; the document keeps the values it had"


def mark(editor: Editor) -> str:
    """What the run has no longer in common with the document, "" where nothing."""
    training = editor.training
    return "" if training.origin is None or training.run is None else training.origin.mark(editor.home.document)


def came_to(run: Run) -> str:
    """`Trained 30 epochs: loss 0.0686 · validation accuracy 0.967`, and why these were not all."""
    per_epoch = run.facts["iterations_per_epoch"]
    whole, rest = divmod(run.iteration, per_epoch)
    done = counted(run.iteration, "iteration") if rest or not whole else counted(whole, "epoch")
    early = stopped_early(run)
    done += f", stopped early ({early})" if early else ""
    return f"Trained {done}: {' · '.join(_numbers(run))}"


def stopped_early(run: Run) -> str:
    """Why a run has ended before its last epoch, though nobody stopped it: `validation loss has not fallen for 5
    epochs`; nothing of any other.
    """
    training = run.graph.training
    if run.state != "completed" or training is None or training.early_stopping is None or run.iteration >= _total(run):
        return ""
    from ...core.training.stopping import stopping  # with all of training, which a run has loaded

    watched = stopping(training, validates=True)
    assert watched is not None
    how = "fallen" if watched["mode"] == "min" else "risen"
    return f"{watched['metric'].replace('_', ' ')} has not {how} for {counted(watched['patience'], 'epoch')}"


def _epoch(run: Run) -> int:
    """The one that the last iteration was in, from 1."""
    return max(-(-run.iteration // int(run.facts["iterations_per_epoch"])), 1)


def _total(run: Run) -> int:
    training = run.graph.training
    return int(run.facts["iterations_per_epoch"]) * training.epochs if run.facts and training is not None else 0


def _numbers(run: Run) -> list[str]:
    """The loss of the last iteration, at rest behind an epoch its mean over that; and what the last epoch came to, of
    the samples held out where there are any.
    """
    from ...core.training.criteria import VALIDATED  # with all of training, which a run has loaded

    found, epochs = [], run.epochs
    if epochs.rows and epochs["iteration"][-1] == run.iteration and run.state != "running":
        found.append(f"loss {significant(float(epochs['train_loss'][-1]), 3)}")
    elif run.curves.rows:
        found.append(f"loss {significant(float(run.curves['loss'][-1]), 3)}")
    if epochs.rows:
        known = [name for name in epochs if name not in ASIDE and f"{VALIDATED}{name}" not in epochs]
        told = {name: float(epochs[name][-1]) for name in known}
        found += [f"{name.replace('_', ' ')} {significant(number, 3)}" for name, number in told.items()]
    return found


def _numbers_briefly(run: Run) -> list[str]:
    """The same, metrics before losses."""
    short = [told.replace("validation ", "val ") for told in _numbers(run)]
    return sorted(short, key=lambda told: "loss " in told)
