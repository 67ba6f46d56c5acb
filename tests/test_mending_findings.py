"""Mends of findings about wiring and settings: after each the finding is gone, and the numbers are those expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timelines import source_of, timeline_of, value

from gradwire.core.cli import main
from gradwire.core.diagnosing import Finding, diagnose
from gradwire.core.diagnosing.mending import mends_of
from gradwire.core.document import Document
from gradwire.core.errors import EditError
from gradwire.core.graph import Training
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping.mending import Mend

LESSONS = Path(__file__).parent.parent / "examples" / "lessons"
LOGITS, LABELS = [[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]], [0, 2]


def drawn(build: Callable[[Any], object], trains: str | None = None, **settings: Any) -> Session:
    """A small graph, which trains the node of this name."""
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
        if trains is not None:
            t.set_training(Training(loss=t.graph.resolve(trains), **settings))
    return Session(document)


def weight(t: Any, name: str, number: Any, **more: Any) -> str:
    return str(t.add("parameter", name=name, shape=np.shape(number), init="constant", value=number, **more))


def told(session: Session, rule: str) -> list[Finding]:
    return [finding for finding in diagnose(timeline_of(session)) if finding.rule == rule]


def offered(session: Session, rule: str) -> list[Mend]:
    """The mends of all that one rule has found."""
    timeline = timeline_of(session)
    return [mend for finding in diagnose(timeline) if finding.rule == rule for mend in mends_of(timeline, finding)]


def do(session: Session, mend: Mend) -> None:
    with session.document.transaction(mend.label) as t:
        mend.apply(t)


def mended(session: Session, rule: str) -> str:
    """Do the only mend of what a rule has found, and look that nothing of it is left; its label."""
    (mend,) = offered(session, rule)
    do(session, mend)
    assert told(session, rule) == []
    assert session.check().problems == ()
    return mend.label


def number(session: Session, name: str) -> Any:
    timeline = timeline_of(session)
    return timeline.run.value(source_of(timeline, name))


def names(session: Session) -> set[str]:
    return {node.name for node in session.graph.nodes.values()}


# Softmax twice.


def classes(t: Any, through: Callable[[Any, str], str] = lambda t, p: p) -> tuple[str, str]:
    """A loss of logits that is given probabilities, which come `through` something; they, and the loss."""
    p = t.add("softmax", name="p", inputs={"x": value(t, "z", LOGITS)})
    target = t.add("input", name="labels", shape=(2,), dtype="int64", value=LABELS)
    return p, t.add("cross_entropy", name="loss", inputs={"logits": through(t, p), "target": target})


def of_logits() -> float:
    """Cross-entropy of the logits themselves."""
    z = np.array(LOGITS)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[[0, 1], LABELS]))


def test_a_loss_takes_the_logits_and_the_softmax_that_nothing_needs_goes() -> None:
    session = drawn(classes)
    assert number(session, "loss") != pytest.approx(of_logits())
    assert mended(session, "softmax twice") == "Let loss take z, and remove p"
    assert number(session, "loss") == pytest.approx(of_logits())
    assert names(session) == {"z", "labels", "loss"}


def test_a_softmax_that_something_else_takes_stays() -> None:
    session = drawn(lambda t: t.add("argmax", name="class", inputs={"x": classes(t)[0]}))
    assert mended(session, "softmax twice") == "Let loss take z, not p"
    assert number(session, "loss") == pytest.approx(of_logits())
    assert names(session) == {"z", "labels", "loss", "p", "class"}


def test_a_softmax_that_a_metric_compares_or_that_is_kept_stays() -> None:
    def metric(t: Any) -> None:
        classes(t)
        metrics = ({"name": "accuracy", "prediction": "p", "target": "labels"},)
        t.set_training(Training(loss=t.graph.resolve("loss"), metrics=metrics))

    def kept(t: Any) -> None:
        t.set_flags(classes(t)[0], "keep")

    for build in (metric, kept):
        session = drawn(build)
        assert mended(session, "softmax twice") == "Let loss take z, not p"
        assert "p" in names(session)


def test_what_lies_between_softmax_and_loss_stays_between() -> None:
    def reshaped(t: Any) -> None:
        classes(t, lambda t, p: t.add("reshape", name="r", shape=(2, 3), inputs={"x": p}))

    session = drawn(reshaped)
    assert mended(session, "softmax twice") == "Let loss take z, and remove p"
    assert number(session, "loss") == pytest.approx(of_logits())
    assert names(session) == {"z", "r", "labels", "loss"}


def test_where_others_take_what_lies_between_no_mend_is_offered() -> None:
    def reshaped(t: Any) -> None:
        def through(t: Any, p: str) -> str:
            r = t.add("reshape", name="r", shape=(2, 3), inputs={"x": p})
            t.add("log", inputs={"x": r})  # of probabilities, as it should be
            return str(r)

        classes(t, through)

    session = drawn(reshaped)
    assert len(told(session, "softmax twice")) == 1
    assert offered(session, "softmax twice") == []


def test_a_sigmoid_before_a_loss_that_takes_logits_goes_as_well() -> None:
    z, y = np.array([0.5, -2.0]), np.array([1.0, 0.0])

    def build(t: Any) -> None:
        s = t.add("sigmoid", name="s", inputs={"x": value(t, "z", z.tolist())})
        t.add("binary_cross_entropy", name="loss", inputs={"logits": s, "target": value(t, "y", y.tolist())})

    session = drawn(build)
    assert mended(session, "softmax twice") == "Let loss take z, and remove s"
    p = 1 / (1 + np.exp(-z))
    assert number(session, "loss") == pytest.approx(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


# A silent broadcast.

X, Y = [1.0, 2.0, 4.0], [1.5, 1.0, 3.0]
W = 2.0
ERROR = float(np.mean((np.array(X) * W - np.array(Y)) ** 2))


def regression(column_first: bool = True) -> Callable[[Any], None]:
    """The squared error of `w x` against y, one of which is a column."""

    def build(t: Any) -> None:
        as_column = [[number] for number in X] if column_first else X
        target = Y if column_first else [[number] for number in Y]
        made = t.add("multiply", name="made", inputs={"x": value(t, "x", as_column), "y": weight(t, "w", W)})
        y = value(t, "y", target)
        error = t.add("subtract", name="error", inputs={"x": made, "y": y})
        t.add("mean", name="loss", inputs={"x": t.add("square", name="s", inputs={"x": error})})

    return build


@pytest.mark.parametrize(("column_first", "op"), [(True, "squeeze"), (False, "expand_dims")])
def test_the_prediction_is_laid_out_as_the_target(column_first: bool, op: str) -> None:
    session = drawn(regression(column_first), "loss")
    assert number(session, "loss") != pytest.approx(ERROR)
    assert number(session, "s").shape == (3, 3)
    assert mended(session, "silent broadcast") == f"Insert {op} between made and error"
    assert number(session, "loss") == pytest.approx(ERROR)
    assert number(session, "s").shape == ((3,) if column_first else (3, 1))
    (put,) = [node for node in session.graph.nodes.values() if node.op == op]
    assert dict(put.params) == {"axis": 1}  # a batch of one row stays a batch


def test_of_data_alone_the_column_loses_its_axis() -> None:
    def build(t: Any) -> None:
        x, y = value(t, "x", Y), value(t, "y", [[number] for number in X])
        t.add("sum", name="all", inputs={"x": t.add("subtract", name="d", inputs={"x": x, "y": y})})

    session = drawn(build)
    assert mended(session, "silent broadcast") == "Insert squeeze between y and d"
    assert number(session, "d").tolist() == [0.5, -1.0, -1.0]


def test_each_with_each_of_the_same_or_of_a_weight_is_left_as_it_may_be_meant() -> None:
    def pairs(t: Any) -> None:
        x = value(t, "x", X)
        column = t.add("expand_dims", axis=1, inputs={"x": x})
        t.add("sum", inputs={"x": t.add("subtract", inputs={"x": column, "y": x})})

    def weighted(t: Any) -> None:
        column = value(t, "x", [[number] for number in X])
        t.add("sum", inputs={"x": t.add("multiply", inputs={"x": column, "y": weight(t, "w", Y)})})

    def rows(t: Any) -> None:
        column, row = value(t, "x", [[number] for number in X]), value(t, "y", [Y])
        t.add("sum", inputs={"x": t.add("subtract", inputs={"x": column, "y": row})})

    for build in (pairs, weighted, rows):
        session = drawn(build)
        assert len(told(session, "silent broadcast")) == 1
        assert offered(session, "silent broadcast") == []


def test_where_the_large_shape_is_needed_further_on_nothing_is_offered() -> None:
    def build(t: Any) -> None:
        regression()(t)
        square = next(id for id, node in t.graph.nodes.items() if node.name == "s")
        t.add("matmul", name="product", inputs={"x": square, "w": weight(t, "m", np.ones((3, 2)))})
        t.add("reshape", name="nine", shape=(9,), inputs={"x": square})

    session = drawn(build, "loss")
    assert len(told(session, "silent broadcast")) == 1
    assert offered(session, "silent broadcast") == []


# Nothing bent, and others.


def two_products(t: Any) -> None:
    x = value(t, "x", [[1.0, 2.0]])
    first = t.add("matmul", name="one", inputs={"x": x, "w": weight(t, "a", [[1.0, -1.0], [0.0, -1.0]])})
    biased = t.add("add", name="biased", inputs={"x": first, "y": weight(t, "b", [0.1, 0.2])})
    second = t.add("matmul", name="two", inputs={"x": biased, "w": weight(t, "c", [[1.0], [1.0]])})
    t.add("sum", name="loss", inputs={"x": second})


def test_a_relu_goes_between_two_products() -> None:
    session = drawn(two_products, "loss")
    assert number(session, "loss") == pytest.approx(1.1 - 2.8)
    assert mended(session, "nothing bent") == "Insert relu between biased and two"
    assert number(session, "loss") == pytest.approx(1.1)


def test_of_three_products_each_pair_is_mended_by_itself() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0]])
        for name in ("one", "two", "three"):
            x = t.add("matmul", name=name, inputs={"x": x, "w": weight(t, f"w {name}", [[1.0, 0.5], [0.5, 1.0]])})
        t.add("sum", name="loss", inputs={"x": x})

    session = drawn(build, "loss")
    first, second = offered(session, "nothing bent")
    assert [first.label, second.label] == ["Insert relu between one and two", "Insert relu between two and three"]
    do(session, first)
    do(session, second)  # it is of the same graph, of which the other has changed something else
    assert told(session, "nothing bent") == []


def test_a_bias_before_a_normalisation_is_removed_and_no_value_changes() -> None:
    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0], [3.0, 5.0]])
        h = t.add("multiply", name="h", inputs={"x": x, "y": weight(t, "w", [1.0, 2.0])})
        biased = t.add("add", name="biased", inputs={"x": h, "y": weight(t, "b", [0.5, -1.0])})
        normed = t.add("batch_norm", name="normed", inputs={"x": biased})
        t.add("sum", name="loss", inputs={"x": t.add("square", inputs={"x": normed})})

    session = drawn(build, "loss")
    before = number(session, "normed")
    assert mended(session, "bias without effect") == "Remove b, which has no effect"
    np.testing.assert_allclose(number(session, "normed"), before)
    assert not {"b", "biased"} & names(session)


def test_a_bias_whose_sum_was_learnt_as_running_mean_is_not_removed() -> None:
    """In evaluation the mean that is taken away has it within."""

    def build(t: Any) -> None:
        x = value(t, "x", [[1.0, 2.0], [3.0, 5.0]])
        biased = t.add("add", name="biased", inputs={"x": x, "y": weight(t, "b", [0.5, -1.0])})
        names = ("running_mean", "running_var")
        running = {name: t.add("parameter", name=name, shape=(2,), init="ones") for name in names}
        normed = t.add("batch_norm", name="normed", inputs={"x": biased, **running})
        t.add("sum", name="loss", inputs={"x": t.add("square", inputs={"x": normed})})

    session = drawn(build, "loss")
    assert len(told(session, "bias without effect")) == 1
    assert offered(session, "bias without effect") == []


def test_settings_are_set_and_the_only_parameter_is_unfrozen() -> None:
    def build(t: Any) -> None:
        w = weight(t, "w", [2.0, 1.0])
        t.set_flags(w, frozen)
        t.add("sum", name="loss", inputs={"x": t.add("square", inputs={"x": w})})

    frozen: list[str] = []
    session = drawn(build, "loss", optimiser={"name": "sgd", "lr": 0.0})
    assert mended(session, "no update") == "Set lr to 0.01"
    frozen.append("freeze")
    session = drawn(build, "loss", optimiser={"name": "sgd", "lr": 0.1})
    assert mended(session, "no update") == "Unfreeze w"


def test_of_several_frozen_parameters_the_user_says_which_learns() -> None:
    def build(t: Any) -> None:
        w, b = weight(t, "w", [2.0, 1.0]), weight(t, "b", [1.0, 1.0])
        for each in (w, b):
            t.set_flags(each, "freeze")
        t.add("sum", name="loss", inputs={"x": t.add("multiply", inputs={"x": w, "y": b})})

    session = drawn(build, "loss")
    assert len(told(session, "no update")) == 1
    assert offered(session, "no update") == []


@pytest.mark.parametrize(
    ("lesson", "rule", "label"),
    [("not_zeroed", "gradients not zeroed", "Set zero gradients"), ("where_nan", "not finite", "")],
)
def test_lessons_that_show_a_fault_are_mended_by_it(lesson: str, rule: str, label: str) -> None:
    session = Session.open(LESSONS / f"{lesson}.gw")
    first = offered(session, rule)[0]
    assert first.label == (label or "Insert the inner where before log x")
    do(session, first)
    assert told(session, rule) == []


# One undo, another graph, and who is told.

FAULTS: dict[str, Callable[[], Session]] = {
    "softmax twice": lambda: drawn(classes),
    "silent broadcast": lambda: drawn(regression(), "loss"),
    "nothing bent": lambda: drawn(two_products, "loss"),
    "gradients not zeroed": lambda: Session.open(LESSONS / "not_zeroed.gw"),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_one_undo_gives_the_file_back_byte_for_byte(rule: str, tmp_path: Path) -> None:
    session = FAULTS[rule]()
    path = session.save(tmp_path / "net.gw")
    before = path.read_bytes()
    (mend,) = offered(session, rule)
    do(session, mend)
    session.save(path)
    assert path.read_bytes() != before
    session.document.undo()
    session.save(path)
    assert path.read_bytes() == before


def test_what_is_found_carries_its_edit_as_json_and_makes_nothing_until_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradwire.core.diagnosing.mending.mend_of", None)  # nobody may call it
    for rule, made in FAULTS.items():
        (finding,) = told(made(), rule)
        assert json.loads(json.dumps(finding.edit)) == finding.edit


def test_the_command_tells_that_a_mend_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = drawn(classes).save(tmp_path / "net.gw")
    assert main(["diagnose", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("alert: loss: softmax twice: it takes logits ")
    assert lines[1] == "  a mend is known, which the window offers: Let loss take z, and remove p"
    assert main(["diagnose", str(path), "--json"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["mends"] == ["Let loss take z, and remove p"]
    assert "edit" not in first


def test_what_was_found_of_an_earlier_graph_is_not_mended_again() -> None:
    session = drawn(regression(), "loss")
    (finding,) = told(session, "silent broadcast")
    mended(session, "silent broadcast")
    assert mends_of(timeline_of(session), finding) == ()


def test_a_mend_of_another_graph_is_refused_and_changes_nothing() -> None:
    session = drawn(regression(), "loss")
    (mend,) = offered(session, "silent broadcast")
    do(session, mend)
    before = session.graph
    with pytest.raises(EditError) as refused:
        do(session, mend)
    told_why = "Insert squeeze between made and error: error is not what it was when this was found"
    assert str(refused.value) == f"{told_why} (look again, as it is now)"
    assert session.graph == before
