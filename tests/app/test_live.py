"""Live values: numbers as a window gets them, what is stale, when Live rests, and that no thread is left behind."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import asyncio
import gc
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, QObject, QTimer
from shiboken6 import delete

import gradwire.core as gw
from gradwire.app.actions.nodes import ACTIONS
from gradwire.app.bridge import Worker
from gradwire.app.editor import Editor
from gradwire.app.results.root import choose_root
from gradwire.app.results.staleness import Staleness
from gradwire.core.data.splitting import batches
from gradwire.core.errors import GradwireError
from gradwire.core.evaluating import Asked, Evaluator, Root, reading
from gradwire.core.graph import Source, Training
from gradwire.core.op import op
from gradwire.core.ops import Registry, builtin
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def opened(name: str) -> Session:
    return gw.open(EXAMPLES / f"{name}.gw")


@pytest.fixture
def editors(qapp: Any) -> Iterator[Callable[[Session], Editor]]:
    made: list[Editor] = []

    def make(session: Session) -> Editor:
        made.append(Editor(session))
        return made[-1]

    yield make
    for editor in made:
        editor.close()


def wait(editor: Editor, until: Callable[[], bool] | None = None) -> None:
    """Let the window work until nothing is on its way any more, or until `until`."""
    ends = time.monotonic() + 20
    refreshing = editor.live.refreshing
    while refreshing.pending if until is None else not until():
        assert time.monotonic() < ends, editor.live.status
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()


def at(editor: Editor, path: str) -> Source:
    return Source(editor.graph.resolve(path), "y")


def edit(editor: Editor, path: str, name: str, value: Any) -> None:
    id = editor.graph.resolve(path)
    editor.attempt("Edit", lambda t: t.set_param(id, name, value))


def number(array: Any) -> float:
    assert array is not None
    return float(array)


# Numbers.


def test_a_graph_that_is_opened_shows_its_values_and_gradients(editors):
    editor = editors(opened("sin_plus_product"))
    live = editor.live
    assert live.value(at(editor, "f")) is None
    assert live.gradient_state(at(editor, "x")) == "waiting"
    wait(editor)
    assert number(live.value(at(editor, "f"))) == pytest.approx(2.8414709848)
    assert number(live.gradient(at(editor, "x"))) == pytest.approx(2.5403, abs=5e-5)
    assert live.gradient_state(at(editor, "x")) == "value"
    parts = [(editor.graph.path(id), port, number(part)) for id, port, part in live.contributions(at(editor, "x"))]
    assert parts == [("sin", "x", pytest.approx(0.5403, abs=5e-5)), ("product", "x", 2.0)]
    assert live.contributions(at(editor, "y")) == []
    assert live.root == at(editor, "f")
    assert live.status == "live"
    assert not any(live.is_stale(id) for id in editor.graph.nodes)


def test_results_appear_as_one_wires(editors):
    editor = editors(Session(dtype="float64"))

    def build(t: Any) -> None:
        t.add("input", name="x", params={"value": 0.5})
        t.add("sin", name="s")

    editor.attempt("Add", build)
    wait(editor)
    assert editor.results.value(at(editor, "s")) is None
    assert editor.results.gradient(at(editor, "x")).value is None
    source, target = at(editor, "x"), editor.graph.resolve("s")
    editor.attempt("Connect", lambda t: t.connect(source, target, "x"))
    wait(editor)
    assert number(editor.results.value(at(editor, "s"))) == pytest.approx(np.sin(0.5))
    assert number(editor.results.gradient(source).value) == pytest.approx(np.cos(0.5))
    editor.attempt("Disconnect", lambda t: t.disconnect(target, "x"))
    wait(editor)
    assert editor.results.value(at(editor, "s")) is None


def test_another_root_is_chosen_and_left_to_the_graph_again(editors):
    editor = editors(opened("sin_plus_product"))
    wait(editor)
    editor.live.set_roots(Root(at(editor, "product")))
    assert editor.live.root == at(editor, "product")
    assert editor.live.gradient_state(at(editor, "x")) == "waiting"
    wait(editor)
    assert number(editor.results.gradient(at(editor, "x")).value) == 2
    assert editor.live.gradient_state(at(editor, "f")) == "none"
    editor.live.set_roots()
    wait(editor)
    assert editor.live.root == at(editor, "f")


def test_a_root_of_several_numbers_starts_from_ones_and_says_so(editors):
    editor = editors(opened("numpy_linear"))
    wait(editor)
    told = []
    editor.told.connect(lambda text, kind: told.append((text, kind)))
    choose_root(editor, at(editor, "y"))
    wait(editor)
    assert told == [
        (
            "Gradients of: y (chosen), which has shape (10, 1): they start from ones, as if its elements were added up",
            "note",
        )
    ]
    assert np.array_equal(editor.results.gradient(at(editor, "y")).value, np.ones((10, 1)))
    assert editor.live.status == "live"


def test_a_root_that_is_no_float_is_refused(editors):
    editor = editors(opened("sin_plus_product"))
    editor.attempt("Add", lambda t: t.add("greater", name="more", inputs=dict.fromkeys("xy", at(editor, "x"))))
    wait(editor)
    root, told = editor.live.root, []
    editor.told.connect(lambda text, kind: told.append((text, kind)))
    choose_root(editor, at(editor, "more"))
    assert told == [("gradients are of floats, but more is bool (cast it to a float)", "refusal")]
    assert editor.live.root == root


def test_what_an_op_refuses_at_run_time_is_told_at_its_node(editors):
    editor = editors(Session())
    editor.attempt("Add", lambda t: t.add("random_normal", name="noise", shape=["N"]))
    wait(editor)
    assert editor.live.errors().get(editor.graph.resolve("noise")).startswith("the batch size is not known")
    editor.attempt("Add", lambda t: t.add("input", shape=["N"], params={"value": [1, 2, 3]}))
    wait(editor)
    assert editor.live.errors().get(editor.graph.resolve("noise")) is None
    assert editor.results.value(at(editor, "noise")).shape == (3,)


def test_another_session_clears_everything(editors):
    editor = editors(opened("sin_plus_product"))
    wait(editor)
    editor.live.set_roots(Root(at(editor, "product")))
    editor.open(opened("colah"))
    assert editor.results.value(at(editor, "e")) is None
    assert not editor.live.is_stale(at(editor, "e").node)
    wait(editor)
    assert number(editor.results.value(at(editor, "e"))) == 6
    assert number(editor.results.gradient(at(editor, "b")).value) == 5
    assert editor.live.root == at(editor, "e")


# What no longer holds.


def test_an_edit_makes_what_is_downstream_stale_until_it_is_computed(editors):
    editor = editors(opened("sin_plus_product"))
    live = editor.live
    wait(editor)
    edit(editor, "y", "value", 5.0)
    stale = {editor.graph.path(id) for id in editor.graph.nodes if live.is_stale(id)}
    assert stale == {"y", "product", "f"}
    assert number(live.value(at(editor, "product"))) == 2  # shown, as stale
    assert live.gradient_state(at(editor, "x")) == "waiting"
    wait(editor)
    assert number(live.value(at(editor, "product"))) == 5
    assert not any(live.is_stale(id) for id in editor.graph.nodes)
    assert live.gradient_state(at(editor, "x")) == "value"


def test_an_undo_makes_what_is_shown_current_again_at_once(editors):
    editor = editors(opened("sin_plus_product"))
    wait(editor)
    editor.live.enabled = False
    edit(editor, "x", "value", 3.0)
    assert editor.live.is_stale(editor.graph.resolve("sin"))
    editor.undo()
    assert not editor.live.is_stale(editor.graph.resolve("sin"))
    assert editor.live.gradient_state(at(editor, "x")) == "value"


def test_moving_and_renaming_make_nothing_stale_and_compute_nothing(editors):
    editor = editors(opened("sin_plus_product"))
    wait(editor)
    count, told = editor.live.refreshing.count, []
    editor.results_changed.connect(lambda: told.append(1))
    x = editor.graph.resolve("x")

    def look(t: Any) -> None:
        t.move(x, (50, 50))
        t.rename(x, "z")

    editor.attempt("Look", look)
    assert not editor.live.refreshing.pending
    assert not any(editor.live.is_stale(id) for id in editor.graph.nodes)
    wait(editor)
    assert editor.live.refreshing.count == count
    assert told == []


def test_assigned_values_make_their_consumers_and_those_that_share_them_stale(editors):
    editor = editors(Session(dtype="float64"))

    def build(t: Any) -> None:
        w = t.add("parameter", name="w", shape=[])
        again = t.add("shared", name="again", of=w)
        t.add("square", name="first", inputs={"x": w})
        t.add("square", name="second", inputs={"x": again})
        t.add("constant", name="c", value=1.0)

    editor.attempt("Build", build)
    wait(editor)
    editor.live.enabled = False
    w = editor.graph.resolve("w")

    def stale() -> set[str]:
        return {editor.graph.path(id) for id in editor.graph.nodes if editor.live.is_stale(id)}

    editor.attempt("Set", lambda t: t.set_values(w, np.asarray(3.0)))
    assert stale() == {"w", "again", "first", "second"}
    editor.live.refresh_now()
    wait(editor)
    assert stale() == set()
    assert number(editor.results.value(at(editor, "second"))) == 9
    editor.attempt("Init", lambda t: t.set_param(w, "init", "ones"))
    assert stale() == {"w", "again", "first", "second"}


def test_dtype_and_seed_make_everything_stale(editors):
    editor = editors(opened("fork"))
    wait(editor)
    editor.live.enabled = False
    editor.attempt("dtype", lambda t: t.set_dtype("float64"))
    assert all(editor.live.is_stale(id) for id in editor.graph.nodes)
    editor.undo()
    assert not any(editor.live.is_stale(id) for id in editor.graph.nodes)
    loss = editor.graph.resolve("y")
    editor.attempt("Training", lambda t: t.set_training(Training(loss, seed=3)))
    assert editor.live.is_stale(loss)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_not_stale_after_any_edit_has_the_bits_that_it_would_have_now(seed):
    from test_evaluating import act, bits

    draw, session = random.Random(seed), opened("fork")
    evaluator = Evaluator(session.registry)

    def ask() -> Asked:
        document = session.document
        return Asked(document.graph, document.values, document.versions, session.dtype, session.folder)

    found = evaluator.evaluate(ask())
    for _ in range(120):
        assert found is not None
        stale = Staleness(found.asked)
        try:
            with session.document.transaction("Random") as t:
                act(t, draw)
        except GradwireError:
            continue
        now = evaluator.evaluate(ask())
        assert now is not None
        for source in found.tensors:
            if not stale.is_stale(session, source.node):
                assert bits(found.value(source)) == bits(now.value(source)), source
        fresh = Staleness(now.asked)
        assert not any(fresh.is_stale(session, id) for id in session.graph.nodes)
        found = now


# When Live rests.


def test_live_can_be_switched_off_and_on(editors):
    editor = editors(opened("sin_plus_product"))
    wait(editor)
    told = []
    editor.results_changed.connect(lambda: told.append(editor.live.status))
    editor.live.enabled = False
    assert told == ["live is off"]
    edit(editor, "x", "value", 0.0)
    wait(editor)
    assert editor.live.is_stale(editor.graph.resolve("f"))
    assert number(editor.results.value(at(editor, "f"))) == pytest.approx(2.8414709848)
    editor.live.enabled = True
    wait(editor)
    assert number(editor.results.value(at(editor, "f"))) == 0
    assert editor.live.status == "live"


def slow(seconds: dict[str, float]) -> Session:
    """y = wait(x), whose op takes as long as it is told."""

    @op(formula="x", category="math", samples=[((2,),)])
    def wait_(xp: Any, x: Any) -> Any:
        """`x`, after a while."""
        time.sleep(seconds["each"])
        return xp.array(x)

    wait_.shape(lambda x: x)
    session = Session(registry=Registry([*builtin(), wait_]), dtype="float64")
    with session.document.transaction("Build") as t:
        x = t.add("input", name="x", params={"value": 1.0})
        t.add("wait", name="y", inputs={"x": x})
    return session


def test_live_pauses_where_a_refresh_takes_too_long_and_a_click_resumes(editors):
    seconds = {"each": 0.5}
    editor = editors(slow(seconds))
    live = editor.live
    live.refreshing.limit = 0.2
    words = []
    editor.results_changed.connect(lambda: words.append(live.status))
    wait(editor)
    assert "live is paused: a refresh takes longer than 0.2 s" in words
    assert re.fullmatch(r"live is paused: a refresh took \d+\.\d s", live.status)
    assert number(editor.results.value(at(editor, "y"))) == 1  # what was computed is shown
    assert not live.is_stale(editor.graph.resolve("y"))
    edit(editor, "x", "value", 2.0)
    wait(editor)
    assert number(editor.results.value(at(editor, "y"))) == 1
    assert live.is_stale(editor.graph.resolve("y"))
    seconds["each"] = 0.0
    live.enabled = True
    assert live.status == "live"
    wait(editor)
    assert number(editor.results.value(at(editor, "y"))) == 2
    assert live.status == "live"


def test_computing_is_told_and_what_an_edit_overtakes_is_dropped(editors):
    seconds = {"each": 1.5}
    editor = editors(slow(seconds))
    editor.live.refreshing.limit = 60.0
    wait(editor, lambda: editor.live.status == "computing…")
    seconds["each"] = 0.0
    edit(editor, "x", "value", 2.0)
    seen = set()
    editor.results_changed.connect(lambda: seen.add(number(editor.results.value(at(editor, "y")) or 0)))
    wait(editor)
    assert number(editor.results.value(at(editor, "y"))) == 2
    assert 1.0 not in seen


def test_a_slider_that_is_dragged_shows_values_meanwhile_at_most_thirty_a_second(editors):
    editor = editors(slow({"each": 0.02}))
    wait(editor)
    seen, before = set(), editor.live.refreshing.count
    editor.results_changed.connect(lambda: seen.add(number(editor.results.value(at(editor, "y")))))
    started = time.monotonic()
    for step in range(100):
        edit(editor, "x", "value", float(step))
        ends = time.monotonic() + 0.008
        wait(editor, lambda ends=ends: time.monotonic() > ends)
    wait(editor)
    took = time.monotonic() - started
    assert number(editor.results.value(at(editor, "y"))) == 99
    assert len(seen) > 3
    assert editor.live.refreshing.count - before <= took * 33 + 3


def test_a_failure_of_the_program_itself_is_told(editors, monkeypatch):
    editor = editors(opened("sin_plus_product"))
    wait(editor)

    def fails(*_: Any) -> None:
        raise AssertionError("broken")

    monkeypatch.setattr(Evaluator, "evaluate", fails)
    edit(editor, "x", "value", 2.0)
    wait(editor)
    assert editor.live.status == "error: AssertionError: broken"
    assert editor.live.is_stale(editor.graph.resolve("x"))  # what was there is shown still
    monkeypatch.undo()
    edit(editor, "x", "value", 3.0)
    wait(editor)
    assert editor.live.status == "live"


def test_a_document_that_gets_its_first_file_finds_the_data_beside_it(editors, tmp_path):
    np.savez(tmp_path / "d.npz", x=np.ones((8, 2)), y=np.arange(8.0))
    editor = editors(Session(dtype="float64"))

    def build(t: Any) -> None:
        data = t.add("dataset", source="d.npz", validation=0.25)
        t.add("sum", name="total", inputs={"x": Source(data, "x")})

    editor.attempt("Build", build)
    wait(editor)
    assert editor.results.value(at(editor, "total")) is None
    assert editor.live.errors().get("dataset0") is not None
    editor.session.save(tmp_path / "g.gw")
    editor.live.follow(editor.session)
    wait(editor)
    assert number(editor.results.value(at(editor, "total"))) == 12


# Threads.


def live_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "live"}


def gone(before: set[threading.Thread]) -> bool:
    """Whether those that came since then end. Threads of other tests may still be on their way out."""
    for thread in live_threads() - before:
        thread.join(5)
    return live_threads() <= before


def test_no_thread_outlives_an_editor_at_rest(editors):
    before = live_threads()
    editor = editors(opened("sin_plus_product"))
    assert len(live_threads() - before) == 1
    wait(editor)
    editor.close()
    assert gone(before)
    editor.close()  # twice does no harm


def test_closing_waits_for_nothing_and_what_is_computed_then_is_told_nobody(editors):
    before, seconds = live_threads(), {"each": 1.0}
    editor = editors(slow(seconds))
    evaluators = editor.live.refreshing
    wait(editor, lambda: evaluators._evaluator is not None and evaluators._evaluator.since is not None)  # at work
    told = []
    editor.results_changed.connect(lambda: told.append(1))
    start = time.perf_counter()
    editor.close()
    assert time.perf_counter() - start < 0.2
    assert len(live_threads() - before) == 1  # it cannot be cut short
    told.clear()
    assert gone(before)
    loop = QEventLoop()
    QTimer.singleShot(50, loop.quit)
    loop.exec()
    assert told == []
    assert editor.results.value(at(editor, "y")) is None
    edit(editor, "x", "value", 3.0)
    assert not editor.live.refreshing.pending


def test_a_window_that_is_deleted_while_it_computes_leaves_its_thread_to_itself(editors, qapp):
    before = live_threads()
    parent = QObject()
    editor = Editor(slow({"each": 0.5}), parent)
    refreshing = editor.live.refreshing
    wait(editor, lambda: refreshing._evaluator is not None and refreshing._evaluator.since is not None)
    delete(parent)  # and with it the workers, which nobody has closed
    assert gone(before)
    qapp.processEvents()


def test_garbage_is_collected_on_the_windows_thread_alone(editors, qapp):
    editor = editors(opened("sin_plus_product"))
    wait(editor)
    threads, done = set(), []

    def note(phase: str, _: object) -> None:
        threads.add(threading.current_thread())

    def litter(request: Any) -> None:
        for _ in range(200_000):  # cycles, in a thread that did not make the widgets among them
            each: list[Any] = []
            each.append(each)

    worker = Worker("litter")
    worker.finished.connect(lambda _: done.append(1))
    gc.callbacks.append(note)
    try:
        worker.ask(litter)
        wait(editor, lambda: bool(done) and bool(threads))
    finally:
        gc.callbacks.remove(note)
        worker.close()
    assert threads == {threading.main_thread()}


def test_a_worker_tells_of_whatever_its_work_raises_and_goes_on(qtbot):
    told: list[Any] = []
    worker = Worker("cancelled")
    worker.failed.connect(told.append)
    worker.finished.connect(told.append)

    def cancelled(request: Any) -> None:
        raise asyncio.CancelledError

    worker.ask(cancelled)
    qtbot.waitUntil(lambda: bool(told))
    assert isinstance(told[0], asyncio.CancelledError)
    assert not worker.busy
    worker.ask(lambda _: "done")
    qtbot.waitUntil(lambda: len(told) == 2)
    worker.close()
    assert told[1] == "done"


def test_the_program_ends_with_its_status_though_an_op_is_at_work():
    program = """
import time
from PySide6.QtWidgets import QApplication
from gradwire.app.bridge import Worker
from gradwire.app.leaving import leave
application = QApplication([])
worker = Worker("live")
worker.ask(lambda request: time.sleep(100))
time.sleep(0.1)
raise SystemExit(leave(3))
"""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (3, "")
    assert time.perf_counter() - start < 30


def test_what_finishes_is_waited_for_at_the_end(tmp_path):
    program = f"""
import time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from gradwire.app.bridge import Worker
from gradwire.app.leaving import leave
application = QApplication([])
def write(request):
    time.sleep(1.5)
    Path(r"{tmp_path / "whole"}").write_text("whole")
worker = Worker("saving", finishes=True)
worker.ask(write)
worker.close()
raise SystemExit(leave(0))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "whole").read_text() == "whole"


@pytest.mark.parametrize("end", ["editor.close()", "pass", "import os; os._exit(0)"])
def test_an_interpreter_ends_while_something_is_computed(end):
    program = f"""
import gradwire.core as gw
from PySide6.QtWidgets import QApplication
from gradwire.app.actions.nodes import ACTIONS
from gradwire.app.bridge import Worker
from gradwire.app.editor import Editor
application = QApplication([])
editor = Editor(gw.open(r"{EXAMPLES / "mlp_64x1000x100x10.gw"}"))
for _ in range(20):
    editor.live.refresh_now()
    application.processEvents()
{end}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_graph_with_data_shows_the_first_batch_of_training_and_says_that_it_is_read(place, qtbot, monkeypatch):
    """What takes long to load is loaded beside the window, once; nothing has to be trained or asked for."""
    threads, going = [], threading.Event()
    whole = reading.prepare

    def slow(*given):
        threads.append(threading.current_thread())
        assert going.wait(20)
        return whole(*given)

    monkeypatch.setattr(reading, "prepare", slow)
    window = place.start(EXAMPLES / "digits_mlp.gw")
    editor, live = window.editor, window.editor.live
    qtbot.waitUntil(lambda: window.statusBar().live.text() == "reading data…")
    assert window.toolbar.live_state.text() == ""  # the buttons behind it stay where they are
    time.sleep(live.refreshing.limit + 0.2)  # that is not the graph's fault: Live does not rest for it
    going.set()
    qtbot.waitUntil(lambda: live.status == "live" and live.value(Source("dataset0", "x")) is not None)
    assert threading.main_thread() not in threads
    graph = editor.graph
    visible = [Source(id, op.outputs[i].name) for id, op in ops_of(editor) for i in op.visible]
    assert [source for source in visible if live.value(source) is None] == []
    data, training = whole(graph.nodes["dataset0"].params, None).train, graph.training
    rows = batches(len(data), training.batch, training.seed, 1)[0]
    np.testing.assert_array_equal(live.value(Source("dataset0", "x")), data.x[rows].astype(np.float32))
    assert live.gradient(Source("parameter0", "y")).any()


def ops_of(editor):
    """The nodes by id, each with its op."""
    return [(id, editor.session.registry.get(node.op)) for id, node in editor.graph.nodes.items()]


def test_the_window_says_of_what_gradients_are_and_an_action_changes_it(place, qtbot):
    window = place.start(place.copy("sin_plus_product.gw"))
    editor, root = window.editor, window.statusBar().root
    qtbot.waitUntil(lambda: root.text() == "gradients of f")
    action = next(each for each in ACTIONS if each.id == "graph.gradients_of")
    assert not action.enabled(window)
    editor.select([editor.graph.resolve("product")])
    assert not action.checked(window)
    action.run(window)
    assert action.checked(window)
    assert root.text() == "gradients of product"
    x = at(editor, "x")
    qtbot.waitUntil(lambda: editor.live.gradient_state(x) == "value")
    assert number(editor.results.gradient(x).value) == 2
    editor.select(())
    root.click()
    assert editor.selection == {editor.graph.resolve("product")}
    action.run(window)
    qtbot.waitUntil(lambda: root.text() == "gradients of f")
