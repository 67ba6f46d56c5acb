"""`gradwire trace FILE`: an iteration step by step, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.graph import Training
from gradwire.core.session import Session

EXAMPLES = Path(__file__).parent.parent / "examples"


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> list[str]:
    assert main(["trace", *args]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_fork_of_sin_plus_product_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, str(EXAMPLES / "sin_plus_product.gw")) == [
        "  1 forward  what is given",
        "      x = 1.0",
        "      y = 2.0",
        "  2 forward  product = 2.0",
        "  3 forward  sin = 0.8414709848078965",
        "  4 forward  f = 2.8414709848078967",
        "  5 loss     ∂/∂f starts as 1.0",
        "  6 backward f",
        "      to sin by x: g = 1.0",
        "      to product by y: g = 1.0",
        "  7 backward sin",
        "      to x by x: g · cos(x) = 0.5403023058681398",
        "  8 backward product",
        "      to x by x: g · y = 2.0",
        "      to y by y: g · x = 1.0",
        "      ∂/∂x = 0.540302 (via sin.x) + 2 (via product.x) = 2.5403",
    ]


@pytest.mark.parametrize("name", ["sin_plus_product", "colah", "iris_mlp", "fork"])
def test_what_programs_read_adds_up_to_the_gradients(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = EXAMPLES / f"{name}.gw"
    steps = [json.loads(line) for line in printed(capsys, str(path), "--json")]
    arrived: dict[str, list[np.ndarray]] = {}
    for step in steps:
        for part in step.get("contributions", ()):
            arrived.setdefault(part["to"], []).append(np.array(part["value"], part["dtype"]))
        if step["phase"] == "backward":
            for to, total in step["gradients"].items():
                np.testing.assert_array_equal(sum(arrived[to][1:], arrived[to][0]), np.array(total["value"]))
    session = Session.open(path)
    timeline = session.timeline()
    assert [step["phase"] for step in steps] == [step.phase for step in timeline.steps]


def test_a_later_iteration_begins_with_what_the_one_before_ended_with(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(EXAMPLES / "iris_mlp.gw")
    first, second = (
        [json.loads(line) for line in printed(capsys, path, "--json", "--iteration", number)] for number in "12"
    )
    became = {step["node"]: step["updated"]["value"] for step in first if step["phase"] == "update"}
    assert second[0]["phase"] == "zero"
    assert set(second[0]["zeroed"]) == became.keys()
    given = second[1]["values"]
    assert became
    assert {name: given[name]["value"] for name in became} == became


DIGITS = str(EXAMPLES / "digits_mlp.gw")


def test_a_network_is_told_in_lines_that_can_be_read_and_whole_where_that_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = printed(capsys, DIGITS)
    assert len(lines) < 100
    weight = Session.open(DIGITS).timeline().run
    array = weight.value(next(s for s in weight.tensors if weight.asked.graph.path(s.node) == "mlp/linear_1/weight"))
    first = ", ".join(f"{element:.4g}" for element in array.ravel()[:4])
    assert (
        f"      mlp/linear_1/weight = 64×128, {array.min():.4g} to {array.max():.4g}, mean {array.mean():.4g}, "
        f"norm {np.linalg.norm(array):.4g}, begins {first}, …"
    ) in lines
    assert "      mlp/linear_3/bias = [0., 0., 0., 0., 0., 0., 0., 0., 0., 0.]" in lines  # small ones are whole
    whole = printed(capsys, DIGITS, "--full", "--phase", "loss", "--phase", "forward", "--node", "mlp/linear_1/add")
    assert "".join(whole).count(",") == array.shape[1] * 32 - 1  # and no dots
    assert "..." not in "".join(whole)


def test_programs_get_every_element_or_as_many_as_they_ask_for(capsys: pytest.CaptureFixture[str]) -> None:
    def made(*more: str) -> dict[str, object]:
        steps = [json.loads(line) for line in printed(capsys, DIGITS, "--json", *more)]
        return next(step for step in steps if step.get("node") == "mlp/relu_1")["values"]["mlp/relu_1"]

    whole, short = made(), made("--elements", "3")
    array = np.array(whole["value"])
    assert array.shape == (32, 128)
    assert short["first"] == array.ravel()[:3].tolist()
    assert (short["shape"], short["dtype"]) == (whole["shape"], whole["dtype"])
    assert [short[name] for name in ("min", "max", "mean", "norm")] == pytest.approx(
        [array.min(), array.max(), array.mean(), np.linalg.norm(array)]
    )
    assert "value" not in short


def test_only_the_steps_of_a_phase_and_a_group_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, DIGITS, "--phase", "backward", "--node", "mlp/linear_2")
    heads = [line.split()[1:] for line in lines if line[:3].strip()]
    assert heads == [["backward", f"mlp/{name}"] for name in ("relu_2", "linear_2/add", "linear_2/matmul")]
    assert lines[0].startswith(" 17 ")  # counted as without a choice


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--phase", "zero"], "gradwire: no step of this iteration is of the phase zero; it has 8 steps"),
        (["--phase", "loss", "--node", "x"], "gradwire: no step of this iteration is of the phase loss and at x; it "),
        (["--node", "q"], "gradwire: there is no node 'q'"),
        (["--elements", "-1"], "gradwire: --elements takes a number from 0, got -1"),
        (["--iteration", "0"], "gradwire: --iteration counts from 1, got 0"),
        (["--of", "q"], "gradwire: there is no node 'q'"),
    ],
)
def test_what_cannot_be_traced_is_told_in_a_line(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", str(EXAMPLES / "sin_plus_product.gw"), *args]) == 1
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1


def test_a_parameter_that_training_leaves_as_it_is_has_a_step_that_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = Document()
    with document.transaction("Build") as t:
        run = t.add("parameter", name="run", shape=(), init="constant", value=2.0)
        v = t.add("parameter", name="v", shape=(), init="constant", value=2.0)
        t.add("assign", name="double", inputs={"value": t.add("multiply", inputs={"x": run, "y": run})}, target=run)
        t.set_training(Training(loss=t.add("square", name="loss", inputs={"x": v})))
    path = tmp_path / "idle.gw"
    Session(document, path).save()
    lines = printed(capsys, str(path))
    assert "      not run in training: the loss does not depend on it" in lines
    place = next(i for i, line in enumerate(lines) if "update   run" in line)
    why = "double is not run in training: the loss does not depend on it"
    assert lines[place].split("update   ")[1] == f"run: no update: {why}"
    assert lines[place + 1] == "      it stays 2.0"
    steps = [json.loads(line) for line in printed(capsys, str(path), "--json")]
    assert {step["node"]: step.get("no update") for step in steps if step["phase"] == "update"} == {
        "run": why,
        "v": None,
    }


def test_a_bias_that_was_broadcast_is_told_with_its_sum(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, str(EXAMPLES / "lessons" / "broadcast_bias.gw"))
    assert any(line.strip().startswith("to b by y: g, summed over axis 0 = ") for line in lines)


def test_the_gradient_that_comes_in_is_g_where_an_op_has_one_visible_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("parameter", name="x", shape=(4, 3), init="normal")
        norm = t.add("batch_norm", name="norm", inputs={"x": x})  # which has hidden outputs beside y
        t.add("sum", name="loss", inputs={"x": t.add("top_k", name="top", inputs={"x": norm}, k=2)})
    path = tmp_path / "hidden.gw"
    Session(document, path).save()
    told = [line.strip() for line in printed(capsys, str(path)) if line.strip().startswith("to ")]
    normal = next(line for line in told if line.startswith("to x by x: "))
    assert normal.startswith("to x by x: (g − (mean(g, axis=(0,)) + ")
    assert "g.y" not in normal
    assert any("(g.values, indices, " in line for line in told)  # of two visible outputs it says which


@pytest.mark.parametrize("command", ["trace", "diagnose"])
def test_an_iteration_beyond_the_last_is_refused_at_once(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(EXAMPLES / "iris_mlp.gw")
    assert main([command, path, "--iteration", "999999999"]) == 1
    last = Session.open(path).trainer()
    total = last.iterations_per_epoch * last.training.epochs
    assert capsys.readouterr().err == (
        f"gradwire: the training has {total:,} iterations; --iteration 999999999 is not of it (epochs: more)\n"
    )


def test_a_graph_without_training_has_one_iteration(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(EXAMPLES / "sin_plus_product.gw"), "--iteration", "2"]) == 1
    told = "gradwire: the graph has no training, and so one iteration; --iteration 2 is not of it\n"
    assert capsys.readouterr().err == told


def test_a_long_way_shows_on_a_terminal_how_far_it_has_come(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gradwire.core.cli.iterations.LONG", 5)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["trace", str(EXAMPLES / "iris_mlp.gw"), "--iteration", "12"]) == 0
    assert "0/12" in capsys.readouterr().err


def test_a_loss_that_is_an_integer_is_told_where_gradients_would_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(3,), value=[1.0, 3.0, 2.0])
        t.add("argmax", name="best", inputs={"x": x})
    path = tmp_path / "label.gw"
    Session(document).save(path)
    at_best = "(at best: a position moves in steps: there is no path for a gradient)"
    none = f"best is int64, and whole numbers have no gradient {at_best}"
    assert printed(capsys, str(path))[-2:] == ["  2 forward  best = 1", f"    loss     no gradients: {none}"]
    assert json.loads(printed(capsys, str(path), "--json")[-1]) == {"phase": "loss", "no gradients": none}
    for option in ("--grad", "--contributions"):
        assert main(["run", str(path), option, "best/x"]) == 1
        assert capsys.readouterr().err == f"gradwire: there are no gradients: {none}\n"


def test_training_settings_keep_no_loss_that_is_an_integer_from_being_gone_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", source="iris")
        w = t.add("parameter", name="w", shape=(4, 3), init="normal")
        scores = t.add("matmul", inputs={"x": f"{data}.x", "w": w})
        best = t.add("argmax", name="best", inputs={"x": scores}, axis=1)
        same = t.add("equal", name="same", inputs={"x": best, "y": f"{data}.y"})
        t.set_training(Training(t.add("sum", name="loss", inputs={"x": same}), batch=4, epochs=2))
    path = str(tmp_path / "counted.gw")
    Session(document).save(path)
    at_best = "at best: a position moves in steps: there is no path for a gradient"
    none = "loss is int64, and whole numbers have no gradient"
    lines = printed(capsys, path)
    assert lines[-1] == f"    loss     no gradients: {none} ({at_best})"
    assert lines[-2].startswith("  5 forward  loss = ")
    assert main(["diagnose", path]) == 0
    assert f"alert: loss: loss without gradient: {none}: {at_best}" in capsys.readouterr().out
    assert main(["train", path]) == 1
    assert "loss: the loss must be a float, got () i64 (whole numbers have no gradient; " in capsys.readouterr().err


def test_an_array_behind_a_long_rule_stands_beneath_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", value=[[-1.0, 0.5], [0.0, 1.5], [1.0, -1.0], [2.0, 0.0]], shape=[4, 2])
        gamma, beta = (t.add("constant", name=name, value=[1.0, 2.0]) for name in ("gamma", "beta"))
        bn = t.add("batch_norm", name="bn", inputs={"x": x, "gamma": gamma, "beta": beta})
        t.add("sum", name="loss", inputs={"x": t.add("exp", name="exp", inputs={"x": bn})})
    session.save(tmp_path / "bn.gw")
    lines = printed(capsys, str(tmp_path / "bn.gw"), "--node", "bn", "--phase", "backward")
    at = next(i for i, line in enumerate(lines) if line.startswith("      to x by x: (g · gamma"))
    assert lines[at].endswith(" · scale =")
    assert [line.count(",") for line in lines[at + 1 : at + 5]] == [2, 2, 2, 1]  # a row of the matrix each
    assert lines[at + 1].startswith("        [[")
    assert max(map(len, lines[at + 1 :])) < 100
