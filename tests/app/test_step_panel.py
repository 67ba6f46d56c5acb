"""The step panel: what it tells of a step agrees with the run, and all of it is reached by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton, QStyleOptionViewItem, QTableWidget, QWidget
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, keyboard, recorded

from gradwire.app.look.theme import DARK, LIGHT
from gradwire.app.panels.step import AT_REST, AT_START, StepPanel
from gradwire.app.step_card.accounts import Row
from gradwire.app.step_card.card import WorkingCard
from gradwire.app.step_card.curves import DOTS, curve_of
from gradwire.app.step_card.elements import number, read_place
from gradwire.app.step_card.elements import place as spelled
from gradwire.app.step_card.ledger import PartsTable
from gradwire.app.step_card.reading import read
from gradwire.app.step_card.typesetting import Formula, typeset
from gradwire.app.step_card.workings import Working, ratio_text
from gradwire.app.window import Window
from gradwire.core.graph import Source
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, Timeline
from gradwire.core.stepping.recorder import timeline_of
from gradwire.core.stepping.walking import MICRO, later

pytestmark = pytest.mark.filterwarnings("ignore:path is deprecated:DeprecationWarning")  # by ziamath as it loads

LESSONS = sorted((EXAMPLES / "lessons").glob("*.gw"))
Open = Callable[..., tuple[Window, StepPanel]]


@pytest.fixture
def opened(place: Place, qtbot: QtBot) -> Open:
    """Opens an example with its step panel in view, and the stepper before the first step."""

    def open_(name: str) -> tuple[Window, StepPanel]:
        window = place.start(EXAMPLES / "fork.gw")
        window.resize(1400, 900)
        window.files.open_example(EXAMPLES / f"{name}.gw")
        window.show()
        panel = window.docks.show("step")
        assert isinstance(panel, StepPanel)
        window.editor.stepper.to_start()
        recorded(window, qtbot)
        assert window.editor.stepper.active
        return window, panel

    return open_


def go(window: Window, panel: StepPanel, qtbot: QtBot, title: str) -> None:
    """To the step with this title, read by the panel."""
    timeline = window.editor.stepper.timeline
    assert timeline is not None
    for index in range(len(timeline.steps)):
        found = read(Moment(timeline, Cursor(index + 1)))
        if found is not None and found.title == title:
            window.editor.stepper.seek(Cursor(index + 1))
            qtbot.waitUntil(lambda: panel.reading is not None and panel.reading.moment is window.editor.stepper.moment)
            return
    raise AssertionError(f"no step is called {title!r}")


def shown(panel: StepPanel) -> list[WorkingCard]:
    return [card for card in panel.page.cards if card.isVisible()]


def told(card: WorkingCard) -> str:
    return f"{card.rule.text()}\n{card.numbers.text()}"


def rows(table: QTableWidget) -> list[list[str]]:
    return [
        [table.item(row, column).text().replace("\u202f", " ") for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


# What it tells.


def test_a_fork_is_told_as_parts_with_their_shares_sum_and_agreement(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · squared (square)")
    (ledger,) = (each for each in panel.page.ledgers if each.isVisible())
    assert rows(ledger.table) == [["squared.x", "6.0000", "6.0000", ""], ["Σ waits: 1 of 2", "", "", ""]]
    assert not any(button.isEnabled() for button in ledger.buttons.buttons())
    go(window, panel, qtbot, "backward · negated (negative)")
    (card,) = shown(panel)
    assert told(card) == "−g\nupstream 1 × local −1 = −1"
    assert rows(ledger.table) == [
        ["squared.x", "6.0000", "6.0000", "120 %"],
        ["negated.x", "−1.0000", "1.0000", "−20 %"],
        ["Σ", "5.0000", "5.0000", ""],
    ]
    assert ledger.notes.text() == "cancellation κ = 29\u202f% · cos(squared.x, negated.x) = −1: they oppose"


def test_a_row_shows_its_node(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · negated (negative)")
    table = panel.page.ledgers[0].table
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualItemRect(table.item(0, 0)).center())
    assert window.editor.selection == {window.editor.graph.resolve("squared")}
    table.setCurrentCell(1, 0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert window.editor.selection == {window.editor.graph.resolve("negated")}


def test_a_copied_bias_is_told_with_its_sum(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/broadcast_bias")
    go(window, panel, qtbot, "backward · z (add)")
    to_x, to_b = shown(panel)
    assert told(to_b) == "g\nupstream 6 × local 1 = 6 at [1, 0]\nΣ 4 + 6 + 2 = 12"
    assert to_b.says.text() == "b (2,) was copied along axis 0 to (3, 2), so its gradient is the sum over axis 0"
    assert "Σ" not in told(to_x)
    assert to_x.field.text() == "1, 0"  # the largest


def test_a_matrix_product_is_told_with_one_letter_for_one_length(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/matmul_shapes")
    go(window, panel, qtbot, "backward · Y (matmul)")
    card = shown(panel)[1]
    assert told(card) == "xᵀ @ g\n3 · 1 + 6 · 1 = 9"
    assert card.says.text() == (
        "dw = xᵀ · g: (3, 2) · (2, 4) = (3, 4); each element went into 2 of y, one for each row of x, and sums what "
        "they send back"
    )
    lengths: dict[str, set[int]] = {}
    for term in card.picture.working.picture:
        for letter, length in zip(term.dims, term.shape, strict=True):
            lengths.setdefault(letter, set()).add(length)
    assert lengths == {"m": {3}, "k": {2}, "n": {4}}
    assert card.picture.accessibleName() == "picture: xᵀ (3, 2) · g (2, 4) = dw (3, 4)"


def test_an_index_that_is_taken_twice_gets_both_parts(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/repeated_index")
    go(window, panel, qtbot, "backward · picked (gather)")
    assert shown(panel)[0].numbers.text() == "g[0] 1 + g[2] 3 = 4"


def test_a_branch_that_was_not_taken_shows_zero_times_infinity(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/where_nan")
    go(window, panel, qtbot, "backward · log x (log)")
    (card,) = shown(panel)
    assert told(card) == "g / x\n0 / 0 = NaN\nupstream 0 × local ∞ = NaN"


def test_ties_say_our_convention(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/max_routing")
    go(window, panel, qtbot, "backward · winners (max)")
    line = shown(panel)[0].says.text().splitlines()[-1]
    assert line.startswith("2 of 3 at the kink: max′ = 0.5 at a tie of two here")
    go(window, panel, qtbot, "backward · winner (max)")
    assert "kink" not in shown(panel)[0].says.text()


def test_an_update_is_told_with_its_ratio(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("iris_mlp")
    go(window, panel, qtbot, "update · mlp/linear_1/weight")
    timeline = window.editor.stepper.timeline
    assert timeline is not None
    id = window.editor.graph.resolve("mlp/linear_1/weight")
    old, new = timeline.run.value(Source(id, "y")), timeline.updated[id]
    assert old is not None
    ratio = np.linalg.norm(new - old) / np.linalg.norm(old)
    (card,) = shown(panel)
    assert f"= {ratio:.2g}, usual" in card.says.text()
    assert card.numbers.text().startswith("old ")
    assert panel.page.head.role.text().startswith("Adam")


@pytest.mark.parametrize(
    ("moved", "size", "word"),
    [(1e-6, 1.0, "less than usual"), (0.01, 1.0, ", usual"), (2.0, 1.0, "more than usual"), (1.0, 0.0, "no ratio")],
)
def test_the_ratio_says_where_it_lies(moved: float, size: float, word: str) -> None:
    assert word in ratio_text(moved, size)


@pytest.mark.parametrize("path", [*LESSONS, EXAMPLES / "iris_mlp.gw"], ids=lambda path: path.stem)
def test_what_is_told_of_every_step_agrees_with_the_run(path: object) -> None:
    timeline = timeline_of(Session.open(path))
    compared = 0
    for moment in moments(timeline):
        reading = read(moment)
        assert reading is not None
        for working in reading.workings:
            lines = working.told(working.largest)
            if working.delivery is not None and working.stage == 4:
                assert f"= {number(working.array[working.largest])}" in " ".join(lines)
                compared += 1
            if working.delivery is not None and working.picture and not working.picture[-1].dims:
                assert working.picture[-1].to_come == (working.stage < 3)
            agree(timeline, working)
        for account in reading.accounts:
            if account.total is not None:
                parts = [row.value for row in account.rows if row.value is not None]
                np.testing.assert_allclose(sum(parts), account.total.value, rtol=1e-6)
    assert compared


def moments(timeline: Timeline) -> Iterator[Moment]:
    cursor = Cursor()
    while cursor != timeline.end:
        cursor = later(timeline, cursor, MICRO)
        yield Moment(timeline, cursor)


def agree(timeline: Timeline, working: Working) -> None:
    """Upstream times local is summed to what the port delivered, element by element, where the op works so."""
    delivery = working.delivery
    if delivery is None or working.slope is None:
        return
    with np.errstate(invalid="ignore"):
        product = timeline.run.gradients.totals[delivery.record.slot] * working.slope
    for index in np.ndindex(*working.array.shape):
        places = [index] if working.behind is None else working.behind.places(index)
        np.testing.assert_allclose(sum(product[each] for each in places), delivery.value[index], rtol=1e-5)


def test_parts_of_a_step_are_told_as_they_come(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/broadcast_bias")
    stepper = window.editor.stepper
    seen = []
    for micro in range(1, 7):
        stepper.seek(Cursor(7, micro))
        qtbot.waitUntil(lambda: panel.reading is not None and panel.reading.moment is stepper.moment)
        card = shown(panel)[1]
        seen.append((panel.page.head.title.whole().rpartition(" · ")[2], told(card).splitlines()))
    product = "upstream 6 × local 1 = 6 at [1, 0]"
    assert seen == [
        ("ready", ["waits for its turn"]),
        ("local", ["g"]),
        ("multiply x", ["g"]),
        ("deliver x", ["g"]),
        ("multiply y", ["g", product]),
        ("shape y", ["g", product, "Σ 4 + 6 + 2 = 12"]),
    ]


# Choosing an element.


def test_the_dot_under_the_pointer_is_the_element_that_is_told(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/dying_relu")
    go(window, panel, qtbot, "backward · h (relu)")
    plot, card = panel.page.plot, shown(panel)[0]
    assert plot.words().endswith("f′ = 1")
    assert plot.curve is not None
    dead = int(np.argmin(plot.curve.dots))

    def pointed_at() -> bool:
        x, y = plot.dots()  # which are elsewhere once the panel has settled: then the pointer is beside them
        QTest.mouseMove(plot, QPoint(1, 1))
        QTest.mouseMove(plot, QPointF(x[dead], y[dead]).toPoint())
        return bool(card.flat == plot.curve.places[dead])

    qtbot.waitUntil(pointed_at)
    assert told(card).endswith("upstream 1 × local 0 = 0")
    assert plot.words().endswith("f = 0, f′ = 0")
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert card.flat == plot.curve.places[np.argsort(plot.curve.dots, kind="stable")[1]]


def test_units_that_pass_nothing_on_are_crossed_out_and_named(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/dying_relu")
    go(window, panel, qtbot, "backward · h (relu)")
    card = shown(panel)[0]
    assert card.says.text().splitlines()[-1] == "× unit 2 lets no gradient through, for all 3 rows"
    (upstream, _), (mask, _), _ = card.picture.placed()
    crossed = [
        DARK.dim in colours_in(card.picture, QRectF(box.left() + box.width() * unit / 3, box.top(), 12, 39).toRect())
        for box in (upstream, mask)
        for unit in range(3)
    ]
    assert crossed == [False, False, False, False, False, True]


def test_an_element_is_typed_or_reached_by_keys_or_clicked(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/broadcast_bias")
    go(window, panel, qtbot, "backward · squared (square)")
    card = shown(panel)[0]
    card.field.setText("0, 1")
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    assert card.index == (0, 1)
    QTest.keyClick(card.field, Qt.Key.Key_Down)
    assert card.index == (1, 0)
    card.field.setText("7, 7")
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    assert (card.index, card.field.text()) == ((1, 0), "1, 0")  # there is none such
    box = card.picture.placed()[-1][0]
    corner = (box.bottomRight() - QPointF(2, 2)).toPoint()
    QTest.mouseClick(card.picture, Qt.MouseButton.LeftButton, pos=corner)
    assert card.index == (2, 1)


def test_what_stands_beneath_the_head_of_a_step_moves_down_only(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/softmax_cross_entropy")
    window.resize(1000, 1000)
    tops, words = [], set()
    for step in range(1, len(window.editor.stepper.timeline.steps) + 1):
        window.editor.stepper.seek(Cursor(step))
        qtbot.waitUntil(lambda: panel.reading is not None and panel.reading.moment is window.editor.stepper.moment)
        qtbot.wait(30)  # for the layout
        tops.append(panel.page.columns.y())
        words.add(panel.page.head.role.heightForWidth(panel.page.head.role.width()))
    assert len(words) > 1  # what ops are for is told in one line or in several
    assert tops == sorted(tops)


def test_what_is_not_made_yet_is_an_empty_box(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/broadcast_bias")
    go(window, panel, qtbot, "backward · squared (square)")
    card = shown(panel)[0]
    (whole,) = {term.to_come for term in card.working.picture}
    assert not whole
    box = card.picture.placed()[-1][0].toRect().adjusted(2, 2, -2, -2)
    made = colours_in(card.picture, box)
    field = panel.theme.field
    assert made != {field}
    stepper = window.editor.stepper
    stepper.back("micro")
    while stepper.moment.micro is not None and stepper.moment.micro.kind != "local":
        stepper.back("micro")
    qtbot.waitUntil(lambda: panel.reading.moment is stepper.moment)
    assert colours_in(card.picture, box) == {field}
    assert card.check.isHidden()


def colours_in(widget: QWidget, box: QRect) -> set[str]:
    """The colours in a part of a widget."""
    image = widget.grab(box).toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_the_element_stays_while_the_same_array_is_told(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/broadcast_bias")
    go(window, panel, qtbot, "backward · squared (square)")
    shown(panel)[0].place((0, 1))
    window.editor.stepper.step("micro")
    window.editor.stepper.back("micro")
    go(window, panel, qtbot, "backward · squared (square)")
    assert shown(panel)[0].index == (0, 1)


def test_places_are_read_as_they_are_written() -> None:
    assert read_place(spelled((1, 2)), (2, 3)) == (1, 2)
    assert read_place("−1, 0", (2, 3)) == (1, 0)
    assert read_place("1", (2, 3)) is None
    assert read_place("2, 0", (2, 3)) is None
    assert read_place("one", (3,)) is None


def test_many_elements_are_sampled_evenly() -> None:
    session = Session()
    with session.document.transaction("Build") as t:
        t.add("input", name="x", shape=(100, 70), value=np.linspace(-3, 3, 7000).reshape(100, 70).tolist())
        t.add("sin", name="s", inputs={"x": "input0"})
    curve = curve_of(timeline_of(session).run, "sin0")
    assert curve is not None
    assert (len(curve.dots), curve.size) == (DOTS, 7000)
    assert (curve.places[0], curve.places[-1]) == (0, 6999)
    assert np.ptp(np.diff(curve.places)) <= 1
    np.testing.assert_allclose(curve.values, np.sin(curve.dots), atol=1e-6)


# What is asked for by buttons.


def test_a_check_tells_number_and_band(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · squared (square)")
    (card,) = shown(panel)
    click(card.check)
    qtbot.waitUntil(lambda: "relative error" in card.result.text.text())
    assert card.result.text.text().startswith("Check: by the rule 6, by the difference quotient 6: relative error ")
    assert card.result.bands.accessibleName() == "band of the error: good"
    go(window, panel, qtbot, "backward · negated (negative)")
    assert card.result.isHidden()  # that was of another step


def test_the_verdict_of_a_check_is_scrolled_into_sight(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/dying_relu")
    go(window, panel, qtbot, "backward · h (relu)")
    window.resize(1000, 560)
    card, viewport = shown(panel)[0], panel.scrolled.viewport()
    panel.scrolled.ensureWidgetVisible(card.check)
    click(card.check)
    qtbot.waitUntil(lambda: "relative error" in card.result.text.text())

    def sight() -> bool:
        place = QRect(card.result.mapTo(viewport, QPoint(0, 0)), card.result.size())
        return place.height() > 20 and viewport.rect().contains(place)

    qtbot.waitUntil(sight)


def test_a_gradient_is_split_in_every_way(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · negated (negative)")
    ledger = next(each for each in panel.page.ledgers if each.isVisible())
    for way, names in {
        "by term": ["−x", "squared", "Σ"],  # y is squared − x
        "by path": ["squared.x → y.x", "negated.x → y.y", "Σ"],
        "by port": ["squared.x", "negated.x", "Σ"],
    }.items():
        click(next(each for each in ledger.buttons.buttons() if f"by {each.text()}" == way))
        qtbot.waitUntil(lambda names=names: sorted(row[0] for row in rows(ledger.table)) == sorted(names))
        numbers = [float(row[1].replace("−", "-")) for row in rows(ledger.table)]
        assert sum(numbers[:-1]) == numbers[-1] == 5.0


def test_ways_that_are_too_long_for_their_column_are_told_by_where_they_differ(qtbot: QtBot) -> None:
    table = PartsTable(DARK, ("through", "∂", "norm", "share"))
    qtbot.addWidget(table)
    ways = [" → ".join(("first.x", middle, "exponential.x", "root.x")) for middle in ("wide.x", "wide.y → deep.x")]
    parts = [Row.of(name, None, np.array(1.0)) for name in (*ways, "the rest")]
    table.show_rows(parts, None)
    table.resize(900, 120)
    table.show()
    seen = [painted(table, row) for row in range(3)]
    assert seen == [*ways, "the rest"]
    table.resize(260, 120)
    assert [painted(table, row) for row in range(3)] == ["… → wide.x → …", "… → wide.y → deep.x → …", "the rest"]
    assert table.item(0, 0).toolTip() == ways[0]


def painted(table: PartsTable, row: int) -> str:
    """What the delegate of the first column draws in a row, before Qt shortens it."""
    option, index = QStyleOptionViewItem(), table.model().index(row, 0)
    option.rect, option.fontMetrics = table.visualRect(index), table.fontMetrics()
    table.itemDelegateForColumn(0).initStyleOption(option, index)
    return option.text


def test_a_split_that_cannot_be_says_why(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · negated (negative)")
    ledger = panel.page.ledgers[0]
    click(next(each for each in ledger.buttons.buttons() if each.text() == "sample"))
    qtbot.waitUntil(lambda: "no batch ends on its way" in ledger.notes.text())
    assert [row[0] for row in rows(ledger.table)] == ["Σ"]


def test_samples_of_a_weight_add_up_with_the_rest(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("iris_mlp")
    go(window, panel, qtbot, "update · mlp/linear_2/bias")
    ledger = panel.page.ledgers[0]
    click(next(each for each in ledger.buttons.buttons() if each.text() == "sample"))
    qtbot.waitUntil(lambda: ledger.table.rowCount() > 2)
    names = [row[0] for row in rows(ledger.table)]
    assert names == [*(f"sample {i}" for i in range(16)), "Σ"]


def test_which_sample_drives_a_bias_is_told_where_its_gradient_arrives(opened: Open, qtbot: QtBot) -> None:
    """It comes through one port, and is the sum of what all samples send back."""
    window, panel = opened("iris_mlp")
    graph = window.editor.graph
    (wire,) = graph.consumers(graph.resolve("mlp/linear_2/bias"))
    go(window, panel, qtbot, f"backward · {graph.path(wire.target)} (add)")
    ledger = next(each for each in panel.page.ledgers if each.isVisible())
    assert ledger.account is not None
    assert ledger.account.title == "mlp/linear_2/bias"
    click(next(each for each in ledger.buttons.buttons() if each.text() == "sample"))
    qtbot.waitUntil(lambda: ledger.table.rowCount() > 2)
    assert [row[0] for row in rows(ledger.table)] == [*(f"sample {i}" for i in range(16)), "Σ"]


# The panel itself.


def test_behind_another_tab_it_reads_nothing(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    window.docks.show("history")
    qtbot.waitUntil(lambda: panel.visibleRegion().isEmpty())
    window.editor.stepper.to_end()
    QTest.qWait(50)
    assert panel.reading is None
    window.docks.show("step")
    qtbot.waitUntil(lambda: panel.reading is not None)
    assert panel.page.head.title.whole() == "backward · negated (negative)"


def test_at_rest_it_says_what_to_do_and_a_button_does_it(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    qtbot.waitUntil(lambda: panel.hint.text() == AT_START)
    window.editor.stepper.leave()
    qtbot.waitUntil(lambda: panel.hint.text() == AT_REST)
    assert panel.begin.isVisible()
    click(panel.begin)
    qtbot.waitUntil(lambda: panel.reading is not None)
    assert panel.page.head.title.whole() == "forward · what is given"
    assert rows(panel.page.given) == [["x", "3.0000", "3.0000"]]


def test_an_edit_makes_it_stale(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · squared (square)")
    assert panel.page.head.stale.isHidden()
    window.editor.attempt("Edit", lambda t: t.set_param(window.editor.graph.resolve("x"), "value", 5.0))
    qtbot.waitUntil(lambda: panel.page.head.stale.isVisible())


def test_another_theme_shows_the_same_step(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · negated (negative)")
    before = told(shown(panel)[0]), rows(panel.page.ledgers[0].table)
    panel.set_theme(LIGHT)
    qtbot.waitUntil(lambda: bool(shown(panel)))
    assert (told(shown(panel)[0]), rows(panel.page.ledgers[0].table)) == before


def test_sections_stand_side_by_side_where_there_is_room(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · negated (negative)")
    sections = [panel.page.plot, shown(panel)[0], panel.page.ledgers[0]]
    qtbot.waitUntil(lambda: len({each.mapTo(panel.page, each.rect().topLeft()).x() for each in sections}) == 3)
    window.docks.docks["step"].setFloating(True)
    window.docks.docks["step"].resize(300, 500)
    qtbot.waitUntil(lambda: len({each.mapTo(panel.page, each.rect().topLeft()).x() for each in sections}) == 1)
    tops = [each.mapTo(panel.page, each.rect().topLeft()).y() for each in sections]
    assert tops == sorted(tops)
    assert panel.scrolled.horizontalScrollBar().maximum() == 0


def test_all_that_can_be_done_has_a_name_and_takes_the_keyboard(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/broadcast_bias")
    go(window, panel, qtbot, "backward · squared (square)")
    reached = {panel.page.plot, *shown(panel)[0].findChildren(QAbstractButton), shown(panel)[0].field}
    for widget in reached:
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget
        assert widget.accessibleName() or widget.text(), widget


# Formulas.


@pytest.mark.parametrize("name", [op.name for op in builtin()])
def test_the_formula_of_every_op_is_typeset(name: str) -> None:
    drawn = QSvgRenderer()
    assert drawn.load(QByteArray(typeset(builtin()[name].formula)))
    assert not drawn.boundsOnElement("").isEmpty() or drawn.defaultSize().width() > 4


def test_a_formula_that_cannot_be_set_stands_as_text(show_formula: Formula, qtbot: QtBot) -> None:
    show_formula.show_formula(r"\frac{1}{n}")
    qtbot.waitUntil(lambda: show_formula.typeset)
    tall = show_formula.sizeHint().height()
    show_formula.show_formula(r"\left( x")  # never closed
    assert show_formula._worker is not None
    qtbot.waitUntil(lambda: not show_formula._worker.busy)
    assert not show_formula.typeset
    assert show_formula.sizeHint().height() < tall
    assert show_formula.accessibleName() == "formula (x"


@pytest.fixture
def show_formula(qtbot: QtBot) -> Formula:
    made = Formula(LIGHT)
    qtbot.addWidget(made)
    return made


def test_a_ledger_names_its_gradient_in_full_where_it_is_narrow(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    go(window, panel, qtbot, "backward · squared (square)")
    ledger = next(each for each in panel.page.ledgers if each.isVisible())
    account = ledger.account._replace(title="encoder.weight")
    for width in (700, 260):
        ledger.setFixedWidth(width)
        ledger.show_account(account)
        qtbot.waitUntil(lambda: ledger.title.text() == "gradient of encoder.weight")
        assert all(ledger.rect().contains(button.geometry()) for button in ledger.buttons.buttons())
    assert min(button.y() for button in ledger.buttons.buttons()) >= ledger.title.geometry().bottom()


def test_a_click_leaves_the_keyboard_where_space_steps(opened: Open, qtbot: QtBot) -> None:
    window, panel = opened("lessons/fork")
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    go(window, panel, qtbot, "backward · squared (square)")
    window.canvas.setFocus()
    qtbot.waitUntil(lambda: keyboard() is window.canvas)
    for button in (shown(panel)[0].check, panel.page.ledgers[0].findChildren(QPushButton)[1]):
        click(button)
        assert keyboard() is window.canvas
        before = window.editor.stepper.cursor
        QTest.keyClick(keyboard(), Qt.Key.Key_Space)
        qtbot.waitUntil(lambda before=before: window.editor.stepper.cursor != before)
        go(window, panel, qtbot, "backward · squared (square)")
