"""The inspector while one edits: what was refused goes in time, and rows stay where they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradwire.app.editor import Editor
from gradwire.app.inspecting.contributions import ContributionBars
from gradwire.app.inspecting.fields import Field
from gradwire.app.inspecting.sheet import small
from gradwire.app.look.theme import DARK
from gradwire.app.panels.inspector import InspectorPanel
from gradwire.core.graph import Source
from gradwire.core.layers import build

REFUSED = "conv2d: in_channels must be an integer of 1 or more, got 'same'"


@pytest.fixture
def panel(show_panel: Callable[[type, int, int], InspectorPanel]) -> InspectorPanel:
    return show_panel(InspectorPanel, 300, 900)


def enter(field: Field, text: str) -> None:
    assert field.text is not None
    field.text.window().activateWindow()
    field.text.setFocus()
    field.text.selectAll()
    QTest.keyClicks(field.text, text)
    QTest.keyClick(field.text, Qt.Key.Key_Return)


def refused(panel: InspectorPanel) -> tuple[str, str, bool]:
    """A convolution is selected, and `same` is typed for its channels: the field, and whether it is red."""
    made = panel.editor.attempt("build", lambda t: build(t, "conv2d", in_channels=1, out_channels=4))
    panel.editor.select([made.group])
    panel.refresh()
    enter(panel.page.fields["in_channels"], "same")
    return shown(panel)


def shown(panel: InspectorPanel) -> tuple[str, str, bool]:
    field = panel.page.fields["in_channels"]
    why = field.error.text() if field.error.isVisible() else ""
    return field.text.text(), why, bool(field.text.property("rejected"))


def test_a_refused_text_goes_when_another_setting_is_made(panel: InspectorPanel) -> None:
    assert refused(panel) == ("same", REFUSED, True)
    other = panel.page.fields["out_channels"]
    other.text.setFocus()
    assert shown(panel) == ("same", REFUSED, True), "one that has gone on still reads why"
    enter(other, "8")
    panel.refresh()
    assert shown(panel) == ("1", "", False)
    assert panel.editor.graph.groups[panel.page.id].built_by.params["out_channels"] == 8


def test_a_refused_text_goes_when_a_setting_is_reset_by_a_click(panel: InspectorPanel) -> None:
    refused(panel)
    enter(panel.page.fields["padding"], "2")
    panel.refresh()
    enter(panel.page.fields["in_channels"], "same")
    QTest.mouseClick(panel.page.fields["padding"].reset, Qt.MouseButton.LeftButton)  # which takes no keyboard
    panel.refresh()
    assert shown(panel) == ("1", "", False)


def test_a_refused_text_goes_at_an_undo_elsewhere_and_is_kept_while_only_the_node_is_moved(
    panel: InspectorPanel,
) -> None:
    editor = panel.editor
    refused(panel)
    panel.page.fields["stride"].text.setFocus()
    group = panel.page.id
    editor.attempt("Move", lambda t: t.move(next(iter(editor.graph.members(group).values())), (40.0, 0.0)))
    assert shown(panel) == ("same", REFUSED, True)
    editor.undo()
    editor.undo()
    editor.redo()
    panel.editor.select([group])
    panel.refresh()
    assert shown(panel) == ("1", "", False)


def test_what_is_typed_after_a_refusal_stays_while_another_setting_changes(panel: InspectorPanel) -> None:
    refused(panel)
    enter(panel.page.fields["padding"], "2")
    panel.refresh()
    enter(panel.page.fields["in_channels"], "same")
    field = panel.page.fields["in_channels"].text
    field.selectAll()
    QTest.keyClicks(field, "3")
    QTest.mouseClick(panel.page.fields["padding"].reset, Qt.MouseButton.LeftButton)  # which takes no keyboard
    panel.refresh()
    assert field.text() == "3"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert panel.editor.graph.groups[panel.page.id].built_by.params["in_channels"] == 3


@pytest.fixture
def shaped(editor: Editor, qtbot: QtBot) -> str:
    """Six numbers in the shape of a matrix, of which a loss is made: the node that has the shape."""

    def draw(t):
        x = t.add("input", name="x", params={"shape": (6,), "value": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)})
        shape = t.add("reshape", name="shaped", inputs={"x": x}, params={"shape": (2, 3)})
        t.add("sum", name="loss", inputs={"x": shape})
        return shape

    made = editor.attempt("Draw", draw)
    qtbot.waitUntil(lambda: editor.live.gradient(Source(made, "y")) is not None)
    return made


def settled(panel: InspectorPanel, qtbot: QtBot) -> None:
    editor = panel.editor
    qtbot.waitUntil(lambda: not editor.checking.busy and not panel.page.outputs[0].explanation.busy)
    QTest.qWait(100)


def height(panel: InspectorPanel, name: str = "shape") -> int:
    """Where the field of a setting is seen in the panel."""
    return panel.page.fields[name].mapTo(panel, QPoint()).y()


@pytest.mark.parametrize("high", [900, 320], ids=["all of it is seen", "scrolled"])
def test_a_field_stays_where_it_is_when_problems_come_and_go(
    editor: Editor, panel: InspectorPanel, qtbot: QtBot, shaped: str, high: int
) -> None:
    panel.resize(300, high)
    editor.select([shaped])
    panel.refresh()
    settled(panel, qtbot)
    field = panel.page.fields["shape"]
    panel.scrolled.ensureWidgetVisible(field)
    field.text.setFocus()
    before = height(panel)
    for text, wrong in (("(2, 4)", True), ("(3, 2)", False), ("(7, 7, 7)", True), ("(6,)", False)):
        enter(field, text)
        qtbot.waitUntil(lambda wrong=wrong: panel.page.problems.isVisible() == wrong)
        qtbot.waitUntil(lambda wrong=wrong: (editor.results.value(Source(shaped, "y")) is None) == wrong)
        settled(panel, qtbot)
        assert height(panel) == before, text


def test_a_field_stays_where_it_is_when_values_come_where_there_was_no_room(
    editor: Editor, panel: InspectorPanel, qtbot: QtBot, shaped: str
) -> None:
    editor.attempt("Set", lambda t: t.set_param(shaped, "shape", (2, 4)))
    editor.select([shaped])
    panel.refresh()
    qtbot.waitUntil(lambda: panel.page.problems.isVisible())
    settled(panel, qtbot)
    assert panel.scrolled.verticalScrollBar().maximum() == 0
    panel.page.fields["shape"].text.setFocus()
    before = height(panel)
    enter(panel.page.fields["shape"], "(3, 2)")
    qtbot.waitUntil(lambda: editor.live.gradient(Source(shaped, "y")) is not None)
    settled(panel, qtbot)
    assert height(panel) == before
    assert panel.page.outputs[0].value.cells.isVisible()


def test_blanks_go_with_another_node(editor: Editor, panel: InspectorPanel, qtbot: QtBot, shaped: str) -> None:
    editor.select([shaped])
    panel.refresh()
    settled(panel, qtbot)
    enter(panel.page.fields["shape"], "(2, 4)")
    qtbot.waitUntil(lambda: panel.page.problems.isVisible())
    settled(panel, qtbot)
    blank = panel.page.blank
    assert blank > 0
    low = height(panel)
    editor.select([])
    panel.refresh()
    editor.select([shaped])
    panel.refresh()
    settled(panel, qtbot)
    assert height(panel) == low - blank


@pytest.mark.parametrize("parts", [2, 3, 6, 9])
@pytest.mark.parametrize("width", [160, 200, 270, 400])
def test_how_parts_agree_is_read_to_its_end(qtbot: QtBot, panel: InspectorPanel, parts: int, width: int) -> None:
    bars = ContributionBars(DARK)
    qtbot.addWidget(bars)
    bars.resize(width, 300)
    bars.show()
    draw = np.random.default_rng(1)
    bars.show_rows([(str(i), f"part_{i}.x", draw.normal(0.3, 1.0, 4)) for i in range(parts)])
    lines = bars.told()
    assert " ".join(lines).replace("\u00a0", " ") == bars.agreement
    assert max(QFontMetrics(small()).horizontalAdvance(line) for line in lines) <= width
    assert not any(line.startswith(("%", "·", "cancels")) for line in lines)
    bars.resize(width, bars.sizeHint().height())
    seen = bars.grab().toImage()
    last = range(seen.height() - 2, seen.height())
    ground = seen.pixelColor(width - 1, seen.height() - 1)
    assert all(seen.pixelColor(x, y) == ground for x in range(width) for y in last), "nothing is cut beneath"
