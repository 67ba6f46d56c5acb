"""The phrase that lets a layer fit what comes into it."""

from __future__ import annotations

import pytest

from gradwire.core.check import Checked
from gradwire.core.document import Document
from gradwire.core.graph import Graph
from gradwire.core.ops import installed
from gradwire.core.scripting.phrases import Around, read
from gradwire.core.scripting.phrases.mending import mend
from gradwire.core.session import Session


def check(graph: Graph) -> Checked:
    return Session(graph).check()


def made(*lines: str) -> Document:
    """A document in which these phrases have been done."""
    document = Document()
    for line in lines:
        act = read(line, document.graph, installed(), around(document)).act
        with document.transaction(line) as t:
            act(t)
    return document


def around(document: Document) -> Around:
    return Around(document.values, None, check(document.graph).avals)


def mends(document: Document) -> list[str | None]:
    """Of each problem the line that mends it."""
    graph, known = document.graph, around(document)
    return [mend(each, graph, installed(), known, check) for each in check(graph).problems if each.node is not None]


@pytest.mark.parametrize(
    ("lines", "mending"),
    [
        (
            (
                "add dataset source=iris as data",
                "data.x -> linear units=8 as fc1",
                "fc1 -> relu -> linear units=3 as fc2",
                "set fc1.units 64",
            ),
            "set fc2.in_features 64",
        ),
        (
            (
                "add dataset source=iris as data",
                "data.x -> linear units=8 as fc1",
                "fc1 -> batch_norm as norm",
                "set fc1.units 64",
            ),
            "set norm.num_features 64",
        ),
        (
            (
                "add input shape=(N, 3, 8, 8) as x",
                "x -> conv2d out_channels=4 kernel_size=3 as c1",
                "c1 -> relu -> conv2d out_channels=2 kernel_size=3 as c2",
                "set c1.out_channels 6",
            ),
            "set c2.in_channels 6",
        ),
    ],
    ids=["linear", "normalisation", "convolution"],
)
def test_the_line_lets_the_next_layer_fit(lines: tuple[str, ...], mending: str) -> None:
    document = made(*lines)
    assert mends(document) == [mending]
    act = read(mending, document.graph, installed(), around(document)).act
    with document.transaction(mending) as t:
        act(t)
    assert mends(document) == []


def test_no_line_is_offered_where_none_mends_it() -> None:
    document = made("add parameter shape=(3, 4) as a", "add parameter shape=(5, 2) as b", "matmul(a, b)")
    assert mends(document) == [None]
