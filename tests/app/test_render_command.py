"""`gradwire render FILE --to OUT`: pictures without a window, and without a display."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PIL import Image
from tqdm import tqdm

from gradwire.app import entry
from gradwire.app.export import read_picture
from gradwire.app.look.theme import DARK
from gradwire.core.document import Document
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL, NETWORK = str(EXAMPLES / "sin_plus_product.gw"), str(EXAMPLES / "iris_mlp.gw")


def rendered(out: Path, *arguments: str, file: str = SMALL) -> set[str]:
    """The words in an SVG that is rendered."""
    assert entry.main(["render", file, "--to", str(out), *arguments]) == 0
    return {label for element in ElementTree.parse(out).iter() if (label := element.get("aria-label"))}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, file: str = SMALL) -> str:
    assert entry.main(["render", file, *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err.removeprefix("gradwire: ").rstrip()


def test_at_rest_it_draws_what_a_window_shows(qapp: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = rendered(tmp_path / "rest.svg")
    assert {"2.841", "2.540", "1.000"} <= words
    assert not [word for word in words if word.startswith("backward")]
    size = (tmp_path / "rest.svg").stat().st_size
    assert capsys.readouterr().out == f"{tmp_path / 'rest.svg'}: at rest, {size:,} bytes\n"


@pytest.mark.parametrize(
    ("moment", "there", "not_there"),
    [
        ("start", {"Nothing is computed yet"}, {"0.841", "2.841"}),
        ("forward:sin", {"forward · sin", "0.841"}, {"2.841", "2.540"}),
        ("3", {"forward · sin", "0.841"}, {"2.841", "2.540"}),
        ("backward:sin", {"backward · sin", "1/2", "2.841", "via sin 0.540"}, {"2.540"}),
        ("end", {"backward · product", "2.540", "Σ"}, {"1/2"}),
    ],
)
def test_at_a_moment_it_draws_what_is_known_there(
    qapp: Any, tmp_path: Path, moment: str, there: set[str], not_there: set[str]
) -> None:
    words = rendered(tmp_path / "step.svg", "--at", moment)
    assert there <= words
    assert not not_there & words


def test_findings_stand_on_their_nodes_as_on_the_canvas(qapp: Any, tmp_path: Path) -> None:
    lesson = str(EXAMPLES / "lessons" / "dying_relu.gw")
    dead = {word for word in rendered(tmp_path / "rest.svg", file=lesson) if "dead" in word}
    assert dead
    assert dead <= rendered(tmp_path / "end.svg", "--at", "end", file=lesson)
    assert not dead & rendered(tmp_path / "start.svg", "--at", "start", file=lesson)  # nothing is computed yet
    nan = rendered(tmp_path / "nan.svg", file=str(EXAMPLES / "lessons" / "where_nan.gw"))
    assert {"NaN branch", "−∞"} <= nan


def test_a_file_without_places_is_laid_out_as_the_window_does(qapp: Any, tmp_path: Path) -> None:
    graph = json.loads(Path(SMALL).read_bytes())
    del graph["layout"]
    bare = tmp_path / "bare.gw"
    bare.write_text(json.dumps(graph))
    assert len({node.position for node in Session.open(bare).graph.nodes.values()}) == 1
    assert entry.main(["render", str(bare), "--to", str(tmp_path / "rest.png")]) == 0
    places = [node.position for node in read_picture(tmp_path / "rest.png").nodes.values()]
    for (x, y), (other, level) in combinations(places, 2):
        assert abs(x - other) >= 150 or abs(y - level) >= 100
    assert read_picture(tmp_path / "rest.png").nodes.keys() == graph["nodes"].keys()
    words = rendered(tmp_path / "step.svg", "--at", "end", file=str(bare))
    assert {"backward · product", "2.540", "Σ"} <= words
    wide = float(ElementTree.parse(tmp_path / "step.svg").getroot().attrib["viewBox"].split()[2])
    assert wide > 3 * 150  # x, then sin and product, then their sum
    assert all(node.position == (0.0, 0.0) for node in Session.open(bare).graph.nodes.values())  # the file stays


def test_another_iteration_has_other_numbers(qapp: Any, tmp_path: Path) -> None:
    first = rendered(tmp_path / "one.svg", "--at", "loss", file=NETWORK)
    third = rendered(tmp_path / "three.svg", "--at", "loss", "--iteration", "3", file=NETWORK)
    session = Session.open(NETWORK)
    for words, number in ((first, 1), (third, 3)):
        run = session.timeline(iteration=number).run
        assert f"{float(run.value(run.root)):.3f}" in words


def test_gradients_may_be_of_another_value(qapp: Any, tmp_path: Path) -> None:
    words = rendered(tmp_path / "sin.svg", "--at", "backward:sin", "--of", "sin")
    assert "∂sin/∂sin = 1.000" in rendered(tmp_path / "loss.svg", "--at", "loss", "--of", "sin")
    assert "0.540" in words


@pytest.mark.parametrize("suffix", ["gif", "html"])
def test_a_terminal_is_told_how_many_pictures_of_a_pass_are_drawn(
    suffix: str, qapp: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["render", SMALL, "--to", str(tmp_path / f"pass.{suffix}")]
    assert entry.main(arguments) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("tqdm.tqdm", partial(tqdm, mininterval=0))  # pictures that are drawn quickly are told too
    assert entry.main(arguments) == 0
    told = capsys.readouterr().err
    assert "5/9" in told
    assert told.rsplit("\r", 1)[1].strip() == ""  # and it is gone in the end


@pytest.mark.skipif(os.name == "nt", reason="links are those of POSIX")
def test_through_a_link_what_it_points_to_is_written(qapp: Any, tmp_path: Path) -> None:
    target, link = tmp_path / "there" / "target.svg", tmp_path / "link.svg"
    target.parent.mkdir()
    target.write_text("an old picture", "utf-8")
    link.symlink_to(target)
    assert "2.841" in rendered(link)
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"<?xml")
    assert [path.name for path in target.parent.iterdir()] == ["target.svg"]


def test_theme_scale_and_what_a_png_carries(qapp: Any, tmp_path: Path) -> None:
    for name, arguments in {"light": [], "dark": ["--theme", "dark", "--scale", "0.5"]}.items():
        assert entry.main(["render", SMALL, "--to", str(tmp_path / f"{name}.png"), "--at", "end", *arguments]) == 0
    light, dark = (Image.open(tmp_path / f"{name}.png").convert("RGB") for name in ("light", "dark"))
    assert light.getpixel((1, 1)) == (255, 255, 255)
    assert dark.getpixel((1, 1)) == tuple(bytes.fromhex(DARK.background[1:]))
    assert dark.width == pytest.approx(light.width / 2, abs=1)
    assert read_picture(tmp_path / "light.png") == Session.open(SMALL).graph


def test_a_graph_with_problems_is_drawn_as_it_is_but_not_stepped(
    qapp: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session.open(SMALL)
    with session.document.transaction("Add") as t:
        t.add("matmul", name="open")
    path = session.save(tmp_path / "open.gw")
    words = rendered(tmp_path / "open.svg", file=str(path))
    assert {"open", "MatMul", "2.841"} <= words
    capsys.readouterr()
    assert entry.main(["render", str(path), "--to", str(tmp_path / "no.svg"), "--at", "end"]) == 1
    assert f"{path}: open" in capsys.readouterr().err
    assert not (tmp_path / "no.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "a.bmp"], "--to must end in .svg, .pdf, .png, .gif, .mp4, .html; found 'a.bmp'"),
        (["--to", "a.gif", "--at", "3"], "--at is for pictures (.svg, .pdf, .png): .gif shows the whole pass"),
        (["--to", "a.svg", "--at", "3", "--iteration", "0"], "--iteration counts from 1, got 0"),
        (
            ["--to", "a.svg", "--at", "3", "--iteration", "999999999"],
            "the graph has no training, and so one iteration; --iteration 999999999 is not of it",
        ),
        (
            ["--to", "a.svg", "--iteration", "2"],
            "--iteration says of which pass: it needs --at, which says at which moment of it (--at end)",
        ),
        (
            ["--to", "a.html", "--theme", "dark"],
            "--theme is not for .html, which has the reader's colours and fills the window",
        ),
        (["--to", "a.svg", "--scale", "0"], "--scale must lie above 0 and up to 10, got 0"),
        (["--to", "a.svg", "--scale", "nan"], "--scale must lie above 0 and up to 10, got nan"),
        (
            ["--to", "a.svg", "--at", "backward:cos"],
            "'backward:cos' is no moment of this pass (there are backward:f, backward:sin, backward:product)",
        ),
        (["--to", "/nowhere/a.svg"], "/nowhere/a.svg cannot be written: there is no folder /nowhere"),
    ],
)
def test_what_cannot_be_rendered_is_told_in_a_line(
    qapp: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert refused(capsys, *arguments) == message


def test_a_file_that_cannot_be_read_has_the_status_for_that(
    qapp: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(["render", str(tmp_path / "no.gw"), "--to", str(tmp_path / "a.svg")]) == 2
    assert "no.gw" in capsys.readouterr().err


def test_without_pyside_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(entry, "_is_there", lambda name: False)
    assert refused(capsys, "--to", "a.svg") == "drawing needs PySide6, found none (pip install PySide6-Essentials)"


def test_it_is_a_command_among_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["--help"]) == 0
    assert "    render " in capsys.readouterr().out


def test_it_needs_no_display(tmp_path: Path) -> None:
    program = "import sys; from gradwire.app.entry import main; sys.exit(main())"
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    bare.pop("QT_QPA_PLATFORM", None)
    for name, arguments in {"a.svg": ["--at", "end"], "b.html": []}.items():
        command = [sys.executable, "-c", program, "render", SMALL, "--to", str(tmp_path / name), *arguments]
        done = subprocess.run(command, env=bare, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
    page = (tmp_path / "b.html").read_text("utf-8")
    film = page.partition('<script id="film" type="application/json">')[2].partition("</script>")[0]
    assert len(json.loads(film)["captions"]) == 9


def test_it_says_why_the_gradients_are_hatched(qapp: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document()
    with document.transaction("Build") as t:
        w = t.add("parameter", name="w", shape=(), init="constant", value=2.0)
        t.add("exp", name="side", inputs={"x": w})
        t.add("relu", name="loss", inputs={"x": w})
    file = str(tmp_path / "two.gw")
    Session(document).save(file)
    why = "several numbers come out, loss and side (--of NAME says of which they are)"
    rendered(tmp_path / "two.svg", "--at", "end", file=file)
    assert capsys.readouterr().out.splitlines()[1:] == [f"no gradients: {why}"]
    rendered(tmp_path / "two.svg", "--at", "end", "--of", "loss", file=file)
    assert capsys.readouterr().out.splitlines()[1:] == []
