"""Beside the curves: hints that say the same of many nodes are one card, and what came and went is one line."""

from __future__ import annotations

from typing import Any

from gradwire.app.training.beside import over_lines, together
from gradwire.core.diagnosing.over_training.finding import ENDS, RunFinding


def finding(rule: str, node: str, began: int = 1, number: int = 8, mend: str = "a larger rate", **more: str) -> Any:
    told = {"level": "hint", "text": f"{node} is unusual", "word": "", "about": "", "plot": "loss", "state": ENDS}
    return RunFinding(
        rule=rule, node=node, mend=mend, measured=1.0, band=(None, 0.5), began=began, number=number, **{**told, **more}
    )


def test_hints_of_many_nodes_that_say_the_same_are_told_together() -> None:
    hints = [finding("update size", node) for node in "abc"]
    other = finding("update size", "d", mend="a smaller rate")
    found = together([*hints, other])
    assert [(first.node, list(others)) for first, others in found] == [("a", ["b", "c"]), ("d", [])]


def test_alerts_stand_by_themselves() -> None:
    found = together([finding("dead units", node, level="alert") for node in "ab"])
    assert [(first.node, list(others)) for first, others in found] == [("a", []), ("b", [])]


def test_what_is_over_names_its_node_and_what_came_and_went_is_one_line() -> None:
    ended = [
        finding("dead units", "r1", 208, 62_392),
        finding("loss not decreasing", "l", 240, 260),
        finding("dead units", "r2", 208, 62_392),
        finding("loss not decreasing", "l", 300, 1_400),
        finding("loss at start", "", 1, 1),
    ]
    assert over_lines(ended, lambda node: {"r1": "relu_1", "r2": "relu_2", "l": "loss"}.get(node, "")) == [
        "loss at start, 1",
        "loss not decreasing, loss, 2 times, 240 to 1,400",
        "dead units, relu_2, 208 to 62,392",
        "dead units, relu_1, 208 to 62,392",
    ]
