"""A test over many samples of ops, one test an op: to begin a test takes pytest longer than most of these take."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

GIVEN = "samples_of_op"


def over(cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test `(op, sample, ...)` with each of some `pytest.param(op, sample, id=...)`, by op in their order.

    A sample that fails is named beneath the error; those behind it are not tried.
    """
    by_op: dict[str, list[Any]] = {}
    for case in cases:
        by_op.setdefault(case.values[0].name, []).append(case)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        first, second, *others = inspect.signature(test).parameters.values()

        def each(**given: Any) -> None:
            for case in given.pop(GIVEN):
                op, sample = case.values
                try:
                    test(**{first.name: op, second.name: sample}, **given)
                except Exception as error:
                    error.add_note(f"of the sample {case.id}: {sample}")
                    raise

        each.__name__, each.__doc__, each.__module__ = test.__name__, test.__doc__, test.__module__
        samples = inspect.Parameter(GIVEN, inspect.Parameter.KEYWORD_ONLY)
        kept = [each_of.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each_of in others]
        each.__signature__ = inspect.Signature([samples, *kept])  # type: ignore[attr-defined]
        params = [pytest.param(found, id=name) for name, found in by_op.items()]
        return pytest.mark.parametrize(GIVEN, params)(each)

    return decorate
