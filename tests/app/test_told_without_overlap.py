"""Words on the canvas, in captions, in the palette and in the inspector: none covers another, each says what it is."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot
from timelines import timeline_of
from windows import Place

from gradwire.app.canvas.badges import HIGH, LOW, growth
from gradwire.app.canvas.fates import AWAY
from gradwire.app.canvas.fates import HIGH as WORDS_HIGH
from gradwire.app.canvas.frame_titles import title_of
from gradwire.app.canvas.lettering import GROUP, metrics
from gradwire.app.canvas.nesting import FRAME_TOP
from gradwire.app.canvas.stepping.caption import caption
from gradwire.app.canvas.stepping.forked import forked_badges
from gradwire.app.inspecting.parts import ArrayPreview
from gradwire.app.keys.command_palette import CommandPalette
from gradwire.app.look.theme import DARK
from gradwire.core.document import Document
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment


@pytest.mark.parametrize("zoom", [0.24, 0.36, 0.5, 0.6, 0.8, 1.0, 2.0])
def test_the_name_of_a_group_stands_above_the_badges_of_what_it_holds(zoom: float, place: Place) -> None:
    scene = place.start(place.copy("digits_cnn.gw")).canvas.scene
    item = scene.items.at(scene.items.nesting.frames[0])
    title = title_of(item, 400.0, zoom, within=False)
    assert title is not None
    letters = metrics(GROUP).ascent() * title.size  # from the middle of the line half to either side
    bottom = title.top + title.high * title.size / 2 + letters / 2
    badges = (FRAME_TOP + LOW - HIGH * growth(zoom)) * zoom
    assert bottom <= badges + 1.5


def test_a_value_put_in_by_hand_is_told_beside_the_words_of_memory(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/chain_rule.gw"))
    window.show()
    editor, scene = window.editor, window.canvas.scene
    qtbot.waitUntil(lambda: editor.stepper.active)
    id = editor.graph.resolve("prediction")
    editor.stepper.to_end()
    assert editor.branching.fork(id, "9") is None
    qtbot.waitUntil(lambda: bool(editor.branching.here))
    ((text, badge),) = forked_badges(scene, editor.branching.here).values()
    x, y, wide, high = scene.rect(id)
    assert text == "forked: 9"
    assert not badge.intersects(QRectF(x, y + high + AWAY, wide, WORDS_HIGH))
    assert not badge.intersects(QRectF(*scene.rect(editor.graph.resolve("target"))))


def test_integers_in_a_caption_are_told_as_integers() -> None:
    document = Document()
    with document.transaction("Draw") as t:
        x = t.add("constant", name="x", value=[0.5, 3.0])
        pick = t.add("argmax", name="pick", inputs={"x": x})
        t.add("square", name="out", inputs={"x": pick})
    timeline = timeline_of(Session(document))
    lines = [line for at in range(len(timeline.steps) + 1) for line in caption(Moment(timeline, Cursor(at)), 3)]
    assert any("1² = 1" in line for line in lines)
    assert not any("1.000²" in line for line in lines)


def test_the_palette_says_why_nothing_is_compared(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    window.show()
    qtbot.waitUntil(lambda: window.editor.results.timeline is not None)
    palette = CommandPalette(window)
    palette.field.setText("Compare with the remembered")
    assert palette.footer_text(0).startswith("Not now: no moment is remembered yet: K remembers this one. ")


def test_in_the_inspector_only_what_is_not_finite_has_its_colour(qtbot: QtBot) -> None:
    preview = ArrayPreview(DARK)
    qtbot.addWidget(preview)
    preview.show_array(np.array([[1.0, np.nan], [-np.inf, 2.0]]), "")
    assert re.findall(rf"color: {DARK.nonfinite}'>([^<]*)<", preview.cells.text()) == ["NaN", "−∞"]
    assert preview.cells.property("role") == ""
    preview.show_array(np.array([1.0, 2.0]), "")
    assert preview.cells.text().split() == ["1.0000", "2.0000"]
