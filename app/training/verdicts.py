"""What the reports of a trial come to: in words, how far it is, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..look.numbers import significant
from ..wording import counted

if TYPE_CHECKING:
    from ...core.graph import Graph

RATES, BATCHES = 100, 20  # iterations of a range test, batches of others: for how far they are


class Verdict(NamedTuple):
    """`lines` are to be read; `good` says whether that is as it should be, None where it is neither. `share` is how
    much is done, None where that is not known. `node` is the one that it is about, `rate` a learning rate to take.
    """

    lines: tuple[str, ...] = ()
    good: bool | None = None
    share: float | None = None
    node: str = ""
    rate: float | None = None


def verdict(trial: str, reports: Sequence[Any], graph: Graph) -> Verdict:
    """Of the reports of a trial so far."""
    return _VERDICTS[trial](reports, graph) if reports else Verdict()


def _overfit(reports: Sequence[Any], _: Graph) -> Verdict:
    last = reports[-1]
    told = (_sentence(last.text), f"Loss {significant(last.loss, 3)}, at the start {significant(last.start, 3)}.")
    return Verdict(told, last.learnt if last.over else None, last.iteration / last.iterations)


def _rates(reports: Sequence[Any], _: Graph) -> Verdict:
    last = reports[-1]
    rate = last.suggested if last.over else None
    rounded = None if rate is None else float(f"{rate:.2g}")
    return Verdict(
        (_sentence(last.text),), rate is not None if last.over else None, len(last.rates) / RATES, "", rounded
    )


def _gradients(reports: Sequence[Any], graph: Graph) -> Verdict:
    from ...core.gradient_check import largest_error

    compared = [each for each in reports if each.skipped is None]
    wrong = [each for each in compared if not each.agrees]
    lines = [f"{counted(len(compared), 'gradient')} compared with differences, {len(wrong)} wrong (required: none)."]
    if (worst := largest_error(reports)) is not None:
        lines.append(f"The largest relative error is {significant(worst.error, 2)}, of ∂{worst.root}/∂{worst.wrt}.")
    lines += [
        f"∂{each.root}/∂{each.wrt} is {significant(each.gradient, 5)} along a random direction,"
        f" the difference quotient {significant(each.difference, 5)}."
        for each in wrong[:4]
    ]
    skipped = [each for each in reports if each.skipped is not None]
    lines += [f"{each.wrt} was not compared: {each.skipped}." for each in skipped[:2]]
    if len(skipped) > 2:
        lines.append(f"Nor were {len(skipped) - 2} more.")
    node = graph.resolve_source(wrong[0].wrt).node if wrong else ""
    return Verdict(tuple(lines), not wrong if compared else None, None, node)


def _mixing(reports: Sequence[Any], _: Graph) -> Verdict:
    worst: dict[str, Any] = {}
    for each in reports:  # of each mode the sample that reaches others
        if each.mode not in worst or not worst[each.mode].others:
            worst[each.mode] = each
    bad = [each for each in worst.values() if each.others and not each.meant]
    lines = tuple(_sentence(each.text) for each in worst.values())
    return Verdict(lines, not bad, None, bad[0].node if bad else "")


def _modes(reports: Sequence[Any], _: Graph) -> Verdict:
    last = reports[-1]
    return Verdict((_sentence(last.text),), not last.differs, 1.0 if last.over else last.batch / BATCHES)


def _noise(reports: Sequence[Any], graph: Graph) -> Verdict:
    last = reports[-1]
    ratios = {id: ratio for id, ratio in last.ratios.items() if id}
    least = min(ratios, key=lambda id: ratios[id], default="")
    lines = [_sentence(last.text)]
    if least:
        lines.append(f"Least sure is the gradient of {graph.called(least)}: {significant(ratios[least], 3)}.")
    return Verdict(tuple(lines), None, last.batches / BATCHES, least)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


_VERDICTS: Mapping[str, Any] = {
    "overfit": _overfit,
    "rates": _rates,
    "gradients": _gradients,
    "mixing": _mixing,
    "modes": _modes,
    "noise": _noise,
}
