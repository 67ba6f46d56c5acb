"""The card of a finding: a mend with a long name is read in whole, however narrow the panel is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gradwire.app.training.finding_card import FindingCard

MEND = "Let leaky_relu take the place of fc1.activation, fc2.activation and 2 more"


@pytest.mark.parametrize(("wide", "lines"), [(220, 3), (340, 2), (700, 1)])
def test_the_text_of_a_mend_goes_on_in_further_lines(wide: int, lines: int, qtbot: QtBot) -> None:
    told: Any = SimpleNamespace(
        rule="dead units", level="alert", text="41 % of units are dead", began=120, mend="smaller steps", about=""
    )
    around, card = QWidget(), FindingCard()
    qtbot.addWidget(around)
    column = QVBoxLayout(around)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(card)
    column.addStretch()
    card.show_finding(told, "fc1", MEND)
    around.resize(wide, 400)
    around.show()
    qtbot.waitUntil(lambda: card.width() == wide and card.mend.height() > 1)
    mend = card.mend
    assert mend.width() <= wide
    one, room = mend.fontMetrics().height(), mend._inside(mend.rect())
    flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    needed = mend.fontMetrics().boundingRect(QRect(0, 0, room.width(), 1000), flags, MEND)
    assert round(needed.height() / one) == lines
    assert room.height() >= needed.height() - 1
    assert room.width() >= needed.width()
