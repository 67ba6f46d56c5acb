"""A few numbers in cells: all of them are read, in value and gradient alike, in the shape that they have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot
from windows import Place, rest

from gradwire.app.canvas.anatomy import NODE, WIDEST, Item, measured
from gradwire.app.canvas.fates import strike
from gradwire.app.canvas.gradient_chip import Chip, paint_ground
from gradwire.app.canvas.lettering import FIGURE, width
from gradwire.app.canvas.looks import LOOKS
from gradwire.app.canvas.looks.images import Pictures
from gradwire.app.canvas.looks.table import Table
from gradwire.app.canvas.nodes import chip_rect, value_rect
from gradwire.app.canvas.scene import Scene
from gradwire.app.canvas.values import Shown, Told, paint_values
from gradwire.app.export.still import Results, Still
from gradwire.app.look.fonts import MONO, TEXT
from gradwire.app.look.theme import DARK, LIGHT, Theme
from gradwire.core.document import Document
from gradwire.core.graph import Source
from gradwire.core.session import Session
from gradwire.core.stepping import State


class Listening(QPainter):
    """Paints, and keeps each text with the place of its middle."""

    def __init__(self, image: QImage) -> None:
        super().__init__(image)
        self.told: list[tuple[str, float, float, float]] = []  # with its right edge

    def drawText(self, place: Any, *more: Any) -> None:
        super().drawText(place, *more)
        box = self.transform().mapRect(super().boundingRect(place, more[0], more[-1]))
        if more[-1]:
            self.told.append((more[-1], box.center().x(), box.center().y(), box.width()))


def painted(
    value: np.ndarray, gradient: np.ndarray | None = None, theme: Theme = DARK, zoom: float = 1.0, decimals: int = 3
) -> tuple[Item, list[tuple[str, float, float, float]], QImage]:
    """A node that shows a value and its gradient; what is written there."""
    gradient = value if gradient is None else gradient
    label = f"{value.shape} f64"
    item = measured(Item("a", NODE, "a", "Sin", "math", ("x",), ("y",), ("x",), (label,), (Source("a", "y"),)), True)
    told = Told(
        value, gradient, False, False, None, Chip(State.FINAL if np.isfinite(gradient).all() else State.NONFINITE)
    )
    image = QImage(int(item.width * zoom) + 1, int(item.height * zoom) + 1, QImage.Format.Format_RGB32)
    image.fill(QColor("#808080"))
    painter = Listening(image)
    painter.scale(zoom, zoom)
    paint_values(painter, item, Shown(told, theme, decimals, 1.0), theme, True, zoom)
    painter.end()
    return item, painter.told, image


EACH = [(5, 1), (1, 5), (5,), (2,), (8,), (5, 5), (2, 3), (3, 2), (3, 1), (1, 1, 4), (8, 8), (2, 8), (1, 8)]


@pytest.mark.parametrize("shape", EACH, ids=str)
def test_value_and_gradient_show_all_numbers_within_their_cells(shape: tuple[int, ...], qtbot: QtBot) -> None:
    numbers = np.random.default_rng(0).normal(size=shape)
    item, told, _ = painted(numbers, -numbers)
    assert item.width <= WIDEST
    assert len(told) == 2 * numbers.size
    columns = shape[-1]
    for _, x, y, wide in told:
        assert wide <= (item.width - 12) / columns
        above = y < chip_rect(item).top()
        assert (value_rect(item) if above else chip_rect(item)).contains(x, y)
    read = [float(text.replace("−", "-").replace("~", "")) for text, *_ in told]
    assert read == pytest.approx([*numbers.reshape(-1), *-numbers.reshape(-1)], abs=0.0501)


@pytest.mark.parametrize(("shape", "rows", "columns"), [((5, 1), 5, 1), ((1, 5), 1, 5), ((5,), 1, 5), ((3, 2), 3, 2)])
def test_rows_stand_one_beneath_the_other(shape: tuple[int, ...], rows: int, columns: int, qtbot: QtBot) -> None:
    item, told, _ = painted(np.arange(1.0, np.prod(shape) + 1).reshape(shape))
    told = [each for each in told if each[2] < chip_rect(item).top()]
    assert len({round(y) for _, _, y, _ in told}) == rows
    assert len({round(x) for _, x, _, _ in told}) == columns
    assert [text for text, *_ in sorted(told, key=lambda each: (round(each[2]), each[1]))] == [
        f"{number}.0" for number in range(1, rows * columns + 1)
    ]


def test_a_vector_is_told_from_a_matrix_of_one_row(qtbot: QtBot) -> None:
    (_, _, vector), (_, _, row) = painted(np.ones(5)), painted(np.ones((1, 5)))
    assert vector.size() == row.size()
    assert vector != row


def test_sixteen_numbers_can_be_read_from_near_by(qtbot: QtBot) -> None:
    item, told, _ = painted(np.linspace(-1, 1, 16), zoom=2.5)
    assert item.width <= WIDEST
    assert len(told) == 32


@pytest.mark.parametrize("value", [[0.125, 0.25, 0.625], [0.12500000000000003, 0.25, -0.375]])
def test_all_cells_have_the_same_digits_and_as_many_as_fit(value: list[float], qtbot: QtBot) -> None:
    _, told, _ = painted(np.array(value))
    assert [text for text, *_ in told[:3]] == ["0.125", "0.250", "0.625" if value[2] > 0 else "−0.375"]
    _, told, _ = painted(np.array([0.25, 0.5]))
    assert [text for text, *_ in told[:2]] == ["0.25", "0.50"]


def test_only_zero_looks_like_zero(qtbot: QtBot) -> None:
    _, told, _ = painted(np.array([[0.5, -3e-4, 0.0, -0.0]]))
    assert [text for text, *_ in told[:4]] == ["0.500", "−3e−4", "0", "0"]
    _, told, _ = painted(np.full((8, 8), -3.25e-123), np.full((8, 8), 1.5e-5))
    assert {text for text, *_ in told[:64]} == {"~0"}  # no room for −3e−123
    assert {text for text, *_ in told[64:]} == {"2e−5"}  # one digit has room


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_what_is_not_a_number_is_crossed_out_on_black(theme: Theme, qtbot: QtBot) -> None:
    item, told, image = painted(np.ones(3), np.array([np.nan, 1.0, -np.inf]), theme)
    assert [text for text, *_ in told[3:]] == ["1.0", "−∞"]
    chip = chip_rect(item)
    row = [image.pixelColor(x, int(chip.center().y()) + 5) for x in range(int(chip.left()) + 17, int(chip.left()) + 50)]
    assert row.count(QColor("#000000")) > 15
    crossing = [image.pixelColor(int(chip.left()) + 17 + x, int(chip.center().y())) for x in range(12, 24)]
    assert any(colour.red() > 150 and colour.green() < 120 for colour in crossing)


def test_softmax_and_its_gradient_show_the_same_eighth(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/softmax_cross_entropy.gw"))
    window.show()
    rest(window, qtbot)
    canvas, editor = window.canvas, window.editor
    nodes = {node.name: Source(node.id, "y") for node in editor.graph.nodes.values()}
    qtbot.waitUntil(lambda: editor.results.gradient(nodes["logits"]).value is not None)
    texts = {}
    for name in ("p", "p − y", "logits"):
        item = canvas.scene.items.at(canvas.scene.items.slots[nodes[name].node])
        painter = Listening(image := QImage(400, 300, QImage.Format.Format_RGB32))
        paint_values(painter, item, canvas.values.of(nodes[name], DARK, 3), DARK, True)
        painter.end()
        assert not image.isNull()
        texts[name] = [text for text, *_ in painter.told]
    assert texts["p"][:3] == ["0.125", "0.250", "0.625"]
    assert texts["p − y"][:3] == texts["logits"][3:] == ["0.125", "0.250", "−0.375"]


def odd_pixels(image: QImage, place: Any, zoom: float) -> np.ndarray:
    """Of the part of a picture in a place which pixels have the colour of what is not finite."""
    left, top, wide, high = (round(each * zoom) for each in place.getRect())
    return np.array(
        [
            [(c := image.pixelColor(x, y)).red() > 120 and c.green() < 110 for x in range(left, left + wide)]
            for y in range(top, top + high)
        ]
    )


@pytest.mark.parametrize("shape", [*EACH, (2, 1), (4, 3), (9,), (16,)], ids=str)
def test_numbers_are_read_at_the_zoom_at_which_a_graph_is_opened(shape: tuple[int, ...], qtbot: QtBot) -> None:
    numbers = np.random.default_rng(0).normal(size=shape) * 3.0
    for zoom in (0.6, 0.62, 0.7, 0.78, 0.9):
        _, told, _ = painted(numbers, np.full(shape, 1 / 6), zoom=zoom)
        assert len(told) == 2 * numbers.size
        shown = [read(text) for text, *_ in told]
        assert shown == pytest.approx([*numbers.flat, *[1 / 6] * numbers.size], abs=0.5)


@pytest.mark.parametrize("zoom", [0.6, 0.75, 0.94])
def test_large_numbers_lose_their_decimals_before_they_are_no_more_read(zoom: float, qtbot: QtBot) -> None:
    value = np.array([[-999.0, 0.0, -998.0], [-2.4076, -1.4076, -0.4076]])
    told = [read(text) for text, *_ in painted(value, zoom=zoom)[1]]
    assert told[:3] == told[6:9] == [-999.0, 0.0, -998.0]
    assert told == pytest.approx([*value.flat] * 2, abs=0.5)


def read(text: str) -> float:
    """A number as it stands in a cell."""
    return float(text.replace("−", "-").replace("~0", "0") if not text.lstrip("−").startswith("e") else f"1{text[-3:]}")


def test_a_batch_has_room_for_its_numbers_as_any_other_matrix(qtbot: QtBot) -> None:
    def scene_of(rows: int | str, value: list[list[float]]) -> Scene:
        document = Document()
        with document.transaction("Draw") as t:
            x = t.add("input", name="x", shape=[rows, 3], value=value)
            t.add("sin", name="h", inputs={"x": x})
        session = Session(document)
        checked = session.check()
        return Scene(
            Still(session.graph, session.registry, None, checked.shapes, checked.problems, Results({}, {}), LIGHT)
        )

    for count in (1, 4, 8, 9):
        value = [[1.0, 2.0, 3.0]] * count
        batch, plain = scene_of("N", value), scene_of(count, value)
        for one, other in zip(sorted(batch.visible), sorted(plain.visible), strict=True):
            assert batch.rect(one) == plain.rect(other)
            assert "(N, 3)" in batch.item(one).output_labels[0]
    assert batch.rect(one)[3] < scene_of("N", value[:8]).rect(one)[3]  # nine rows are no numbers any more


@pytest.mark.parametrize("zoom", [0.3, 0.45, 0.55])
def test_infinity_has_a_sign_where_its_letters_would_be_too_small(zoom: float, qtbot: QtBot) -> None:
    wide = np.full((1, 8), -123.0)  # shorter cannot be told
    signs = []
    for number in (0.0, np.inf, -np.inf, np.nan):
        value = wide.copy()
        value[0, -1] = number
        item, told, image = painted(value, wide, zoom=zoom)
        assert not told
        place = value_rect(item) if zoom >= 0.5 else QRectF(0, 0, item.width, item.height)
        signs.append(odd_pixels(image, place, zoom))
    assert not signs[0].any()
    assert all(sign.any() for sign in signs[1:])
    assert len({sign.tobytes() for sign in signs}) == 4  # each looks like no other


def test_a_small_zero_is_drawn_in_the_face_without_a_dot_in_it(qtbot: QtBot) -> None:
    families = []

    class Looking(Listening):
        def drawText(self, place: Any, *more: Any) -> None:
            families.append(self.font().family())
            super().drawText(place, *more)

    for zoom in (0.8, 1.0, 2.0):
        image = QImage(800, 600, QImage.Format.Format_RGB32)
        painter = Looking(image)
        painter.scale(zoom, zoom)
        Table(np.array([[1.0, 0.0]]), DARK, 3).paint(painter, QRectF(0, 0, 120, 18))
        painter.end()
    assert families == [TEXT] * 4 + [MONO] * 2
    assert width("1000", FIGURE) == 4 * width("0", FIGURE)  # all digits are as wide, so that columns are


@pytest.mark.parametrize("shape", [(2, 16, 4, 4), (16, 1, 3, 3), (3, 2, 2)])
def test_small_planes_are_pictures_side_by_side(shape: tuple[int, ...], qtbot: QtBot) -> None:
    value = np.random.default_rng(0).normal(size=shape)
    look = next(look for look in LOOKS if look.fits(value))(value, DARK, 3)
    assert isinstance(look, Pictures)
    image = QImage(300, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff00ff"))
    painter = QPainter(image)
    look.paint(painter, QRectF(0, 0, 300, 40), QColor("#ffffff"))
    painter.end()
    ground = [image.pixelColor(x, 20) == QColor("#ff00ff") for x in range(300)]
    planes = sum(1 for before, now in pairwise(ground) if before and not now)
    assert planes == min(int(np.prod(shape[:-2])), 6)  # apart from each other


def test_a_number_over_what_is_left_of_a_gradient_is_not_hatched(qtbot: QtBot) -> None:
    def chip_of(text: float, left: float) -> np.ndarray:
        item = measured(
            Item("a", NODE, "a", "Sin", "math", ("x",), ("y",), ("x",), ("() f64",), (Source("a", "y"),)), True
        )
        told = Told(np.array(1.0), np.array(text), False, False, None, Chip(State.FINAL, left=left))
        shown = Shown(told, DARK, 3, 1.0)
        image = QImage(int(item.width) + 1, int(item.height) + 1, QImage.Format.Format_RGB32)
        image.fill(QColor(DARK.raised))
        painter = QPainter(image)
        paint_ground(painter, chip_rect(item), shown.chip, DARK)
        paint_values(painter, item, shown, DARK, True)
        painter.end()
        chip = chip_rect(item).toRect()
        right = [
            image.pixelColor(x, y).rgb()
            for x in range(chip.right() - 38, chip.right() - 7)
            for y in range(chip.top() + 4, chip.bottom() - 4)
        ]
        return np.array(right)

    over = chip_of(5.0, 1.0)
    assert len(set(over.tolist())) > 5  # a number is there
    empty = int(QColor(DARK.raised).rgb())
    assert (over == empty).mean() > 0.5  # its ground


@pytest.mark.parametrize("rows", [1, 3, 5])
def test_what_is_freed_can_still_be_read(rows: int, qtbot: QtBot) -> None:
    value = np.zeros((rows, 3))
    table = next(look for look in LOOKS if look.fits(value))(value, DARK, 3)
    image = QImage(120, 20 * rows, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    strike(painter, QRectF(0, 0, 120, 20 * rows), table, DARK)
    painter.end()
    for row in range(rows):
        y = 20 * row + 10
        struck = [x for x in range(120) if image.pixelColor(x, y) != QColor("#000000")]
        assert len(struck) < 20  # one number at most


def test_negative_numbers_are_told_as_well_as_positive_ones(qtbot: QtBot) -> None:
    """A minus takes the room of a digit: for its sake the letters are smaller, as long as they can be read."""
    steps = np.array([0.003, -0.003, 0.003, -0.003, -0.003, 0.003, -0.003, 0.003, -0.003, 0.05])
    for zoom in (1.0, 1.25, 2.0):
        told = [text for text, *_ in painted(steps, zoom=zoom)[1][:10]]
        assert "~0" not in told
        assert told[1].startswith("−")
    assert set(told[:9]) == {"3e−3", "−3e−3"}


@pytest.mark.parametrize("text", ["−1.000", "1.306e−4"])
def test_a_strike_leaves_a_minus_to_be_read(text: str, qtbot: QtBot) -> None:
    number = next(look for look in LOOKS if look.fits(np.array(1.0)))(np.array(float(text.replace("−", "-"))), DARK, 3)
    place = QRectF(0, 0, 90, 20)

    def drawn(struck: bool) -> np.ndarray:
        image = QImage(360, 80, QImage.Format.Format_RGB32)
        image.fill(QColor("#000000"))
        painter = QPainter(image)
        painter.scale(4, 4)
        number.paint(painter, place, QColor("#ffffff"))
        if struck:
            strike(painter, place, number, DARK)
        painter.end()
        return np.array([[image.pixelColor(x, y).lightness() for x in range(360)] for y in range(80)])

    plain, struck = drawn(False), drawn(True)
    assert number.text == text
    minus = plain[38:43].max(axis=0) > 200
    assert minus.any()
    hidden = (struck != plain).sum(axis=0)[minus]
    assert hidden.max() < 14  # a thin line goes across, and no level one lies on it
    level = (struck != plain)[36:46].all(axis=0)
    assert not level.any()


@pytest.mark.parametrize("zoom", [0.75, 0.85, 0.95])
@pytest.mark.parametrize("shape", [(2, 3), (3, 4), (4, 2), (3,)], ids=str)
def test_numbers_stay_large_where_a_panel_leaves_the_graph_little_room(
    shape: tuple[int, ...], zoom: float, qtbot: QtBot
) -> None:
    numbers = np.linspace(-1.234, 2.345, int(np.prod(shape))).reshape(shape)
    item, told, _ = painted(numbers, zoom=zoom)
    assert len(told) == 2 * numbers.size
    place = value_rect(item).adjusted(9, 1, -6, -1)
    for shown, pixels in ((numbers, 7.0), (np.arange(numbers.size) - 2.0, 8.0)):  # few digits leave room to be large
        assert Table(shown.reshape(-1, shape[-1]), DARK, 3).letters(place, zoom) * zoom >= pixels
    read = [float(text.replace("−", "-")) for text, *_ in told]
    assert read == pytest.approx([*numbers.reshape(-1)] * 2, abs=0.0501)


@pytest.mark.parametrize("zoom", [0.75, 1.0, 2.0])
def test_numbers_of_neighbouring_cells_are_told_apart(zoom: float, qtbot: QtBot) -> None:
    numbers = np.array([[0.654, 0.146, 0.146, 0.054], [2e-3, 3e-5, 1.0, 1e-3], [0.25, 0.25, 0.25, 0.25]])
    _, told, image = painted(numbers, numbers, zoom=zoom)
    assert len(told) == 2 * numbers.size
    rows: dict[float, list[tuple[float, float]]] = {}
    for _, x, y, wide in told:
        rows.setdefault(round(y), []).append((x - wide / 2, x + wide / 2))
    for y, places in rows.items():
        for (_, left), (right, _) in pairwise(sorted(places)):
            assert right - left >= 1.5
            between = {image.pixelColor(x, y).name() for x in range(int(left), int(right) + 2)}
            assert len(between) > 1, f"no line from {left} to {right}"
