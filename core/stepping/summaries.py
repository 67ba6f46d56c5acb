"""What is known of all iterations of a recording, also of those whose arrays the budget does not hold."""

from __future__ import annotations

from collections.abc import Mapping

from ..summary import IterationSummary

SHARE = 16  # of so many bytes of the budget one, at most, is for summaries


class Summaries:
    """Of one recorder, by the number of the iteration. Where they take too much room, of every two one is let go."""

    def __init__(self, budget: int, known: Mapping[int, IterationSummary] | None = None) -> None:
        self.budget = budget // SHARE
        self._known = dict(known or {})
        self._bytes = sum(summary.table.nbytes for summary in self._known.values())
        self._spacing = 1

    def __contains__(self, number: int) -> bool:
        return number in self._known

    def add(self, summary: IterationSummary) -> None:
        """Keep one more. Its index is shared with that of another, where both are of the same things."""
        if summary.number in self._known or (summary.number - 1) % self._spacing:
            return
        like = next(iter(self._known.values()), None)
        if like is not None and like.rows is not summary.rows and list(like.rows) == list(summary.rows):
            summary = IterationSummary(summary.number, summary.objective, like.rows, summary.table)
        self._known[summary.number] = summary
        self._bytes += summary.table.nbytes
        while self._bytes > self.budget and len(self._known) > 2:
            self._spacing *= 2
            self._known = {n: kept for n, kept in self._known.items() if not (n - 1) % self._spacing}
            self._bytes = sum(kept.table.nbytes for kept in self._known.values())

    def objective(self, number: int) -> float | None:
        """What an iteration made small, None where that is not known."""
        known = self._known.get(number)
        return None if known is None else known.objective

    def before(self, number: int) -> dict[int, IterationSummary]:
        """Those of the iterations before one."""
        return {known: summary for known, summary in self._known.items() if known < number}

    def merged(self, others: Mapping[int, IterationSummary]) -> tuple[IterationSummary, ...]:
        """All that is known, in order, with `others` that are still there themselves."""
        found = {**self._known, **others}
        return tuple(found[number] for number in sorted(found))
