"""The picture of a gradient that goes back through a mean and a variance: what is taken away, and who shares it."""

from __future__ import annotations

from ...core.stepping.correcting import corrections_of
from ...core.stepping.local import Local
from .working import Term


def correction_picture(rule: Local) -> tuple[Term, ...]:
    """What the gradient of the first argument is made of, where its op says so; nothing elsewhere."""
    found = corrections_of(rule)
    if found is None:
        return ()
    terms = [Term.map_of(sign, name, array) for sign, name, array in found.terms]
    terms[0] = terms[0]._replace(shared=found.axes)
    return (*terms, Term.map_of("=", f"d{rule.delivery.port}", rule.entry.value))
