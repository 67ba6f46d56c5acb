"""What is told on the canvas covers no numbers, is seen, and tells signs and what is not finite as what they are."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.canvas.anatomy import FRAME
from gradwire.app.canvas.looks import GRADIENT_LOOKS, LOOKS, Look
from gradwire.app.canvas.looks.images import Pictures, strongest
from gradwire.app.canvas.scene import Scene
from gradwire.app.canvas.stepping import forks
from gradwire.app.canvas.stepping.caption import Caption
from gradwire.app.canvas.stepping.caption_place import BERTHS, FOOT, berth, concerned
from gradwire.app.canvas.stepping.chip_places import kept_clear, on_wire
from gradwire.app.canvas.stepping.forked import forked_badges
from gradwire.app.canvas.stepping.junctions import junctions
from gradwire.app.editing.expanding import expand
from gradwire.app.export.still import Results, Still
from gradwire.app.files.examples import lessons
from gradwire.app.inspecting.contributions import ContributionBars
from gradwire.app.look.theme import DARK, LIGHT, Theme
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.session import Session
from gradwire.core.stepping import Moment

BADGE = 13.0  # scene units above a node


def opened(place: Place, qtbot: QtBot, path, width: int = 1500, height: int = 900) -> Window:
    window = place.start(empty=True)
    window.resize(width, height)
    window.show()
    window.files.open_example(path)
    qtbot.waitUntil(lambda: not window.editor.checking.busy and bool(window.editor.shapes))
    qtbot.waitUntil(lambda: window.editor.stepper.active)  # a lesson stands before its first step
    window.canvas.frame()
    return window


def to_the_end(window: Window, qtbot: QtBot) -> Moment:
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.moment is not None and window.editor.stepper.moment.step is not None)
    return window.editor.stepper.moment


def boxes(window: Window) -> list[QRectF]:
    return [QRectF(*window.canvas.scene.rect(id)) for id in window.editor.graph.nodes]


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_what_meets_at_a_fork_stands_beside_all_nodes(path, place: Place, qtbot: QtBot, monkeypatch) -> None:
    window = opened(place, qtbot, path)
    to_the_end(window, qtbot)
    drawn: list[tuple[QRectF, str]] = []
    paint = forks._pill

    def record(painter, chip, theme) -> None:
        drawn.append((QRectF(chip.place), chip.text))
        paint(painter, chip, theme)

    monkeypatch.setattr(forks, "_pill", record)
    window.canvas.grab()
    meet = sum(len(j.gradient.arrived) for j in junctions(window.canvas.scene, window.editor.stepper.moment))
    assert len(drawn) == meet
    for chip, text in drawn:
        assert not [box for box in boxes(window) if box.intersects(chip)], text
    for number, (chip, text) in enumerate(drawn):
        assert not [other for other, _ in drawn[:number] if other.intersects(chip)], text


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_all_that_a_moment_adds_is_seen_once_it_is_framed(path, place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, path, 1200, 700)
    to_the_end(window, qtbot)
    canvas = window.canvas
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_A)
    canvas.grab_image()
    for chip in forks.chips_in_view(canvas):
        assert QRectF(canvas.rect()).contains(canvas.view.transform.mapRect(chip)), chip
    told = canvas.painting.telling.place
    assert not [box for box in boxes(window) if canvas.view.transform.mapRect(box).intersects(told)]


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_what_goes_while_a_moment_is_shown_leaves_the_rest_of_it_drawn(path, place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, path, 1200, 700)
    to_the_end(window, qtbot)
    canvas, editor = window.canvas, window.editor
    canvas.setFocus()
    for id in list(editor.graph.nodes):
        editor.select([id])
        QTest.keyClick(canvas, Qt.Key.Key_Delete)
        assert id not in editor.graph.nodes
        canvas.grab_image()  # pytest-qt tells of an error in painting
        editor.undo()
        canvas.grab_image()
        assert editor.stepper.active


def test_a_click_on_the_junction_shows_what_meets_there(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "fork.gw", 1200, 700)
    canvas, editor = window.canvas, window.editor
    (at,) = (each.place for each in junctions(canvas.scene, to_the_end(window, qtbot)))
    canvas.hover.over(canvas.hit(at.x(), at.y()))
    assert canvas.hover.text == "gradients meet here: a click shows the parts"
    before = editor.graph
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.view.to_screen(at.x(), at.y()).toPoint())
    assert [editor.graph.nodes[id].name for id in editor.selection] == ["x"]
    panel = window.panel("inspector")
    qtbot.waitUntil(lambda: panel.findChild(ContributionBars) is not None)
    assert [name for _, name, *_ in panel.findChild(ContributionBars).rows] == ["squared.x", "negated.x"]
    assert editor.graph is before
    editor.stepper.to_start()  # nothing has come yet: there the wire is hit
    qtbot.waitUntil(lambda: canvas.hit(at.x(), at.y()).part != "met")


def test_a_chip_without_room_on_its_wire_goes_beside_it_and_then_smaller(place: Place, qtbot: QtBot) -> None:
    scene = opened(place, qtbot, EXAMPLES / "lessons" / "chain_rule.gw").canvas.scene
    far = 5000.0
    wire = np.stack([np.linspace(far, far + 100, 20), np.full(20, far)], axis=1)
    sizes = [(80.0, 20.0), (30.0, 20.0)]
    assert on_wire(scene, wire, sizes, []) == (0, QRectF(far + 10, far - 10, 80, 20))
    half = QRectF(far, far - 5, 40, 10)
    which, chip = on_wire(scene, wire, sizes, [half])
    assert (which, chip.center().y()) == (0, far)  # outwards along the wire first
    which, chip = on_wire(scene, wire, sizes, [QRectF(far - 90, far - 1, 280, 2)])
    assert which == 0
    assert chip.bottom() < far - 1
    walls = [QRectF(far - 300, far - 100, 340, 200), QRectF(far + 80, far - 100, 340, 200)]
    which, chip = on_wire(scene, wire, sizes, walls)
    assert (which, chip.center().y()) == (1, far)
    assert far + 40 < chip.left() < chip.right() < far + 80


def laid_out() -> Session:
    """x, of three elements, is taken by relu, abs and a maximum in one column, whose boxes stand close."""
    document = Document()
    with document.transaction("build") as t:
        x = t.add("input", name="x", shape=(3,), value=[0.0, 1.0, -1.0], position=(-440, 0))
        zero = t.add("constant", name="zero", value=[0.0, 0.0, 0.0], position=(-440, 154))
        r = t.add("relu", name="r", inputs={"x": x}, position=(-220, -136))
        a = t.add("abs", name="a", inputs={"x": x}, position=(-220, 0))
        m = t.add("maximum", name="m", inputs={"x": x, "y": zero}, position=(-220, 136))
        s = t.add("add", name="s", inputs={"x": r, "y": a}, position=(0, -18))
        s2 = t.add("add", name="s2", inputs={"x": s, "y": m}, position=(220, -18))
        t.add("sum", name="loss", inputs={"x": s2}, position=(440, -18))
    return Session(document)


def named(window: Window) -> list[tuple[QRectF, str]]:
    """The parts that meet at forks: where each stands, and what it says."""
    canvas, moment = window.canvas, window.editor.stepper.moment
    shown = list(junctions(canvas.scene, moment))
    placed = forks.placed(canvas.scene, shown, canvas.decimals, kept_clear(canvas))
    return [(chip.place, chip.text) for _, chips in placed for chip in chips]


@pytest.fixture
def close(place: Place, qtbot: QtBot) -> Window:
    """The end of a pass through `laid_out`."""
    window = place.start(empty=True)
    window.resize(1500, 900)
    window.show()
    window.editor.open(laid_out())
    window.canvas.frame()
    window.editor.stepper.to_end()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    return window


def test_parts_that_meet_where_boxes_stand_close_keep_their_names_and_cover_none(close: Window) -> None:
    found = named(close)
    assert {text.split()[1] for _, text in found if text.startswith("via")} == {"r", "a", "m"}
    for number, (chip, text) in enumerate(found):
        assert not [box for box in boxes(close) if box.intersects(chip)], text
        assert not [other for other, _ in found[:number] if other.intersects(chip)], text


def test_parts_that_meet_stand_clear_of_what_says_that_a_value_was_put_in(close: Window, qtbot: QtBot) -> None:
    editor, scene = close.editor, close.canvas.scene
    assert editor.branching.fork(editor.graph.resolve("x"), "10") is None
    qtbot.waitUntil(lambda: bool(editor.branching.here))
    editor.stepper.to_end()
    ((text, badge),) = forked_badges(scene, editor.branching.here).values()
    assert text == "forked: 10"
    drawn, pill = [], forks._pill
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forks, "_pill", lambda painter, chip, theme: (drawn.append(chip), pill(painter, chip, theme)))
        close.canvas.grab_image()
    assert len(drawn) == 3
    assert not [chip.text for chip in drawn if chip.place.intersects(badge)]


def test_parts_of_what_is_not_lit_are_pale(close: Window) -> None:
    editor = close.editor
    lit = {editor.graph.resolve(name) for name in ("x", "r")}
    assert editor.spotlight.isolate(lit)
    seen, pill = {}, forks._pill
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            forks,
            "_pill",
            lambda painter, chip, theme: (
                seen.update({chip.text.split()[1]: painter.opacity()}),
                pill(painter, chip, theme),
            ),
        )
        close.canvas.grab_image()
    assert seen["r"] == 1.0
    assert max(seen["a"], seen["m"]) < 0.5


def two_losses() -> Session:
    """w is taken by two products, whose nodes leave no room for what comes back on the wires; a wire of a lies near."""
    document = Document()
    with document.transaction("build") as t:
        a = t.add("constant", name="a", value=[3.0, 1.0], position=(0, 0))
        w = t.add("parameter", name="w", init="constant", shape=[2], value=[1.0, -2.0], position=(0, 136))
        b = t.add("constant", name="b", value=[-3.0, 1.5], position=(0, 272))
        ma = t.add("multiply", name="ma", inputs={"x": w, "y": a}, position=(220, 100))
        mb = t.add("multiply", name="mb", inputs={"x": w, "y": b}, position=(220, 254))
        la = t.add("sum", name="la", inputs={"x": ma}, position=(440, 118))
        lb = t.add("sum", name="lb", inputs={"x": mb}, position=(440, 254))
        t.add("add", name="loss", inputs={"x": la, "y": lb}, position=(660, 118))
    return Session(document)


@pytest.fixture
def both(place: Place, qtbot: QtBot) -> Window:
    """The end of a pass through `two_losses`."""
    window = place.start(empty=True)
    window.resize(1400, 860)
    window.show()
    window.editor.open(two_losses())
    qtbot.waitUntil(lambda: not window.editor.checking.busy and bool(window.editor.shapes))
    window.canvas.frame()
    to_the_end(window, qtbot)
    return window


def wires_of(window: Window) -> dict[tuple[str, str], np.ndarray]:
    """The points of each wire, by the name of the node that it ends at and the port."""
    scene, graph = window.canvas.scene, window.editor.graph
    slots = list(scene.wires.slots.items())
    paths = scene.wires.paths(np.array([slot for _, slot in slots]), 40)
    return {(graph.nodes[id].name, port): path for ((id, port), _), path in zip(slots, paths, strict=True)}


def test_a_part_without_room_on_its_wire_is_joined_with_it_and_lies_on_no_other(both: Window) -> None:
    canvas, moment, paths = both.canvas, both.editor.stepper.moment, wires_of(both)
    placed = forks.placed(canvas.scene, list(junctions(canvas.scene, moment)), 3, kept_clear(canvas))
    chips = {chip.text.split()[1]: chip for _, chips in placed for chip in chips}
    assert chips.keys() == {"ma", "mb"}
    for name, chip in chips.items():
        assert not [box for box in boxes(both) if box.intersects(chip.place)], name
        for port, path in paths.items():
            if port != (name, "x"):
                assert not [point for point in path if chip.place.contains(*point)], (name, port)
        line, own = chip.stem, paths[name, "x"]
        assert line is not None
        assert np.hypot(*(own - line.p1().toTuple()).T).min() < 3.0
        assert chip.place.adjusted(-1, -1, 1, 1).contains(line.p2())
    drawn = canvas.grab_image()
    for chip in chips.values():
        at = canvas.view.to_screen(*chip.stem.pointAt(0.8).toTuple())
        seen = [drawn.pixelColor(round(at.x()) + dx, round(at.y()) + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        assert any(abs(each.blue() - QColor(canvas.theme.gradient).blue()) < 60 for each in seen)


def shown_caption(window: Window, monkeypatch: pytest.MonkeyPatch) -> tuple[QRectF, Caption]:
    """The caption that the canvas draws, and where it stands."""
    drawn: list[tuple[QRectF, Caption]] = []

    def record(caption: Caption, painter: QPainter, theme: Theme, middle: float, top: float) -> None:
        size = caption.size
        drawn.append((QRectF(middle - size.width() / 2, top, size.width(), size.height()), caption))

    with monkeypatch.context() as patch:
        patch.setattr(Caption, "paint", record)
        window.canvas.grab_image()
    return drawn[-1]


def test_a_caption_covers_none_of_the_parts_that_it_adds_up(both: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = both.canvas
    for kept in BERTHS:
        canvas.painting.telling._berth = kept
        box, caption = shown_caption(both, monkeypatch)
        assert "cancellation" in caption.lines[-1]
        assert not [text for place, text in named(both) if canvas.view.transform.mapRect(place).intersects(box)], kept


def test_a_caption_is_narrower_where_only_so_it_covers_no_number_of_its_step(
    place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "not_zeroed.gw", 1400, 920)
    stepper, canvas = window.editor.stepper, window.canvas
    narrower = 0
    for _ in range(20):  # into the third iteration
        before = stepper.moment
        stepper.step()
        qtbot.waitUntil(lambda before=before: stepper.moment is not before)  # the next iteration is recorded first
        box, caption = shown_caption(window, monkeypatch)
        for id in concerned(stepper.moment):
            numbers = QRectF(*canvas.scene.rect(id)).adjusted(4, 4, -4, -4)  # none stands at the very edge
            assert not canvas.view.transform.mapRect(numbers).intersects(box), caption.lines
        narrower += len(caption.lines) > len(Caption.on_canvas(stepper.moment, 3).lines)
    assert stepper.number == 3
    assert narrower


def test_a_caption_covers_no_word_of_what_is_freed(place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "softmax_cross_entropy.gw", 1400, 920)
    canvas = window.canvas
    window.editor.memory.show(True)
    to_the_end(window, qtbot)
    qtbot.waitUntil(lambda: window.editor.memory.now is not None)
    box, caption = shown_caption(window, monkeypatch)
    assert caption.lines[-1].startswith("memory")
    words = [QRectF(place.left(), place.bottom(), place.width(), 18) for place in boxes(window)]
    assert not [word for word in words if canvas.view.transform.mapRect(word).intersects(box)]


@pytest.mark.parametrize("path", [*lessons(), *sorted(EXAMPLES.glob("*.gw"))], ids=lambda path: path.stem)
def test_there_is_room_for_badges_between_the_nodes_of_an_example(path: Path, qapp: QApplication) -> None:
    session = Session.open(path)
    checked = session.check()
    seen = Still(session.graph, session.registry, None, checked.shapes, checked.problems, Results({}, {}), LIGHT)
    scene = Scene(seen)
    solid = [id for id in scene.visible if scene.item(id).kind != FRAME]
    for one, other in combinations(solid, 2):
        box = QRectF(*scene.rect(one)).adjusted(0, -BADGE, 0, BADGE)
        assert not box.intersects(QRectF(*scene.rect(other))), (session.graph.path(one), session.graph.path(other))


def caption_of(window: Window) -> tuple[Caption, set[str]]:
    moment = window.editor.stepper.moment
    assert moment is not None
    return Caption.on_canvas(moment, window.canvas.decimals), concerned(moment)


def covered(window: Window, place, size: QSizeF, ids: set[str]) -> float:
    canvas = window.canvas
    box = QRectF(place.corner(canvas, size), size)
    screen = [canvas.view.transform.mapRect(QRectF(*canvas.scene.rect(id))) for id in ids]
    return sum(over.width() * over.height() for over in map(box.intersected, screen))


@pytest.mark.parametrize("name", ["not_zeroed", "where_nan", "fork", "softmax_cross_entropy"])
def test_no_caption_covers_the_nodes_that_it_speaks_of(name: str, place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / f"{name}.gw", 1600, 960)
    stepper, kept, stood = window.editor.stepper, FOOT, []
    for _ in range(12):
        stepper.step()
        qtbot.wait(30)
        caption, ids = caption_of(window)
        kept = berth(window.canvas, caption.size, ids, kept)
        stood.append(kept)
        best = min(covered(window, each, caption.size, ids) for each in BERTHS)
        assert covered(window, kept, caption.size, ids) <= max(best, 250.0)
    jumps = sum(a != b for a, b in pairwise(stood))
    assert jumps <= 2


def test_a_caption_goes_aside_or_above_where_it_would_cover_its_node(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "fork.gw")
    canvas, size = window.canvas, QSizeF(300, 60)
    id = next(iter(window.editor.graph.nodes))
    x, y, wide, high = canvas.scene.rect(id)
    assert berth(canvas, size) == FOOT
    canvas.view.scale = 1.0
    canvas.view.place(canvas.width() / 2 - x - wide / 2, canvas.height() - 60 - y - high)
    found = berth(canvas, size, [id])
    assert found != FOOT
    assert covered(window, found, size, {id}) == 0
    assert berth(canvas, size, [id], found) == found


@pytest.mark.parametrize("wide", [200.0, 380.0, 600.0, 2000.0])
def test_no_caption_stands_beneath_the_minimap(wide: float, place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "fork.gw", 1000, 760)
    canvas = window.canvas
    canvas.zoom_to(2.0)
    canvas.grab_image()
    map = canvas.minimap.place(canvas.width(), canvas.height())
    assert canvas.minimap.holds(map.center(), canvas.width(), canvas.height())  # it is there
    size = QSizeF(min(wide, canvas.width() - 32.0), 60)
    for each in BERTHS:
        box = QRectF(each.corner(canvas, size), size)
        assert not box.intersects(map), each
        assert QRectF(canvas.rect()).contains(box), each
    canvas.frame()
    canvas.grab_image()
    assert FOOT.corner(canvas, QSizeF(canvas.width() - 32.0, 60)).y() == canvas.height() - 76  # all is seen: no map


def test_all_of_what_is_expanded_is_seen_above_the_captions(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "softmax_cross_entropy.gw", 1100, 700)
    canvas, editor = window.canvas, window.editor
    canvas.zoom_to(1.2)
    expand(canvas, editor.graph.resolve("loss"))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    for id in editor.graph.interior(editor.active)[0]:
        face = canvas.scene.face(id)
        assert canvas.view.holds(canvas.scene.rect(face), canvas.width(), canvas.height() - 50), id


# What is unusual.


def test_dead_units_are_told_on_their_node_while_values_are_shown(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "dying_relu.gw")
    canvas, editor = window.canvas, window.editor
    qtbot.waitUntil(lambda: bool(editor.findings.found))
    h = editor.graph.resolve("h")

    def word(id: str) -> str:
        item = canvas.scene.item(id)
        shown = canvas.values.of(item.sources[0], canvas.theme, canvas.decimals)
        return canvas.marks.state(item, shown, False).finding.word

    assert word(h) == ""  # its value is not there yet
    empty = canvas.grab_image()
    editor.stepper.leave()
    assert word(h) == "1 dead of 3"
    assert [word(id) for id in editor.graph.nodes if word(id)] == ["1 dead of 3"]
    x, y, wide, _ = canvas.scene.rect(h)
    canvas.hover.over(canvas.hit(x + wide / 2, y + 8))
    assert canvas.hover.text.startswith("dead units: 1 of 3 units let no gradient through on all 3 samples")
    at = canvas.view.to_screen(x + 20, y - 5).toPoint()  # within the badge, above the node
    assert canvas.grab_image().pixelColor(at) != empty.pixelColor(at)
    editor.open(Session())
    qtbot.waitUntil(lambda: editor.findings.found == ())


# Pictures, and what is not finite.


def test_only_values_between_0_and_1_are_pictures_in_colour() -> None:
    def look(value: np.ndarray, looks: tuple[type[Look], ...] = LOOKS) -> str:
        return next(kind.__name__ for kind in looks if kind.fits(value))

    picture = np.random.default_rng(0).random((3, 16, 16))
    assert look(picture) == look(np.stack([picture] * 4)) == "ColourPictures"
    for other in (picture - 0.5, 2 * picture, np.where(picture > 0.9, np.nan, picture), picture[:2]):
        assert look(other) == "Pictures"
    assert look(picture, GRADIENT_LOOKS) == look(np.stack([picture] * 4), GRADIENT_LOOKS) == "Pictures"


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_signs_of_picture_gradients_are_seen(theme: Theme) -> None:
    def seen(value: np.ndarray) -> QColor:
        image = QImage(80, 24, QImage.Format.Format_RGB32)
        image.fill(QColor(theme.field))
        painter = QPainter(image)
        Pictures(value, theme, 3).paint(painter, QRectF(0, 0, 80, 24), QColor(theme.text))
        painter.end()
        return image.pixelColor(70, 12)

    up, down = seen(np.full((3, 16, 16), 0.01)), seen(np.full((3, 16, 16), -0.01))
    assert up.blue() > up.red() + 60
    assert down.red() > down.blue() + 60
    spot = np.full((1, 200, 200), 0.001)
    spot[0, ::50, ::50] = -1.0
    assert (strongest(spot[0], 50) == -1.0).sum() == 16  # a mean would have lost it
    spot[0, 7, 7] = np.nan
    assert np.isnan(strongest(spot[0], 50)).sum() == 1


def test_a_part_that_is_not_a_number_has_a_mark_and_no_bar(qtbot: QtBot) -> None:
    bars = ContributionBars(DARK)
    qtbot.addWidget(bars)
    bars.show_rows([("a", "a", np.array([1.0, 0.0])), ("b", "b", np.array([np.nan, 0.0]))])
    bars.resize(300, bars.sizeHint().height())
    image = bars.grab().toImage()
    high = bars.height() // 4
    row = [image.pixelColor(x, high + high // 2) for x in range(image.width())]
    marked = [x for x, colour in enumerate(row) if colour.red() > 150 and colour.green() < 90 and colour.blue() > 120]
    assert marked
    assert max(marked) - min(marked) < high
    assert not [colour for colour in row if colour == QColor(DARK.warning)]


def test_a_caption_is_all_seen_in_a_narrow_canvas(place: Place, qtbot: QtBot) -> None:
    window = opened(place, qtbot, EXAMPLES / "lessons" / "where_nan.gw", 760, 700)
    to_the_end(window, qtbot)
    whole = Caption.of(window.editor.stepper.moment, 3)
    for room in (300.0, 200.0):
        told = whole.within(room)
        assert told.size.width() <= room < whole.size.width()
        assert "".join(told.lines[1:]).replace(" ", "") == "".join(whole.lines[1:]).replace(" ", "")
    assert whole.within(2000.0) is whole
