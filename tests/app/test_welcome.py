"""The welcome page: lessons and examples as pictures, recent files, and what a click, a double-click and a key do."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QFontMetrics, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidgetItem
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place, keyboard

from gradwire.app.files.examples import LESSONS, examples, lessons
from gradwire.app.look.fonts import text_font
from gradwire.app.look.wrapping import wrapped
from gradwire.app.welcome import gallery
from gradwire.app.welcome.album import Album, Entry
from gradwire.app.welcome.cards import ABOUT, PICTURE
from gradwire.app.welcome.gallery import file_of
from gradwire.app.window import Window


def entry(window: Window, title: str) -> QListWidgetItem:
    return next(item for item in window.welcome.gallery.entries() if item.text() == title)


def click(window: Window, title: str) -> None:
    shown, item = window.welcome.gallery, entry(window, title)
    shown.scrollToItem(item)
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualItemRect(item).center())


def test_without_a_file_the_welcome_page_shows_lessons_and_then_examples(place: Place) -> None:
    window = place.start()
    assert not window.shows_canvas
    shown = window.welcome.gallery
    texts = [shown.item(row).text() for row in range(shown.count())]
    assert texts[0].startswith("Lessons")
    assert texts[1:14] == [f"{number}. {name.replace('_', ' ')}" for number, name in enumerate(LESSONS, 1)]
    assert texts[14] == "Examples"
    assert "sin plus product" in texts[15:]
    assert [file_of(item) for item in shown.entries()] == [*lessons(), *examples()]
    brought = [path.stem for path in examples() if path.parent != EXAMPLES]
    assert brought == ["edges_of_digits"]  # of the plugin vision
    assert len(list(EXAMPLES.glob("*.gw"))) + len(brought) == len(examples())


def test_a_heading_has_a_row_for_itself_and_opens_nothing(place: Place) -> None:
    window = place.start()
    shown = window.welcome.gallery
    for row in (0, 14):
        heading, beneath = (shown.visualItemRect(shown.item(each)) for each in (row, row + 1))
        assert heading.bottom() < beneath.top()
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualItemRect(shown.item(0)).center())
    assert not window.shows_canvas


def test_an_example_is_opened_by_a_click(place: Place) -> None:
    window = place.start()
    click(window, "colah")
    assert window.files.name == "Copy of colah"
    assert window.shows_canvas
    assert keyboard() is window.canvas


def test_the_second_click_of_a_double_click_opens_no_search(place: Place) -> None:
    window = place.start()

    def press(kind: QEvent.Type) -> None:
        at = QPointF(8, window.canvas.height() - 8)  # where there is no node
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, at, window.canvas.mapToGlobal(at), left, left, none)
        QApplication.sendEvent(window.canvas, event)

    kinds = QEvent.Type
    click(window, "colah")
    for kind in (kinds.MouseButtonDblClick, kinds.MouseButtonRelease):
        press(kind)
    assert not window.popups.search.isVisible()
    for kind in (kinds.MouseButtonPress, kinds.MouseButtonRelease, kinds.MouseButtonDblClick, kinds.MouseButtonRelease):
        press(kind)
    assert window.popups.search.isVisible()  # a double-click on the canvas itself


def test_a_lesson_begins_before_its_first_step_with_the_keyboard_on_the_timeline(place: Place, qtbot: QtBot) -> None:
    window = place.start()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    click(window, "2. fork")
    stepper = window.editor.stepper
    qtbot.waitUntil(lambda: stepper.timeline is not None)
    assert window.files.name == "Copy of fork"
    assert stepper.cursor.step == 0
    QTest.keyClick(keyboard(), Qt.Key.Key_Space)
    assert stepper.cursor.step == 1
    window.files.step_example(1)
    assert window.files.name == f"Copy of {LESSONS[2]}"
    qtbot.waitUntil(lambda: stepper.timeline is not None)
    window.files.open_example(EXAMPLES / "colah.gw")
    assert stepper.timeline is None


@pytest.mark.parametrize("way", ["named", "opened", "dropped", "linked", "copied"])
def test_a_lesson_begins_alike_however_its_file_is_opened(place: Place, qtbot: QtBot, way: str) -> None:
    path = lessons()[1]
    if way == "linked":
        path = place.folder / "mine.gw"
        path.symlink_to(lessons()[1])
    elif way == "copied":
        path = place.folder / "mine.gw"
        path.write_bytes(lessons()[1].read_bytes())
    window = place.start(path if way in ("named", "linked", "copied") else EXAMPLES / "colah.gw")
    stepper = window.editor.stepper
    if way == "opened":
        assert stepper.timeline is None
        window.files.open(path)
    elif way == "dropped":
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, none))
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    qtbot.waitUntil(lambda: stepper.timeline is not None)
    assert window.files.path == path
    assert stepper.cursor.step == 0
    QTest.keyClick(keyboard(), Qt.Key.Key_Space)
    assert stepper.cursor.step == 1


def test_a_lesson_that_was_saved_under_a_name_of_its_own_begins_as_the_lesson_does(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    window.files.open_example(lessons()[1])
    mine = place.folder / "mine.gw"
    window.editor.home.save(mine)
    window.files.open(EXAMPLES / "colah.gw")
    stepper = window.editor.stepper
    assert not stepper.active
    window.files.open(mine)
    qtbot.waitUntil(lambda: stepper.timeline is not None)
    assert stepper.cursor.step == 0


def test_the_file_menu_lists_the_lessons(place: Place, qtbot: QtBot) -> None:
    window = place.start(EXAMPLES / "colah.gw")
    offered = window.menus.menus["File/Lessons"].actions()
    assert [action.text() for action in offered][:2] == ["1. chain rule", "2. fork"]
    assert len(offered) == len(LESSONS)
    offered[0].trigger()
    assert window.files.name == "Copy of chain_rule"
    qtbot.waitUntil(lambda: window.editor.stepper.timeline is not None)


def test_the_welcome_page_draws_everything_with_its_values(place: Place, qtbot: QtBot) -> None:
    window = place.start()
    items = window.welcome.gallery.entries()
    qtbot.waitUntil(lambda: all(item.data(PICTURE) is not None for item in items))
    assert all(item.data(ABOUT) for item in items)
    colah = entry(window, "colah")
    picture = colah.data(PICTURE).toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    purple = [name for name in colours if QColor(name).blue() > QColor(name).green() + 40 > 130]
    assert purple  # gradients are there
    assert len(list((place.folder / "cache" / "pictures").iterdir())) == len(items)
    window.application.choose_theme("light")
    qtbot.waitUntil(lambda: colah.data(PICTURE).toImage().pixelColor(3, 3).lightness() > 200)


def test_pictures_are_drawn_beside_the_window_and_move_nothing_when_they_come(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, going = set(), threading.Event()
    look_up = Album.look_up

    def told(self: Album, *given: Any) -> Entry:
        threads.add(threading.current_thread())
        assert going.wait(20)
        return look_up(self, *given)

    monkeypatch.setattr(Album, "look_up", told)
    window = place.start()
    shown = window.welcome.gallery

    def places() -> list[QRect]:
        return [shown.visualItemRect(item) for item in shown.entries()]

    before = places()
    qtbot.waitUntil(lambda: bool(threads))
    assert not any(item.data(PICTURE) for item in shown.entries())
    going.set()
    qtbot.waitUntil(lambda: not shown.busy)
    assert all(item.data(PICTURE) is not None for item in shown.entries())
    assert places() == before
    assert len(threads) == 1
    assert threading.main_thread() not in threads


def test_a_file_that_cannot_be_read_says_why_in_its_place_and_the_others_are_drawn(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = place.folder / "bad.gw", place.copy("colah.gw")
    bad.write_text("{")
    monkeypatch.setattr(gallery, "lessons", lambda: [bad])
    monkeypatch.setattr(gallery, "examples", lambda: [good])
    window = place.start()
    first, second = window.welcome.gallery.entries()
    qtbot.waitUntil(lambda: second.data(PICTURE) is not None)
    assert first.data(PICTURE) is None
    assert "bad.gw" in first.data(ABOUT)


def test_the_welcome_page_is_used_by_keyboard(place: Place) -> None:
    window = place.start()
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    shown = window.welcome.gallery
    assert keyboard() is shown
    QTest.keyClick(shown, Qt.Key.Key_Right)
    assert shown.currentItem().text() == "2. fork"
    been = []
    for _ in range(20):  # down the column, past the heading between
        been.append(shown.currentItem().text())
        QTest.keyClick(shown, Qt.Key.Key_Down)
    assert file_of(shown.currentItem()) in examples()
    assert "Examples" not in been
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert window.files.name.startswith("Copy of ")
    assert keyboard() is window.canvas


def test_a_recent_file_is_opened_from_the_welcome_page(place: Place) -> None:
    path = place.copy("colah.gw")
    window = place.start(empty=True)
    window.application.recent.add(path)
    window.show_welcome()
    item = window.welcome.recent.item(0)
    assert (item.text(), item.data(ABOUT)) == ("colah.gw", str(place.folder))
    window.welcome.recent.setFocus()
    QTest.keyClick(window.welcome.recent, Qt.Key.Key_Return)
    assert window.files.path == path


def test_a_narrow_welcome_page_has_recent_files_beneath(place: Place) -> None:
    window = place.start(empty=True)
    window.application.recent.add(place.copy("colah.gw"))
    window.show_welcome()
    for width, beneath in ((1000, False), (500, True)):
        window.welcome.resize(width, 600)
        window.welcome.layout().activate()
        gallery_at, recent_at = window.welcome.gallery.geometry(), window.welcome.recent.geometry()
        assert (recent_at.top() > gallery_at.bottom()) == beneath
        assert (recent_at.left() > gallery_at.right()) == (not beneath)
        assert recent_at.right() < width


def test_a_text_is_cut_behind_its_last_line(place: Place) -> None:
    place.start(empty=True)
    text = "one two three four five six"
    room = QFontMetrics(text_font()).horizontalAdvance("one two three")
    assert wrapped(text, text_font(), room + 2, 2) == ["one two three", "four five six"]
    lines = wrapped(text * 3, text_font(), room + 2, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert wrapped("", text_font(), 100, 2) == [""]
