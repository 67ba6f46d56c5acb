"""Diagnosis of layers whose units are all the same: nothing that is learnt makes them differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..edits import Edit
from ..measures import units_alike
from .diagnosis import ALERT, Diagnosis, Judge, Lasting, Limits, Verdict, count
from .facts import Look, Subject
from .gradients import STANDSTILL

DRAW = "he"  # a way to begin that draws random numbers


def same_units(subject: Subject, limits: Limits) -> Judge:
    """Weights with the same numbers for every unit, behind which other weights follow, while they are trained."""
    lasting = Lasting()

    def judge(look: Look) -> Iterator[Verdict]:
        values = {id: look.value(id) for id in subject.weights if look.number > 1}
        # What begins so may be parted by the first update, as behind a layer that was drawn.
        units = {id: units_alike(subject.graph, id, value) for id, value in values.items() if value is not None}
        lasts = {id: lasting.checks(id, look.number, number > 1) for id, number in units.items()}
        alike = [id for id, checks in lasts.items() if checks >= limits["checks"]]
        for id in alike:
            value = values[id]
            yield _verdict(subject, id, units[id], value is not None and bool(value.any()), alike)

    return judge


def _verdict(subject: Subject, id: str, units: int, some: bool, alike: Sequence[str]) -> Verdict:
    """Its mend draws all that are `alike`: with one of them still so, the others hardly learn."""
    which = "" if some else ", and all of them are 0"
    init = subject.graph.nodes[id].params.get("init", "zeros")
    text = f"all {units:,} units of its layer have the same weights{which}: they compute the same, and learn the same"
    mend = f"init {DRAW} in place of {init}, which draws them at random, and a new start"
    edit: Edit = {"draw": {"node": id, "others": [each for each in alike if each != id], "init": DRAW}, "anew": True}
    return Verdict(f"{text} (usual: no two alike)", 1.0, (2.0, None), id, mend=mend, edit=edit, word="units alike")


DIAGNOSES = (
    Diagnosis(
        "units alike",
        "Units that begin with the same weights compute the same and get the same gradient, so that they stay one unit"
        " for ever; where all weights are 0 no gradient comes through them at all. Random numbers part them.",
        Look,
        {"checks": count(3, "checks in a row", "Gradwire")},
        same_units,
        plot="gradient norm",
        level=ALERT,
        causes=(*STANDSTILL, "vanishing gradient", "dead units", "all zero", "bad start"),
    ),
)
