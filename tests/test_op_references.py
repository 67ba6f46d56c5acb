"""What `gradwire ops NAME` prints of each op: whole, in numbers and words, in lines that can be read."""

from __future__ import annotations

import re

import pytest

from gradwire.core.cli.ops import card
from gradwire.core.op import Op
from gradwire.core.ops import builtin
from gradwire.core.stepping.rule_code import gradient_code

WIDTH = 120


@pytest.mark.parametrize("op", [*builtin()], ids=lambda op: op.name)
def test_the_reference_of_an_op_is_whole(op: Op) -> None:
    text = card(op)
    for title in ("category", "formula", "ports", "parameters", "outputs", "gradient", "conventions"):
        assert re.search(rf"^{title} +\S", text, re.MULTILINE), title
    code = {line.strip() for line in (gradient_code(op) or "").splitlines()}
    told = [line for line in text.splitlines() if re.sub("^gradient", "", line).strip() not in code]
    assert [line for line in told if len(line) > WIDTH] == []
    leftover = re.compile(r"array\(|dtype\(|<\w+|\bobject at\b|Tensor\(|numpy\.|\bNone\b")
    told = [re.sub(r"\[[:., None]*None[:., None]*\]", "", line) for line in told]  # an axis that NumPy's indexing adds
    assert [line for line in told if leftover.search(line)] == []


def test_a_long_gradient_goes_on_in_the_next_line() -> None:
    lines = card(builtin()["glu"]).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("gradient"))
    assert lines[at].startswith("gradient     ∂x = concat(g · sigmoid(")
    assert lines[at + 1] == "               axis=-1)"
