"""What adds up to a gradient, in words: as an equation where its numbers are all told, else how large each part is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....core.stepping import Gradient
from ....core.stepping.forks import Fork
from .forks import amount, has_all, size_of


def added(
    parts: Sequence[np.ndarray], total: np.ndarray | None, decimals: int, names: Sequence[str] = (), more: bool = False
) -> str:
    """`0.540 + 2.000 = 2.540`; of larger tensors `norm 5 of parts of norm 3, 4`: norms do not add up.

    Parts with `names` have them in brackets behind them. There are `more` parts than these, or more to come.
    """
    whole = all(has_all(part) for part in parts)
    told = [amount(part, decimals) if whole else size_of(part, decimals) for part in parts]
    if names:
        told = [f"{text} ({name})" for text, name in zip(told, names, strict=True)]
    told += ["…"] if more else []
    if whole:
        return " + ".join(told) + ("" if total is None else f" = {amount(total, decimals)}")
    return ("" if total is None else f"norm {size_of(total, decimals)} of ") + f"parts of norm {', '.join(told)}"


def balance(name: str, gradient: Gradient, decimals: int) -> str:
    """`x: 3.000 + −2.000 = 1.000 · cancellation 80 %`, nothing of that where none is; before all has arrived, without
    the sum and with how much has.
    """
    parts = gradient.terms
    if gradient.value is None:
        return f"{name}: {added(parts, None, decimals, more=True)}, {len(parts)} of {gradient.parts} arrived"
    cancelled = Fork(parts).cancelled
    return f"{name}: {added(parts, gradient.value, decimals)}" + (f" · cancellation {cancelled}" if cancelled else "")
