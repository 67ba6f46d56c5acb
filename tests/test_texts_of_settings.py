"""Settings of runs as the list of runs tells them: in words, whatever they are made of."""

from __future__ import annotations

from typing import Any

import pytest

from gradwire.app.runs.columns import value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([0.9, 0.999], "0.9, 0.999"),
        (["parameter0", "parameter2"], "parameter0, parameter2"),
        ([{"parameters": ["parameter0", "parameter2"], "lr": 0.1, "weight_decay": 0.0}], "lr 0.1, weight decay 0 of 2"),
        ({"name": "step", "size": 3}, "step, size 3"),
        ([], ""),
        (None, "none"),
        (True, "yes"),
        (0.25, "0.25"),
        (12, "12"),
        ("relu", "relu"),
    ],
)
def test_a_setting_is_told_in_words(value: Any, text: str) -> None:
    assert value_text(value) == text
