"""A script that is attached, as a user sees it: the line to paste, its graph under a banner, and the document again."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from training_graphs import classifier
from windows import Place, add

import gradwire.core as gw
from gradwire.app.actions import ACTIONS
from gradwire.app.attaching import controller
from gradwire.app.attaching.controller import WRONG_TOKEN
from gradwire.app.attaching.dialog import ListenDialog
from gradwire.app.attaching.window import BAR
from gradwire.app.results.root import choose_root, root_text
from gradwire.app.undoing import READ_ONLY
from gradwire.core.errors import RunError
from gradwire.core.graph import Source


def refused(port: int) -> bool:
    """Whether nothing listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return True
    return False


@pytest.mark.slow
def test_a_script_is_seen_in_the_place_of_the_document_as_it_runs(tmp_path: Path, place: Place, qtbot: QtBot):
    window = place.start(place.copy("fork.gw"))
    editor, told = window.editor, list[str]()
    editor.told.connect(lambda text, _: told.append(text))
    own = editor.graph

    ACTIONS["train.listen"].run(window)
    dialog = window.findChild(ListenDialog)
    dialog.copy.click()
    line = QApplication.clipboard().text()
    assert line == editor.attaching.call
    port = int(line.split('"')[1].split(":")[1])
    dialog.stop.click()
    assert refused(port)
    assert not window.bars.names()

    ACTIONS["train.listen"].run(window)
    session = classifier(tmp_path)
    _, address, _, token, _ = editor.attaching.call.split('"')
    attached = gw.attach(session, address, token)
    qtbot.waitUntil(lambda: editor.attaching.shows)
    assert editor.graph == session.graph
    assert window.bars.get(BAR).text == editor.attaching.about
    assert "its graph, as it runs" in editor.attaching.about
    assert window.bars.get(BAR).kind == "note"
    assert not dialog.isVisible()
    ACTIONS["train.listen"].run(window)  # there is no line to paste now
    assert (dialog.isVisible(), dialog.how.isVisible(), dialog.stop.text()) == (True, False, "Let go of the script")
    assert dialog.said.text() == editor.attaching.about
    dialog.close()
    assert add(editor, "relu") is None  # it is looked at, not edited
    assert told[-1] == READ_ONLY
    assert editor.results.value(Source("tanh0", "y")) is None  # nothing is shown that the script has not computed

    qtbot.waitUntil(lambda: not window.panel("inspector").page.train.isEnabled())
    panel = window.panel("training")
    qtbot.waitUntil(lambda: not panel.train.isEnabled())
    editor.training.begin()  # as any button does that was pressed too late
    assert editor.attaching.shows

    session.train()
    tanh, weight = Source("tanh0", "y"), Source("parameter0", "y")
    qtbot.waitUntil(lambda: editor.attaching.told == "trained for 12 iterations")
    assert editor.results.value(tanh).shape[1] == 4
    assert editor.results.gradient(weight).value is not None
    assert editor.results.root == Source("cross_entropy0", "y")
    assert weight in editor.flowing.now.sizes  # by which wires are as wide
    assert "iteration" in editor.flowing.now.about

    editor.stepper.step()  # with the values that were seen last
    qtbot.waitUntil(lambda: editor.stepper.active)
    flows = editor.flowing.now.snapshot.value(weight)
    assert editor.stepper.timeline.run.tensors[weight].value.tobytes() == flows.tobytes()

    editor.stepper.leave()
    seen, shown, name = editor.results.value(tanh), editor.graph, editor.attaching.hello.name
    attached.close()
    qtbot.waitUntil(lambda: editor.attaching.state == "ended")
    assert told[-1].endswith(" has ended, or let go")
    assert editor.graph is shown, "it stays to be looked at"
    assert editor.results.value(tanh) is seen
    assert editor.flowing.now.about == f"last of {name}, iteration 12"
    bar = window.bars.get(BAR)
    assert bar.text.startswith("Ended: ")
    assert not panel.train.isEnabled()
    bar.buttons[f"Back to {window.files.name}"].click()
    assert editor.attaching.state == ""
    assert editor.graph is own
    assert window.bars.get(BAR) is None
    assert editor.flowing.now is None
    qtbot.waitUntil(lambda: editor.results.value(Source("matmul0", "y")) is not None)  # by Live again

    ACTIONS["train.listen"].run(window)
    port = int(editor.attaching.call.split('"')[1].split(":")[1])
    editor.document.mark_saved()
    window.close()
    assert refused(port)


def test_a_graph_that_cannot_be_shown_lets_go_of_the_script(
    tmp_path: Path, place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    window = place.start(place.copy("fork.gw"))
    editor, told = window.editor, list[str]()
    editor.told.connect(lambda text, _: told.append(text))

    def failing(*_: object) -> None:
        raise KeyError("x0")

    monkeypatch.setattr(controller, "_put", failing)
    ACTIONS["train.listen"].run(window)
    _, address, _, token, _ = editor.attaching.call.split('"')
    with qtbot.captureExceptions() as faults:
        attached = gw.attach(classifier(tmp_path), address, token)
        qtbot.waitUntil(lambda: not editor.attaching.state)
    assert [kind for kind, *_ in faults] == [KeyError]  # it is a fault of the program, too
    assert told[-1] == "the graph of the script cannot be shown: KeyError: 'x0'"
    assert window.bars.get(BAR) is None
    attached.close()


def test_what_a_script_computes_is_seen_soon_though_its_graph_took_long_to_show(
    tmp_path: Path, place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    window = place.start(place.copy("fork.gw"))
    editor, put = window.editor, controller._put

    def slow(*given: object) -> None:
        put(*given)
        time.sleep(1.0)  # as on a machine that has much else to do

    monkeypatch.setattr(controller, "_put", slow)
    ACTIONS["train.listen"].run(window)
    session = classifier(tmp_path)
    _, address, _, token, _ = editor.attaching.call.split('"')
    attached = gw.attach(session, address, token)
    qtbot.waitUntil(lambda: editor.attaching.shows)
    session.gradients("loss", wrt=["tanh0"])
    qtbot.waitUntil(lambda: editor.flowing.now is not None, timeout=9000)
    assert editor.results.root == Source("cross_entropy0", "y")
    assert editor.results.gradient(Source("tanh0", "y")).value is not None
    attached.close()


def test_gradients_of_every_run_are_seen_and_what_ran_last_also_after_stepping(place: Place, qtbot: QtBot):
    window = place.start(place.copy("sin_plus_product.gw"))
    editor, canvas = window.editor, window.canvas
    ACTIONS["train.listen"].run(window)
    _, address, _, token, _ = editor.attaching.call.split('"')
    session = gw.open(place.copy("sin_plus_product.gw"))
    x = session.graph.resolve_source("x")
    script = gw.attach(session, address, token)
    qtbot.waitUntil(lambda: editor.attaching.shows)
    x = Source(x.node, "y")

    def run(number: float) -> None:
        session.run(feed={"x": number}, fetch="f")
        session.gradients("f", wrt=["x", "y"], feed={"x": number})

    def drawn() -> tuple[str, str]:
        """The value and the gradient on the node, as they are drawn."""
        canvas.grab()
        shown = canvas.values.of(x, canvas.theme, canvas.decimals)
        return tuple("" if look is None else look.text for look in (shown.value, shown.gradient))

    for number, gradient in ((1.0, "2.540"), (5.0, "2.284"), (7.0, "2.754")):
        run(number)
        qtbot.waitUntil(lambda found=(f"{number:.3f}", gradient): drawn() == found)

    editor.stepper.step()
    qtbot.waitUntil(lambda: editor.stepper.active)
    run(5.0)
    qtbot.waitUntil(lambda: editor.attaching._look.snapshot.value(x) == 5.0)
    editor.stepper.leave()
    assert drawn() == ("5.000", "2.284")

    editor.stepper.step()
    qtbot.waitUntil(lambda: editor.stepper.active)
    run(1.0)
    script.close()
    qtbot.waitUntil(lambda: editor.attaching.state == "ended")
    editor.stepper.leave()
    assert drawn() == ("1.000", "2.540")
    assert editor.flowing.now.about.startswith("last of ")
    assert editor.flowing.now.about.endswith(", its newest run")


def test_where_no_port_is_free_that_is_told_however_one_listens(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    window = place.start(place.copy("fork.gw"))
    editor, told = window.editor, list[str]()
    editor.told.connect(lambda text, _: told.append(text))
    ACTIONS["train.listen"].run(window)
    dialog = window.findChild(ListenDialog)
    dialog.stop.click()
    assert dialog.stop.text() == "Listen again"

    def none_free(*_: object, **__: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(socket, "create_server", none_free)
    why = "nothing can be listened to on 127.0.0.1: Address already in use"
    dialog.stop.click()
    assert (told, dialog.said.text(), dialog.stop.text()) == ([why], f"Nothing listens: {why}.", "Listen again")
    dialog.close()
    ACTIONS["train.listen"].run(window)
    assert (told, dialog.isVisible(), editor.attaching.state) == ([why, why], False, "")


def test_who_comes_back_from_a_script_finds_the_document_as_it_was_left(place: Place, qtbot: QtBot):
    window = place.start(place.copy("sin_plus_product.gw"))
    editor, canvas = window.editor, window.canvas
    f, x = editor.graph.resolve("f"), editor.graph.resolve("x")
    choose_root(editor, editor.graph.resolve_source("product"))
    editor.select([x, f], active=f)
    editor.breakpoints.toggle(f)
    editor.watching.watch("x * 2")
    canvas.view.scale, canvas.view.x = 1.75, 40.0
    ACTIONS["train.listen"].run(window)
    dialog, (_, address, _, token, _) = window.findChild(ListenDialog), editor.attaching.call.split('"')
    with pytest.raises(RunError, match="the token is not that of the window"):
        gw.attach(gw.open(place.copy("fork.gw")), address, "0" * 32)
    qtbot.waitUntil(lambda: dialog.said.text() == f"Waiting for a script…\n{WRONG_TOKEN}")
    session = gw.open(place.copy("fork.gw"))
    with ThreadPoolExecutor(1) as threads:
        attached = threads.submit(gw.attach, session, address, token)
        qtbot.waitUntil(attached.done)
    qtbot.waitUntil(lambda: editor.attaching.shows)
    assert (editor.breakpoints.points, editor.watching.texts, editor.live.chosen) == ([], (), ())
    assert WRONG_TOKEN not in dialog.said.text()
    session.run(fetch="y")
    qtbot.waitUntil(lambda: editor.flowing.now is not None)
    script = Path(editor.attaching.hello.name).name
    assert root_text(editor) == f"nothing yet: {script} has computed no gradient"

    window.bars.get(BAR).buttons[f"Back to {window.files.name}"].click()
    assert (editor.selection, editor.active) == (frozenset({x, f}), f)
    assert [root.source.node for root in editor.live.chosen] == [editor.graph.resolve("product")]
    assert (editor.breakpoints.nodes, editor.watching.texts) == (frozenset({f}), ("x * 2",))
    assert (canvas.view.scale, canvas.view.x) == (1.75, 40.0)
