"""Pictures of the graph: right in size and content, and a PNG gives the graph back."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPaintDevice, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog

from gradwire.app.actions.export import ACTIONS, export
from gradwire.app.canvas.canvas import Canvas
from gradwire.app.canvas.stepping import Caption
from gradwire.app.editor import Editor
from gradwire.app.export import PAPER, Still, carrying, export_picture, read_embedded, read_picture, still, with_graph
from gradwire.app.export.still import Drawing
from gradwire.app.export.writing import Sheet, painting, vector
from gradwire.app.look.theme import DARK
from gradwire.core.errors import FileError, RunError
from gradwire.core.files import dump_graph
from gradwire.core.session import Session
from gradwire.core.stepping.naming import find_moment

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def canvas(qtbot: Any) -> Iterator[Canvas]:
    editor = Editor(Session.open(EXAMPLES / "sin_plus_product.gw"))
    made = Canvas(editor, DARK)
    qtbot.addWidget(made)
    made.resize(600, 400)
    qtbot.waitUntil(lambda: not editor.checking.busy)
    yield made
    editor.close()


def rendered(svg: bytes) -> QImage:
    drawn = QSvgRenderer(QByteArray(svg))
    assert drawn.isValid()
    image = QImage(drawn.viewBoxF().size().toSize(), QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    drawn.render(painter)
    painter.end()
    return image


def test_a_png_shows_the_graph_and_gives_it_back(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "graph.png"
    export_picture(Still.of(canvas), path)
    image = QImage(str(path))
    left, top, right, bottom = canvas.scene.bounds()
    assert (image.width(), image.height()) == (round(2 * (right - left + 48)), round(2 * (bottom - top + 48)))
    assert image.pixelColor(1, 1) == QColor(DARK.background)
    x, y, _, _ = canvas.scene.rect("sin0")
    assert image.pixelColor(round(2 * (x + 70 - left + 24)), round(2 * (y + 3 - top + 24))) == QColor(DARK.math)
    assert read_embedded(path) == dump_graph(canvas.editor.graph)
    assert read_picture(path) == canvas.editor.graph


def test_the_selection_is_not_drawn_and_the_view_does_not_matter(canvas: Canvas, tmp_path: Path) -> None:
    export_picture(Still.of(canvas), tmp_path / "one.svg")
    canvas.editor.select(["sin0", "add0"])
    canvas.zoom_to(0.3)
    export_picture(Still.of(canvas), tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_an_svg_needs_no_font_and_has_every_word(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    export_picture(Still.of(canvas), path)
    root = ElementTree.fromstring(path.read_bytes())
    space = "{http://www.w3.org/2000/svg}"
    assert not list(root.iter(f"{space}text"))
    words = [found.get("aria-label") for found in root.iter(f"{space}use") if found.get("aria-label")]
    assert {"sin", "product", "f", "x", "y", "Multiply"} <= set(words)
    named = {element.get("id") for element in root.iter()}
    used = [found.get("{http://www.w3.org/1999/xlink}href", "") for found in root.iter(f"{space}use")]
    assert {name.removeprefix("#") for name in used} <= named
    image = rendered(path.read_bytes())
    left, top, _, _ = canvas.scene.bounds()
    x, y, _, height = canvas.scene.rect("sin0")
    at = lambda dy: image.pixelColor(round(x + 70 - left + 24), round(y + dy - top + 24))  # noqa: E731
    assert at(3) == QColor(DARK.math)
    assert at(height - 3) == QColor(DARK.raised)  # the title's colour ends with the title
    name = image.copy(round(x - left + 24) + 6, round(y - top + 24) + 3, 40, 18)
    inks = {name.pixelColor(i, j).lightness() for i in range(name.width()) for j in range(name.height())}
    assert max(inks) > 220  # white letters on the title


def test_a_pdf_is_as_large_as_the_graph_and_has_its_fonts(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "graph.pdf"
    export_picture(Still.of(canvas), path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/FontFile") >= 2
    left, top, right, bottom = canvas.scene.bounds()
    box = data.partition(b"/MediaBox [")[2].partition(b"]")[0].split()
    assert float(box[2]) == pytest.approx((right - left + 48) * 0.75, abs=1)
    assert float(box[3]) == pytest.approx((bottom - top + 48) * 0.75, abs=1)


def test_a_part_of_the_graph_can_be_drawn(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "part.png"
    export_picture(Still.of(canvas), path, ["sin0"])
    _, _, width, height = canvas.scene.rect("sin0")
    image = QImage(str(path))
    assert (image.width(), image.height()) == (round(2 * (width + 48)), round(2 * (height + 48)))


def test_what_cannot_be_exported_is_told_in_one_line(canvas: Canvas, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"a picture must end in \.png, \.svg, \.pdf; found 'graph\.bmp'"):
        export_picture(Still.of(canvas), tmp_path / "graph.bmp")
    with pytest.raises(FileError, match=r"/nowhere/graph\.png cannot be written: there is no folder /.*/nowhere$"):
        export_picture(Still.of(canvas), tmp_path / "nowhere" / "graph.png")
    canvas.editor.attempt("Clear", lambda t: t.remove(*canvas.editor.graph.nodes))
    with pytest.raises(RunError, match="there is nothing to draw: the graph is empty"):
        export_picture(Still.of(canvas), tmp_path / "graph.png")


@pytest.mark.slow
def test_a_large_graph_makes_a_smaller_picture_rather_than_none(canvas: Canvas, tmp_path: Path) -> None:
    canvas.editor.attempt("Far", lambda t: t.move("sin0", (200_000.0, 100_000.0)))
    export_picture(Still.of(canvas), tmp_path / "far.png")
    assert QImage(str(tmp_path / "far.png")).width() <= 30_000


def test_texts_may_hold_what_xml_keeps_for_itself(canvas: Canvas, tmp_path: Path) -> None:
    canvas.editor.attempt("Rename", lambda t: t.rename("sin0", 'a<b & "c"'))
    export_picture(Still.of(canvas), tmp_path / "named.svg")
    root = ElementTree.fromstring((tmp_path / "named.svg").read_bytes())
    assert 'a<b & "c"' in {element.get("aria-label") for element in root.iter()}


def test_a_still_is_what_the_canvas_was_and_another_theme_changes_its_colours_alone(
    canvas: Canvas, tmp_path: Path
) -> None:
    before, light = Still.of(canvas), Still.of(canvas, PAPER)
    graph = canvas.editor.graph
    canvas.editor.attempt("Clear", lambda t: t.remove(*graph.nodes))
    export_picture(before, tmp_path / "before.png")
    export_picture(light, tmp_path / "light.png")
    first, second = (QImage(str(tmp_path / name)) for name in ("before.png", "light.png"))
    assert first.size() == second.size()
    assert first.pixelColor(1, 1) == QColor(DARK.background)
    assert second.pixelColor(1, 1) == QColor("white")
    assert read_picture(tmp_path / "light.png") == graph


def test_a_node_that_waits_for_wires_is_amber_and_one_with_a_fault_red(
    canvas: Canvas, qtbot: Any, tmp_path: Path
) -> None:
    editor = canvas.editor
    editor.attempt("Add", lambda t: t.add("matmul", name="fresh", position=(0.0, 900.0)))
    qtbot.waitUntil(lambda: not editor.checking.busy)

    def colours() -> set[str]:
        export_picture(Still.of(canvas), tmp_path / "node.png", ["matmul0"])
        image = QImage(str(tmp_path / "node.png"))
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    waiting = colours()
    assert DARK.warning in waiting
    assert DARK.error not in waiting
    assert len([problem for problem in editor.problems if problem.node == "matmul0"]) == 2  # told all the same
    editor.attempt("Wire", lambda t: t.connect(t.add("input", shape=(2, 3)), "matmul0", "x"))
    editor.attempt("Misfit", lambda t: t.connect(t.add("input", shape=(4, 5)), "matmul0", "w"))
    qtbot.waitUntil(lambda: not editor.checking.busy)
    assert DARK.error in colours()


# A moment that is stepped to.


def stepped_to(canvas: Canvas, qtbot: Any, moment: str) -> None:
    canvas.editor.stepper.go(lambda timeline: find_moment(timeline, moment))
    qtbot.waitUntil(lambda: canvas.editor.stepper.active)


def words_of(path: Path) -> list[str]:
    root = ElementTree.fromstring(path.read_bytes())
    return [label for element in root.iter() if (label := element.get("aria-label"))]


@pytest.mark.parametrize("moment", ["start", "forward:sin", "backward:f", "backward:sin", "end"])
def test_a_picture_shows_the_moment_pixel_for_pixel_as_the_canvas_does(canvas: Canvas, qtbot: Any, moment: str) -> None:
    stepped_to(canvas, qtbot, moment)
    drawing = Drawing(Still.of(canvas))
    sheet = Sheet.of(drawing, [], lambda: False)
    wide, high = (round(side) for side in sheet.size.toTuple())
    canvas.minimap_shown = False
    canvas.resize(wide, high + 400)  # so that the caption lies beneath
    canvas.grab()  # frames all, the first time
    canvas.view.scale = 1.0
    canvas.view.place(-sheet.bounds[0], -sheet.bounds[1])
    shown, drawn = canvas.grab_image(), sheet.image(1.0)
    bright = QColor(DARK.grid)  # the dots of the canvas' ground, which pictures have not
    off = sum(
        abs(shown.pixelColor(x, y).lightness() - drawn.pixelColor(x, y).lightness()) > 24
        for x in range(wide)
        for y in range(high - 2)  # then the caption begins
        if shown.pixelColor(x, y) != bright
    )
    assert off <= 10


def test_the_caption_stands_beneath_the_graph_and_covers_none_of_it(canvas: Canvas, qtbot: Any, tmp_path: Path) -> None:
    export_picture(Still.of(canvas), tmp_path / "rest.svg")
    assert not [word for word in words_of(tmp_path / "rest.svg") if word.startswith(("backward", "via", "Σ"))]
    stepped_to(canvas, qtbot, "backward:sin")
    export_picture(Still.of(canvas), tmp_path / "step.svg")
    words = words_of(tmp_path / "step.svg")
    caption = Caption.of(canvas.editor.stepper.moment, canvas.decimals)
    assert set(caption.lines[:-1]) <= set(words)
    assert caption.lines[-1].replace(" ", "") in "".join(words).replace(" ", "")  # Σ is of another font
    assert "1/2" in words  # at the junction of x
    rest, step = (rendered((tmp_path / name).read_bytes()).height() for name in ("rest.svg", "step.svg"))
    assert step == pytest.approx(rest + caption.size.height() + 16, abs=1)


def test_a_narrow_graph_gets_the_room_that_its_caption_needs(canvas: Canvas, qtbot: Any, tmp_path: Path) -> None:
    stepped_to(canvas, qtbot, "backward:sin")
    export_picture(Still.of(canvas), tmp_path / "part.png", ["sin0"])
    caption = Caption.of(canvas.editor.stepper.moment, canvas.decimals)
    assert QImage(str(tmp_path / "part.png")).width() == pytest.approx(2 * (caption.size.width() + 48), abs=2)


@pytest.mark.parametrize("moment", ["start", "backward:sin", "end"])
def test_an_svg_looks_as_the_png_does(canvas: Canvas, qtbot: Any, tmp_path: Path, moment: str) -> None:
    stepped_to(canvas, qtbot, moment)
    still = Still.of(canvas)
    export_picture(still, tmp_path / "one.svg")
    export_picture(still, tmp_path / "one.png", scale=0.5)
    svg, png = rendered((tmp_path / "one.svg").read_bytes()), QImage(str(tmp_path / "one.png"))
    assert abs(svg.width() - png.width()) <= 1
    wide, high = min(svg.width(), png.width()), min(svg.height(), png.height())
    off = sum(
        abs(svg.pixelColor(x, y).lightness() - png.pixelColor(x, y).lightness()) > 60
        for x in range(wide)
        for y in range(high)
    )
    assert off < 0.005 * wide * high


def test_in_an_svg_the_strip_of_a_note_keeps_to_its_rounded_corners(canvas: Canvas, tmp_path: Path) -> None:
    note = "a note\nof three\nlines"
    canvas.editor.attempt("Note", lambda t: t.add_note(note, position=(0.0, 200.0)))
    still = Still.of(canvas)
    export_picture(still, tmp_path / "one.svg")
    export_picture(still, tmp_path / "one.png", scale=0.5)
    svg, png = rendered((tmp_path / "one.svg").read_bytes()), QImage(str(tmp_path / "one.png"))
    ground = png.pixelColor(0, 0)
    places = [(x, y) for x in range(png.width() - 1) for y in range(png.height() - 1)]
    bare = [at for at in places if png.pixelColor(*at) == ground]
    assert not [at for at in bare if abs(svg.pixelColor(*at).lightness() - ground.lightness()) > 100]


def test_a_picture_may_be_larger(canvas: Canvas, tmp_path: Path) -> None:
    for suffix in (".png", ".svg", ".pdf"):
        export_picture(Still.of(canvas), tmp_path / f"one{suffix}")
        export_picture(Still.of(canvas), tmp_path / f"two{suffix}", scale=2.0)
    assert QImage(str(tmp_path / "two.png")).size() == 2 * QImage(str(tmp_path / "one.png")).size()

    def points(name: str) -> float:
        return float((tmp_path / name).read_bytes().partition(b"/MediaBox [")[2].split()[2])

    def millimetres(name: str) -> float:
        return float(ElementTree.fromstring((tmp_path / name).read_bytes()).get("width", "").removesuffix("mm"))

    assert points("two.pdf") == pytest.approx(2 * points("one.pdf"), abs=1)
    assert millimetres("two.svg") == pytest.approx(2 * millimetres("one.svg"), abs=1)


# The actions, in a window that goes on meanwhile.


def done(qtbot: Any, window: Any) -> None:
    qtbot.waitUntil(lambda: not window.jobs.exporting.busy)


def test_actions_export_and_tell(place: Any, qtbot: Any, tmp_path: Path) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    told: list[tuple[str, str]] = []
    window.tell = lambda text, kind="note": told.append((text, kind))
    export(window, ".svg", tmp_path / "a.svg")
    done(qtbot, window)
    window.editor.select(["sin0"])
    export(window, ".pdf", tmp_path / "b.pdf", chosen=True)
    done(qtbot, window)
    export(window, ".png", tmp_path / "c.png")
    done(qtbot, window)
    export(window, ".png", tmp_path / "no" / "d.png")
    done(qtbot, window)
    assert told[:3] == [
        ("Exported a.svg", "note"),
        ("Exported b.pdf", "note"),
        ("Exported c.png, with the graph in it", "note"),
    ]
    assert told[3][1] == "refusal"
    assert rendered((tmp_path / "a.svg").read_bytes()).pixelColor(1, 1) == QColor("white")  # as paper is
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_a_png_without_the_values_of_parameters_says_so(place: Any, qtbot: Any, tmp_path: Path) -> None:
    window = place.start(place.copy("digits_mlp.gw"))
    weight = next(id for id, node in window.editor.graph.nodes.items() if node.op == "parameter")
    value = window.editor.session.run(fetch=weight)[weight]
    window.editor.attempt("Set", lambda t: t.set_values(weight, value + 1))
    export(window, ".png", tmp_path / "net.png")
    done(qtbot, window)
    assert window.status.message.text() == (
        "Exported net.png, with the graph in it but not the values of its parameters"
    )


class Gate:
    """Lets the painter of a picture wait in the middle, as that of a large graph would take its time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        paint = still.paint_body

        def wait(*given: Any) -> None:
            self.reached.set()
            assert self.open.wait(20)
            paint(*given)

        monkeypatch.setattr(still, "paint_body", wait)


def test_an_export_can_be_stopped_and_then_writes_nothing(
    place: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, gate = place.start(place.copy("digits_mlp.gw")), Gate(monkeypatch)
    export(window, ".svg", tmp_path / "a.svg")
    assert gate.reached.wait(10)
    qtbot.waitUntil(lambda: "Exporting a.svg …" in window.bars.texts())
    export(window, ".pdf", tmp_path / "b.pdf")
    assert window.status.message.text() == "✗ Exporting a.svg is not done yet: wait for it, or stop it"
    qtbot.mouseClick(window.bars.get("export").buttons["Stop"], Qt.MouseButton.LeftButton)
    assert window.status.message.text() == "Stopped: Exporting a.svg"
    assert window.bars.texts() == []
    gate.open.set()
    export(window, ".pdf", tmp_path / "b.pdf")  # comes after what was stopped has ended
    done(qtbot, window)
    assert (tmp_path / "b.pdf").exists()
    assert not (tmp_path / "a.svg").exists()


def test_the_graph_is_edited_while_it_is_exported(
    place: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, gate = place.start(place.copy("digits_mlp.gw")), Gate(monkeypatch)
    graph = window.editor.graph
    export(window, ".png", tmp_path / "a.png")
    assert gate.reached.wait(10)
    window.editor.attempt("Clear", lambda t: t.remove(*graph.nodes))
    gate.open.set()
    done(qtbot, window)
    assert read_picture(tmp_path / "a.png") == graph


def test_closing_a_window_leaves_no_picture_out(
    place: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, gate = place.start(place.copy("digits_mlp.gw")), Gate(monkeypatch)
    export(window, ".svg", tmp_path / "a.svg")
    assert gate.reached.wait(10)
    window.close()
    gate.open.set()
    qtbot.waitUntil(lambda: (tmp_path / "a.svg").exists())


def test_the_dialog_offers_paper_and_dark(
    place: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(place.copy("digits_mlp.gw"))
    asked: list[Any] = []

    def answer(*given: Any) -> tuple[str, str]:
        asked.append(given)
        return str(tmp_path / "dark.svg"), given[3].split(";;")[1]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    export(window, ".svg")
    done(qtbot, window)
    assert asked[0][3] == "Paper (light): vector picture (*.svg);;Dark: vector picture (*.svg)"
    assert asked[0][4].startswith("Paper (light)")
    assert rendered((tmp_path / "dark.svg").read_bytes()).pixelColor(1, 1) == QColor(DARK.background)


# What is read back comes from anywhere.


def picture(tmp_path: Path, chunks: bytes) -> Path:
    path = tmp_path / "given.png"
    path.write_bytes(carrying.SIGNATURE + chunks)
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + check


END = chunk(b"IEND", b"")


def test_other_pictures_carry_nothing(tmp_path: Path) -> None:
    assert read_embedded(picture(tmp_path, END)) is None
    other = tmp_path / "text.png"
    other.write_text("no picture")
    assert read_embedded(other) is None
    with pytest.raises(FileError, match=r"^given\.png carries no graph"):
        read_picture(picture(tmp_path, END))
    with pytest.raises(FileError, match=r"missing\.png cannot be read"):
        read_embedded(tmp_path / "missing.png")


def test_damage_and_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = with_graph(carrying.SIGNATURE + END, b'{"format": 1}')
    path = tmp_path / "given.png"
    path.write_bytes(whole)
    assert read_embedded(path) == b'{"format": 1}'
    path.write_bytes(whole[:-20])
    with pytest.raises(FileError, match="the graph in the picture is damaged"):
        read_embedded(path)
    with pytest.raises(FileError, match="the graph in the picture is damaged"):
        read_embedded(picture(tmp_path, chunk(b"iTXt", b"gradwire\0\1\0\0\0not deflate") + END))
    monkeypatch.setattr(carrying, "LARGEST_GRAPH", 2**20)
    bomb = b"gradwire\0\1\0\0\0" + zlib.compress(bytes(2**24))
    with pytest.raises(FileError, match="a graph in a picture may have 1 MiB, found more"):
        read_embedded(picture(tmp_path, chunk(b"iTXt", bomb) + END))
    monkeypatch.setattr(carrying, "LARGEST_FILE", 10)
    with pytest.raises(FileError, match=r"given\.png: a picture may have 0 MiB"):
        read_embedded(path)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, 100), st.booleans())
def test_any_bytes_are_read_or_refused(tmp_path: Path, noise: bytes, at: int, carry: bool) -> None:
    data = with_graph(carrying.SIGNATURE + END, b'{"format": 1, "nodes": {}}') if carry else carrying.SIGNATURE
    path = tmp_path / "noise.png"
    path.write_bytes(data[:at] + noise + data[at:])
    refused = ""
    try:
        read_picture(path)
    except FileError as error:
        refused = str(error)
    assert "\n" not in refused


def test_a_picture_opens_in_a_window_as_the_graph_it_shows(place: Any, qtbot: Any, tmp_path: Path) -> None:
    window = place.start(EXAMPLES / "digits_mlp.gw")
    graph = window.editor.graph
    export(window, ".png", tmp_path / "digits.png")
    done(qtbot, window)
    other = place.start(tmp_path / "digits.png", empty=True)
    other.files.open(tmp_path / "digits.png")
    assert other.editor.graph == graph
    assert other.files.path is None  # saving must not write over the picture


def test_while_a_picture_is_ended_other_threads_go_on() -> None:
    gate, begun, went_on = threading.Lock(), threading.Event(), threading.Event()
    found: list[bool] = []

    def wait() -> None:
        begun.set()
        with gate:
            went_on.set()

    def draw(device: QPaintDevice) -> None:
        with painting(device) as painter:
            for place in range(20_000):
                painter.drawLine(place, place, place + 1, place + 100)
            gate.release()  # at the end of this block the picture is written
        found.append(went_on.is_set())

    def go_on() -> None:
        begun.clear()
        went_on.clear()
        gate.acquire()
        other = threading.Thread(target=wait)
        other.start()
        assert begun.wait(5)
        vector(QSizeF(100, 100), draw)
        other.join()

    interval = sys.getswitchinterval()
    try:
        sys.setswitchinterval(100)  # nobody takes the interpreter from this thread: it has to let go
        while not any(found) and len(found) < 20:  # a busy machine may wake the other one too late
            go_on()
    finally:
        sys.setswitchinterval(interval)
    assert any(found)


CONNECTING = """
import sys, threading
from gradwire.app.entry import load_qt

load_qt()
from PySide6.QtCore import QObject, QSizeF, QTimer
from PySide6.QtWidgets import QApplication
from gradwire.app.export.writing import painting, vector

sys.setswitchinterval(1e-6)  # threads take turns wherever they can
application = QApplication([])

def draw(device):
    with painting(device) as painter:
        painter.drawText(5, 5, "a")

def export():
    for _ in range(1_500):
        vector(QSizeF(50, 50), draw)

timers = [QTimer() for _ in range(1_000)]  # so many that each of Qt's locks of signals is taken
other = threading.Thread(target=export, daemon=True)
other.start()
while other.is_alive():
    for timer in timers:
        timer.timeout.connect(export)
        timer.timeout.disconnect(export)
"""


def test_the_window_connects_signals_while_pictures_are_written() -> None:
    subprocess.run([sys.executable, "-c", CONNECTING], timeout=240, check=True)


def test_a_picture_without_a_folder_for_temporary_files_is_refused(
    canvas: Canvas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FileError, match=r"^a picture needs a folder for temporary files: No such file or directory"):
        export_picture(Still.of(canvas), tmp_path / "graph.svg")
