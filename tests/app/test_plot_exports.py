"""Any plot as a file: what stands in it, and what is left where it cannot be written."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from plotting import curve, matrix, ribbon, surface
from PySide6.QtGui import QColor, QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.plots.card import Card
from gradwire.app.plots.confusion import ConfusionMatrix
from gradwire.app.plots.curve_plot import CurvePlot
from gradwire.app.plots.data import Column, Curve, Steps
from gradwire.app.plots.exporting import export_plot, prepare_export
from gradwire.app.plots.hues import hues
from gradwire.app.plots.ribbon_plot import RibbonPlot
from gradwire.app.plots.surface import DecisionSurface
from gradwire.core.errors import FileError, RunError


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    made = CurvePlot(DARK, "loss")
    values = np.linspace(2, 1, 200)
    values[[3, 4]] = np.nan, np.inf
    made.show_curves([curve("train", values, "loss"), curve("validation", [1.5, 1.25], "loss", True, every=100)])
    made.resize(500, 300)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def every_plot(parent: QWidget) -> list[Card]:
    ribbons, confusion, decisions = RibbonPlot(DARK, "activation"), ConfusionMatrix(DARK), DecisionSurface(DARK)
    ribbons.show_ribbons([ribbon("relu0", 1.0), ribbon("relu1", 2.0)])
    confusion.show_confusion(matrix())
    decisions.show_surface(surface())
    for made in (ribbons, confusion, decisions):
        made.setParent(parent)
        made.resize(400, 300)
        made.show()
    return [ribbons, confusion, decisions]


def test_a_table_holds_every_number_with_the_smoothed_ones_beside(plot: CurvePlot, tmp_path: Path) -> None:
    plot.set_smoothing(0.9)
    export_plot(plot, tmp_path / "loss.csv")
    with (tmp_path / "loss.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["loss, smoothed 0.9", "step", "epoch", "samples", "seconds", "value", "smoothed 0.9"]
    assert len(rows) == 1 + 200 + 2
    assert rows[1][:2] == ["train", "1"]
    assert float(rows[3][5]) == np.linspace(2, 1, 200)[2]
    assert [rows[4][5], rows[5][5]] == ["nan", "inf"]
    assert rows[-1][:2] == ["validation", "200"]
    assert float(rows[2][6]) == pytest.approx((0.9 * 0.1 * float(rows[1][5]) + 0.1 * float(rows[2][5])) / 0.19)
    assert rows[-1][6] == ""  # a hundred steps apart nothing is left to be smoothed


def test_json_is_strict_and_keeps_what_is_not_finite(plot: CurvePlot, tmp_path: Path) -> None:
    export_plot(plot, tmp_path / "loss.json")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    found = json.loads((tmp_path / "loss.json").read_text("utf-8"), parse_constant=refuse)
    assert found["title"] == "loss"
    train, validation = found["parts"]
    assert train["name"] == "train"
    assert train["columns"]["value"][2:5] == [np.linspace(2, 1, 200)[2], "NaN", "Infinity"]
    assert validation["columns"]["step"] == [100, 200]


def test_numbers_of_a_shorter_type_have_the_digits_that_they_have(qtbot: QtBot, tmp_path: Path) -> None:
    made = CurvePlot(DARK, "loss")
    qtbot.addWidget(made)
    made.show_curves([Curve("train", Column(np.array([0.1, 0.7], np.float32), Steps(np.array([1, 2]))))])
    export_plot(made, tmp_path / "loss.csv")
    assert (tmp_path / "loss.csv").read_text("utf-8") == "loss,step,value\ntrain,1,0.1\ntrain,2,0.7\n"


def test_a_picture_shows_the_plot_without_its_buttons(plot: CurvePlot, tmp_path: Path) -> None:
    export_plot(plot, tmp_path / "loss.png")
    image = QImage(str(tmp_path / "loss.png"))
    assert (image.width(), image.height()) == (1000, 600)
    blue = QColor(hues(1, DARK)[0])
    seen = sum(QColor(image.pixel(x, y)) == blue for x in range(0, 1000, 2) for y in range(0, 600, 2))
    assert seen > 100
    export_plot(plot, tmp_path / "light.png", LIGHT)
    assert QColor(QImage(str(tmp_path / "light.png")).pixel(2, 300)).name() == LIGHT.background
    assert plot.theme is DARK


def test_an_svg_is_whole_and_its_texts_are_outlines(plot: CurvePlot, tmp_path: Path) -> None:
    export_plot(plot, tmp_path / "loss.svg")
    text = (tmp_path / "loss.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert root.find("{http://www.w3.org/2000/svg}title").text == "loss"
    assert "<text" not in text
    assert 'aria-label="train"' in text
    assert 'd=""' not in text
    assert QSvgRenderer(str(tmp_path / "loss.svg")).isValid()
    assert "nan" not in text.lower()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv", ".json"])
def test_every_plot_is_written_in_every_format(qtbot: QtBot, tmp_path: Path, suffix: str) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(500, 400)
    window.show()
    for made in every_plot(window):
        path = tmp_path / f"{made.title}{suffix}"
        export_plot(made, path)
        assert path.stat().st_size > 500


def test_a_table_of_another_kind_says_what_it_counts(qtbot: QtBot, tmp_path: Path) -> None:
    made = ConfusionMatrix(DARK)
    qtbot.addWidget(made)
    made.show_confusion(matrix())
    export_plot(made, tmp_path / "c.csv")
    lines = (tmp_path / "c.csv").read_text("utf-8").splitlines()
    assert lines[0] == '"confusion · validation, step 900",true,predicted,count,share of row'
    assert lines[36] == f"confusion,class 3,class 5,33,{33 / 129}"


def test_nothing_half_is_left_where_it_cannot_be_written(
    plot: CurvePlot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "loss.csv"
    path.write_text("old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(FileError, match=r"loss\.csv cannot be written: .*[Nn]o space left"):
            export_plot(plot, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["loss.csv"]
    assert path.read_text() == "old"
    with pytest.raises(FileError, match="there is no folder"):
        export_plot(plot, tmp_path / "nowhere" / "loss.png")


def test_other_formats_and_empty_plots_are_refused(plot: CurvePlot, qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        export_plot(plot, tmp_path / "loss.bmp")
    assert str(refused.value) == "a plot must end in .png, .svg, .csv, .json; found 'loss.bmp'"
    empty = ConfusionMatrix(DARK)
    qtbot.addWidget(empty)
    with pytest.raises(RunError) as nothing:
        export_plot(empty, tmp_path / "c.csv")
    assert str(nothing.value) == "there is nothing to write of confusion (train an iteration first)"
    assert list(tmp_path.iterdir()) == []


def test_what_is_prepared_is_stopped_and_holds_what_was_there_then(plot: CurvePlot, tmp_path: Path) -> None:
    write = prepare_export(plot, tmp_path / "loss.csv")
    with pytest.raises(RunError, match="was stopped"):
        write(lambda: True)
    assert list(tmp_path.iterdir()) == []
    plot.show_curves([])
    write(lambda: False)
    assert len((tmp_path / "loss.csv").read_text("utf-8").splitlines()) == 203


def test_the_menu_asks_for_an_export(plot: CurvePlot, qtbot: QtBot) -> None:
    action = next(action for action in plot.menu.actions() if action.text() == "Export SVG…")
    with qtbot.waitSignal(plot.export_wanted) as told:
        action.trigger()
    assert told.args == [plot, ".svg"]
