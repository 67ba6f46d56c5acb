"""A whole pass taken along: as a GIF, as a video, and as a page that steps in a browser."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import browser as browsers
import pytest
from PIL import Image, ImageChops
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from gradwire.app.actions.export import export_pass
from gradwire.app.export import FILMS, PAPER, Film, Still, export_film, film, still
from gradwire.app.export.headless import stepped
from gradwire.app.look.theme import DARK, Theme
from gradwire.core.errors import FileError, RunError
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FORK = EXAMPLES / "lessons" / "fork.gw"


def made(path: Path, theme: Theme = PAPER) -> Film:
    session = Session.open(path)
    timeline = session.timeline()
    return Film(stepped(session, theme, timeline), timeline, path.stem)


@pytest.fixture
def fork(qapp: Any) -> Film:
    return made(FORK)


def stop_after(calls: int) -> Callable[[], bool]:
    """Stops what asks for the so-manieth time."""
    left = iter(range(calls))
    return lambda: next(left, None) is None


# All of them.


@pytest.mark.parametrize("suffix", sorted(FILMS))
@pytest.mark.parametrize("calls", [0, 40])
def test_one_that_is_stopped_leaves_the_old_file_as_it_was(
    fork: Film, tmp_path: Path, suffix: str, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, monkeypatch)
    path = tmp_path / f"film{suffix}"
    path.write_text("old")
    with pytest.raises(RunError, match="stopped"):
        export_film(fork, path, stop_after(calls))
    assert path.read_text() == "old"
    assert sorted(found.name for found in tmp_path.iterdir()) == sorted(["bin", path.name])


def test_what_cannot_be_a_film_is_told_in_one_line(fork: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match=r"^a pass must end in \.gif, \.mp4, \.html; found 'film\.avi'$"):
        export_film(fork, tmp_path / "film.avi")
    with pytest.raises(FileError, match=r"/nowhere/film\.html cannot be written: there is no folder /.*/nowhere$"):
        export_film(fork, tmp_path / "nowhere" / "film.html")
    monkeypatch.setattr(film, "MOST_STEPS", 7)
    with pytest.raises(RunError, match=r"^a pass to take along may have 7 steps, found 8$"):
        Film(fork.still, fork.timeline)


# GIF.


def test_a_gif_has_a_picture_for_each_step_time_to_read_it_and_begins_again(fork: Film, tmp_path: Path) -> None:
    path = tmp_path / "fork.gif"
    export_film(fork, path)
    with Image.open(path) as gif:
        assert gif.n_frames == len(fork.timeline.steps) + 1 == 9
        assert gif.info["loop"] == 0
        pictures, seconds = [], []
        for number in range(gif.n_frames):
            gif.seek(number)
            pictures.append(gif.convert("RGB"))
            seconds.append(gif.info["duration"] / 1000)
    assert all(1.0 <= shown <= 4.0 for shown in seconds[:-1])
    assert seconds[-1] == max(seconds) > 3.0
    assert all(ImageChops.difference(*pair).getbbox() for pair in pairwise(pictures))
    assert path.stat().st_size < 150_000
    drawn = film.Reel(fork, 1.25, lambda: False).image(8).convertToFormat(QImage.Format.Format_RGB888)
    wanted = Image.frombytes("RGB", pictures[-1].size, bytes(drawn.constBits()), "raw", "RGB", drawn.bytesPerLine())
    off = ImageChops.difference(pictures[-1], wanted).convert("L").histogram()
    assert sum(off[40:]) < 0.002 * sum(off)  # 255 colours are enough for what is drawn


def test_scale_makes_it_larger_and_a_large_graph_is_drawn_smaller(
    fork: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wide(scale: float) -> int:
        export_film(fork, tmp_path / "fork.gif", scale=scale)
        with Image.open(tmp_path / "fork.gif") as gif:
            return int(gif.width)

    usual = wide(1.0)
    assert wide(0.5) == pytest.approx(usual / 2, abs=1)
    monkeypatch.setattr(film, "LONGEST", 300)
    assert wide(1.0) == 300


def test_without_pillow_there_is_a_line_that_says_how_to_get_it(
    fork: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(RunError) as told:
        export_film(fork, tmp_path / "fork.gif")
    assert str(told.value) == "a GIF needs Pillow, found none (pip install Pillow; an HTML file needs nothing more)"


# MP4.


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, then: str = "") -> Path:
    """Put a program `ffmpeg` before all others that takes its pictures, notes what it got, and does `then`."""
    place = folder / "bin"
    place.mkdir(exist_ok=True)
    program = place / "ffmpeg"
    program.write_text(
        f"#!{sys.executable}\nimport json, pathlib, sys\n{then}\n"
        "got = sys.stdin.buffer.read()\n"
        f"pathlib.Path({str(place / 'got')!r}).write_text(json.dumps([sys.argv[1:], len(got)]))\n"
        "pathlib.Path(sys.argv[-1]).write_bytes(b'video')\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    return place / "got"


def test_ffmpeg_is_given_whole_pictures_for_as_long_as_each_is_shown(
    fork: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = pretend(tmp_path, monkeypatch)
    export_film(fork, tmp_path / "fork film; rm -rf.mp4")
    assert (tmp_path / "fork film; rm -rf.mp4").read_bytes() == b"video"
    arguments, size = json.loads(got.read_text())
    wide, high = map(int, arguments[arguments.index("-s") + 1].split("x"))
    assert wide % 2 == high % 2 == 0
    rate = int(arguments[arguments.index("-r") + 1])
    reel = film.Reel(fork, 1.0, lambda: False)
    shown = sum(round(reel.seconds(number) * rate) for number in range(len(reel)))
    assert size == 4 * wide * high * shown


@pytest.mark.parametrize("then", ["sys.exit('no such codec')", "sys.stdin.close(); sys.exit('no such codec')"])
def test_what_ffmpeg_refuses_is_told_and_nothing_is_written(
    fork: Film, tmp_path: Path, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path, monkeypatch, then)
    with pytest.raises(RunError, match=r"^ffmpeg has made no video: no such codec$"):
        export_film(fork, tmp_path / "fork.mp4")
    assert not (tmp_path / "fork.mp4").exists()


@pytest.mark.parametrize(
    ("then", "why"),
    [
        ("sys.exit('no space left')", "no space left"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "it was ended: Killed"),
    ],
)
def test_half_a_video_is_not_kept(
    fork: Film, tmp_path: Path, then: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ffmpeg leaves what it has written before it fails."""
    half = "import os, signal; open(sys.argv[-1], 'wb').write(b'half'); sys.stdin.buffer.read(); "
    pretend(tmp_path, monkeypatch, half + then)
    with pytest.raises(RunError, match=rf"^ffmpeg has made no video: {why}$"):
        export_film(fork, tmp_path / "fork.mp4")
    assert not (tmp_path / "fork.mp4").exists()


def test_without_ffmpeg_there_is_a_line_that_says_how_to_get_it(
    fork: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunError, match=r"^an MP4 needs the program ffmpeg, found none on PATH \(sudo apt-get install"):
        export_film(fork, tmp_path / "fork.mp4")


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffmpeg")
def test_a_video_plays_as_long_as_the_steps_are_shown(fork: Film, tmp_path: Path) -> None:
    path = tmp_path / "fork.mp4"
    export_film(fork, path, scale=0.5)
    asked = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height:format=duration", "-of", "json", str(path)]
    found = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    reel = film.Reel(fork, 0.75, lambda: False, even=True)
    assert (found["streams"][0]["width"], found["streams"][0]["height"]) == reel.size
    wanted = sum(reel.seconds(number) for number in range(len(reel)))
    assert float(found["format"]["duration"]) == pytest.approx(wanted, abs=1.0)


# HTML.


class Page(HTMLParser):
    """What a reader of a page would find in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(str(dict(attrs).get("id") or tag))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


def page_of(found: Film, path: Path) -> Page:
    export_film(found, path)
    return Page(path.read_text("utf-8"))


def shown_at(page: Page, step: int) -> set[str]:
    """The ids of the layers that a moment shows, by what the page says of itself."""
    shown: dict[int, int] = {}
    for changes in json.loads(page.texts["film"])["changes"][: step + 1]:
        shown.update(zip(changes[::2], changes[1::2], strict=True))
    return {f"l{layer}-{variant}" for layer, variant in shown.items()}


def test_a_page_says_each_step_and_has_what_each_shows_once(fork: Film, tmp_path: Path) -> None:
    page = page_of(fork, tmp_path / "fork.html")
    told = json.loads(page.texts["film"])
    assert [tuple(lines) for lines in told["captions"]] == [caption.lines for caption in fork.captions]
    head, _, total = told["captions"][8]
    assert head == "backward · negated"
    assert total.startswith("Σ at x: 6.000 + ")
    assert "= 5.000" in total
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for step in range(9):
        assert shown_at(page, step) <= set(ids)
    off = {str(given["id"]) for _, given in page.elements if given.get("class") == "off"}
    assert shown_at(page, 8) == {id for id in ids if id is not None and id.startswith("l") and "-" in id} - off
    assert (tmp_path / "fork.html").stat().st_size < 120_000


def test_a_page_needs_nothing_from_anywhere(fork: Film, tmp_path: Path) -> None:
    page = page_of(fork, tmp_path / "fork.html")
    text = (tmp_path / "fork.html").read_text("utf-8")
    places = [given[name] for _, given in page.elements for name in ("src", "href", "xlink:href") if name in given]
    assert places
    assert all(place is not None and place.startswith(("#", "data:image/png")) for place in places)
    ids = {given.get("id") for _, given in page.elements}
    assert {str(place)[1:] for place in places if str(place).startswith("#")} <= ids
    assert "url(http" not in text
    assert "@import" not in text
    policy = next(given["content"] for tag, given in page.elements if tag == "meta" and "http-equiv" in given)
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    live = next(given for _, given in page.elements if given.get("id") == "caption")
    assert live["aria-live"] == "polite"


HOSTILE = "</script><img src=x onerror=alert(1)>"
NAMES = (HOSTILE.replace("/", "⁄"), "<!--", "]]>", "\"'&quot;#2f3642", "${style}", "$title")


def hostile(folder: Path) -> Film:
    """A pass whose nodes, note and file are named to break out of whatever they are put into."""
    session = Session.open(FORK)
    graph = session.graph
    with session.document.transaction("Rename") as t:
        for id, name in zip(graph.nodes, NAMES, strict=False):
            t.rename(id, name)
        note = next(id for id in graph.groups if graph.is_note(id))
        t.set_note(note, HOSTILE)
    timeline = session.timeline()
    return Film(stepped(session, PAPER, timeline), timeline, HOSTILE)


def test_names_are_only_ever_text(qapp: Any, tmp_path: Path) -> None:
    page = page_of(hostile(tmp_path), tmp_path / "hostile.html")
    tags = [tag for tag, _ in page.elements]
    assert "img" not in tags
    assert tags.count("script") == 2
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]
    assert page.texts["title"] == HOSTILE
    told = json.dumps(json.loads(page.texts["film"])["captions"], ensure_ascii=False)
    assert NAMES[0] in told


def test_both_themes_are_in_one_page(qapp: Any, tmp_path: Path) -> None:
    page = page_of(made(EXAMPLES / "iris_mlp.gw"), tmp_path / "iris.html")
    style = page.texts["style"]
    light, dark = (
        dict(pair.split(":") for pair in block.split(";")) for block in re.findall(r":root\{([^}]*)\}", style)
    )
    assert (light["--background"], dark["--background"]) == (PAPER.background, DARK.background)
    assert set(light) == set(dark)
    used = {str(given[name]) for _, given in page.elements for name in ("fill", "stroke") if name in given}
    assert {name[4:-1] for name in used if name.startswith("var(")} <= set(light)
    assert {given.get("class") for tag, given in page.elements if tag == "g"} >= {"light", "dark"}  # maps of colours
    assert (tmp_path / "iris.html").stat().st_size < 400_000


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browsers.Browser]:
    if not browsers.THERE:
        pytest.skip("needs Chromium and its chromedriver")
    with browsers.browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


STANDS = "return [document.getElementById('caption').textContent, document.getElementById('count').textContent]"
SHOWN = "return [...document.querySelectorAll('[id^=l][id*=\"-\"]:not(.off)')].map(found => found.id)"


def test_a_browser_steps_by_keys_buttons_and_the_track(fork: Film, tmp_path: Path, web: browsers.Browser) -> None:
    page = page_of(fork, tmp_path / "fork.html")
    web.open(tmp_path / "fork.html")

    def step() -> int:
        told, count = web.run(STANDS)
        number = int(count.split()[1])
        assert told == "".join(fork.captions[number].lines)
        assert set(web.run(SHOWN)) == shown_at(page, number)
        return number

    assert step() == 0
    steps = []
    for key in ("←", "→", " ", "→", "Shift+ ", "←", "End", "→", "←", "Home"):
        web.press(key)
        steps.append(step())
    assert steps == [0, 1, 2, 3, 2, 1, 8, 8, 7, 0]
    for selector, number in (("#on", 1), ("#last", 8), ("#back", 7), ("#first", 0)):
        web.click(selector)
        assert step() == number
    web.run("track.value = 5; track.dispatchEvent(new Event('input'))")
    assert step() == 5
    web.click("#on")
    web.press(" ")  # the button has the keyboard: it is pressed, once
    assert step() == 7
    assert web.run("return track.getAttribute('aria-valuetext')") == "step 7 of 8: backward · squared"
    assert list(web.complaints()) == []


VIEW = """
const box = picture.getBoundingClientRect(), seen = picture.viewBox.baseVal;
return [seen.x, seen.y, box.width / seen.width, box.left, box.top, box.width, box.height]
"""
AT_WORK = "return JSON.parse(document.getElementById('film').textContent).places[Number(track.value)]"


def settled(web: browsers.Browser) -> list[float]:
    """What the page shows of its picture, once that moves no more."""
    before: list[float] = []
    while (now := web.run(VIEW)) != before:
        before = now
        time.sleep(0.05)
    return now


def in_view(web: browsers.Browser) -> bool:
    """Whether all of the node at work is seen."""
    x, y, scale, _, _, wide, high = settled(web)
    left, top, width, height = web.run(AT_WORK)[0]  # what receives a gradient, else the node at work
    return x <= left and y <= top and left + width <= x + wide / scale and top + height <= y + high / scale


def test_a_browser_zooms_and_pans(fork: Film, tmp_path: Path, web: browsers.Browser) -> None:
    export_film(fork, tmp_path / "fork.html")
    web.open(tmp_path / "fork.html")
    fitted = settled(web)
    web.press("+")
    larger = settled(web)
    assert larger[2] == pytest.approx(1.25 * fitted[2])
    web.press("-")
    assert settled(web) == pytest.approx(fitted)
    left, top = round(fitted[3]), round(fitted[4])
    at = left + 300, top + 100
    under = (fitted[0] + 300 / fitted[2], fitted[1] + 100 / fitted[2])
    web.wheel(at, -300)
    near = settled(web)
    assert near[2] > 1.3 * fitted[2]
    assert (near[0] + 300 / near[2], near[1] + 100 / near[2]) == pytest.approx(under, abs=2)  # it stays beneath
    web.drag(at, (at[0] + 120, at[1] + 40))
    moved = settled(web)
    assert moved[2] == near[2]
    assert (near[0] - moved[0], near[1] - moved[1]) == pytest.approx((120 / near[2], 40 / near[2]))
    web.press("Shift+→")
    assert settled(web)[0] > moved[0]
    assert web.run(STANDS)[1].startswith("step 0 of")  # that was no step
    web.press("0")
    assert settled(web) == pytest.approx(fitted)
    for selector, factor in (("#in", 1.25), ("#out", 1.0), ("#in", 1.25), ("#fit", 1.0)):
        web.click(selector)
        assert settled(web)[2] == pytest.approx(factor * fitted[2])
    assert list(web.complaints()) == []


@pytest.mark.slow
def test_a_wide_network_begins_where_it_is_read_and_follows_the_node_at_work(
    qapp: Any, tmp_path: Path, web: browsers.Browser
) -> None:
    export_film(made(EXAMPLES / "iris_mlp.gw"), tmp_path / "iris.html")
    web.open(tmp_path / "iris.html")
    assert settled(web)[2] == 1.0  # whole it would be too small to read
    last = int(web.run("return track.max"))
    places = []
    for _ in range(last):
        web.press("→")
        if web.run(AT_WORK):
            assert in_view(web)
            places.append(tuple(settled(web)[:2]))
    assert len(set(places)) > 3
    web.click("#follow")
    here = settled(web)
    web.press("Home", "→", "→", "→")
    assert settled(web) == here
    web.click("#follow")
    web.press("0", "End")
    whole = settled(web)
    web.press("Home", "→", "→")
    assert settled(web) == whole  # all is in view: nothing moves
    assert list(web.complaints()) == []


def test_a_browser_shows_what_the_canvas_does_in_the_colours_of_its_reader(
    fork: Film, tmp_path: Path, web: browsers.Browser
) -> None:
    export_film(fork, tmp_path / "fork.html")
    web.open(tmp_path / "fork.html")
    web.press("End")
    for scheme, theme in (("light", PAPER), ("dark", DARK)):
        web.prefer(scheme)
        picture = Image.open(io.BytesIO(web.grab())).convert("RGB")
        colours = {colour for _, colour in picture.getcolors(picture.width * picture.height) or ()}
        assert picture.getpixel((2, 2)) == tuple(bytes.fromhex(theme.background[1:]))
        for wanted in (theme.gradient, theme.math, theme.raised):
            assert tuple(bytes.fromhex(wanted[1:])) in colours


def test_a_browser_runs_nothing_that_a_file_says(qapp: Any, tmp_path: Path, web: browsers.Browser) -> None:
    export_film(hostile(tmp_path), tmp_path / "hostile.html")
    web.open(tmp_path / "hostile.html")
    web.press("End")
    assert web.run("return [document.title, document.images.length, document.scripts.length]") == [HOSTILE, 0, 2]
    assert NAMES[3] in web.run("return document.getElementById('film').textContent").replace('\\"', '"')
    assert list(web.complaints()) == []


# In a window.


def done(qtbot: Any, window: Any) -> None:
    qtbot.waitUntil(lambda: not window.jobs.exporting.busy)


def test_the_window_exports_the_pass_also_where_nothing_was_stepped(place: Any, qtbot: Any, tmp_path: Path) -> None:
    window = place.start(place.copy("sin_plus_product.gw"))
    told: list[tuple[str, str]] = []
    window.tell = lambda text, kind="note": told.append((text, kind))
    for suffix in (".html", ".gif"):
        export_pass(window, suffix, tmp_path / f"film{suffix}")
        done(qtbot, window)
    assert told == [("Exported the pass as film.html", "note"), ("Exported the pass as film.gif", "note")]
    assert not window.editor.stepper.active
    page = Page((tmp_path / "film.html").read_text("utf-8"))
    assert page.texts["title"] == "sin_plus_product"
    assert json.loads(page.texts["film"])["captions"][7][0] == "backward · sin"
    with Image.open(tmp_path / "film.gif") as gif:
        assert gif.n_frames == 9


def test_the_iteration_that_is_stepped_through_is_the_one_that_is_exported(
    place: Any, qtbot: Any, tmp_path: Path
) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    stepper = window.editor.stepper
    stepper.to_end()
    qtbot.waitUntil(lambda: stepper.active)
    stepper.step()
    qtbot.waitUntil(lambda: stepper.number == 2)
    export_pass(window, ".html", tmp_path / "film.html")
    done(qtbot, window)
    told = json.loads(Page((tmp_path / "film.html").read_text("utf-8")).texts["film"])["captions"]
    second = Film(Still.of(window.canvas), stepper.timeline)
    assert [tuple(lines) for lines in told] == [caption.lines for caption in second.captions]
    assert stepper.moment is not None
    assert stepper.moment.cursor == (1, 0)  # where it was


def test_an_export_of_the_pass_can_be_stopped(
    place: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = place.start(place.copy("digits_mlp.gw"))
    reached, gate, paint = threading.Event(), threading.Event(), still.paint_body

    def wait(*given: Any) -> None:
        reached.set()
        assert gate.wait(20)
        paint(*given)

    monkeypatch.setattr(still, "paint_body", wait)
    export_pass(window, ".gif", tmp_path / "film.gif")
    assert reached.wait(20)
    qtbot.waitUntil(lambda: "Exporting film.gif …" in window.bars.texts())
    qtbot.mouseClick(window.bars.get("export").buttons["Stop"], Qt.MouseButton.LeftButton)
    assert window.status.message.text() == "Stopped: Exporting film.gif"
    gate.set()
    export_pass(window, ".html", tmp_path / "film.html")  # comes after what was stopped has ended
    done(qtbot, window)
    assert (tmp_path / "film.html").exists()
    assert not (tmp_path / "film.gif").exists()


def test_a_graph_without_values_is_refused_in_a_line(place: Any, qtbot: Any, tmp_path: Path) -> None:
    window = place.start(empty=True)
    window.editor.attempt("Add", lambda t: t.add("matmul"))
    export_pass(window, ".html", tmp_path / "film.html")
    done(qtbot, window)
    assert window.status.message.text() == "✗ there is nothing to step through: no node has a value"
