"""The card of an op: formula, rules and an example, for every op of the registry."""

from __future__ import annotations

import os
import re

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea

from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.reference.card import Code, Fold
from gradwire.app.reference.interior import Interior
from gradwire.app.reference.layer_card import LayerCard
from gradwire.app.reference.op_card import OpCard, card_of, make_card
from gradwire.app.reference.standing import Standing
from gradwire.core.layers import LAYERS, build, find
from gradwire.core.ops import builtin
from gradwire.core.ops.formulas import unicode_formula
from gradwire.core.session import Session
from gradwire.core.stepping.rule_code import gradient_code, rule_text
from gradwire.core.stepping.rules import conventions, rules
from gradwire.core.stepping.worked_example import worked_example

WITHOUT_EXAMPLE = {"dataset", "shared", "print", "assign", "input"}  # they need a graph, a file, or do more


@pytest.mark.parametrize("op", list(builtin()), ids=lambda op: op.name)
def test_every_op_has_a_card(qtbot, op):
    card = OpCard(op, DARK)
    qtbot.addWidget(card)
    text = card.text()
    assert "Formula" in text
    assert "What it does" in text
    assert f"def {op.name}(" in text or "Forward" not in text
    assert "Backward" in text
    assert not set("\\{}_&") & set(unicode_formula(op.formula))
    for told in conventions(op):
        assert told.replace("`", "") in text


@pytest.mark.parametrize("op", list(builtin()), ids=lambda op: op.name)
def test_every_example_is_computed_and_finite(op):
    example = worked_example(op)
    if example is None:
        assert op.name in WITHOUT_EXAMPLE
        return
    assert example.gradients or example.without_gradient
    for name, value in (*example.results, *example.gradients):
        assert np.isfinite(value).all(), name


def test_the_example_of_a_product_is_right():
    example = worked_example(builtin()["multiply"])
    (_, x), (_, y) = example.arguments
    assert np.array_equal(example.results[0][1], x * y)
    assert np.array_equal(dict(example.gradients)["x"], np.broadcast_to(y, x.shape))


def test_rules_are_shown_as_they_stand_without_docstring():
    sin = builtin()["sin"]
    assert rule_text(sin.forward, "sin") == "def sin(xp, x):\n    return xp.sin(x)"
    assert rule_text(sin.vjp_rule, "gradients") == "def gradients(g, y, x):\n    return (g * cos(x),)"


def test_the_functions_that_make_up_a_rule_stand_below_it():
    code = gradient_code(builtin()["quantile"])
    found = [line.partition("(")[0] for line in code.splitlines() if line.startswith("def ")]
    assert found == ["def gradients", "def _quantile_gradient", "def _rest", "def _rows", "def _between"]
    long = [op for op in builtin() if op.gradients]
    assert {"focal", "cumprod", "median"} <= {op.name for op in long}
    assert all(rules(op) == list(op.gradients.items()) for op in long)
    for op in long:
        called = set(re.findall(r"\b(_[a-z]\w+)\(", gradient_code(op)))
        assert all(f"def {name}(" in gradient_code(op) for name in called), op.name


def test_a_card_tells_shapes_and_conventions_rounds_numbers_and_ends_with_its_text(qtbot):
    cards = {name: OpCard(builtin()[name], DARK) for name in ("hardtanh", "quantile")}
    for card in cards.values():
        qtbot.addWidget(card)
        card.show()
        page = card.findChild(QScrollArea).widget()
        end = max(child.geometry().bottom() for child in page.children() if child.isWidgetType())
        assert page.height() > 720
        assert page.height() - end < 20
    text = cards["hardtanh"].text()
    assert "in   x   (2, 3) f64 in the example\nout  y   (2, 3) f64 in the example" in text
    assert "Conventions\nat a bound the derivative is 0; any from 0 to 1 would do, PyTorch has 0\n" in text
    text = cards["quantile"].text()
    assert "→ y =\n−0.7\n" in text
    assert "low, high, share = _between(count, q)" in text


def test_formulas_are_read_by_people():
    assert unicode_formula(r"\frac{1}{n} \sum_i x_i") == "1/n Σᵢ xᵢ"
    assert unicode_formula(r"x^\top") == "xᵀ"
    assert unicode_formula(r"\begin{cases} x & c \\ y & \text{else} \end{cases}") == "x if c; y else"


def test_cards_of_nodes_layers_and_groups_made_by_hand(qtbot):
    editor = Editor(Session())
    told = []
    editor.told.connect(lambda text, _: told.append(text))
    node = editor.attempt("add", lambda t: t.add("sin"))
    layer = editor.attempt("build", lambda t: build(t, "linear", in_features=2, out_features=3)).group
    by_hand = editor.attempt("group", lambda t: t.group([node], "mine"))
    card = make_card(editor, DARK, node)
    qtbot.addWidget(card)
    assert isinstance(card, OpCard)
    second = make_card(editor, DARK, layer)
    qtbot.addWidget(second)
    assert isinstance(second, LayerCard)
    assert "1. matmul = matmul(x, weight)" in second.text()
    assert "interior" not in second.text()
    assert make_card(editor, DARK, by_hand) is None
    assert told == ["mine was built by hand: there is no card for it"]
    editor.close()


def test_the_card_of_a_layer_shows_shapes_formula_and_its_ops_at_work(qtbot, editor):
    x = editor.attempt("x", lambda t: t.add("input", name="x", params={"shape": (2, 2), "value": ((1, 2), (3, 4))}))
    made = editor.attempt("l", lambda t: build(t, "linear", t.ports.source(x), in_features=2, out_features=3))
    qtbot.waitUntil(lambda: editor.results.value(made.output) is not None)
    qtbot.waitUntil(lambda: not editor.checking.busy)
    card = make_card(editor, DARK, made.group)
    qtbot.addWidget(card)
    text = card.text()
    assert "Formula\ny = x @ weight + bias" in text
    assert re.search(r"in +x +\(2, 2\) f32", text)
    assert re.search(r"parameter +weight +\(2, 3\) f32", text)
    assert re.search(r"out +add +\(2, 3\) f32", text)
    assert "1. matmul = x @ weight" in text
    assert "2. add = matmul + bias" in text
    assert "matmul (matmul):  ∂x = g @ wᵀ,  ∂w = xᵀ @ g" in text
    example = Interior(Standing.of(editor), made.group).example()
    assert example.current
    assert np.array_equal(dict(example.results)["add"], editor.results.value(made.output))
    assert dict(example.gradients)["weight"].tolist() == [[4, 4, 4], [6, 6, 6]]  # the sums of the columns of x


@pytest.mark.parametrize("name", LAYERS.names())
def test_the_card_of_a_layer_in_the_palette_shows_it_at_work_on_small_numbers(qtbot, editor, name):
    card = card_of(editor, DARK, f"layer:{name}")
    qtbot.addWidget(card)
    text = card.text()
    captions = ["What it does", "Shapes in the example", "How it is built", "Backward, g being", "Settings"]
    captions += ["Example: forward, of small numbers", "Example: backward, with g = 1 everywhere"]
    places = [text.index(f"\n{caption}") for caption in captions]
    assert places == sorted(places)
    assert "not known" not in text
    assert not re.search("nan|inf\\b", text.partition("\nExample")[2])
    assert not editor.graph.nodes


def test_the_backward_rules_of_a_layer_are_those_of_its_ops_as_they_stand_there(qtbot, editor):
    """With the padding, the size of the window and the bias that the layer has."""
    card = card_of(editor, DARK, "layer:residual_block")
    qtbot.addWidget(card)
    back = "∂x = conv_transpose2d(g, w, padding=(1, 1)),  ∂w = conv2d_weight(x, g, padding=1, kernel_size=(3, 3))"
    assert f"conv2/conv2d (conv2d):  {back}\n" in card.text()
    assert "∂running_mean" not in card.text()  # in training it gets no gradient
    card = card_of(editor, DARK, "layer:conv2d")
    qtbot.addWidget(card)
    assert ",  ∂bias = sum(g, axis=(0, 2, 3))\n" in card.text()


def test_the_card_of_a_layer_that_is_not_wired_says_its_parameters(qtbot):
    editor = Editor(Session())
    sizes = {"in_channels": 1, "out_channels": 2, "kernel_size": 3}
    made = editor.attempt("build", lambda t: build(t, "conv2d", padding=1, stride=2, **sizes))
    card = make_card(editor, DARK, made.group)
    qtbot.addWidget(card)
    assert "1. conv2d = conv2d(x, weight, bias, stride=2, padding=1)\n" in card.text()
    assert "; where nothing is wired with the numbers of the op's example\n" in card.text()
    editor.close()


def test_the_card_of_a_node_says_what_its_parameters_are_there(qtbot):
    editor = Editor(Session())
    node = editor.attempt("add", lambda t: t.add("max_pool2d", kernel_size=2, padding=1))
    card = make_card(editor, DARK, node)
    qtbot.addWidget(card)
    lines = card.text().splitlines()
    assert next(line for line in lines if line.startswith("kernel_size: ")).endswith("; 2 here")
    assert next(line for line in lines if line.startswith("padding: ")).endswith("; default 0; 1 here")
    assert next(line for line in lines if line.startswith("stride: ")).endswith("; default none")
    editor.close()


def test_the_example_of_a_layer_in_the_palette_is_right(qtbot, editor):
    card = card_of(editor, DARK, "layer:linear")
    qtbot.addWidget(card)
    text = card.text()
    assert "Formula\ny = x @ weight + bias" in text
    assert "in_features: an integer of 1 or more; 4 in the example\n" in text
    assert "bias: true or false; default true\n" in text
    example = Interior(*Standing.sample(find("linear"))).example()
    given = dict(example.arguments)
    assert not example.current
    assert [given[name].shape for name in ("x", "weight", "bias")] == [(3, 4), (4, 2), (2,)]
    assert np.array_equal(dict(example.results)["add"], given["x"] @ given["weight"] + given["bias"])


def test_f1_and_escape_close_the_card(qtbot):
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
        card = OpCard(builtin()["add"], DARK)
        closed = []
        card.finished.connect(closed.append)
        card.show()
        qtbot.waitExposed(card).__enter__()
        QTest.keyClick(card, key)
        assert closed


def test_backward_rules_are_formulas_of_the_ports():
    assert rules(builtin()["matmul"]) == [("x", "g @ wᵀ"), ("w", "xᵀ @ g")]
    assert rules(builtin()["sin"]) == [("x", "g · cos(x)")]
    assert rules(builtin()["divide"]) == [("x", "g / y"), ("y", "−(g · result / y)")]  # its port y is not its result
    assert rules(builtin()["broadcast_to"]) == [("x", "g, summed to the shape of x")]
    assert rules(builtin()["argmax"]) == []


def test_a_card_shows_ports_under_the_formula_rules_as_formulas_and_code_when_asked(qtbot):
    card = OpCard(builtin()["matmul"], DARK)
    qtbot.addWidget(card)
    card.show()
    assert card.text().index("Formula") < card.text().index("Ports") < card.text().index("What it does")
    seen = [label.text() for label in card.findChildren(QLabel) if label.isVisibleTo(card)]
    assert "∂x = g @ wᵀ\n∂w = xᵀ @ g" in seen
    fold = card.findChild(Fold)
    assert not fold.body.isVisible()
    QTest.mouseClick(fold.button, Qt.MouseButton.LeftButton)
    assert fold.body.isVisible()
    assert fold.body.toPlainText().startswith("def gradients(g, y, x, w):")


def test_code_words_of_a_docstring_are_in_the_font_of_code(qtbot):
    card = OpCard(builtin()["dropout"], DARK)
    qtbot.addWidget(card)
    (about,) = [label for label in card.findChildren(QLabel) if "becomes 0 with probability" in label.text()]
    assert re.search(r"<span style=\"[^\"]*Mono[^\"]*\">rate</span>", about.text())


@pytest.mark.parametrize("width", [420, 700])
def test_no_line_of_a_card_is_cut(editor, qtbot, width):
    card = card_of(editor, LIGHT, "layer:batch_norm")
    qtbot.addWidget(card)
    card.resize(width, 700)
    card.show()
    qtbot.waitExposed(card)
    for code in card.findChildren(Code):
        if code.isVisible():
            assert code.horizontalScrollBar().maximum() == 0
            assert code.verticalScrollBar().maximum() == 0
