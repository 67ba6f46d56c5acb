"""Who hears what `print` nodes write: each line knows its node, a run keeps its lines, and stepping writes the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_loops import begin, go
from test_printing import EXAMPLES, MODES, Capture, lines, printing

import gradwire.core as gw
from gradwire.core.evaluating import Asked
from gradwire.core.printing import Printed, Shown, hearing
from gradwire.core.runs import Iterations, Run
from gradwire.core.runs.printed import FIRST, KEPT, LONGEST, Printing
from gradwire.core.session import Session
from gradwire.core.stepping import printed as stepped
from gradwire.core.stepping.recorder import Recorder


def heard(session: Session, **how: Any) -> list[Printed]:
    found: list[Printed] = []
    with hearing(found.append):
        session.gradients("s", "x", **how)
    return found


@pytest.mark.parametrize("mode", MODES)
def test_a_line_knows_its_node_and_phase(mode: str, capsys: Capture) -> None:
    session = printing(show="both", message="h", data=True)
    node = session.graph.resolve("shown")
    found = heard(session, mode=mode)
    assert [(each.node, each.iteration, each.phase, each.message) for each in found] == [
        (node, 1, "forward", "h"),
        (node, 1, "backward", "h"),
    ]
    assert found[0].text == "(2,) f32 [6., 8.]; data0 (2,) f32 [3., 4.]; data1 () f32 4."
    assert found[1].line == "h, iteration 1, backward: (2,) f32 [1., 2.]; data0 (2,) f32 [3., 4.]; data1 () f32 4."
    assert lines(capsys) == []  # heard by one, they are not written as well
    session.gradients("s", "x", mode=mode)
    assert len(lines(capsys)) == 2


def test_a_recorded_run_tells_its_lines_with_their_node() -> None:
    session, found = printing(show="both"), list[Printed]()
    with hearing(found.append):
        session.record("s", ["x"])
    assert [(session.graph.called(each.node), each.phase) for each in found] == [
        ("shown", "forward"),
        ("shown", "backward"),
    ]


def test_what_is_called_outside_of_a_graph_has_no_node() -> None:
    found: list[Printed] = []
    with hearing(found.append):
        gw.ops.print(np.array([1.0]), message="a\nb")
    assert (found[0].node, found[0].iteration, found[0].line) == ("", None, "a b, forward: (1,) f64 [1.]")


def test_a_line_keeps_what_it_shows_and_not_the_array() -> None:
    x = np.arange(400.0).reshape(4, 100)
    line = Printed.of("n", 1, "forward", "", x)
    x[:] = 0  # as buffers of compiled runs are written over
    assert line.text == (
        "(4, 100) f64 [[0., 1., 2., ..., 97., 98., 99.], [100., 101., 102., ..., 197., 198., 199.],"
        " [200., 201., 202., ..., 297., 298., 299.], [300., 301., 302., ..., 397., 398., 399.]]"
    )


@pytest.mark.parametrize("shape", [(), (0,), (3,), (7,), (10,), (11,), (12, 1), (7, 8), (20, 3), (2, 9, 30)])
def test_shortened_numbers_are_those_of_the_whole_array(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).normal(size=shape) * 1000
    whole = np.array2string(x, separator=", ", threshold=10, edgeitems=3, precision=6)
    values = " ".join(whole.split()).replace("[ ", "[").replace(" ,", ",")
    assert Shown.of(x).text == f"{x.shape} f64 {values}"


def trained(every: int = 1, show: str = "value") -> Session:
    session = gw.open(EXAMPLES / "iris_mlp.gw")
    loss = session.graph.training.loss  # type: ignore[union-attr]
    with session.document.transaction("Insert") as t:
        logits = session.graph.inputs(loss)["logits"]
        shown = t.add("print", name="shown", inputs={"x": logits}, message="logits", show=show, every=every)
        t.connect(shown, loss, "logits")
    return session


def test_a_run_tells_its_lines_and_keeps_them_in_a_file(tmp_path: Path) -> None:
    session = trained(every=100, show="both")
    with Run.start(session, tmp_path / "run") as run:
        told = [event.printed for event in run.wait() if isinstance(event, Iterations)]
    found = [line for each in told for line in each.lines]
    assert [(session.graph.called(each.node), each.iteration, each.phase) for each in found] == [
        ("shown", iteration, phase) for iteration in (100, 200) for phase in ("forward", "backward")
    ]
    assert sum(each.left_out for each in told) == 0
    kept = (tmp_path / "run" / "printed.txt").read_text().splitlines()
    assert kept == [f"shown: {each.line}" for each in found]
    assert (tmp_path / "run" / "errors.txt").read_text() == ""


def test_a_run_without_print_nodes_has_no_such_file(tmp_path: Path) -> None:
    begin(gw.open(EXAMPLES / "iris_mlp.gw"), tmp_path / "run")
    go(tmp_path / "run")
    assert not (tmp_path / "run" / "printed.txt").exists()


def test_of_lines_that_come_too_fast_the_last_of_each_node_are_told(tmp_path: Path) -> None:
    printing = Printing(tmp_path, lambda id: f"node {id}")
    assert printing.take(100.0, all=True).lines == ()
    for i in range(1, 5001):
        printing.hear(Printed.of("often", i, "forward", "", np.float32(i)))
        if i == 3000:
            printing.hear(Printed.of("rare", i, "forward", "", np.float32(i)))
    found = printing.take(100.0, all=False)
    told = [(each.node, each.iteration) for each in found.lines]
    last = [("often", i) for i in range(5001 - KEPT, 5001)]
    assert told == [*(("often", i) for i in range(1, FIRST + 1)), ("rare", 3000), *last]
    assert found.left_out == 5001 - len(told)
    printing.hear(found.lines[0])
    assert printing.take(100.1, all=False).lines == ()  # it was told just before
    assert len(printing.take(100.1, all=True).lines) == 1
    text = (tmp_path / "printed.txt").read_text().splitlines()
    assert text[0] == f"... {found.left_out:,} lines are left out among those that follow"
    assert text[1] == "node often: iteration 1, forward: () f32 1."
    printing.close()


def test_the_file_of_lines_is_bounded_and_says_where_it_is_cut(tmp_path: Path) -> None:
    printing = Printing(tmp_path, str)
    for i in range(1, 400):
        for _ in range(KEPT):
            printing.hear(Printed.of("n", i, "forward", "m" * 200, np.float32(i)))
        printing.take(float(i), all=True)
        assert (tmp_path / "printed.txt").stat().st_size <= LONGEST
    printing.close()
    text = (tmp_path / "printed.txt").read_text().splitlines()
    assert text[0] == "... what was printed before this is not kept"
    assert text[1].startswith("n: mmm")
    assert text[-1].endswith("iteration 399, forward: () f32 399.")


def test_stepping_has_the_lines_that_training_writes(tmp_path: Path, capsys: Capture) -> None:
    session = trained(show="both")
    wanted: list[Printed] = []
    with hearing(wanted.append):
        trained(show="both").train(epochs=1, mode="eager")
    recorder = Recorder(Asked.of(session), session.registry)
    nodes = stepped.printing(session.graph, session.registry)
    assert [session.graph.called(id) for id in nodes] == ["shown"]
    for number in (1, 2):
        iteration = recorder.iteration(number)
        assert iteration is not None
        found = stepped.printed(iteration.timeline, nodes)
        assert [line.printed.line for line in found] == [each.line for each in wanted if each.iteration == number]
        made, back = (each[nodes[0]] for each in (iteration.timeline.made_at, iteration.timeline.back_at))
        assert [line.step for line in found] == [made + 1, back + 1]
    assert lines(capsys) == []


def test_a_bypassed_node_writes_nothing_as_one_steps() -> None:
    session = printing()
    with session.document.transaction("Bypass") as t:
        t.set_flags(session.graph.resolve("shown"), {"bypass"})
    assert stepped.printing(session.graph, session.registry) == ()
