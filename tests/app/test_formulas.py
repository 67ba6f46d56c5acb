"""Formulas set as mathematics: that of every op, with all its letters, whole and no higher than a few lines."""

from __future__ import annotations

import re
from html import unescape

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from gradwire.app.look.theme import DARK, LIGHT, Theme
from gradwire.app.reference.op_card import OpCard
from gradwire.app.step_card.typesetting import SIZE, Formula, typeset
from gradwire.core.op import Op
from gradwire.core.ops import builtin

pytestmark = pytest.mark.filterwarnings("ignore:path is deprecated:DeprecationWarning")  # by ziamath as it loads
OPS = list(builtin())
HIGHEST = 3.5 * SIZE  # a fraction of sums is as high as that
NUMBER = r"-?\d+(?:\.\d+)?"


def lacking(latex: str) -> list[str]:
    """What is not set of a formula: commands that are not known, letters without a glyph, operators in operators."""
    from ziamath import Latex
    from ziamath.zmath import tex2mml

    mathml, font = tex2mml(latex), Latex("x").font
    texts = [unescape(text) for text in re.findall(r">([^<>]+)<", mathml)]
    unknown = [text for text in texts if "\\" in text]
    left_out = re.findall(r"<mo>\s*<m\w+>", mathml)
    without_glyph = [letter for text in texts for letter in text if not (letter.isspace() or font.glyphindex(letter))]
    return [*unknown, *left_out, *without_glyph]


def test_what_is_lacking_is_noticed() -> None:
    assert lacking(r"\foo x") == [r"\foo"]
    assert lacking(r"x \mathrel{+}= y") == ["<mo><mrow>"]
    assert lacking("漢") == ["漢"]


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_the_formula_of_every_op_is_set_with_all_that_stands_in_it(op: Op) -> None:
    assert lacking(op.formula) == []


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_no_formula_is_cut_off_or_higher_than_a_few_lines(op: Op) -> None:
    svg = typeset(op.formula).decode()
    left, top, wide, high = map(float, re.search(r'viewBox="([^"]+)"', svg)[1].split())
    assert high <= HIGHEST
    paths = " ".join(re.findall(r'd="([^"]+)"', svg))
    places = re.findall(rf"[MLQ] ({NUMBER}) ({NUMBER})(?: ({NUMBER}) ({NUMBER}))?", paths)
    assert places
    for each in places:
        across, down = [float(x) for x in each[::2] if x], [float(y) for y in each[1::2] if y]
        assert all(left - 1 <= x <= left + wide + 1 for x in across)
        assert all(top - 1 <= y <= top + high + 1 for y in down)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("name", ["huber", "quantile", "conv2d_weight", "batch_norm"])
def test_the_card_shows_a_long_formula_whole_in_the_colour_of_its_theme(qtbot: QtBot, name: str, theme: Theme) -> None:
    card = OpCard(builtin()[name], theme)
    qtbot.addWidget(card)
    card.show()
    qtbot.waitExposed(card).__enter__()
    formula = card.findChild(Formula)
    assert isinstance(formula, Formula)
    qtbot.waitUntil(lambda: formula.typeset)
    qtbot.waitUntil(lambda: formula.height() >= formula.sizeHint().height())
    image = card.grab(QRect(formula.mapTo(card, QPoint()), formula.size())).toImage()
    ink = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if near(image.pixelColor(x, y), QColor(theme.text))
    ]
    assert ink
    columns, rows = [x for x, _ in ink], [y for _, y in ink]
    assert max(columns) < image.width() - 1
    assert 0 < min(rows) < max(rows) < image.height() - 1


def near(first: QColor, second: QColor) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(first.getRgb(), second.getRgb(), strict=True))
