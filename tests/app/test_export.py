"""Pictures of the graph: right in size and content, and a PNG gives the graph back."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from gradwire.app.actions.export import ACTIONS, export
from gradwire.app.canvas.canvas import Canvas
from gradwire.app.editor import Editor
from gradwire.app.export import carrying, export_picture, read_embedded, read_picture, with_graph
from gradwire.app.look.theme import DARK
from gradwire.core.errors import FileError, RunError
from gradwire.core.files import dump_graph
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def canvas(qtbot: Any) -> Iterator[Canvas]:
    editor = Editor(Session.open(EXAMPLES / "sin_plus_product.gw"))
    made = Canvas(editor, DARK)
    qtbot.addWidget(made)
    made.resize(600, 400)
    qtbot.waitUntil(lambda: not editor.checking.busy, timeout=5000)
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
    export_picture(canvas, path)
    image = QImage(str(path))
    left, top, right, bottom = canvas.scene.bounds()
    assert (image.width(), image.height()) == (round(2 * (right - left + 48)), round(2 * (bottom - top + 48)))
    assert image.pixelColor(1, 1) == QColor(DARK.background)
    x, y, _, _ = canvas.scene.rect("sin0")
    assert image.pixelColor(round(2 * (x + 70 - left + 24)), round(2 * (y + 3 - top + 24))) == QColor(DARK.math)
    assert read_embedded(path) == dump_graph(canvas.editor.graph)
    assert read_picture(path) == canvas.editor.graph


def test_the_selection_is_not_drawn_and_the_view_does_not_matter(canvas: Canvas, tmp_path: Path) -> None:
    export_picture(canvas, tmp_path / "one.svg")
    canvas.editor.select(["sin0", "add0"])
    canvas.zoom_to(0.3)
    export_picture(canvas, tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_an_svg_needs_no_font_and_has_every_word(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    export_picture(canvas, path)
    root = ElementTree.fromstring(path.read_bytes())
    space = "{http://www.w3.org/2000/svg}"
    assert not list(root.iter(f"{space}text"))
    words = [found.get("aria-label") for found in root.iter(f"{space}path") if found.get("aria-label")]
    assert {"sin", "product", "f", "x", "y", "Multiply"} <= set(words)
    image = rendered(path.read_bytes())
    left, top, _, _ = canvas.scene.bounds()
    x, y, _, height = canvas.scene.rect("sin0")
    at = lambda dy: image.pixelColor(round(x + 70 - left + 24), round(y + dy - top + 24))  # noqa: E731
    assert at(3) == QColor(DARK.math)
    assert at(height - 3) == QColor(DARK.raised)  # the title's colour ends with the title


def test_a_pdf_is_as_large_as_the_graph_and_has_its_fonts(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "graph.pdf"
    export_picture(canvas, path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/FontFile") >= 2
    left, top, right, bottom = canvas.scene.bounds()
    box = data.partition(b"/MediaBox [")[2].partition(b"]")[0].split()
    assert float(box[2]) == pytest.approx((right - left + 48) * 0.75, abs=1)
    assert float(box[3]) == pytest.approx((bottom - top + 48) * 0.75, abs=1)


def test_a_part_of_the_graph_can_be_drawn(canvas: Canvas, tmp_path: Path) -> None:
    path = tmp_path / "part.png"
    export_picture(canvas, path, ["sin0"])
    _, _, width, height = canvas.scene.rect("sin0")
    image = QImage(str(path))
    assert (image.width(), image.height()) == (round(2 * (width + 48)), round(2 * (height + 48)))


def test_what_cannot_be_exported_is_told_in_one_line(canvas: Canvas, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"a picture must end in \.png, \.svg, \.pdf; found 'graph\.bmp'"):
        export_picture(canvas, tmp_path / "graph.bmp")
    with pytest.raises(FileError, match=r"graph\.png cannot be written: No such file or directory"):
        export_picture(canvas, tmp_path / "nowhere" / "graph.png")
    canvas.editor.attempt("Clear", lambda t: t.remove(*canvas.editor.graph.nodes))
    with pytest.raises(RunError, match="there is nothing to draw: the graph is empty"):
        export_picture(canvas, tmp_path / "graph.png")


def test_a_large_graph_makes_a_smaller_picture_rather_than_none(canvas: Canvas, tmp_path: Path) -> None:
    canvas.editor.attempt("Far", lambda t: t.move("sin0", (200_000.0, 100_000.0)))
    export_picture(canvas, tmp_path / "far.png")
    assert QImage(str(tmp_path / "far.png")).width() <= 30_000


def test_actions_export_and_tell(canvas: Canvas, tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    window = SimpleNamespace(
        canvas=canvas, editor=canvas.editor, tell=lambda text, kind="note": told.append((text, kind))
    )
    export(window, ".svg", tmp_path / "a.svg")  # type: ignore[arg-type]
    canvas.editor.select(["sin0"])
    export(window, ".pdf", tmp_path / "b.pdf", chosen=True)  # type: ignore[arg-type]
    export(window, ".png", tmp_path / "no" / "c.png")  # type: ignore[arg-type]
    assert told[:2] == [("Exported a.svg", "note"), ("Exported b.pdf", "note")]
    assert told[2][1] == "refusal"
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


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


def test_a_picture_opens_in_a_window_as_the_graph_it_shows(place: Any, tmp_path: Path) -> None:
    window = place.start(EXAMPLES / "digits_mlp.gw")
    graph = window.editor.graph
    export(window, ".png", tmp_path / "digits.png")
    other = place.start(tmp_path / "digits.png", empty=True)
    other.files.open(tmp_path / "digits.png")
    assert other.editor.graph == graph
    assert other.files.path is None  # saving must not write over the picture
