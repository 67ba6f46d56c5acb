"""The names of console and scripts: what one reads by them, that each edit is one undo, and what they refuse."""

from __future__ import annotations

import inspect
import pydoc
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core.errors import RunError
from gradwire.core.evaluating import Evaluator
from gradwire.core.scripting import Headless, names, workspace
from gradwire.core.scripting.namespace import NAMES


def given(session: gw.Session, host: Any = None) -> SimpleNamespace:
    """The names as attributes: what a script has as globals."""
    return SimpleNamespace(**names(session, host))


def labels(session: gw.Session) -> list[str]:
    history = session.document.history
    return [entry.label for entry in history.entries[: history.position]]


@pytest.fixture
def fork() -> SimpleNamespace:
    """loss = mean((sin(h) · h − t)²) with h = x w, in float64: two readers meet at h."""
    s = given(gw.Session())
    s.g.dtype = "float64"
    with s.edits("Build"):
        s.add("input", "x", shape=(2, 3), value=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        s.add("parameter", "w", shape=(3, 1), init="constant", value=0.1)
        s.add("matmul", "h", x="x", w="w")
        s.add("sin", "s", x=s.g.h)
        s.add("multiply", "m", x="s", y="h")
        s.add("input", "t", shape=(2, 1), value=[[0.0], [1.0]])
        s.add("mse", "loss", prediction="m", target=s.g.t)
    return s


def loss_of(w: Any) -> Any:
    h = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) @ w
    return np.mean((np.sin(h) * h - [[0.0], [1.0]]) ** 2)


def test_values_gradients_and_what_meets_at_a_fork_are_read_by_attributes(fork: SimpleNamespace) -> None:
    g, w = fork.g, np.full((3, 1), 0.1)
    np.testing.assert_array_equal(g.w.value, w)
    assert float(g.loss.value) == pytest.approx(loss_of(w))
    step = 1e-6 * np.eye(3)[:, :, None]
    slopes = [(loss_of(w + each) - loss_of(w - each)) / 2e-6 for each in step]
    np.testing.assert_allclose(g.w.grad.ravel(), slopes, rtol=1e-6)
    ports, parts = zip(*g.h.contributions, strict=True)
    assert sorted(ports) == ["m.y", "s.x"]
    np.testing.assert_array_equal(sum(parts[1:], parts[0]), g.h.grad)
    assert (g.h.shape, g.h.dtype, g.h.op, g.h.inputs) == ((2, 1), np.float64, "matmul", {"x": "x", "w": "w"})
    assert sorted(g.h.consumers) == ["m.y", "s.x"]
    assert repr(g.s) == "<s: sin (2, 1) f64, of h>"
    assert [*g.h.inputs] == ["x", "w"]  # as the op has its ports, and not by their names
    with pytest.raises(ValueError, match="read-only"):
        g.w.value[0] = 1.0
    g.h.detach = True
    with pytest.raises(gw.GradwireError) as refusal:
        _ = g.w.grad
    assert str(refusal.value).startswith("w has no gradient: it is stopped at ")


def test_each_assignment_is_one_undo_with_the_label_of_the_window(fork: SimpleNamespace) -> None:
    g, session = fork.g, fork.session
    before = float(g.loss.value)
    g.w.value = [[0.0], [0.0], [0.0]]
    assert float(g.loss.value) == 0.5
    g.w.freeze = True
    g.s.at = (5, 7)
    g.h.name = "product"
    fork.connect("x", "loss.target")
    fork.disconnect("loss.target")
    fork.remove("s", g.m)
    assert labels(session)[2:] == [
        "Edit the value of w",
        "Freeze w",
        "Move s",
        "Rename h to product",
        "Connect x to loss.target",
        "Cut x to loss.target",
        "Delete 2 nodes",
    ]
    for _ in range(7):
        fork.undo()
    assert (float(g.loss.value), g.w.flags, g.h.path) == (before, frozenset(), "h")
    fork.redo()
    assert float(g.loss.value) == 0.5


def test_a_group_of_edits_is_made_whole_or_not_at_all(fork: SimpleNamespace) -> None:
    count = len(fork.g)

    def half() -> None:
        with fork.edits("Half"):
            fork.add("relu", "r", x="h")
            assert fork.g.r.inputs == {"x": "h"}
            assert [node.name for node in fork.g] == ["x", "t", "w", "h", "r", "s", "m", "loss"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert (len(fork.g), "r" in fork.g, labels(fork.session)[-1]) == (count, False, "Build")
    with fork.edits("Two"), fork.edits("inner"):
        fork.add("relu", "r", x="h")
        with pytest.raises(gw.GradwireError, match=r"^no value is computed within edits\('Two'\)"):
            _ = fork.g.r.value
        fork.connect("r", "m.x")
    assert labels(fork.session)[-1] == "Two"
    np.testing.assert_array_equal(fork.g.r.value, np.maximum(fork.g.h.value, 0))


def test_layers_are_groups_with_parameters_of_their_own() -> None:
    s = given(gw.Session())
    s.add("input", "x", shape=("N", 4))
    fc1 = s.add(s.layers.linear, "fc1", x="x", in_features=4, out_features=8)
    s.add("relu", "relu1")
    s.connect("fc1.y", "relu1.x")
    s.add("linear", "fc2", in_features=8, out_features=2)
    s.connect(s.g.relu1, s.g.fc2)
    assert (s.g.fc2.weight.shape, s.g.fc2.shape, fc1) == ((8, 2), ("N", 2), s.g["fc1"])
    fc1.out_features = 16
    s.g.fc2.set(in_features=16)
    assert (s.g["fc1/weight"].shape, s.g.fc2.in_features, s.g.relu1.shape) == ((4, 16), 16, ("N", 16))
    assert labels(s.session)[-2:] == ["Set out_features of fc1", "Set in_features of fc2"]
    assert {"weight", "out_features", "freeze", "value"} <= set(dir(s.g.fc1))
    fc1.units = 12  # as others call it
    assert fc1.units == fc1.out_features == 12
    fc1.out_features = 16
    s.g.fc1.freeze = True
    assert [s.g.fc1.weight.freeze, s.g.fc1.bias.freeze, s.g.fc2.weight.freeze] == [True, True, False]
    with pytest.raises(gw.GradwireError) as refusal:
        _ = s.g.relu1.value
    assert str(refusal.value) == "relu1 has no value: x is given none (run(fetch, feed={...}) feeds one)"
    assert s.run("fc2", {"x": np.ones((5, 4))}).shape == (5, 2)
    block = s.group("fc1", s.g.relu1, name="block")
    assert s.g.block.relu1.op == "relu"
    s.rename(block, "first")
    copy = s.duplicate("first", by=(0, 300), inputs=True)
    assert (copy.path, copy.fc1.inputs, copy.at[1] - block.at[1]) == ("first_2", {"first_2/fc1/matmul.x": "x"}, 300)
    copy.relu1.within = None
    del copy.fc1.init
    assert ("relu1" in s.g, s.g.relu1.within, copy.fc1.parameters["init"]) == (True, None, "he")
    s.bend("relu1.x", [(500, 300)])
    assert labels(s.session)[-1] == "Bend the wire into relu1.x"
    s.note("Read me", at=(0, -100)).text = "Read this"
    assert s.g.note.text == "Read this"


def test_errors_say_what_was_meant(fork: SimpleNamespace) -> None:
    def told(act: Callable[[], object]) -> str:
        with pytest.raises(gw.GradwireError) as refusal:
            act()
        return str(refusal.value)

    g = fork.g
    assert told(lambda: g.los) == "the graph has nothing called 'los' (near: loss)"
    assert told(lambda: g.loss.reducton) == "loss has nothing called 'reducton' (near: reduction)"
    assert told(lambda: fork.add("reluu")) == "no op or layer is called 'reluu' (near: relu, relu6, prelu)"
    assert told(lambda: fork.connect("x", "h.z")) == "matmul has no port 'z' (its ports: x, w)"
    wanted = "the value of w must have its shape (3, 1), got (2,) (g['w'].set(shape=(2,)) changes the shape)"
    assert told(lambda: setattr(g.w, "value", [1, 2])) == wanted
    assert told(lambda: setattr(g.h, "value", 1)).startswith("the value of h is computed")
    assert told(lambda: setattr(g.x, "shape", (1,))) == (
        "shape of x can only be read (g['x'].set(shape=...) sets the parameter)"
    )
    assert told(lambda: setattr(g.s, "freeze", True)) == "freeze is for parameters, found s"
    assert told(lambda: fork.training(loss="loss", lrr=1)) == "training has no setting 'lrr' (near: lr)"
    assert told(fork.plot) == "there is no curve yet: nothing was trained (train(), or plot(array))"
    assert not hasattr(g, "nothing")  # as Python and completion ask


def test_a_graph_is_a_function_and_a_function_a_graph(fork: SimpleNamespace) -> None:
    f = fork.g.to_function("m")
    assert str(inspect.signature(f)) == "(x, *, values=None)"
    x, w = np.arange(6.0).reshape(2, 3), np.ones((3, 1))
    np.testing.assert_allclose(f(x), np.sin(x @ w * 0.1) * (x @ w * 0.1))
    np.testing.assert_allclose(f(x, values={"w": w}), np.sin(x @ w) * (x @ w))
    for call in (lambda: f(x, x), lambda: f(w=w)):
        with pytest.raises(
            gw.GradwireError, match=r"^m takes x: .* stands in the place of any value, as of a parameter"
        ):
            call()
    made = labels(fork.session)
    fork.g.w.value = w
    np.testing.assert_allclose(f(x), np.sin(x @ w * 0.1) * (x @ w * 0.1))  # with the values of then
    drawn = fork.trace(lambda a, b: np.sin(a) * b + a, 2.0, 3.0)
    assert (drawn.op, labels(fork.session)[len(made) + 1 :]) == ("add", ["Trace <lambda>"])
    assert fork.run(drawn, {"a": 2.0, fork.g.b: 3.0}) == pytest.approx(np.sin(2.0) * 3 + 2)
    assert drawn.value == pytest.approx(np.sin(2.0) * 3 + 2), "the examples are the values of the inputs"
    assert (fork.g.b.at[0], fork.g.a.at[0]) == (min(item.at[0] for item in fork.g),) * 2
    many = fork.trace(lambda many, rest: many.sum() + rest.sum(), np.ones(5000), np.ones(5000))
    with pytest.raises(RunError, match=r"many and rest are given none .run.fetch, feed={...}. feeds them.$"):
        _ = many.value
    fork.undo()
    assert set(fork.run(["h", fork.g.s])) == {"h", "s"}
    for name in ("a b", "a-b", "a_b", "values", "lambda"):
        fork.add("input", name, value=float(len(fork.g)))
    total = fork.g["a b"]
    for number, name in enumerate(("a-b", "a_b", "values", "lambda")):
        total = fork.add("add", f"of {number}", x=total, y=name)
    f = fork.g.to_function(total)
    parts = {"a_b": 1.0, "a_b_2": 20.0, "a_b_3": 300.0, "values_2": 4000.0, "x_lambda": 50000.0}
    assert (list(inspect.signature(f).parameters), float(f(**parts))) == ([*parts, "values"], 54321.0)
    lowest = max(node.at[1] for node in (fork.g.x, fork.g.h, fork.g.loss))
    assert min(fork.g[name].at[1] for name in ("a", "b")) > lowest


@pytest.mark.parametrize("chosen", [False, True])
def test_a_gradient_that_is_none_as_nothing_was_computed_says_why_that_is(chosen: bool) -> None:
    s = given(gw.Session())
    with s.edits("Build"):
        s.add("input", "x", value=[1.0, 2.0], shape=())
        s.add("parameter", "k", value=3.0, shape=())
        s.add("multiply", "m", x="x", y="k")
        s.add("sum", "total", x="m")
    if chosen:
        s.root("total")
    with pytest.raises(RunError) as refusal:
        _ = s.g.k.grad
    assert str(refusal.value).startswith("k has no gradient: total has no value")
    assert str(refusal.value).endswith("(x: value has shape (2,), but the input () (a number fills any shape))")


def test_gradients_are_of_the_roots_that_are_chosen() -> None:
    s = given(gw.Session())
    with s.edits("Build"):
        s.add("input", "x", value=0.5)
        s.add("sin", "f", x="x")
        s.add("exp", "h", x="x")
    with pytest.raises(RunError, match=r"x has no gradient: nothing says of what; root.\.\.\.. does"):
        _ = s.g.x.grad
    s.root("f")
    assert float(s.g.x.grad) == pytest.approx(np.cos(0.5))
    s.root("f", s.g.h, starts=(1, -2))
    assert float(s.g.x.grad) == pytest.approx(np.cos(0.5) - 2 * np.exp(0.5))
    with pytest.raises(RunError, match=r"each root has one start, got 1 for 2 .or none at all.$"):
        s.root("f", "h", starts=(1,))
    s.root()
    with pytest.raises(RunError, match="nothing says of what"):
        _ = s.g.x.grad


def test_steps_curves_and_arrays_are_told_in_lines(
    fork: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fork.step(2)
    assert capsys.readouterr().out.splitlines()[1].endswith("forward h = f64 (2, 1) [[0.6], [1.5]]")
    fork.back()
    assert "forward x = f64 (2, 3)" in capsys.readouterr().out
    fork.step(99)
    assert "backward m.x gives s f64 (2, 1)" in capsys.readouterr().out
    fork.g.w.value = np.zeros((3, 1))
    fork.step(2)  # of the new values, from the beginning
    assert capsys.readouterr().out.splitlines()[1].endswith("forward h = f64 (2, 1) [[0], [0]]")
    fork.plot([1, 2, 3])
    fork.show(np.eye(20))
    assert capsys.readouterr().out == "3 numbers from 1 to 3 ▁▅█\nf64 (20, 20) from 0 to 1, mean 0.05\n"
    image = pytest.importorskip("PIL.Image")
    fork.show([[0.0, 1.0]], tmp_path / "a.png")
    fork.plot([1, 2, 3], tmp_path / "b.png")
    with image.open(tmp_path / "a.png") as picture:
        assert (picture.getpixel((0, 0)), picture.getpixel((picture.width - 1, 0))) == (0, 255)
    with image.open(tmp_path / "b.png") as picture:
        assert picture.getextrema() == (0, 255)
    fork.show(np.arange(2 * 3 * 4 * 4).reshape(2, 3, 4, 4), tmp_path / "c.png")
    with image.open(tmp_path / "c.png") as picture:  # two rows of three planes, a pixel of white between them
        assert picture.width // picture.height == 1
        times = picture.width // 14
        shades = np.asarray(picture)[::times, ::times]
    assert shades.shape == (9, 14)
    assert (shades[4] == 255).all()
    assert shades[5, 0] == round(255 * 48 / 95)


class _Elsewhere(Headless):
    """A host whose document belongs to another thread, as the window's does."""

    def __init__(self, session: gw.Session) -> None:
        super().__init__(session)
        self.asked: queue.Queue[Any] = queue.Queue()

    def on_owner(self, work: Callable[[], Any]) -> Any:
        done: queue.Queue[Any] = queue.Queue()
        self.asked.put((work, done))
        result, error = done.get(timeout=10)
        if error is not None:
            raise error
        return result

    def serve(self, script: threading.Thread) -> None:
        """Do what is asked for here, until the script has ended."""
        while script.is_alive() or not self.asked.empty():
            try:
                work, done = self.asked.get(timeout=0.01)
            except queue.Empty:
                continue
            try:
                done.put((work(), None))
            except Exception as error:
                done.put((None, error))


def test_a_script_on_another_thread_edits_through_the_owner(fork: SimpleNamespace) -> None:
    host = _Elsewhere(fork.session)
    s, raised = given(fork.session, host), []

    def script() -> None:
        try:
            s.g.w.value = np.zeros((3, 1))
            with s.edits("Both"):
                s.add("relu", "r", x="h")
                s.connect("r", "m.x")
            assert s.g.r.grad.shape == (2, 1)
            assert s.g.to_function("r")(np.ones((2, 3))).shape == (2, 1)
            s.undo()
            s.remove("nothing")
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=script)
    thread.start()
    host.serve(thread)
    thread.join()
    assert [str(error) for error in raised] == ["there is no node or group 'nothing'"]
    assert labels(fork.session)[-1] == "Edit the value of w"


def test_a_value_is_told_while_another_thread_computes_of_a_newer_graph(
    fork: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A completion asks for values as a cell does: here in the moment in which the cell has found what it wants."""
    old, newer, begun, on = fork.g.h.value, list[Any](), threading.Event(), threading.Event()
    evaluate, alike = Evaluator.evaluate, workspace._alike

    def slowly(self: Evaluator, asked: Any) -> Any:
        begun.set()
        assert on.wait(10)
        return evaluate(self, asked)

    def then(*asked: Any) -> bool:
        monkeypatch.setattr(workspace, "_alike", alike)
        monkeypatch.setattr(Evaluator, "evaluate", slowly)
        fork.g.x.value = np.ones((2, 3))
        other.start()
        assert begun.wait(10)
        return alike(*asked)

    other = threading.Thread(target=lambda: newer.append(fork.g.h.value))
    monkeypatch.setattr(workspace, "_alike", then)
    np.testing.assert_array_equal(fork.g.h.value, old)
    on.set()
    other.join()
    np.testing.assert_allclose(newer, [np.full((2, 1), 0.3)])


def test_shapes_are_those_of_data_in_the_folder_that_the_document_has_now(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "t.csv", np.arange(12.0).reshape(4, 3), delimiter=",", header="a,b,c", comments="")
    session = gw.Session()
    s = given(session)
    s.add("dataset", "d", source="t.csv")
    with pytest.raises(RunError, match="is looked for beside the document, which has no folder yet"):
        _ = s.g.d.x.shape
    session.path = tmp_path / "saved.gw"
    assert s.g.d.x.shape == ("N", 2)


def test_every_name_has_a_text_of_its_own(fork: SimpleNamespace) -> None:
    assert set(vars(fork)) == NAMES, "an echo takes none of them for a variable"
    for name, value in vars(fork).items():
        assert inspect.getdoc(value), name
    told = pydoc.plain(pydoc.render_doc(fork.add))
    assert 'add("relu", x="fc1")' in told
    assert (fork.ops.relu.name, fork.layers.linear.name) == ("relu", "linear")
    assert fork.g._repr_html_().startswith("<table>")
    assert "<td>matmul</td>" in fork.g.h._repr_html_()
