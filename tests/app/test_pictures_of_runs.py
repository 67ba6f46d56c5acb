"""Samples, filters and embeddings of a run: what is seen, told to pointer and keys, and kept as it goes on."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from plotting import contrast, inside, pixels, place
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradwire.app.look.colour_map import NAN, diverging
from gradwire.app.look.theme import DARK, LIGHT, Theme
from gradwire.app.plots.board import Board
from gradwire.app.plots.card import Card
from gradwire.app.plots.data import Embedding, Filters, Samples
from gradwire.app.plots.embedding_card import EmbeddingCard
from gradwire.app.plots.exporting import export_plot
from gradwire.app.plots.filters_card import FiltersCard
from gradwire.app.plots.labelling import Labelling
from gradwire.app.plots.samples_card import SamplesCard

RANDOM = np.random.default_rng(7)


def shown(qtbot: QtBot, card: Card, wide: int = 700, high: int = 400) -> None:
    card.resize(wide, high)
    qtbot.addWidget(card)
    card.show()
    qtbot.waitExposed(card)


def samples(count: int = 24, **more: object) -> Samples:
    """Sample 1 is taken for the class after its own, all others are right; a white pixel on black each."""
    targets = np.arange(count) % 10
    shares = np.full((count, 10), 0.02)
    shares[np.arange(count), targets] = 0.82
    shares[1] = np.roll(shares[1], 1)
    pictures = np.zeros((count, 8, 8))
    pictures[:, 0, 0] = 1.0
    return replace(Samples(shares, targets, pictures, pictures, (), "validation, step 1,200"), **more)  # type: ignore[arg-type]


def tile(card: SamplesCard, index: int) -> QRectF:
    return card.tiles.tiling(card.board.rect().toRectF()).tiles[index]


def image_of(board: Board) -> QImage:
    return board.grab().toImage()


def colour_at(image: QImage, x: float, y: float) -> str:
    return QColor(image.pixel(QPoint(int(x), int(y)))).name()


def test_the_head_counts_what_is_right_and_what_is_not_finite_is_no_class(qtbot: QtBot) -> None:
    card = SamplesCard(DARK)
    card.show_samples(samples())
    shown(qtbot, card)
    assert card.head.whole() == "23 of 24 right · validation, step 1,200"
    broken = samples()
    broken.shares[0] = np.nan  # of class 0, as which NaN must not count
    broken.shares[3, 5] = np.inf
    card.show_samples(broken)
    assert card.head.whole() == "21 of 24 right, 2 not finite · validation, step 1,200"
    frame = tile(card, 0)
    assert colour_at(image_of(card.board), frame.center().x(), frame.top() - 1) == DARK.nonfinite
    QTest.mouseMove(card.board, frame.center().toPoint())
    assert card.board.words == "sample 0: target 0, what is predicted is not finite"


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_what_is_wrong_is_framed_and_crossed_and_pixels_are_crisp(theme: Theme, qtbot: QtBot) -> None:
    card = SamplesCard(theme)
    card.show_samples(samples())
    shown(qtbot, card)
    image, right, wrong = image_of(card.board), tile(card, 0), tile(card, 1)
    assert colour_at(image, right.center().x(), right.top() - 1) == theme.line
    assert colour_at(image, wrong.center().x(), wrong.top() - 1) == theme.error
    cross = pixels(card.board, theme.error, 40)
    inside_cross = (cross[:, 0] < wrong.top() + 10) & (cross[:, 0] > wrong.top() + 2) & (cross[:, 1] < wrong.right())
    assert 6 < inside_cross.sum() < 60
    factor = card.tiles.tiling(card.board.rect().toRectF()).factor
    assert factor == int(factor) > 1
    row = [colour_at(image, right.left() + (right.width() - 8 * factor) / 2 + x, right.top() + 1) for x in range(40)]
    assert row[: int(factor)] == ["#ffffff"] * int(factor)
    assert set(row[int(factor) : 40]) == {"#000000"}  # no grey between: nothing is smoothed
    for colour in (theme.error, theme.nonfinite, theme.text, theme.dim):
        assert min(contrast(colour, theme.background), contrast(colour, theme.raised)) >= 4.5


def test_pointer_and_keys_tell_the_whole_distribution_and_it_stays_as_the_run_goes_on(qtbot: QtBot) -> None:
    card = SamplesCard(DARK)
    card.show_samples(samples(classes=tuple("abcdefghij")))
    shown(qtbot, card)
    plain = image_of(card.board)
    QTest.mouseMove(card.board, tile(card, 1).center().toPoint())
    assert card.board.words == "sample 1: target b, predicted c; c 82 %, a 2 %, b 2 %, d 2 %, e 2 %"
    assert image_of(card.board) != plain
    assert len(pixels(card.board, DARK.good, 4)) > 3  # the bar of the class that is true
    better = samples(classes=tuple("abcdefghij"))
    better.shares[1] = 0.1, 0.9, 0, 0, 0, 0, 0, 0, 0, 0
    card.show_samples(better)
    assert card.board.words == "sample 1: target b, predicted b; b 90 %, a 10 %, c 0 %, d 0 %, e 0 %"
    QTest.mouseMove(card.board, QPoint(1, card.board.height() - 2))
    assert card.board.words == ""
    card.board.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(card.board, key)
    below = 1 + card.tiles.tiling(card.board.rect().toRectF()).columns
    card.show_samples(samples(classes=tuple("abcdefghij")))
    assert card.board.words.startswith(f"sample {below}: ")
    assert card.board.accessibleDescription() == card.board.words
    QTest.keyClick(card.board, Qt.Key.Key_Escape)
    assert card.board.words == ""


def test_a_true_class_that_is_unlikely_is_told_behind_the_five_likeliest(qtbot: QtBot) -> None:
    card = SamplesCard(DARK)
    found = samples()
    found.shares[4] = 0.3, 0.2, 0.2, 0.1, 0.01, 0.09, 0.05, 0.05, 0, 0
    card.show_samples(found)
    qtbot.addWidget(card)
    assert card.tiles.words((4,)).endswith("predicted 0; 0 30 %, 1 20 %, 2 20 %, 3 10 %, 5 9 %, 4 1 %")


@pytest.mark.parametrize(("wide", "high", "count"), [(330, 220, 24), (700, 400, 48), (330, 220, 200), (160, 150, 48)])
def test_all_that_is_drawn_finds_room_and_the_rest_is_counted(qtbot: QtBot, wide: int, high: int, count: int) -> None:
    card = SamplesCard(DARK)
    card.show_samples(samples(count))
    shown(qtbot, card, wide, high)
    tiles = card.tiles.tiling(card.board.rect().toRectF()).tiles
    assert len(tiles) <= 48
    assert len(tiles) == count or (wide, high, count) not in [(330, 220, 24), (700, 400, 48)]
    for number, one in enumerate(tiles):
        assert card.board.rect().toRectF().contains(one)
        assert not any(one.intersects(other) for other in tiles[:number])
    last = card.tiles.find(tiles[-1].center(), card.board.rect().toRectF())
    assert (last is None) == (len(tiles) < count)  # there stands how many more there are


def test_samples_without_pictures_are_rows_and_scores_tell_how_far_off_they_are(qtbot: QtBot, tmp_path: Path) -> None:
    card = SamplesCard(LIGHT)
    targets = np.array([1.0, 2.0, -3.0])
    scores = Samples(np.array([[1.5], [2.0], [np.nan]]), targets, np.arange(6.0).reshape(3, 2), None, (), "training")
    card.show_samples(scores)
    shown(qtbot, card, 330, 220)
    assert card.head.whole() == "mean absolute error 0.25, 1 not finite · training"
    QTest.mouseMove(card.board, tile(card, 0).center().toPoint())
    assert card.board.words == "sample 0: target 1, predicted 1.5, difference +0.5"
    export_plot(card, tmp_path / "s.csv")
    rows = list(csv.reader((tmp_path / "s.csv").read_text("utf-8").splitlines()))
    assert rows[0][1:] == ["sample", "feature 0", "feature 1", "target", "predicted", "difference"]
    assert rows[1][1:] == ["0", "0.0", "1.0", "1.0", "1.5", "0.5"]
    assert rows[3][-2:] == ["nan", "nan"]


def filters(count: int = 24, channels: int = 3, side: int = 3) -> Filters:
    planes = RANDOM.normal(size=(count, side, side)).astype(np.float32)
    planes[0, 0, 1], planes[0, 0, 0] = -9.0, 0.0
    return Filters("conv0.weight", planes, channels)


def test_filters_share_one_scale_around_zero_and_a_weight_is_told(qtbot: QtBot) -> None:
    card, found = FiltersCard(DARK), filters()
    card.show_filters(found)
    shown(qtbot, card)
    assert card.head.whole() == "8 filters × 3 channels · ±9"
    places = card.planes.arranged(card.board.rect().toRectF()).places
    size, image = places[0].width() / 3, image_of(card.board)
    ramp = ["#{:02x}{:02x}{:02x}".format(*each) for each in diverging(True)[[0, 127]].tolist()]
    assert colour_at(image, places[0].left() + 1.5 * size, places[0].top() + size / 2) == ramp[0]
    assert colour_at(image, places[0].left() + size / 2, places[0].top() + size / 2) == ramp[1]
    assert places[0].top() == places[1].top() == places[2].top()  # the channels of a filter
    QTest.mouseMove(card.board, (places[4].topLeft() + QPointF(2.5 * size, 1.5 * size)).toPoint())
    assert card.board.words.startswith("filter 1, channel 1, row 1, column 2: ")
    later = filters()
    later.planes[4, 1, 2] = 0.5
    card.show_filters(later)
    assert card.board.words == "filter 1, channel 1, row 1, column 2: 0.5"
    card.board.setFocus()
    QTest.keyClick(card.board, Qt.Key.Key_Right)  # over the edge into the next channel
    assert card.board.words.startswith("filter 1, channel 2, row 1, column 0: ")
    QTest.keyClick(card.board, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert card.board.words.startswith("filter 1, channel 1, row 1, column 0: ")


def test_of_many_planes_whole_filters_are_shown_and_weights_that_are_not_finite_stand_out(
    qtbot: QtBot, tmp_path: Path
) -> None:
    card, found = FiltersCard(DARK), filters(512, 16)
    found.planes[3, 1, 1] = np.nan
    card.show_filters(found)
    shown(qtbot, card, 330, 220)
    assert card.head.whole() == "64 of 512 planes · ±9"
    assert "1 are not finite: they are crossed or have an arrow." in card.explanation()
    assert len(pixels(card.board, QColor(*NAN).name(), 2)) > 8
    for wide, high, count, channels, side in ((330, 220, 512, 64, 3), (700, 400, 32, 1, 28), (160, 160, 9, 3, 5)):
        card.resize(wide, high)
        card.show_filters(filters(count, channels, side))
        QTest.qWait(5)
        places = card.planes.arranged(card.board.rect().toRectF()).places
        assert all(card.board.rect().toRectF().contains(one) for one in places)
        assert not any(one.intersects(other) for number, one in enumerate(places) for other in places[:number])
    card.show_filters(found)
    export_plot(card, tmp_path / "f.csv")
    lines = (tmp_path / "f.csv").read_text("utf-8").splitlines()
    assert lines[0].endswith(",filter,channel,row,column,weight")
    assert len(lines) == 1 + 512 * 9
    card.show_filters(Filters("zeros", np.zeros((2, 3, 3))))
    assert card.head.whole() == "2 filters · ±0"


def embedding(shift: float = 0.0) -> Embedding:
    """Thirty characters on a circle."""
    angle = np.arange(30) / 30 * 2 * np.pi + shift
    points = np.stack([3 * np.cos(angle), np.sin(angle)], 1)
    return Embedding("embed0.weight", points, (0.61, 0.22), tuple("abcdefghijklmnopqrstuvwxyz-'!."))


def scales(card: EmbeddingCard) -> tuple[float, float]:
    """Pixels of a unit across and up."""
    frame = card.field.frame
    return frame.box.width() / (frame.x[1] - frame.x[0]), frame.box.height() / (frame.y[1] - frame.y[0])


def number_at(card: EmbeddingCard, at: QPoint) -> tuple[float, float]:
    found = card.field.box.mapSceneToView(card.field.mapToScene(at))
    return found.x(), found.y()


def wheel(card: EmbeddingCard, at: QPoint) -> None:
    view = card.field.viewport()
    none, turn = QPoint(0, 0), QPoint(0, 480)
    event = QWheelEvent(
        QPointF(at),
        view.mapToGlobal(QPointF(at)),
        none,
        turn,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_an_embedding_has_one_scale_either_way_and_keeps_zoom_and_pointer(qtbot: QtBot) -> None:
    card = EmbeddingCard(DARK)
    card.show_embedding(embedding())
    shown(qtbot, card)
    assert card.head.whole() == "61 % + 22 % of the variance"
    across, up = scales(card)
    assert across == pytest.approx(up, rel=1e-6)
    assert card.field.frame.x[0] < -3 < 3 < card.field.frame.x[1]
    at = place(card.field, 3, 0)
    QTest.mouseMove(card.field.viewport(), at)
    assert card.words == "a (row 0): 3, 0"
    under = number_at(card, at)
    for _ in range(2):
        wheel(card, at)
    assert scales(card)[0] > across * 5
    assert number_at(card, at) == pytest.approx(under, abs=0.02)
    assert scales(card)[0] == pytest.approx(scales(card)[1], rel=1e-6)
    before = card.field.frame
    card.show_embedding(embedding(0.01))
    assert card.field.frame == before
    assert card.words.startswith("a (row 0): 3, 0.01")  # the row, not the place that it was at
    card.field.box.doubled.emit()
    assert scales(card)[0] == pytest.approx(across, rel=0.01)


@pytest.mark.parametrize("high", [0.1, 0.02])  # much wider than high, and so flat that curves are zoomed across only
def test_a_drag_shows_all_that_was_marked(qtbot: QtBot, high: float) -> None:
    card = EmbeddingCard(DARK)
    card.show_embedding(embedding())
    shown(qtbot, card)
    start, end = place(card.field, -2.9, -high), place(card.field, -1.9, high)
    view = card.field.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(view, start + (end - start) * share)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    frame = card.field.frame
    assert frame.x == pytest.approx((-2.9, -1.9), abs=0.05)
    assert sum(frame.y) / 2 == pytest.approx(0, abs=0.02)
    assert scales(card)[0] == pytest.approx(scales(card)[1], rel=1e-6)
    card.show_embedding(embedding(0.1))
    assert card.field.frame == frame


def test_keys_go_from_point_to_point_and_zoom(qtbot: QtBot) -> None:
    card = EmbeddingCard(LIGHT)
    card.show_embedding(Embedding("e", np.array([[0.0, 0.0], [1.0, 0.1], [0.0, 1.0]]), (0.9, 0.1)))
    shown(qtbot, card, 330, 220)
    card.field.setFocus()
    QTest.mouseClick(card.field.viewport(), Qt.MouseButton.LeftButton, pos=place(card.field, 0, 0))
    QTest.mouseMove(card.field.viewport(), inside(card.field, QPointF(2, 2)))
    QTest.keyClick(card.field, Qt.Key.Key_Right)
    assert card.words == "1: 1, 0.1"
    QTest.keyClick(card.field, Qt.Key.Key_Left)
    QTest.keyClick(card.field, Qt.Key.Key_Up)
    assert card.words == "2: 0, 1"
    assert card.field.accessibleDescription() == "2: 0, 1"
    before = scales(card)[0]
    QTest.keyClick(card.field, Qt.Key.Key_Plus)
    assert scales(card)[0] == pytest.approx(before / 0.8, rel=0.01)
    QTest.keyClick(card.field, Qt.Key.Key_0)
    assert scales(card)[0] == pytest.approx(before, rel=0.01)


def test_names_do_not_lie_on_each_other_or_on_points_and_do_not_change_sides() -> None:
    labelling, box = Labelling(), QRectF(0, 0, 600, 350)
    points = RANDOM.uniform((20, 20), (580, 330), (200, 2))
    sizes = np.tile([34.0, 12.0], (200, 1))
    places = labelling.places(points, sizes, box, first=150)
    assert 150 in places
    assert len(places) > 30
    found = list(places.values())
    for number, one in enumerate(found):
        assert box.contains(one)
        assert not any(one.intersects(other) for other in found[:number])
        assert not any(one.contains(QPointF(x, y)) for x, y in points.tolist())
    again = labelling.places(points + 0.01, sizes, box, first=150)
    assert places.keys() == again.keys()
    moved = [abs(again[row].x() - one.x()) + abs(again[row].y() - one.y()) for row, one in places.items()]
    assert max(moved) < 0.1


def test_rows_that_are_not_finite_and_no_embedding_at_all(qtbot: QtBot) -> None:
    card = EmbeddingCard(DARK)
    shown(qtbot, card)
    card.field.grab()
    found = embedding()
    found.points[4] = np.nan
    card.show_embedding(replace(found, explained=(np.nan, np.nan)))
    assert card.head.whole() == "NaN + NaN of the variance, 1 not finite"
    card.field.grab()
    card.show_embedding(None)
    card.field.grab()
    assert card.head.whole() == ""


def many(count: int) -> Embedding:
    return Embedding("e", RANDOM.normal(size=(count, 2)), (0.6, 0.2))


def test_of_very_many_points_some_are_drawn_and_nearer_by_more(qtbot: QtBot) -> None:
    card = EmbeddingCard(DARK)
    card.show_embedding(many(50_000))
    shown(qtbot, card)
    drawn = np.isfinite(card.cloud.drawn(card.field.frame)[:, 0])
    assert 1_500 < drawn.sum() <= 4_000
    left_out = int(np.flatnonzero(~drawn)[0])
    assert not np.isnan(card.cloud.drawn(card.field.frame, left_out)[left_out]).any()  # what is told of is drawn
    for row in np.flatnonzero(~drawn)[:50].tolist():
        at = card.cloud.pixels(card.field.frame)[row]
        assert card.cloud.nearest(card.field.frame, QPointF(*at.tolist())) != row  # nobody points at what is not there
    for _ in range(2):
        wheel(card, place(card.field, 0, 0))
    frame = card.field.frame
    points = card.cloud.points
    across, up = points.T
    seen = (across >= frame.x[0]) & (across <= frame.x[1]) & (up >= frame.y[0]) & (up <= frame.y[1])
    nearer = np.isfinite(card.cloud.drawn(frame)[:, 0])
    assert not (drawn & seen & ~nearer).any()
    assert (nearer & seen).sum() > (drawn & seen).sum() * 1.5
    assert any("At most 4,000 of them are drawn" in line for line in card.explanation())
    took = []
    for _ in range(3):
        began = time.process_time()
        card.field.grab()
        took.append(time.process_time() - began)
    assert min(took) < 0.15  # seconds: 0.03; with all of them 0.37


@pytest.mark.parametrize(
    ("kind", "make", "show"),
    [
        (EmbeddingCard, embedding, EmbeddingCard.show_embedding),
        (SamplesCard, samples, SamplesCard.show_samples),
        (FiltersCard, filters, FiltersCard.show_filters),
    ],
    ids=["embedding", "samples", "filters"],
)
def test_what_is_shown_already_is_not_painted_anew(qtbot: QtBot, kind: type, make: Callable, show: Callable) -> None:
    card, found, painted = kind(DARK), make(), []
    show(card, found)
    shown(qtbot, card)
    body = card.field.viewport() if kind is EmbeddingCard else card.board
    body.installEventFilter(watch := Painted(painted))
    QTest.qWait(30)
    painted.clear()
    show(card, found)
    QTest.qWait(30)
    assert not painted
    show(card, make())
    QTest.qWait(30)
    assert painted
    body.removeEventFilter(watch)


class Painted(QObject):
    """Notes each painting of what it watches."""

    def __init__(self, found: list[int]) -> None:
        super().__init__()
        self.found = found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.found.append(1)
        return False


def test_the_closest_rows_are_told_however_large_their_numbers_are(qtbot: QtBot) -> None:
    card, found = EmbeddingCard(DARK), many(300)
    qtbot.addWidget(card)
    away = np.hypot(*np.moveaxis(found.points[:, None] - found.points, -1, 0)) + np.diag([np.inf] * 300)
    one, other = np.unravel_index(int(np.argmin(away)), away.shape)
    for scale in (1.0, 1e200, 1e-200):
        card.show_embedding(replace(found, points=found.points * scale))
        assert card.explanation()[-1].startswith(f"{one} and {other} lie closest here")
    card.show_embedding(replace(found, points=np.zeros((3, 2))))
    assert card.explanation()[-1].startswith("0 and 1 lie closest here")


CARDS = [
    (SamplesCard, lambda card: card.show_samples(samples())),
    (FiltersCard, lambda card: card.show_filters(filters())),
    (EmbeddingCard, lambda card: card.show_embedding(embedding())),
]


@pytest.mark.parametrize(("kind", "show"), CARDS, ids=lambda each: getattr(each, "__name__", ""))
def test_each_is_written_in_every_format_explains_itself_and_is_shown_quickly(
    qtbot: QtBot, tmp_path: Path, kind: Callable[[Theme], Card], show: Callable[[Card], None]
) -> None:
    card = kind(DARK)
    assert card.help._explain()
    assert card.sheets() == ()
    show(card)
    shown(qtbot, card, 330, 220)
    for suffix in (".png", ".svg", ".csv", ".json"):
        export_plot(card, tmp_path / f"it{suffix}")
        assert (tmp_path / f"it{suffix}").stat().st_size > 500
    export_plot(card, tmp_path / "light.png", LIGHT)
    assert QColor(QImage(str(tmp_path / "light.png")).pixel(2, 2)).name() == LIGHT.background
    assert card.theme is DARK
    assert len(card.help._explain()) >= 2
    assert card.head.whole() in card.told_title  # type: ignore[attr-defined]
    took = []
    for _ in range(10):
        began = time.perf_counter()
        show(card)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.02  # seconds
