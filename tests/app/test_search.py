"""Typed search: what is found by which words, what fits a wire, what Enter adds, and finding nodes."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from gradwire.app import editing
from gradwire.app.canvas.anatomy import PortRef
from gradwire.app.canvas.places import Place
from gradwire.app.editing import swap
from gradwire.app.editor import Editor
from gradwire.app.look.theme import DARK
from gradwire.app.search.candidates import candidates, match, swaps
from gradwire.app.search.filters import read_query, read_wanted, refusal
from gradwire.app.search.find import FindPopup, find, places
from gradwire.app.search.fitting import fits, port_names
from gradwire.app.search.popup import SearchPopup
from gradwire.app.search.sections import _NAMED, OTHERS, PLACES, heading
from gradwire.app.search.words import _SYNONYMS, LAYER, display_name, synonyms
from gradwire.core.graph import Source, Wire
from gradwire.core.layers import LAYERS, build
from gradwire.core.op import Aval
from gradwire.core.ops import builtin, installed
from gradwire.core.session import Session

N, F32 = 1009, np.dtype("float32")


@pytest.fixture
def editor(qtbot):
    made = Editor(Session())
    yield made
    made.close()


@pytest.fixture
def checked(editor, qtbot):
    """Wait until shapes and problems are those of the graph as it is."""

    def wait():
        qtbot.waitUntil(lambda: not editor.checking.busy)

    return wait


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.field = QLineEdit(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.field.setFocus()
    return made


def add(editor, op, **more):
    return editor.attempt(f"Add {op}", lambda t: t.add(op, **more))


def names(editor, query, place=None, recent=()):
    return [entry.name for entry in candidates(editor, query, place, recent)]


# Words.


@pytest.mark.parametrize(
    ("op", "shown"),
    [
        ("add", "Add"),
        ("matmul", "MatMul"),
        ("relu", "ReLU"),
        ("leaky_relu", "Leaky ReLU"),
        ("cross_entropy", "Cross entropy"),
        ("log_softmax", "Log softmax"),
        ("layer:mlp", "MLP"),
        ("my_plugin_op", "My plugin op"),
    ],
)
def test_ops_are_called_as_users_know_them(op, shown):
    assert display_name(op) == shown


def test_no_two_ops_are_called_alike_and_all_built_in_ones_have_a_section():
    shown = [display_name(op.name) for op in builtin()]
    assert len(set(shown)) == len(shown)
    sections = {heading(op.name, op.category) for op in builtin()}
    assert OTHERS not in sections
    assert sections <= PLACES.keys()
    assert heading("an op", "of a plugin") == OTHERS


def test_words_are_of_ops_and_layers_that_there_are():
    known = {*builtin().names(), *(LAYER + layer.name for layer in LAYERS)}
    assert not _SYNONYMS.keys() - known
    assert {name for names in _NAMED.values() for name in names.split()} <= known


@pytest.mark.parametrize("op", builtin().names())
def test_every_op_is_found_by_other_words_too(op):
    assert synonyms(op)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("add", "add"),
        ("+", "add"),
        ("-", "subtract"),
        ("*", "multiply"),
        ("/", "divide"),
        ("@", "matmul"),
        ("mm", "matmul"),
        ("dense", "layer:linear"),
        ("ce", "cross_entropy"),
        ("relu", "relu"),
        ("lrelu", "leaky_relu"),
        ("cross ent", "cross_entropy"),
        ("entropy cross", "cross_entropy"),
        ("crent", "cross_entropy"),
        ("LINEAR", "layer:linear"),
        ("param", "parameter"),
        ("weight", "parameter"),
        ("square", "square"),
        ("mea", "mean"),
    ],
)
def test_what_is_typed_finds_what_is_meant(editor, words, first):
    assert names(editor, words)[0] == first


def test_fc_finds_linear_and_matmul_and_nonsense_nothing(editor):
    assert set(names(editor, "fc")) >= {"layer:linear", "matmul"}
    assert names(editor, "qqqq") == []


def test_without_words_the_latest_used_come_first_and_then_all(editor):
    found = names(editor, "", recent=["tanh", "matmul"])
    assert found[:2] == ["tanh", "matmul"]
    assert len(found) == len(installed()) + len(LAYERS)


def test_an_exact_word_beats_what_was_used_lately(editor):
    assert names(editor, "max", recent=["maximum"])[0] == "max"
    assert names(editor, "s", recent=["sin"])[0] == "sin"


def test_the_letters_found_are_marked():
    assert match("soft", "Log softmax").found == (4, 5, 6, 7)
    assert match("mm", "MatMul").found == (0, 3)
    assert match("zz", "MatMul") is None


# Filters.


@pytest.mark.parametrize(
    ("text", "words", "takes", "gives"),
    [
        ("relu", "relu", None, None),
        ("in:f32 re", "re", "f32", None),
        ("so in:(N, 64) out:bool", "so", "(N, 64)", "bool"),
        ("in:(N, 64) f32 relu", "relu", "(N, 64) f32", None),
        ("in:", "", None, None),
        ("in:(N, 6", "", "(N, 6", None),
    ],
)
def test_filters_are_read_from_among_the_words(text, words, takes, gives):
    wanted = [None if each is None else read_wanted(each) for each in (takes, gives)]
    assert read_query(text) == (words, *wanted)


def test_a_new_network_ends_in_as_many_columns_as_its_data_has_classes(editor, checked):
    def sizes(place=None):
        id = editing.add(editor, "layer:mlp", (0, 0), place)
        return editor.graph.groups[id].built_by.params["sizes"]

    assert sizes() == (16, 64, 16)  # nothing is known
    digits = editor.attempt("Add", lambda t: t.add("dataset", name="data", source="digits"))
    checked()
    assert sizes() == (16, 64, 10)
    assert sizes(Place(0, 0, PortRef(digits, "x", True))) == (64, 64, 10)
    iris = editor.attempt("Add", lambda t: t.add("dataset", name="other", source="iris"))
    checked()
    assert sizes(Place(0, 0, PortRef(iris, "x", True))) == (4, 64, 3)
    assert sizes() == (16, 64, 16)  # which of the two is not known
    real = editor.attempt("Add", lambda t: t.add("dataset", name="real", source="diabetes"))
    checked()
    assert sizes(Place(0, 0, PortRef(real, "x", True))) == (10, 64, 16)


@pytest.mark.parametrize(
    ("op", "wired", "port", "hint"),
    [
        ("tanh", [], "x", "any floating tensor fits"),
        ("matmul", [], "w", "(3, 4) f32 fits, for example"),
        ("matmul", ["x"], "w", "w: (64, …)"),
        ("add", ["x"], "y", "(N, 64) f32 fits"),
        ("cross_entropy", ["logits"], "target", "(N,) i64 fits"),
        ("where", ["c"], "y", "(N, 64) f32 fits"),
    ],
)
def test_an_open_port_is_told_with_what_would_fit(editor, checked, op, wired, port, hint):
    def draw(t):
        t.add("input", name="x", shape=("N", 64))
        id = t.add(op, name="open")
        for each in wired:
            t.connect("input0", id, each)

    editor.attempt("Draw", draw)
    checked()
    told = {problem.port: problem.hint for problem in editor.problems}
    assert told[port] == hint


def test_out_bool_finds_comparisons_and_in_asks_the_shape_rule(editor):
    found = names(editor, "out:bool")
    assert {"less", "equal", "cast"} <= set(found)
    assert not {"add", "relu", "sum", "layer:linear"} & set(found)
    assert "one_hot" in names(editor, "in:i64")
    assert "one_hot" not in names(editor, "in:f32")
    assert "softmax" not in names(editor, "in:()")
    assert "softmax" in names(editor, "in:(N, 64)")
    assert "mse" not in names(editor, "out:(N, 64)")
    assert {"mse", "sum"} <= set(names(editor, "out:()"))


def test_a_filter_that_is_being_typed_never_fails(editor):
    text = "in:(N, 64) f32 out:(?, 3N, 99999999999999999999) i6x so"
    for end in range(len(text)):
        names(editor, text[:end])


# What fits.


@pytest.mark.parametrize("op", list(builtin()), ids=lambda op: op.name)
def test_every_port_takes_what_the_samples_of_its_op_give_it(op):
    """The search hides nothing that can be: each argument of each sample fits its port."""
    from gradwire.app.search.fitting import samples

    for sample in samples(op, "float32"):
        for name in port_names(op):
            position = op.port_position(name)
            if position < len(sample.args) and sample.args[position] is not None:
                assert name in [fit.port for fit in fits(op, sample.args[position])], (name, sample.args)


def test_a_wire_from_an_output_finds_only_what_takes_its_value(editor, checked):
    x = add(editor, "input", name="x", params={"shape": ()})
    checked()
    found = names(editor, "", Place(0, 0, PortRef(x, "y", True)))
    assert {"sin", "add", "mse"} <= set(found)
    assert not {"matmul", "softmax", "input", "layer:linear", "gather"} & set(found)


def test_labels_fit_the_target_of_a_loss(editor, checked):
    labels = add(editor, "input", name="labels", params={"shape": ("N",), "dtype": "int64"})
    checked()
    place = Place(0, 0, PortRef(labels, "y", True))
    assert "one_hot" in names(editor, "", place)
    assert "cross_entropy" in names(editor, "", place)


def test_a_value_of_unknown_shape_fits_wherever_there_is_a_port(editor):
    x = add(editor, "relu", name="x")  # nothing is wired to it
    found = names(editor, "", Place(0, 0, PortRef(x, "y", True)))
    assert "matmul" in found
    assert "input" not in found


def test_a_wire_from_an_input_finds_only_what_gives_a_value_it_takes(editor, checked):
    x = add(editor, "input", params={"shape": ("N", 64)})
    product = add(editor, "matmul", inputs={"x": x})
    checked()
    found = names(editor, "", Place(0, 0, PortRef(product, "w", False)))
    assert found[0] in ("input", "parameter", "constant")
    assert {"parameter", "transpose"} <= set(found)


# Adding by the popup.


@pytest.fixture
def popup(editor, window):
    return SearchPopup(editor, DARK, window)


def test_enter_adds_and_wires_in_one_undo(editor, checked, popup, qtbot):
    x = add(editor, "input", name="x", params={"shape": ("N", 64)})
    checked()
    popup.open_at(Place(300, 100, PortRef(x, "y", True)))
    assert popup.field.hasFocus()
    assert "x (N, 64) f32" in popup.field.placeholderText()
    QTest.keyClicks(popup.field, "rel")
    with qtbot.waitSignal(popup.added) as told:
        QTest.keyClick(popup.field, Qt.Key.Key_Return)
    (id,) = told.args
    assert editor.graph.nodes[id].op == "relu"
    assert editor.graph.inputs(id) == {"x": Source(x, "y")}
    assert editor.selection == {id}
    assert not popup.isVisible()
    assert editor.document.history.undo_label == "Add ReLU"
    editor.undo()
    assert set(editor.graph.nodes) == {x}


def test_the_new_port_lies_where_the_wire_was_dropped(editor, popup):
    from gradwire.app.look.theme import PORT_HEIGHT, ROWS_TOP

    x = add(editor, "input", params={"shape": ()})
    popup.open_at(Place(300, 100, PortRef(x, "y", True)))
    QTest.keyClicks(popup.field, "sin")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    left, top = editor.graph.item(editor.active).position
    assert (left, top + ROWS_TOP + PORT_HEIGHT / 2) == (300, 100)


def test_a_parameter_dropped_from_a_port_has_the_shape_that_fits(editor, checked, popup):
    x = add(editor, "input", params={"shape": ("N", 64)})
    product = add(editor, "matmul", inputs={"x": x})
    bias = add(editor, "add", inputs={"x": product})
    checked()
    popup.open_at(Place(0, 0, PortRef(product, "w", False)))
    QTest.keyClicks(popup.field, "param")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    weights = editor.graph.nodes[editor.active]
    assert (weights.params["shape"], weights.params["init"]) == ((64, 10), "he")
    assert editor.graph.fed(product, "w") == Source(weights.id, "y")
    checked()
    popup.open_at(Place(0, 0, PortRef(bias, "y", False)))
    QTest.keyClicks(popup.field, "param")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert editor.graph.nodes[editor.active].params["shape"] == (10,)
    checked()
    assert editor.problems == ()


def test_an_input_dropped_from_a_target_is_like_the_prediction(editor, checked, popup):
    x = add(editor, "input", params={"shape": ("N", 3)})
    loss = add(editor, "mse", inputs={"prediction": x})
    checked()
    popup.open_at(Place(0, 0, PortRef(loss, "target", False)))
    QTest.keyClicks(popup.field, "input")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    checked()
    assert editor.graph.nodes[editor.active].params["shape"] == ("N", 3)
    assert editor.problems == ()


def test_a_search_on_a_wire_puts_the_op_into_it(editor, popup):
    x = add(editor, "input", params={"shape": ()})
    y = add(editor, "sin", inputs={"x": x})
    popup.open_at(Place(0, 0, None, Wire(Source(x, "y"), y, "x")))
    QTest.keyClicks(popup.field, "exp")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert editor.graph.fed(y, "x") == Source(editor.active, "y")
    assert editor.graph.fed(editor.active, "x") == Source(x, "y")
    editor.undo()
    assert editor.graph.fed(y, "x") == Source(x, "y")


def test_a_layer_takes_as_many_features_as_come_in(editor, checked, popup):
    x = add(editor, "input", params={"shape": ("N", 64)})
    checked()
    popup.open_at(Place(0, 0, PortRef(x, "y", True)))
    QTest.keyClicks(popup.field, "dense")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    group = editor.graph.groups[editor.active]
    assert (group.built_by.layer, group.built_by.params["in_features"]) == ("linear", 64)
    checked()
    assert editor.problems == ()


@pytest.mark.parametrize("name", [*builtin().names(), "layer:linear", "layer:mlp"])
def test_everything_that_is_listed_can_be_added(editor, popup, name):
    told = []
    editor.told.connect(lambda text, kind: told.append((text, kind)))
    popup.open_at(Place(0, 0))
    row = [entry.name for entry in popup.entries].index(name)
    popup.list.go_to(row)
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert told == []
    assert editor.active is not None


def test_arrow_and_page_keys_walk_and_escape_gives_the_keyboard_back(window, popup):
    assert window.field.hasFocus()
    popup.open_at(None)
    assert popup.list.current == 0
    QTest.keyClick(popup.field, Qt.Key.Key_Down)
    assert popup.list.current == 1
    QTest.keyClick(popup.field, Qt.Key.Key_PageDown)
    assert popup.list.current > 8
    QTest.keyClick(popup.field, Qt.Key.Key_PageUp)
    QTest.keyClick(popup.field, Qt.Key.Key_Up)
    QTest.keyClick(popup.field, Qt.Key.Key_Up)
    assert popup.list.current == 0
    QTest.keyClick(popup.field, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert window.field.hasFocus()


def test_a_click_adds(editor, popup):
    popup.open_at(Place(0, 0))
    QTest.keyClicks(popup.field, "tanh")
    middle = popup.list.visualRect(popup.list.rows.index(0)).center()
    QTest.mouseClick(popup.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert [node.op for node in editor.graph.nodes.values()] == ["tanh"]


def test_what_was_added_last_is_offered_first(editor, popup):
    for words in ("tanh", "cos"):
        popup.open_at(Place(0, 0))
        QTest.keyClicks(popup.field, words)
        QTest.keyClick(popup.field, Qt.Key.Key_Return)
    popup.open_at(Place(0, 0))
    assert [entry.name for entry in popup.entries[:2]] == ["cos", "tanh"]


def test_it_stays_within_the_window(window, popup):
    for at in (QPoint(890, 690), QPoint(0, 0)):
        popup.open_at(None, window.mapToGlobal(at))
        assert window.rect().contains(popup.geometry())


def test_it_closes_when_the_keyboard_goes_elsewhere(window, popup):
    popup.open_at(None)
    window.field.setFocus()
    assert not popup.isVisible()


# Replacing.


def test_replace_offers_what_keeps_wires_and_keeps_them(editor, checked, popup):
    x = add(editor, "input", params={"shape": ("N", 4)})
    y = add(editor, "add", inputs={"x": x, "y": x})
    total = add(editor, "sum", inputs={"x": y})
    checked()
    found = {entry.name: entry.note for entry in swaps(editor, y, "")}
    assert found["multiply"] == "keeps all wires"
    assert found["relu"] == "keeps 2 of 3 wires"
    assert "add" not in found
    assert found["parameter"] == "keeps 1 of 3 wires"
    popup.open_swap(y)
    assert popup.field.placeholderText() == "Replace add with …"
    QTest.keyClicks(popup.field, "mul")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    new = editor.active
    assert editor.graph.nodes[new].op == "multiply"
    assert editor.graph.inputs(new) == {"x": Source(x, "y"), "y": Source(x, "y")}
    assert editor.graph.fed(total, "x") == Source(new, "y")
    assert editor.document.history.undo_label == "Replace add with Multiply"
    editor.undo()
    assert editor.graph.nodes[y].op == "add"


def test_replace_says_what_the_values_would_not_fit(editor, checked):
    x = add(editor, "input", params={"shape": ("N", 64)})
    w = add(editor, "parameter", params={"shape": (64, 10)})
    product = add(editor, "matmul", inputs={"x": x, "w": w})
    checked()
    found = swaps(editor, product, "")
    notes = {entry.name: entry.note for entry in found}
    assert notes["add"] == "misfit"
    assert notes["relu"] == "keeps 1 of 2 wires"
    order = [entry.name for entry in found]
    assert order.index("relu") < order.index("add")


def test_replace_promises_to_keep_all_wires_only_where_all_still_fits(editor, checked):
    x = add(editor, "input", params={"shape": ("N", 4)})
    squashed = add(editor, "tanh", inputs={"x": x})
    w = add(editor, "parameter", params={"shape": (4, 3)})
    product = add(editor, "matmul", inputs={"x": squashed, "w": w})
    checked()
    notes = {entry.name: entry.note for entry in swaps(editor, squashed, "")}
    assert notes["sigmoid"] == notes["softmax"] == "keeps all wires"
    assert notes["binary_cross_entropy"] == "misfit at matmul, needs target"
    assert notes["mean"] == notes["argmax"] == "misfit at matmul"
    assert notes["add"] == "needs y"
    assert notes["broadcast_to"] == "needs shape"
    assert next(entry.name for entry in swaps(editor, squashed, "sigm")) == "sigmoid"
    for name in [name for name, note in notes.items() if note == "keeps all wires"]:
        with editor.document.transaction("Replace") as t:
            swap(t, squashed, name)
        checked()
        assert not [each for each in editor.problems if each.node in (product, editor.graph.fed(product, "x").node)], (
            name
        )
        editor.undo()


# Finding.


@pytest.fixture
def network(editor, checked):
    x = add(editor, "input", name="x", params={"shape": ("N", 64)})
    editor.attempt("Add", lambda t: build(t, "linear", Source(x, "y"), in_features=64, out_features=10, name="block"))
    add(editor, "relu", name="orphan")
    checked()
    return editor


def test_nodes_are_found_by_name_op_path_and_problem(network):
    among = places(network)
    assert next(place.path for place in among if "/" in place.path) == "block/add"

    def first(words):
        return find(among, words)[0].path

    assert first("orph") == "orphan"
    assert first("matmul") == "block/matmul"
    assert first("block") == "block"
    assert first("block/we") == "block/weight"
    assert first("parameter") in ("block/weight", "block/bias")
    assert first("nothing is wired") == "orphan"
    assert find(among, "qqq") == []
    assert len(find(among, "")) == len(among)


def test_enter_goes_to_the_node_across_groups(network, window, qtbot):
    popup = FindPopup(network, DARK, window)
    popup.open_find()
    QTest.keyClicks(popup.field, "weight")
    with qtbot.waitSignal(network.shown) as told:
        QTest.keyClick(popup.field, Qt.Key.Key_Return)
    (id,) = told.args
    assert network.graph.path(id) == "block/weight"
    assert network.group == network.graph.nodes[id].group
    assert network.selection == {id}


def test_avals_are_hashable_so_that_fitting_is_remembered():
    relu = builtin()["relu"]
    assert fits(relu, Aval((N, 64), F32)) is fits(relu, Aval((N, 64), F32))


def test_two_filters_ask_for_what_turns_the_one_into_the_other(editor):
    assert {"sum", "mean", "max", "cross_entropy"} <= set(names(editor, "in:(8, 10) out:()"))
    assert not {"relu", "matmul", "reshape", "layer:linear"} & set(names(editor, "in:(8, 10) out:()"))
    rows = {"sum", "mean", "max", "min", "prod", "var", "std", "norm", "all", "any", "logsumexp", "argmax", "argmin"}
    rows |= {"median", "nanmean", "quantile", "diagonal", "diag", "einsum", "cosine_similarity", "count_nonzero"}
    assert set(names(editor, "in:(8, 10) out:(8,)")) == rows
    assert set(names(editor, "in:(8, 10) out:(8, 64)")) == {"matmul", "layer:linear", "layer:mlp"}
    assert set(names(editor, "in:(8, 10) out:(80,)")) == {"reshape", "cumsum", "cumprod"}  # the last two along all axes
    assert "layer:conv2d" in names(editor, "in:(8, 3, 9, 9) out:(8, 5, 7, 7)")
    assert "layer:batch_norm" in names(editor, "in:(8, 3, 9, 9) out:(8, 3, 9, 9)")
    assert "layer:batch_norm" not in names(editor, "in:(8, 3, 9, 9) out:(8, 5, 7, 7)")
    assert "layer:embedding" in names(editor, "in:(8, 5) out:(8, 5, 16)")
    assert set(names(editor, "in:(8, 10) out:(10, 8)")) == {"reshape", "transpose", "swapaxes", "moveaxis", "einsum"}
    assert {"cast", "less"} <= set(names(editor, "in:f32 out:bool"))
    assert "relu" not in names(editor, "in:f32 out:bool")


def test_a_filter_that_is_none_is_told(editor, popup):
    for typed in ("in:banana", "re in:banana out:bool", "out:(8, 10) banana in:banana"):
        assert refusal(typed) == "banana is no shape or dtype (in:f32 and out:(N, 64) are)"
        assert names(editor, typed) == []
    for typed in ("in:", "in:f", "in:fl", "in:(8", "in:float32", "out:(N, ?)", "in:(N, 64) f32", "relu", "in:Bool"):
        assert refusal(typed) is None
    popup.open_at(None)
    QTest.keyClicks(popup.field, "in:banana")
    assert popup.list.rows.count == 0
    assert popup.list.empty == "banana is no shape or dtype (in:f32 and out:(N, 64) are)"


def test_a_result_says_by_what_word_it_was_found(editor):
    found = {entry.name: entry.detail for entry in candidates(editor, "exp")}
    assert found["exp"] == ""
    assert found["broadcast_to"] == "“expand”"
    assert found["dropout"] == "“… expectation …”"


# What a row is, told in the search.


def searched(window, text):
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    QTest.keyClicks(window.popups.search.field, text)
    return window.popups.search


@pytest.mark.parametrize(
    ("text", "title"),
    [("cross entropy", "Cross entropy"), ("batch norm", "Batch norm"), ("residual", "Residual block")],
)
def test_f1_opens_the_card_of_the_chosen_row_and_goes_back_to_the_search(drawn_window, qtbot, text, title):
    from gradwire.app.reference.card import Card

    window = drawn_window
    window.activateWindow()
    search = searched(window, text)
    QTest.keyClick(search.field, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(Card)))
    card = next(each for each in window.findChildren(Card) if each.isVisible())
    assert card.text().startswith(title)
    assert search.isVisible()
    QTest.keyClick(card, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: not any(each.isVisible() for each in window.findChildren(Card)))
    assert search.isVisible()
    before = len(window.editor.graph.nodes)
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert len(window.editor.graph.nodes) > before
    assert not search.isVisible()


def test_what_is_said_below_is_whole_or_ends_with_dots(drawn_window):
    search = searched(drawn_window, "")
    cut = 0
    for row in range(len(search.entries)):
        search.list.go_to(row)
        search.footer.setMinimumHeight(0)
        assert search.footer.heightForWidth(search.footer.width()) <= search.footer.maximumHeight()
        text = QTextDocument()
        text.setHtml(search.footer.text())
        told, whole = text.toPlainText(), search.footer_text(row).replace("`", "")
        assert told == whole or (told.endswith(" …") and whole.startswith(told.removesuffix(" …")))
        cut += told.endswith(" …")
    assert 0 < cut < len(search.entries)


@pytest.mark.parametrize(("text", "name", "value"), [("quantile", "q", 0.5), ("einsum", "equation", "ij,jk->ik")])
def test_what_must_be_given_starts_with_what_its_source_says(drawn_window, text, name, value):
    search = searched(drawn_window, text)
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    (id,) = drawn_window.editor.selection
    assert drawn_window.editor.graph.nodes[id].params[name] == value
