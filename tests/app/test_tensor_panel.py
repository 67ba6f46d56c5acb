"""The tensor viewer: what is counted, shown, copied and saved."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from gradwire.app.editor import Editor
from gradwire.app.look import colour_map as colours
from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.panels.tensor import TensorPanel
from gradwire.app.tensor_view import TensorView
from gradwire.app.tensor_view.histogram import bins
from gradwire.app.tensor_view.images import as_images
from gradwire.app.tensor_view.slicing import Slicing
from gradwire.app.tensor_view.statistics import statistics
from gradwire.core.graph import Source
from gradwire.core.session import Session


@pytest.fixture
def view(qtbot):
    made = TensorView(DARK)
    qtbot.addWidget(made)
    made.resize(600, 360)
    made.show()
    return made


def nonfinite() -> np.ndarray:
    array = np.array([[0.0, 1.0, -2.0], [np.nan, np.inf, -np.inf]])
    array.flags.writeable = False
    return array


def test_statistics_count_what_is_not_finite_and_leave_it_out(view):
    view.show_array(nonfinite())
    assert view.line.text() == (
        "6 elements · min −2 · max 1 · mean −0.33333 · std 1.2472 · zeros 1 · NaN 1 · ∞ 1 · −∞ 1"
    )


def test_statistics_of_blocks_are_those_of_the_whole():
    array = np.random.default_rng(0).normal(1e6, 1.0, 3_000_001)
    found = statistics(array)
    assert found.mean == pytest.approx(array.mean(), rel=1e-14)
    assert found.std == pytest.approx(array.std(), rel=1e-10)
    assert statistics(array, lambda: True) is None


def test_ten_million_elements_are_shown_without_a_pause(view, qtbot):
    array = np.ones(10_000_000)
    start = time.perf_counter()
    view.show_array(array)
    view.grab()
    assert time.perf_counter() - start < 0.5
    assert view.model.rowCount() == 10_000_000
    qtbot.waitUntil(lambda: view.whole is not None)
    assert view.line.text().startswith("10,000,000 elements · min 1 · max 1 · mean 1 ")


def test_a_plane_of_many_axes_is_chosen_by_sliders(view):
    array = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    view.show_array(array)
    assert np.array_equal(view.plane, array[0, 0])
    slider = view.axes.sliders[1]
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert np.array_equal(view.plane, array[0, 1])
    assert view.axes.places[1].text() == "1 / 3"
    assert view.model.data(view.model.index(0, 0)) == str(array[0, 1, 0, 0])


def test_axes_may_be_spread_the_other_way_round():
    array = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(Slicing.first(array.shape).spread(2, 0).plane(array), array[:, 0, :].T)
    assert Slicing.first((0, 3, 3)).plane(np.zeros((0, 3, 3))).shape == (0, 0)
    assert Slicing.first(()).plane(np.array(3.0)).shape == (1, 1)


def test_colours_mark_what_is_not_finite_and_ramps_are_even():
    found = colours.colour(nonfinite(), -2, 1, dark=True)
    assert [tuple(found[1, i]) for i in range(3)] == [colours.NAN, colours.ABOVE, colours.BELOW]
    for ramp in (colours.sequential(), colours.diverging(True)[128:], colours.diverging(False)[:128]):
        light = ramp.astype(float) @ [0.2126, 0.7152, 0.0722]
        assert (np.diff(light) >= -1.5).all()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(
    "array",
    [
        np.array(2.0),
        np.zeros((0, 3)),
        nonfinite(),
        np.array([True, False]),
        np.arange(9),
        np.full((2, 2), np.nan),
        np.full((3, 3), 1e308),
        np.array([-1e308, 1e308]),
        np.ones((2, 3, 4, 5), np.float32),
    ],
    ids=lambda array: f"{array.shape} {array.dtype}",
)
def test_any_array_is_painted_in_all_four_ways(qtbot, array, theme):
    view = TensorView(theme)
    qtbot.addWidget(view)
    view.resize(240, 300)
    view.show_array(array)
    for way in range(4):
        view.show_way(way)
        assert not view.grab().isNull()


def test_whole_numbers_get_a_bar_each():
    array = np.array([1, 1, 2, 4])
    assert bins(array, statistics(array)).counts.tolist() == [2, 1, 0, 1]


def test_rows_of_a_square_number_are_images():
    assert as_images(np.zeros((5, 64))).shape == (5, 8, 8)
    assert as_images(np.zeros((5, 3, 7, 9))).shape == (15, 7, 9)


def test_cells_are_copied_in_full(view):
    view.show_array(np.array([[0.1, 1 / 3], [2.0, 3.0]]))
    view.copy()
    assert QGuiApplication.clipboard().text() == "0.1\t0.3333333333333333\n2.0\t3.0"
    view.table.selectionModel().select(view.model.index(0, 1), view.table.selectionModel().SelectionFlag.ClearAndSelect)
    QTest.mouseClick(view.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "0.3333333333333333"


def test_tensors_are_saved_and_refused_in_one_line(view, tmp_path, qtbot):
    told = []
    view.told.connect(lambda text, kind: told.append((text, kind)))
    array = np.arange(6.0).reshape(2, 3)
    view.show_array(array)

    def save(path) -> None:
        count = len(told)
        view.save(path)
        assert view.doing.isVisible()
        assert view.doing.text() == f"saving {path.name}…"
        qtbot.waitUntil(lambda: len(told) > count)
        assert not view.doing.isVisible()

    save(tmp_path / "a.npy")
    save(tmp_path / "a.csv")
    assert np.array_equal(np.load(tmp_path / "a.npy"), array)
    assert np.array_equal(np.loadtxt(tmp_path / "a.csv", delimiter=","), array)
    save(tmp_path / "none" / "a.npy")
    save(tmp_path / "a.txt")
    view.show_array(np.ones((2, 2, 2)))
    save(tmp_path / "b.csv")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "a.npy"]
    assert told == [
        ("Saved a.npy", "note"),
        ("Saved a.csv", "note"),
        (f"{tmp_path / 'none' / 'a.npy'} cannot be written: there is no folder {tmp_path / 'none'}", "refusal"),
        ("a.txt: a tensor is saved as .npy or .csv, found .txt", "refusal"),
        ("b.csv: .csv holds at most two axes, this tensor has 3 (save it as .npy)", "refusal"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="links are those of POSIX")
def test_a_tensor_that_is_saved_through_a_link_leaves_the_link(view, tmp_path, qtbot):
    target, link = tmp_path / "there" / "target.npy", tmp_path / "link.npy"
    target.parent.mkdir()
    np.save(target, np.zeros(2))
    link.symlink_to(target)
    view.show_array(np.arange(3.0))
    with qtbot.waitSignal(view.told):
        view.save(link)
    assert link.is_symlink()
    assert np.load(target).tolist() == [0, 1, 2]
    assert [each.name for each in target.parent.iterdir()] == ["target.npy"]


@pytest.mark.slow
def test_long_copying_and_saving_hold_up_nothing(view, tmp_path, qtbot):
    told = []
    view.told.connect(lambda text, kind: told.append(text))
    array = np.random.default_rng(0).normal(size=(1000, 1000))
    view.show_array(array)
    for act in (view.copy, lambda: view.save(tmp_path / "a.csv")):
        start = time.perf_counter()
        act()
        assert time.perf_counter() - start < 0.1
        assert view.stop_button.isVisible()
        qtbot.waitUntil(lambda: view.stop_button.isHidden())
    assert told == ["Copied the plane: 1,000 × 1,000", "Saved a.csv"]
    read = [list(map(float, line.split("\t"))) for line in QGuiApplication.clipboard().text().split("\n")]
    assert np.array_equal(read, array)
    assert np.array_equal(np.loadtxt(tmp_path / "a.csv", delimiter=","), array)


def test_saving_is_stopped_and_leaves_the_old_file(view, tmp_path, qtbot):
    told = []
    view.told.connect(lambda text, kind: told.append(text))
    (tmp_path / "a.csv").write_text("old")
    view.show_array(np.ones((100_000, 100)))
    view.save(tmp_path / "a.csv")
    qtbot.wait(100)
    view.save(tmp_path / "b.csv")  # one thing at a time
    QTest.mouseClick(view.stop_button, Qt.MouseButton.LeftButton)
    assert told == ["still saving a.csv… Stop it first, or wait.", "Stopped saving a.csv"]
    qtbot.waitUntil(lambda: [each.name for each in tmp_path.iterdir()] == ["a.csv"])
    assert (tmp_path / "a.csv").read_text() == "old"
    view.show_array(np.ones(3))
    view.save(tmp_path / "a.csv")
    qtbot.waitUntil(lambda: told[-1] == "Saved a.csv")
    assert (tmp_path / "a.csv").read_text() == "1.0\n1.0\n1.0\n"


def test_the_panel_follows_what_is_viewed_and_switches_to_the_gradient(qtbot, monkeypatch):
    editor = Editor(Session())
    panel = TensorPanel(editor, DARK)
    qtbot.addWidget(panel)
    panel.show()
    id = editor.attempt("add", lambda t: t.add("relu"))
    source = Source(id, "y")
    value, gradient = np.arange(4.0), np.ones(4)
    monkeypatch.setattr(editor.live, "value", {source: value}.get)
    monkeypatch.setattr(editor.live, "gradient", {source: gradient}.get)
    monkeypatch.setattr(editor.live, "is_stale", lambda _: True)
    editor.wishes.view.emit(source)
    assert panel.view.array is value
    assert panel.stale.isVisible()
    QTest.mouseClick(panel.gradient, Qt.MouseButton.LeftButton)
    assert panel.view.array is gradient
    editor.attempt("remove", lambda t: t.remove(id))
    panel.refresh()
    assert panel.view.isHidden()
    assert panel.empty.isVisible()
    editor.close()


def test_the_one_output_of_a_node_is_called_as_its_wires_are(qtbot):
    editor = Editor(Session())
    panel = TensorPanel(editor, DARK)
    qtbot.addWidget(panel)
    panel.show()
    x = editor.attempt("add", lambda t: t.add("input", name="x", params={"value": 2.0}))
    data = editor.attempt("add", lambda t: t.add("dataset", name="data", params={"source": "iris"}))
    for source, called in ((Source(x, "y"), "x "), (Source(data, "x"), "data.x ")):
        qtbot.waitUntil(lambda: editor.results.value(source) is not None)  # noqa: B023
        editor.wishes.view.emit(source)
        assert panel.heading.whole().startswith(called)
    editor.close()


def test_pictures_of_a_batch_are_called_samples(qtbot):
    view = TensorView(DARK)
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    view.show_way(3)
    view.show_array(np.zeros((5, 64)), "digits", samples=True)
    assert view.images._word(3, 200.0) == "sample 3"
    view.show_array(np.zeros((5, 3, 8, 8)), "features", samples=True)  # channels of samples, each a picture
    assert view.images._word(3, 200.0) == "3"
