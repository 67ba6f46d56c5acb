"""Which columns the list of runs has, what stands in them, and how they are put in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..look.numbers import significant

if TYPE_CHECKING:
    from ...core.runs.listed import ListedRun

METRICS = 3  # that have a column
VALIDATION = "validation_"
ALL = "all"  # in the place of a setting by which runs are grouped: all of them are one group
NOTES, BEGUN = "Notes", "Begun"
_OWN = ("name", "parameters")  # what stands in its own place of a mapping of settings
_LAST = (2, "")  # what nothing is known of stands behind all else


class Column(NamedTuple):
    """A column: its heading, the text of a run, and what it is put in order by. `setting`: which one it tells.

    `shown` is the heading for the runs that there are now, where that says more than the one by which it is known.
    """

    head: str
    text: Callable[[ListedRun], str]
    key: Callable[[ListedRun], Any]
    about: str = ""
    setting: str = ""
    shown: str = ""

    @property
    def heading(self) -> str:
        """As it is read."""
        return self.shown or self.head


def columns_of(runs: Sequence[ListedRun]) -> list[Column]:
    """The columns for these runs: metrics that they have, and settings that are not the same in all.

    Runs of one graph are called without its name.
    """
    one = len({run.graph for run in runs}) == 1
    metrics = (_metric(name) for name in _metrics(runs))
    standing = (_STATE, _LOSS._replace(shown=_judged(runs)), _BEST)
    return [_BRIEF if one else _NAME, *standing, *metrics, *map(_setting, varied(runs)), *_WHEN, _NOTES]


def varied(runs: Sequence[ListedRun]) -> list[str]:
    """The settings in which these runs differ, by name; of those that cannot be read nothing is known."""
    if len(runs) < 2:
        return []  # nothing of training is loaded for a list that is empty
    from ...core.runs.comparing import differences

    return [row.name for row in differences([run.settings for run in runs if run.settings])]


def _metrics(runs: Iterable[ListedRun]) -> list[str]:
    names = dict.fromkeys(name for run in runs for name in run.last if not name.endswith("loss"))
    better = [name for name in names if f"{VALIDATION}{name}" not in names]
    return better[:METRICS]


def begun(run: ListedRun) -> str:
    """When it began: the time of a run of today, the day of an older one."""
    if run.begun is None:
        return ""
    then, now = time.localtime(run.begun), time.localtime()
    return time.strftime("%H:%M" if then[:3] == now[:3] else "%Y-%m-%d %H:%M", then)


def value_text(value: Any) -> str:
    """A setting as it is read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return significant(value, 6)
    if isinstance(value, Mapping):
        return _settings_text(value)
    if isinstance(value, list | tuple):
        return ("; " if any(isinstance(each, Mapping) for each in value) else ", ").join(map(value_text, value))
    return "none" if value is None else str(value)


def _settings_text(settings: Mapping[str, Any]) -> str:
    """`step, size 3` of a mapping with a name, `lr 0.1 of 2` of a parameter group, which names its members."""
    words = [f"{name.replace('_', ' ')} {value_text(value)}" for name, value in settings.items() if name not in _OWN]
    words = [str(settings["name"]), *words] if "name" in settings else words
    members = settings.get("parameters")
    return ", ".join(words) + (f" of {len(members)}" if isinstance(members, list | tuple) else "")


def _epochs(run: ListedRun) -> str:
    planned = run.settings.get("epochs")
    return f"{run.epochs:,} of {planned:,}" if isinstance(planned, int) else f"{run.epochs:,}"


def _loss(run: ListedRun) -> str:
    return significant(run.last[run.judged_by], 4) if run.judged_by else ""


def _judged(runs: Iterable[ListedRun]) -> str:
    """What the loss is called by which these runs are judged, where that is the same of all."""
    names = {run.judged_by for run in runs if run.judged_by}
    return names.pop().replace("_", " ").capitalize() if len(names) == 1 else ""


def _best(run: ListedRun) -> str:
    best = run.best.get(run.judged_by)
    return "" if best is None else f"{significant(best.value, 4)} ({best.epoch:,})"


def _number(value: float | None) -> tuple[int, Any]:
    return _LAST if value is None or value != value else (0, value)


def _best_number(run: ListedRun) -> tuple[int, Any]:
    best = run.best.get(run.judged_by)
    return _number(None if best is None else best.value)


def _metric(name: str) -> Column:
    head = name.removeprefix(VALIDATION).replace("_", " ")
    about = f"{'Of validation' if name.startswith(VALIDATION) else 'Of training'}, after the last epoch"

    def text(run: ListedRun) -> str:
        return significant(run.last[name], 4) if name in run.last else ""

    return Column(head, text, lambda run: _number(run.last.get(name)), about)


def _setting(name: str) -> Column:
    def key(run: ListedRun) -> tuple[int, Any]:
        if name not in run.settings:
            return _LAST
        value = run.settings[name]
        return (0, value) if isinstance(value, (int, float)) else (1, value_text(value))

    def text(run: ListedRun) -> str:
        return value_text(run.settings[name]) if name in run.settings else "–" if run.settings else ""

    return Column(name.removeprefix("optimiser."), text, key, f"The setting {name}", name)


def _brief(run: ListedRun) -> str:
    return run.name.removeprefix(f"{run.graph}-")


_NAME = Column("Run", lambda run: run.name, lambda run: (0, run.name), "The name of its folder")
_BRIEF = _NAME._replace(text=_brief)
_STATE = Column("State", lambda run: run.state, lambda run: (0, run.state))
_LOSS = Column(
    "Loss",
    _loss,
    lambda run: _number(run.last.get(run.judged_by)),
    "After the last epoch: of validation, where samples are held out",
)
_BEST = Column("Best", _best, _best_number, "The least loss of an epoch, and which epoch that was")
_WHEN = (
    Column("Epochs", _epochs, lambda run: (0, run.epochs)),
    Column(BEGUN, begun, lambda run: _number(run.begun)),
)
_NOTES = Column(
    NOTES,
    lambda run: " · ".join(filter(None, (run.notes, run.problem))),
    lambda run: (0, run.notes.lower()) if run.notes else _LAST,
    "A double click or F2 edits them; behind them why a run died, or cannot be read",
)
