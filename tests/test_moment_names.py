"""Moments by name, as the command line takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradwire.core.errors import RunError
from gradwire.core.session import Session
from gradwire.core.stepping import Moment, Timeline
from gradwire.core.stepping.naming import find_moment

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@pytest.fixture(scope="module")
def small() -> Timeline:
    return Session.open(EXAMPLES / "sin_plus_product.gw").timeline()


@pytest.fixture(scope="module")
def network() -> Timeline:
    return Session.open(EXAMPLES / "iris_mlp.gw").timeline()


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("start", 0),
        ("0", 0),
        ("3", 3),
        ("8", 8),
        ("end", 8),
        ("forward:x", 1),  # what is given is one step
        ("forward:y", 1),
        ("forward:sin", 3),
        ("forward:sin0", 3),  # its id
        ("forward", 4),
        ("loss", 5),
        ("loss:f", 5),
        ("backward:product", 8),
        ("backward", 8),
        ("backward:x", 8),  # given: when its gradient is whole
        ("backward:y", 8),
    ],
)
def test_a_moment_is_where_what_was_named_is_just_done(small: Timeline, text: str, step: int) -> None:
    assert find_moment(small, text) == (step, 0)


def test_a_node_in_groups_is_named_by_its_path_and_alone_where_that_is_clear(network: Timeline) -> None:
    for text in ("backward:mlp/linear_1/add", "backward:relu_1", "update:mlp/linear_2/bias"):
        phase, _, path = text.partition(":")
        step = Moment(network, find_moment(network, text)).step
        assert step is not None
        assert (step.phase, network.run.asked.graph.path(str(step.node)).endswith(path)) == (phase, True)


@pytest.mark.parametrize("text", ["9", "-1", "nonsense", "update", "backward:z", "", "٣", "1.0"])
def test_what_is_no_moment_is_told_in_a_line_that_lists_what_there_is(small: Timeline, text: str) -> None:
    with pytest.raises(RunError) as told:
        find_moment(small, text)
    message = str(told.value)
    assert "\n" not in message
    assert message.startswith(f"{text!r} is no moment of this pass (there are ")


def test_refusals_list_what_is_near(small: Timeline, network: Timeline) -> None:
    def refused(timeline: Timeline, text: str) -> str:
        with pytest.raises(RunError) as told:
            find_moment(timeline, text)
        return str(told.value)

    assert refused(small, "backward:cos") == (
        "'backward:cos' is no moment of this pass (there are backward:f, backward:sin, backward:product)"
    )
    assert refused(small, "sin") == "'sin' is no moment of this pass (there are forward:sin, backward:sin)"
    assert refused(small, "oops") == (
        "'oops' is no moment of this pass (there are start, end, 0 to 8, forward:x, forward:y, forward:product, "
        "forward:sin, forward:f, loss:f, backward:f, backward:sin, backward:product)"
    )
    assert refused(network, "backward:matmul") == (
        "'backward:matmul' names several nodes (there are backward:mlp/linear_2/matmul, backward:mlp/linear_1/matmul)"
    )
    assert refused(network, "oops").endswith(", …)")
