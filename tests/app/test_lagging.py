"""What follows after a while: the last of what happens fast, and some of it meanwhile."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QObject
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradwire.app.lagging import AT_LAST, BEHIND, Lagging


def test_what_happens_once_is_followed_once(qtbot: QtBot) -> None:
    parent, due = QObject(), []
    lag = Lagging(parent)
    lag.due.connect(lambda: due.append(monotonic()))
    begun = monotonic()
    lag.happen()
    qtbot.waitUntil(lambda: bool(due))
    QTest.qWait(AT_LAST + 50)
    (at,) = due
    assert at - begun >= 0.9 * BEHIND / 1000


def test_what_goes_on_happening_is_followed_seldom_and_in_the_end(qtbot: QtBot) -> None:
    parent, followed, happened = QObject(), [], []
    lag = Lagging(parent)
    lag.due.connect(lambda: followed.append(happened[-1]))
    begun = monotonic()
    while monotonic() - begun < 5 * AT_LAST / 1000:
        happened.append(len(happened))
        lag.happen()
        QTest.qWait(5)
    qtbot.waitUntil(lambda: bool(followed) and followed[-1] == happened[-1])
    assert 1 < len(followed) <= 7 or len(happened) < 40  # on a machine that holds us up a pause is an end
