"""What a mend puts in stands on nothing, and no wire at it runs behind a note."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from windows import EXAMPLES, Place

from gradwire.app.layout.making_room import extent
from gradwire.app.results.root import choose_root
from gradwire.app.stepping import placing
from gradwire.app.stepping.offering import do_mend
from gradwire.app.window import Window
from gradwire.core.document import Document
from gradwire.core.graph import Source
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import State

Box = tuple[float, float, float, float]


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def given(t: Any, x: list[float], at: tuple[float, float] = (0, 0)) -> str:
    return t.add("input", name="x", shape=(len(x),), value=x, position=at)


def root(t: Any) -> None:
    """A chain in which notes stand where the new nodes would."""
    last = t.add("sqrt", name="root", inputs={"x": given(t, [0.0, 4.0])}, position=(240, 0))
    t.add("sum", name="loss", inputs={"x": last}, position=(480, 0))
    t.add_note("A note that stands right beneath x, in the way.", position=(-60, 150))
    t.add_note("A note that stands above both, as notes mostly do.", position=(100, -150))


def exp(t: Any) -> None:
    last = t.add("exp", name="e", inputs={"x": given(t, [1000.0, 0.0])}, position=(200, 0))
    t.add("sum", name="loss", inputs={"x": last}, position=(400, 0))
    for row in range(3):
        t.add("constant", name=f"beside {row}", value=1.0, position=(0, 110 * (row + 1)))
        t.add("constant", name=f"over {row}", value=1.0, position=(0, -110 * (row + 1)))


def branches(t: Any) -> None:
    """The branch that is not taken, all close together, with a note beneath."""
    x = given(t, [0.0, 4.0])
    edge = t.add("constant", name="edge", value=1.0, position=(0, 130))
    taken = t.add("greater", name="taken", inputs={"x": x, "y": edge}, position=(200, 150))
    risky = t.add("log", name="risky", inputs={"x": x}, position=(200, 0))
    chosen = t.add("where", name="chosen", inputs={"c": taken, "x": risky, "y": x}, position=(400, 60))
    t.add("sum", name="loss", inputs={"x": chosen}, position=(600, 60))
    t.add_note("What is not taken still sends its NaN back.", position=(0, 310))


def in_group(t: Any) -> None:
    group = t.add_group("inner", position=(240, 0))
    x = given(t, [0.0, 4.0])
    last = t.add("sqrt", name="root", inputs={"x": x}, position=(240, 0), group=group)
    t.add("sum", name="loss", inputs={"x": last}, position=(480, 0))
    t.add("constant", name="below", value=1.0, position=(240, 160))


def drawn(build: Callable[[Any], None], folder: Path) -> Path:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        build(t)
    return Session(document).save(folder / "net.gw")


LESSON = EXAMPLES / "lessons" / "where_nan.gw"
CASES: dict[str, Callable[[Path], Path]] = {
    "lesson": lambda folder: folder / LESSON.name,
    **{each.__name__: (lambda folder, each=each: drawn(each, folder)) for each in (root, exp, branches, in_group)},
}


def wires(window: Window) -> list[tuple[str, str, np.ndarray]]:
    """Each wire as it is drawn: where from, where to, and points of it (n, 2)."""
    scene = window.canvas.scene
    found = [wire for wire in scene.graph.wires() if (wire.target, wire.port) in scene.wires.slots]
    paths = scene.wires.paths(np.array([scene.wires.slots[target, port] for _, target, port in found]), 40)
    return [(source.node, target, path) for (source, target, _), path in zip(found, paths, strict=True)]


@pytest.mark.parametrize("case", CASES)
def test_after_every_mend_nothing_overlaps_and_no_wire_runs_behind_a_note(
    case: str, place: Place, qtbot: QtBot
) -> None:
    if case == "lesson":
        place.copy("lessons/where_nan.gw")
    window = place.start(CASES[case](place.folder))
    window.resize(1400, 900)
    window.show()
    editor = window.editor
    editor.stepper.leave()
    x = Source(editor.graph.resolve("x"), "y")
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending and editor.live.value(x) is not None)
    before = set(editor.graph.nodes)
    for number in range(count_of_mends(window, qtbot)):
        ask(window, qtbot)
        answer = editor.spotlight.answer
        assert answer is not None
        do_mend(window, answer.mends[number])
        scene = window.canvas.scene
        notes = [id for id in editor.graph.groups if editor.graph.is_note(id)]
        boxes = {id: scene.rect(id) for id in [*editor.graph.nodes, *notes] if id in scene.items.slots}
        assert [pair for pair in combinations(boxes, 2) if overlap(*map(boxes.__getitem__, pair))] == []
        new = set(editor.graph.nodes) - before
        assert new
        for source, target, path in wires(window):
            for note in notes if {source, target} & new else ():
                left, top, wide, high = boxes[note]
                inside = (path > (left, top)).all(axis=1) & (path < (left + wide, top + high)).all(axis=1)
                assert not inside.any(), f"the wire from {source} to {target} runs behind {note}"
        editor.undo()
        qtbot.waitUntil(lambda: not editor.live.refreshing.pending)


def runs_along(path: np.ndarray, other: np.ndarray) -> float:
    """How long two wires lie on each other, in scene units."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    middles = (path[1:] + path[:-1]) / 2
    others = np.concatenate([other[:-1] + share * np.diff(other, axis=0) for share in np.linspace(0, 1, 9)])
    near = np.hypot(*np.moveaxis(middles[:, None] - others[None], 2, 0)).min(axis=1) < 6
    return float(steps[near].sum())


def entropy(t: Any) -> None:
    """All in a row: what the log takes after its mend lies before the softmax."""
    p = t.add("softmax", name="p", inputs={"x": given(t, [1.0, 1000.0, 2.0])}, position=(220, 0))
    log = t.add("log", name="lg", inputs={"x": p}, position=(440, 0))
    both = t.add("multiply", name="both", inputs={"x": p, "y": log}, position=(660, 0))
    t.add("sum", name="loss", inputs={"x": both}, position=(880, 0))


@pytest.mark.parametrize("case", ["lesson", "entropy"])
def test_a_wire_that_a_mend_has_laid_or_covered_is_seen_to_pass_the_nodes(
    case: str, place: Place, qtbot: QtBot
) -> None:
    if case == "lesson":
        place.copy("lessons/where_nan.gw")
    window = place.start(CASES[case](place.folder) if case in CASES else drawn(entropy, place.folder))
    window.resize(1400, 900)
    window.show()
    editor, scene = window.editor, window.canvas.scene
    editor.stepper.leave()
    x = Source(editor.graph.resolve("x"), "y")
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending and editor.live.value(x) is not None)
    choose_root(editor, Source(editor.graph.resolve("loss"), "y"))
    qtbot.waitUntil(lambda: editor.results.gradient(x).state is State.NONFINITE)
    ask(window, qtbot)
    before = editor.graph
    do_mend(window, editor.spotlight.answer.mends[0])
    assert editor.graph.bends
    boxes = {id: scene.rect(id) for id in editor.graph.nodes}
    for source, target, path in wires(window):
        new = source not in before.nodes or target not in before.nodes or source not in before.sources(target)
        for id in boxes.keys() - {source, target}:
            left, top, wide, high = boxes[id]
            inside = (path > (left, top)).all(axis=1) & (path < (left + wide, top + high)).all(axis=1)
            assert not inside.any() or not (new or id not in before.nodes), f"from {source} to {target} behind {id}"
    for (source, target, path), other in combinations(wires(window), 2):
        assert path[0, 0] < path[-1, 0], f"the wire from {source} to {target} leads back"
        assert runs_along(path, other[2]) < 60, f"{source} to {target} along {other[0]} to {other[1]}"
    editor.undo()
    assert editor.graph.bends == before.bends


def looked_at(far: int, place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> int:
    """Of how many boxes and wires is asked while a mend is placed, beside so many nodes in chains far from it."""

    def build(t: Any) -> None:
        root(t)
        for row in range(far):
            last = t.add("constant", name=f"c{row}", value=1.0, position=(0, 3000 + 150 * row))
            for column in range(4):
                last = t.add("tanh", inputs={"x": last}, position=(200 * (column + 1), 3000 + 150 * row))

    folder = place.folder / str(far)
    folder.mkdir()
    window = place.start(drawn(build, folder))
    window.resize(1400, 900)
    window.show()
    editor = window.editor
    editor.stepper.leave()
    x = Source(editor.graph.resolve("x"), "y")
    qtbot.waitUntil(lambda: not editor.live.refreshing.pending and editor.live.value(x) is not None)
    choose_root(editor, Source(editor.graph.resolve("loss"), "y"))
    qtbot.waitUntil(lambda: editor.results.gradient(x).state is State.NONFINITE)
    ask(window, qtbot)
    assert editor.spotlight.answer is not None
    asked = []
    with monkeypatch.context() as patch:
        for name in ("extent", "is_backward"):
            real = getattr(placing, name)
            patch.setattr(
                placing,
                name,
                lambda *args, real=real: asked.append(1 if real is extent else len(args[0])) or real(*args),
            )
        do_mend(window, editor.spotlight.answer.mends[0])
    return sum(asked)


def test_what_is_far_from_a_mend_is_not_looked_at(place: Place, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (looked_at(far, place, qtbot, monkeypatch) for far in (2, 60))
    assert 0 < many == few


def ask(window: Window, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.editor.questions.answered):
        window.editor.questions.why(window.editor.graph.resolve("x"))


def count_of_mends(window: Window, qtbot: QtBot) -> int:
    ask(window, qtbot)
    answer = window.editor.spotlight.answer
    assert answer is not None
    assert answer.mends
    return len(answer.mends)
