"""A node whose value depends on the mode says in which mode it ran."""

from __future__ import annotations

from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.badges import MODE, badges
from gradwire.app.window import Window
from gradwire.core.document import Transaction
from gradwire.core.graph import Training


def modes(window: Window) -> dict[str, str]:
    """By name of the node what its badge says."""
    canvas, graph = window.canvas, window.editor.graph
    found = {}
    for id, node in graph.nodes.items():
        item = canvas.scene.item(id)
        state = canvas.marks.state(item, canvas.values.of(item.sources[0], canvas.theme, 3), False)
        for badge in badges(item, state, 1.0):
            if badge.kind == MODE:
                found[node.name] = badge.text
    return found


def test_dropout_says_eval_at_rest_and_train_where_an_iteration_is_stepped_through(place: Place, qtbot: QtBot) -> None:
    def build(t: Transaction) -> None:
        x = t.add("input", name="x", shape=(2, 2), value=[[1.0, 2.0], [3.0, 4.0]])
        w = t.add("parameter", name="w", shape=(2, 2), init="ones")
        wired = t.add("matmul", name="m", inputs={"x": x, "w": w})
        dropped = t.add("dropout", name="drop", rate=0.5, inputs={"x": wired})
        t.set_flags(t.add("dropout", name="passed", inputs={"x": dropped}), {"bypass"})
        t.set_training(Training(loss=t.add("mean", name="loss", inputs={"x": dropped})))

    window = place.start(empty=True)
    editor = window.editor
    editor.attempt("Build", build)
    window.show_canvas()
    qtbot.waitUntil(lambda: modes(window) == {"drop": "eval"})
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active)
    assert modes(window) == {"drop": "train"}
    editor.stepper.leave()
    assert modes(window) == {"drop": "eval"}
