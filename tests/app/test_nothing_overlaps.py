"""Chips, names of frames, badges and words stand beside each other, of random graphs and at any zoom."""

from __future__ import annotations

import random
from functools import partial
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.fates import HIGH
from gradwire.app.canvas.left_free import badges_of, room_beneath
from gradwire.app.canvas.lettering import LABEL, width
from gradwire.app.canvas.nodes import TEXTS
from gradwire.app.canvas.scene import Scene
from gradwire.app.canvas.stepping import chip_places
from gradwire.app.canvas.stepping.forks import Chip, circle, placed
from gradwire.app.canvas.stepping.junctions import junctions
from gradwire.app.export.headless import stepped
from gradwire.app.look.theme import DARK
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.evaluating import Asked, Evaluator
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, Timeline, lay_out

OPS = {"tanh": "x", "multiply": "xy", "add": "xy", "maximum": "xy"}
NAMES = ("h", "hidden", "of a long name")


def drawn(seed: int, count: int = 14, frames: bool = False) -> Session:
    """Nodes in close columns, each of which takes what some before it give; in `frames` one within the other."""
    choose, document = random.Random(seed), Document()
    with document.transaction("Build") as t:
        outer = t.add_group("outer block") if frames else None
        inner = t.add_group("inner block", group=outer) if frames else None
        ids = [
            t.add("parameter", init="constant", shape=[choose.choice([1, 3])], value=1.0, position=(-300, 150 * row))
            for row in range(2)
        ]
        for number in range(count):
            op = choose.choice(list(OPS))
            inputs = {port: choose.choice(ids[-6:]) for port in OPS[op]}
            column, row = divmod(number, 3)
            place = column * 220 + choose.choice([0, 15, 30]), row * 150 + choose.choice([0, 10, 22])
            name, group = f"{choose.choice(NAMES)} {number}", inner if column < 2 else outer
            ids.append(t.add(op, name=name, inputs=inputs, position=place, group=group))
        ends = [id for id in ids if not t.graph.consumers(id)]
        total, far = ends[0], 220 * (count // 3 + 1)
        for number, end in enumerate(ends[1:]):
            total = t.add("add", inputs={"x": total, "y": end}, position=(far + 220 * number, -220))
        t.add("sum", name="loss", inputs={"x": total}, position=(far + 220 * len(ends), -220))
    return Session(document)


def timeline_of(session: Session) -> Timeline:
    run = Evaluator(session.registry).evaluate(Asked.of(session))
    assert run is not None
    return lay_out(run, session.registry)


def chips_of(scene: Scene, moment: Moment) -> dict[str, Chip]:
    shown = list(junctions(scene, moment))
    return {f"{j.source} {chip.text}": chip for j, chips in placed(scene, shown, 3, []) for chip in chips}


@pytest.mark.parametrize("seed", range(4))
def test_parts_that_meet_at_forks_cover_no_node_and_no_other_part_and_stay(seed: int, qapp: QApplication) -> None:
    session = drawn(seed)
    timeline = timeline_of(session)
    still = stepped(session, DARK, timeline)
    scene, end = Scene(still, gradients=True), Moment(timeline, timeline.end)
    found = chips_of(scene, end)
    assert len(found) > 8
    others = [QRectF(*scene.rect(id)) for id in session.graph.nodes] + [circle(j) for j in junctions(scene, end)]
    for text, chip in found.items():
        assert not [other for other in others if other.intersects(chip.place)], text
    assert not [(a, b) for a, b in combinations(found, 2) if found[a].place.intersects(found[b].place)]
    backwards = [step for step in range(timeline.end.step) if timeline.steps[step].deliveries]
    stepped_through = Scene(still, gradients=True)
    for step in backwards[len(backwards) // 3 :: 4]:
        for text, chip in chips_of(stepped_through, Moment(timeline, Cursor(step))).items():
            assert chip.place == found[text].place, text


@pytest.mark.parametrize("seed", range(4))
def test_parts_at_forks_stay_while_the_view_goes_over_the_graph(seed: int, qapp: QApplication) -> None:
    """Forks come into view whose parts came earlier: they find room beside those that stand."""
    session = drawn(seed)
    timeline = timeline_of(session)
    scene, end = Scene(stepped(session, DARK, timeline), gradients=True), Moment(timeline, timeline.end)
    seen: dict[str, Chip] = {}
    left, right = (float(edge) for edge in (scene.items.boxes[:, 0].min(), scene.items.boxes[:, 0].max()))
    for x in np.linspace(right, left, 12):
        wires = scene.wires.within(x - 200.0, -1e6, x + 200.0, 1e6)
        for junction, chips in placed(scene, list(junctions(scene, end, wires)), 3, []):
            for chip in chips:
                name = f"{junction.source} {chip.wire}"
                assert chip.place == seen.setdefault(name, chip).place, name
    assert len(seen) > 8
    assert not [(a, b) for a, b in combinations(seen, 2) if seen[a].place.intersects(seen[b].place)]


def test_places_of_parts_are_remembered_for_as_many_as_are_shown(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that change, as in a film, ask for other places while nothing moves."""
    session = drawn(0, count=2)
    scene = Scene(stepped(session, DARK, timeline_of(session)), gradients=True)
    monkeypatch.setattr(chip_places._rooms, "_most", 10)
    port, slot = next(iter(scene.wires.slots.items()))
    path = scene.wires.paths(np.array([slot]), 8)[0]
    places = [chip_places.kept_on_wire(scene, path, [(40.0 + wide, 14.0)], [], port) for wide in (*range(15), 0)]
    assert places[0] == places[-1]
    assert len(chip_places._rooms._known[scene][1]) == 10


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """Frames one within the other at the end of a pass, with the memory and the order of computation shown."""
    window = place.start(empty=True)
    window.resize(1500, 900)
    window.show()
    window.editor.open(drawn(3, frames=True))
    qtbot.waitUntil(lambda: not window.editor.checking.busy and bool(window.editor.shapes))
    editor, canvas = window.editor, window.canvas
    editor.attempt("Keep", lambda t: [t.set_flags(id, {"keep"}) for id in sorted(editor.graph.nodes)[::2]])
    editor.stepper.to_end()
    qtbot.waitUntil(lambda: editor.stepper.active and editor.stepper.at_end)
    editor.memory.show(True)
    qtbot.waitUntil(lambda: editor.memory.now is not None)
    canvas.order_badges = True
    return window


def test_names_of_frames_words_and_badges_stand_beside_each_other(window: Window) -> None:
    canvas, scene = window.canvas, window.canvas.scene
    named, told = 0, 0
    for zoom in (0.25, 0.32, 0.4, 0.5, 0.59, 0.6, 0.7, 0.85, 1.0):
        canvas.zoom_to(zoom)
        scale = canvas.view.scale
        boxes = {slot: QRectF(*scene.items.boxes[slot].tolist()) for slot in scene.items.solid().tolist()}
        borne = {
            slot: [badge.place.translated(box.topLeft()) for badge in badges_of(canvas, scale, scene.items.at(slot))]
            for slot, box in boxes.items()
        }
        every = [place for places in borne.values() for place in places]
        for frame in scene.items.nesting.frames:
            title = scene.find.title(frame, scale)
            if title is not None:
                left, top, right, low = title.rect(scale)
                tall = 9.0 * title.size / scale  # of the letters, in the middle of their line
                middle = (top + low) / 2
                name = QRectF(left, middle - tall / 2, right - left, tall).translated(*boxes_left(scene, frame))
                assert not [place for place in every if place.intersects(name)], (zoom, title.name)
                named += 1
        for slot, box in boxes.items():
            fates = canvas.values.of(scene.items.at(slot).sources[0], canvas.theme, 3).fates
            text = "" if fates is None or scale < TEXTS else fates.words
            room = room_beneath(scene, slot, text, partial(badges_of, canvas, scale)) if text else None
            if room is not None:
                wide = min(width(text, LABEL), room.right - room.left)
                words = QRectF(box.left() + room.left, box.bottom() + room.away, wide, HIGH - 1)
                others = [other for number, other in boxes.items() if number != slot]
                assert not [place for place in (*every, *others) if place.intersects(words)], (zoom, text)
                told += 1
    assert named > 12
    assert told > 20


def boxes_left(scene: Scene, frame: int) -> tuple[float, float]:
    left, top = scene.items.boxes[frame, :2].tolist()
    return left, top
