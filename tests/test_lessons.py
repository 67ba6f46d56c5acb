"""The lessons: each opens without a problem, is laid out, and has the numbers that a person gets by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from math import exp, log
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.evaluating import Asked, Evaluated, Evaluator
from gradwire.core.graph import Source
from gradwire.core.stepping import lay_out
from gradwire.core.stepping.recorder import Recorder

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "lessons"
PYTORCH = json.loads(Path(__file__).with_name("lessons_by_pytorch.json").read_text("utf-8"))
FOLDED = {"vanishing_sigmoids": [("s4", "s5")]}  # lessons of several rows: the wires from one row to the next
LANE = 40.0  # between two rows, for the wire from the one to the other
NODE = 150.0, 142.0  # scene units of the largest node of a lesson, one with three ports

NAN, INF = float("nan"), float("inf")
ONES = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
Numbers = Mapping[str, Any]


class Lesson(NamedTuple):
    """The values and gradients by hand (None: no path), and what meets at a fork: (node, port, contribution)."""

    values: Numbers
    gradients: Numbers
    meet: Mapping[str, list[tuple[str, str, Any]]] = {}
    root: str = "loss"


def sigmoids() -> Lesson:
    """s = 1 / (1 + exp(−x)) of s before it; back through each the gradient is multiplied by s (1 − s)."""
    values, gradients = {"x": 0.0}, {"s8": 1.0}
    x = 0.0
    for number in range(1, 9):
        values[f"s{number}"] = x = 1 / (1 + exp(-x))
    for number in range(8, 0, -1):
        s = values[f"s{number}"]
        gradients[f"s{number - 1}" if number > 1 else "x"] = gradients[f"s{number}"] * s * (1 - s)
    return Lesson(values, gradients, root="s8")


LESSONS = {
    "chain_rule": Lesson(
        {"x": 2, "w": 3, "target": 4, "prediction": 6, "error": 2, "loss": 4},
        {"x": 4 * 3, "w": 4 * 2, "target": -4, "prediction": 4, "error": 2 * 2, "loss": 1},
    ),
    "fork": Lesson(
        {"x": 3, "squared": 9, "negated": -3, "y": 6},
        {"x": 6 - 1, "squared": 1, "negated": 1, "y": 1},
        {"x": [("squared", "x", 6), ("negated", "x", -1)]},
        root="y",
    ),
    "square": Lesson({"x": 3, "y": 9}, {"x": 3 + 3, "y": 1}, {"x": [("y", "x", 3), ("y", "y", 3)]}, root="y"),
    "broadcast_bias": Lesson(
        {
            "x": [[1, -1], [2, 0], [0, 3]],
            "b": [1, -1],
            "z": [[2, -2], [3, -1], [1, 2]],
            "squared": [[4, 4], [9, 1], [1, 4]],
            "loss": 23,
        },
        {
            "x": [[4, -4], [6, -2], [2, 4]],
            "b": [4 + 6 + 2, -4 - 2 + 4],
            "z": [[4, -4], [6, -2], [2, 4]],
            "squared": [[1, 1], [1, 1], [1, 1]],
            "loss": 1,
        },
    ),
    "matmul_shapes": Lesson(
        {
            "X": [[1, 2, 3], [4, 5, 6]],
            "W": [[1, 0, 2, -1], [0, 1, 1, 2], [3, -2, 0, 1]],
            "Y": [[10, -4, 4, 6], [22, -7, 13, 12]],
            "loss": 56,
        },
        {  # of ones: the sums of the rows of W, and of the columns of X
            "X": [[2, 4, 2], [2, 4, 2]],
            "W": [[5, 5, 5, 5], [7, 7, 7, 7], [9, 9, 9, 9]],
            "Y": [[1, 1, 1, 1], [1, 1, 1, 1]],
            "loss": 1,
        },
    ),
    "dying_relu": Lesson(
        {
            "x": [[1, 2], [2, 1], [1, 3]],
            "W": [[1, -1, 1], [1, 1, 1]],
            "b": [0, 0, -10],
            "xW": [[3, 1, 3], [3, -1, 3], [4, 2, 4]],
            "z": [[3, 1, -7], [3, -1, -7], [4, 2, -6]],
            "h": [[3, 1, 0], [3, 0, 0], [4, 2, 0]],
            "loss": 13,
        },
        {
            "x": [[0, 2], [1, 1], [0, 2]],
            "W": [[4, 2, 0], [6, 5, 0]],
            "b": [3, 2, 0],
            "xW": [[1, 1, 0], [1, 0, 0], [1, 1, 0]],
            "z": [[1, 1, 0], [1, 0, 0], [1, 1, 0]],
            "h": ONES,
            "loss": 1,
        },
    ),
    "vanishing_sigmoids": sigmoids(),
    "where_nan": Lesson(
        {
            "one": 1,
            "x": [0, 0.5, 2],
            "above one": [False, False, True],
            "log x": [-INF, -log(2), log(2)],
            "y": [0, 0.5, log(2)],
            "loss": 0.5 + log(2),
        },
        {"one": None, "x": [NAN, 1, 0.5], "log x": [0, 0, 1], "y": [1, 1, 1], "loss": 1},
        {"x": [("y", "y", [1, 1, 0]), ("log x", "x", [NAN, 0, 0.5])]},
    ),
    "max_routing": Lesson(
        {"clear": [1, 5, 2], "tied": [4, 0, 4], "winner": 5, "winners": 4, "loss": 20},
        {"clear": [0, 4, 0], "tied": [2.5, 0, 2.5], "winner": 4, "winners": 5, "loss": 1},
    ),
    "repeated_index": Lesson(
        {
            "table": [10, 20, 30, 40],
            "indices": [1, 3, 1],
            "weights": [1, 2, 3],
            "picked": [20, 40, 20],
            "weighted": [20, 80, 60],
            "loss": 160,
        },
        {
            "table": [0, 1 + 3, 0, 2],
            "weights": [20, 40, 20],
            "picked": [1, 2, 3],
            "weighted": [1, 1, 1],
            "loss": 1,
        },
    ),
    "not_zeroed": Lesson(
        {"w": 3, "target": 1, "error": 2, "loss": 4},
        {"w": 4, "target": -4, "error": 4, "loss": 1},
    ),
    "shared_over_time": Lesson(
        {"w": 2, "h0": 1, "x1": 1, "x2": -1, "x3": 2, "wh0": 2, "h1": 3, "wh1": 6, "h2": 5, "wh2": 10, "h3": 12},
        {"w": 5 + 6 + 4, "h0": 8, "x1": 4, "x2": 2, "x3": 1, "wh0": 4, "h1": 4, "wh1": 2, "h2": 2, "wh2": 1, "h3": 1},
        {"w": [("wh2", "x", 5), ("wh1", "x", 2 * 3), ("wh0", "x", 2 * 2 * 1)]},
        root="h3",
    ),
    "softmax_cross_entropy": Lesson(
        {
            "counts": [1, 2, 5],
            "label": 2,
            "logits": [0, log(2), log(5)],
            "p": [1 / 8, 2 / 8, 5 / 8],
            "y": [0, 0, 1],
            "p − y": [1 / 8, 2 / 8, -3 / 8],
            "loss": log(8 / 5),
        },
        {
            "counts": [1 / 8, 1 / 8, -3 / 40],
            "logits": [1 / 8, 2 / 8, -3 / 8],
            "p": None,
            "y": None,
            "p − y": None,
            "loss": 1,
        },
    ),
}
each = pytest.mark.parametrize("name", LESSONS)


def opened(name: str) -> gw.Session:
    return gw.open(FOLDER / f"{name}.gw")


def evaluated(session: gw.Session) -> Evaluated:
    """What the window shows of a graph as soon as it is opened."""
    asked = Asked.of(session)
    found = Evaluator(session.registry).evaluate(asked)
    assert found is not None
    return found


def same(found: Any, wanted: Any, what: str, tolerance: float = 1e-14) -> None:
    """The same shape and numbers; an infinity or NaN where one is wanted, and 0 exactly."""
    if wanted is None:
        assert found is None, what
        return
    wanted = np.array(wanted, np.float64)  # reads "nan" and "-inf" too
    assert found is not None, what
    assert found.shape == wanted.shape, what
    np.testing.assert_allclose(found.astype(np.float64), wanted, rtol=tolerance, atol=0, err_msg=what)


# Each as a file and as a drawing.


def test_every_lesson_is_tested_here() -> None:
    assert sorted(LESSONS) == sorted(path.stem for path in FOLDER.glob("*.gw"))


@each
def test_a_lesson_opens_without_a_problem_in_float64(name: str) -> None:
    session = opened(name)
    assert session.check().problems == ()
    assert session.notices == ()
    assert session.dtype == "float64"
    about = session.graph.extra["about"]
    assert about.endswith(".")
    assert "\n" not in about


@each
def test_a_lesson_says_that_it_is_one(name: str) -> None:
    assert opened(name).graph.extra["lesson"] is True


@each
def test_saving_a_lesson_gives_the_bytes_of_its_file(name: str, tmp_path: Path) -> None:
    saved = opened(name).save(tmp_path / f"{name}.gw")
    assert saved.read_bytes() == (FOLDER / f"{name}.gw").read_bytes()


@each
def test_a_lesson_has_one_note_that_ends_with_its_one_question(name: str) -> None:
    graph = opened(name).graph
    (note,) = graph.groups.values()
    assert graph.is_note(note.id)
    look, question = (note.note or "").split("\n\n")
    assert question.endswith("?")
    assert (look + question).count("?") == 1
    assert len(look) <= 210


@each
def test_no_nodes_overlap_and_wires_lead_to_the_right_or_to_the_next_row(name: str) -> None:
    graph = opened(name).graph
    for a, b in combinations(graph.nodes.values(), 2):
        apart = [abs(a.position[axis] - b.position[axis]) >= NODE[axis] for axis in (0, 1)]
        assert any(apart), f"{a.name} and {b.name} overlap"
    back = []
    for source, target, _ in graph.wires():
        start, end = graph.nodes[source.node].position, graph.nodes[target].position
        if start[0] + NODE[0] >= end[0]:
            assert end[1] - start[1] > NODE[1] + LANE, "a wire back has no lane"
            back.append((graph.nodes[source.node].name, graph.nodes[target].name))
    assert back == FOLDED.get(name, [])


# Each number.


@each
@pytest.mark.parametrize("mode", ["static", "eager"])
def test_values_and_gradients_are_those_by_hand(name: str, mode: str) -> None:
    session, lesson = opened(name), LESSONS[name]
    assert sorted(lesson.values) == sorted(node.name for node in session.graph.nodes.values())
    for node, value in session.run(fetch=list(lesson.values), mode=mode).items():
        same(value, lesson.values[node], node)
    floats = [node for node, value in session.run(fetch=list(lesson.values)).items() if value.dtype.kind == "f"]
    assert sorted(lesson.gradients) == sorted(floats)
    for node, gradient in session.gradients(lesson.root, floats, mode=mode).items():
        same(gradient, lesson.gradients[node], node)


@each
def test_what_meets_at_a_fork_is_what_was_added_by_hand(name: str) -> None:
    session, lesson = opened(name), LESSONS[name]
    forks = {}
    for node in lesson.gradients:
        found = session.contributions(lesson.root, node)
        if len(found) > 1:
            forks[node] = found
    assert forks.keys() == lesson.meet.keys()
    for node, wanted in lesson.meet.items():
        assert [part[:2] for part in forks[node]] == [part[:2] for part in wanted]
        for (consumer, _, part), (_, _, by_hand) in zip(forks[node], wanted, strict=True):
            same(part, by_hand, f"{node} from {consumer}")


@each
def test_the_window_shows_the_numbers_by_hand_without_being_asked(name: str) -> None:
    session, lesson = opened(name), LESSONS[name]
    shown, graph = evaluated(session), session.graph
    assert shown.errors == {}
    assert shown.root == Source(graph.resolve(lesson.root), "y")
    for node, value in lesson.values.items():
        same(shown.value(Source(graph.resolve(node), "y")), value, node)
    for node, gradient in lesson.gradients.items():
        same(shown.gradient(Source(graph.resolve(node), "y")), gradient, node)


@each
def test_stepping_back_brings_the_contributions_one_by_one(name: str) -> None:
    session, lesson = opened(name), LESSONS[name]
    timeline, graph = lay_out(evaluated(session), session.registry), session.graph
    for node, wanted in lesson.meet.items():
        source = Source(graph.resolve(node), "y")
        brought = [delivery for step in timeline.steps for delivery in step.deliveries if delivery.source == source]
        assert [(graph.path(given.node), given.port) for given in brought] == [part[:2] for part in wanted]
        for given, (consumer, _, by_hand) in zip(brought, wanted, strict=True):
            same(given.value, by_hand, f"{node} from {consumer}")


# Against PyTorch, whose numbers are in a file that `make_lesson_numbers.py` writes.


@each
def test_values_and_gradients_are_those_of_pytorch(name: str) -> None:
    compare(name, PYTORCH[name])


@each
def test_the_numbers_in_the_file_are_those_that_pytorch_gives_here(name: str) -> None:
    pytest.importorskip("torch")
    from make_lesson_numbers import LESSONS as BUILT
    from make_lesson_numbers import numbers

    assert PYTORCH.keys() == BUILT.keys()
    compare(name, numbers(BUILT[name]))


def compare(name: str, wanted: Mapping[str, Numbers]) -> None:
    session, lesson = opened(name), LESSONS[name]
    only_here = {"where_nan": {"one"}}.get(name, set())
    assert wanted["gradients"].keys() | only_here == lesson.gradients.keys()
    for node, value in session.run(fetch=list(wanted["values"])).items():
        same(value, wanted["values"][node], node, 1e-9)
    for node, gradient in session.gradients(lesson.root, list(wanted["gradients"])).items():
        same(gradient, wanted["gradients"][node], node, 1e-9)


# What the notes claim.


def test_five_of_the_sigmoids_bring_the_gradient_below_a_thousandth() -> None:
    gradients = opened("vanishing_sigmoids").gradients("s8", ["s4", "s3"])
    assert gradients["s4"] > 1e-3 > gradients["s3"]


PASSES = [(3, 4, 4), (2, 2, 6), (0.5, -1, 5), (-0.75, -3.5, 1.5)]  # w before, its own gradient, what it adds up to


def test_each_pass_adds_to_what_those_before_have_left() -> None:
    session = opened("not_zeroed")
    w = Source(session.graph.resolve("w"), "y")
    recorder = Recorder(Asked.of(session), session.registry)
    for number, (before, own, added_up) in enumerate(PASSES, 1):
        iteration = recorder.iteration(number)
        assert iteration is not None
        timeline = iteration.timeline
        assert (timeline.run.value(w), timeline.run.gradient(w), timeline.added_up(w.node)) == (before, own, added_up)
        assert [float(part.value) for part in timeline.left.get(w.node, ())] == [
            own for _, own, _ in PASSES[: number - 1]
        ]


def test_so_does_pytorch() -> None:
    torch = pytest.importorskip("torch")
    w = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    descent = torch.optim.SGD([w], lr=0.25)
    for before, _, added_up in PASSES:
        assert w.item() == before
        (w - 1).square().backward()
        assert w.grad.item() == added_up
        descent.step()


def test_a_branch_that_is_safe_where_it_is_not_taken_makes_no_nan() -> None:
    session = opened("where_nan")
    assert np.isfinite(session.run(fetch="loss")["loss"])
    x = session.graph.resolve("x")
    with session.document.transaction("Mend") as t:  # log of a value that is 1 where x is not above 1
        inner = t.add("where", inputs={"c": t.graph.resolve("above one"), "x": x, "y": t.graph.resolve("one")})
        t.connect(inner, t.graph.resolve("log x"), "x")
    np.testing.assert_array_equal(session.gradients("loss", "x")["x"], [1, 1, 0.5])
