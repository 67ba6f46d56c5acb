"""The functions behind gestures and actions: which port suits, what survives a swap, what a wire would do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gradwire.app import editing
from gradwire.app.canvas.scene import Place, PortRef
from gradwire.app.editor import Editor
from gradwire.core.document import Document
from gradwire.core.errors import EditError
from gradwire.core.files import dump_graph
from gradwire.core.graph import Source, Training, Wire
from gradwire.core.ops import builtin
from gradwire.core.session import Session

OPS = builtin()


def sample() -> Document:
    """x (4, 3) and w (3, 2) beside a matmul, relu -> sum after it."""
    document = Document()
    with document.transaction("Sample") as t:
        t.add("input", name="x", params={"shape": [4, 3]})
        t.add("parameter", name="w", params={"shape": [3, 2]})
        t.add("matmul", name="matmul", inputs={"x": "input0"})
        t.add("relu", name="relu", inputs={"x": "matmul0"})
        t.add("sum", name="sum", inputs={"x": "relu0"})
        t.add("concat", name="concat", inputs={"xs0": "relu0"})
        t.set_training(Training("sum0"))
    return document


@pytest.fixture
def editor(qtbot: Any) -> Iterator[Editor]:
    editor = Editor(Session(sample()))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    yield editor
    editor.close()


def best(editor: Editor, source: str, target: str) -> tuple[str, str] | None:
    return editing.best_port(editor.graph, OPS, Source(source, "y"), target, editor.checking.found)


def test_the_best_port_is_free_and_fits(editor: Editor) -> None:
    assert best(editor, "parameter0", "matmul0") == ("matmul0", "w")
    assert best(editor, "parameter0", "relu0") == ("relu0", "x")  # the only one, though it is taken
    assert best(editor, "relu0", "concat0") == ("concat0", "xs1")  # ports that grow
    assert best(editor, "sum0", "matmul0") is None  # a loop
    assert best(editor, "sum0", "input0") is None  # no port


def test_a_wire_is_judged_before_it_is_drawn(editor: Editor) -> None:
    def judge(source: str, target: str, port: str) -> editing.Verdict:
        return editing.verdict(editor.graph, OPS, editor.checking.found, Source(source, "y"), target, port)

    assert judge("parameter0", "matmul0", "w") == (True, True, "w to matmul.w: (3, 2) f32", ())
    assert judge("input0", "relu0", "x").text == "x to relu.x: (4, 3) f32, replaces matmul"
    misfit = judge("input0", "matmul0", "w")
    assert misfit == (True, False, "x has 3 columns but w has 4 rows (would fit: w: (3, …))", ())
    assert judge("sum0", "matmul0", "w") == (
        False,
        False,
        "would close the loop matmul → relu → sum → matmul",
        ("matmul0", "relu0", "sum0"),
    )
    assert judge("relu0", "relu0", "x").loop == ("relu0",)
    assert judge("input0", "matmul0", "z").text == "matmul has no port 'z' (its ports: x, w)"


def test_what_cannot_fit_whatever_comes_to_an_open_port_is_judged_as_that(qtbot: Any) -> None:
    document = Document()
    with document.transaction("Sample") as t:
        t.add("parameter", name="p", params={"shape": [5], "init": "ones"})
        t.add("conv2d", name="c")
    editor = Editor(Session(document))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    said = editing.verdict(editor.graph, OPS, editor.checking.found, Source("parameter0", "y"), "conv2d0", "x")
    text = "x must be images (N, C, height, width), got (5,) (would fit: x: (N, C, height, width))"
    assert said == (True, False, text, ())
    editor.close()


def test_the_batch_is_told_as_n(qtbot: Any) -> None:
    document = Document()
    with document.transaction("Sample") as t:
        t.add("input", name="x", params={"shape": ["N", 3]})
        t.add("matmul", name="matmul", inputs={"x": "input0"})
    editor = Editor(Session(document))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    said = editing.verdict(editor.graph, OPS, editor.checking.found, Source("input0", "y"), "matmul0", "w")
    assert said.text == "x has 3 columns but w has N rows (would fit: w: (3, …))"
    editor.close()


def test_a_swap_keeps_wires_name_place_and_the_loss(editor: Editor) -> None:
    before = dump_graph(editor.graph)
    with editor.document.transaction("Swap") as t:
        t.move("sum0", (5, 6))
        new = editing.swap(t, "sum0", "mean")
    graph = editor.graph
    assert (graph.node(new).name, graph.node(new).position) == ("mean", (5.0, 6.0))
    assert graph.inputs(new) == {"x": Source("relu0", "y")}
    assert graph.training is not None
    assert graph.training.loss == new
    editor.undo()
    assert dump_graph(editor.graph) == before


def test_a_swap_names_the_new_node_wherever_the_old_one_was_named(editor: Editor) -> None:
    with editor.document.transaction("More") as t:
        metric = {"name": "mse", "prediction": "relu0", "target": "sum0.y"}
        t.set_training(Training("sum0", metrics=(metric,)))
        t.add("shared", of="parameter0")
        t.set_bends("sum0", "x", [(1, 2)])
        t.set_bends("relu0", "x", [(3, 4)])
    before = dump_graph(editor.graph)
    with editor.document.transaction("Swap") as t:
        editing.swap(t, "relu0", "tanh")
        editing.swap(t, "sum0", "mean")
        new = editing.swap(t, "parameter0", "constant")
    graph = editor.graph
    assert graph.training is not None
    assert graph.training.metrics == ({"name": "mse", "prediction": "tanh0", "target": "mean0.y"},)
    assert graph.node("shared0").params["of"] == new
    assert graph.bends == {("mean0", "x"): ((1, 2),), ("tanh0", "x"): ((3, 4),)}
    editor.undo()
    assert dump_graph(editor.graph) == before


def test_a_swap_says_which_wires_are_lost(editor: Editor) -> None:
    with editor.document.transaction("More") as t:
        t.connect("parameter0", "matmul0", "w")
    kept = editing.survivors(editor.graph, "matmul0", OPS["add"])
    assert (dict(kept.inputs), kept.lost) == ({"x": "x", "w": "y"}, ())
    kept = editing.survivors(editor.graph, "matmul0", OPS["relu"])
    assert kept.lost == (Wire(Source("parameter0", "y"), "matmul0", "w"),)
    with editor.document.transaction("Swap") as t:
        t.rename("matmul0", "product")
        new = editing.swap(t, "matmul0", "add")
    assert editor.graph.node(new).name == "product"  # a name that the user gave stays
    assert editor.graph.inputs("relu0") == {"x": Source(new, "y")}


def test_what_is_added_at_a_port_is_wired_in_the_same_undo(editor: Editor) -> None:
    position = editor.document.history.position
    id = editing.add(editor, "tanh", (1, 2), Place(0, 0, PortRef("relu0", "y", True), None))
    assert editor.graph.inputs(id or "") == {"x": Source("relu0", "y")}
    assert editor.document.history.position == position + 1
    assert editor.document.history.undo_label == "Add Tanh"
    assert (editor.selection, editor.active) == ({id}, id)
    id = editing.add(editor, "parameter", (1, 2), Place(0, 0, PortRef("matmul0", "w", False), None))
    assert editor.graph.inputs("matmul0")["w"] == Source(id or "", "y")


def test_what_is_added_on_a_wire_goes_into_it(editor: Editor) -> None:
    wire = Wire(Source("relu0", "y"), "sum0", "x")
    id = editing.add(editor, "tanh", (1, 2), Place(0, 0, None, wire))
    assert editor.graph.inputs("sum0") == {"x": Source(id or "", "y")}
    wire = Wire(Source(id or "", "y"), "sum0", "x")
    group = editing.add(editor, "layer:linear", (1, 2), Place(0, 0, None, wire))
    (entering,) = editor.graph.consumers(id or "")
    assert editor.graph.node(entering.target).group == group
    assert editor.graph.node(editor.graph.inputs("sum0")["x"].node).group == group
    assert editor.graph.group(group or "").built_by is not None  # wires around a layer leave it a layer


def test_what_cannot_go_into_a_wire_is_refused_and_nothing_is_added(editor: Editor) -> None:
    told: list[str] = []
    editor.told.connect(lambda text, _: told.append(text))
    before = dump_graph(editor.graph)
    wire = Wire(Source("relu0", "y"), "sum0", "x")
    assert editing.add(editor, "constant", (1, 2), Place(0, 0, None, wire)) is None
    assert told == ["constant has no port for relu to sum.x (a node with a port goes into a wire)"]
    assert dump_graph(editor.graph) == before


def test_pulling_out_prefers_an_input_like_the_output(editor: Editor) -> None:
    with editor.document.transaction("Swap") as t:
        t.add("add", name="add", inputs={"x": "sum0", "y": "relu0"})
        t.add("exp", name="exp", inputs={"x": "add0"})
    shapes = {Source("sum0", "y"): "()", Source("relu0", "y"): "(4, 2)", Source("add0", "y"): "(4, 2)"}
    found = type(editor.checking.found)((), shapes=shapes)
    with editor.document.transaction("Pull") as t:
        editing.extract(t, ["add0"], found)
    assert editor.graph.inputs("exp0") == {"x": Source("relu0", "y")}
    with (
        pytest.raises(EditError, match="there are no wires to pull this out of"),
        editor.document.transaction("Pull") as t,
    ):
        editing.extract(t, ["add0"], found)


def test_a_chain_pulled_out_keeps_its_own_wires(editor: Editor) -> None:
    with editor.document.transaction("Pull") as t:
        editing.extract(t, ["matmul0", "relu0"])
    assert editor.graph.inputs("sum0") == {"x": Source("input0", "y")}
    assert editor.graph.inputs("relu0") == {"x": Source("matmul0", "y")}
    assert editor.graph.inputs("matmul0") == {}


def test_lazy_connections_go_the_way_that_is_possible(editor: Editor) -> None:
    with editor.document.transaction("Lazy") as t:
        wire = editing.lazy_connect(t, OPS, "matmul0", "parameter0", editor.checking.found)
    assert wire == Wire(Source("parameter0", "y"), "matmul0", "w")
    with editor.document.transaction("More") as t:
        t.add("constant", name="one", params={"value": 1.0})
    with pytest.raises(EditError, match="one has no port to connect w to"):
        editing.planned(editor.graph, OPS, "parameter0", "constant0")


def test_flags_go_to_what_lies_in_groups(editor: Editor) -> None:
    with editor.document.transaction("Flags") as t:
        group = editing.group(t, ["parameter0", "matmul0"])
        editing.toggle_flag(t, [group], "freeze")
        editing.toggle_flag(t, [group], "bypass")
    assert editor.graph.node("parameter0").flags == {"freeze", "bypass"}
    assert editor.graph.node("matmul0").flags == {"bypass"}
    assert editor.graph.group(group).collapsed
    assert editing.has_flag(editor.graph, [group], "freeze")
