"""What comes back to a fork stands there in the order in which its wires leave, each part at its own wire."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot
from timelines import timeline_of
from windows import EXAMPLES

from gradwire.app.canvas.scene import Scene
from gradwire.app.canvas.stepping import forks
from gradwire.app.canvas.stepping.junctions import junctions
from gradwire.app.export.still import Results, Still
from gradwire.app.files.examples import lessons
from gradwire.app.layout.heaps import laid_out
from gradwire.app.look.theme import LIGHT
from gradwire.core.document import Document
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, Timeline

Found = dict[tuple[str, str], forks.Chip]


def drawn(session: Session) -> tuple[Scene, Timeline]:
    """A graph as it is drawn, and what the stepper goes through."""
    checked = session.check()
    seen = Still(session.graph, session.registry, None, checked.shapes, checked.problems, Results({}, {}), LIGHT)
    return Scene(seen), timeline_of(session)


def parts_of(scene: Scene, timeline: Timeline, step: int) -> list[Found]:
    """The parts that have come to each fork after so many steps, by the port that they come from."""
    ports = {slot: port for port, slot in scene.wires.slots.items()}
    shown = list(junctions(scene, Moment(timeline, Cursor(step))))
    return [
        {ports[chip.wire]: chip for chip in chips if chip.wire is not None}
        for _, chips in forks.placed(scene, shown, 3, [])
    ]


def walked(path: np.ndarray) -> np.ndarray:
    """Points (n, 2) of a wire, a unit apart."""
    far = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    return np.stack([np.interp(np.arange(far[-1]), far, path[:, axis]) for axis in (0, 1)], axis=1)


def stands_above(one: np.ndarray, other: np.ndarray) -> bool | None:
    """Whether of two wires that leave the same output one is above, once they are clearly apart; None: they never are.

    None as well of those that cross later: each is above somewhere.
    """
    both = min(len(one), len(other))
    apart = (other - one if both == 0 else other[:both] - one[:both])[:, 1]
    clear = apart[np.abs(apart) > 6.0]
    return bool(clear[0] > 0) if len(clear) and (np.sign(clear) == np.sign(clear[0])).all() else None


def is_told(chip: forks.Chip, own: np.ndarray, other: np.ndarray) -> bool:
    """Whether it is seen that a chip is of its own wire: that is nearer, or its middle where both run beneath it.

    Where there is no room for that a line leads from its own wire to it, and the chip lies on no other one.
    """
    edges, middle = np.array(chip.place.getCoords()), np.array(chip.place.center().toTuple())
    near, far = (np.hypot(*(wire - wire.clip(edges[:2], edges[2:])).T).min() for wire in (own, other))
    if near < far or np.hypot(*(own - middle).T).min() < np.hypot(*(other - middle).T).min() + 1.0:
        return True
    if chip.stem is None or far == 0.0:
        return False
    begin = np.array(chip.stem.p1().toTuple())
    return np.hypot(*(own - begin).T).min() < min(2.0, np.hypot(*(other - begin).T).min())


def faults(scene: Scene, found: list[Found]) -> list[str]:
    """What is wrong with where parts stand."""
    told = []
    chips = [chip for fork in found for chip in fork.values()]
    boxes = {id: QRectF(*scene.rect(id)) for id in scene.visible if scene.item(id).kind <= 2}
    for one, other in combinations(chips, 2):
        if one.place.intersects(other.place):
            told.append(f"{one.text} covers {other.text}")
    for chip in chips:
        told += [f"{chip.text} covers {id}" for id, box in boxes.items() if box.intersects(chip.place)]
        for other in chips if chip.stem is not None else ():
            points = [chip.stem.pointAt(share) for share in np.linspace(0, 1, 100)]
            if other is not chip and any(other.place.contains(point) for point in points):
                told.append(f"what joins {chip.text} with its wire lies on {other.text}")
    for fork in found:
        slots = np.array([scene.wires.slots[port] for port in fork], np.intp)
        wires = {port: walked(path) for port, path in zip(fork, scene.wires.paths(slots, 40), strict=True)}
        for (a, one), (b, other) in combinations(fork.items(), 2):
            above = stands_above(wires[a], wires[b])
            if above is not None and above != (one.place.center().y() < other.place.center().y()):
                told.append(f"{one.text} and {other.text} stand the wrong way round")
        for port, chip in fork.items():
            others = [wire for each, wire in wires.items() if each != port]
            if any(not is_told(chip, wires[port], other) for other in others):
                told.append(f"{chip.text} is nearer to another wire, and no line leads to its own")
    return told


@pytest.mark.parametrize("path", [*lessons(), *sorted(EXAMPLES.glob("*.gw"))], ids=lambda path: path.stem)
def test_parts_stand_in_the_order_of_their_wires_in_all_examples(path: Path, qtbot: QtBot) -> None:
    scene, timeline = drawn(Session.open(path))
    last = parts_of(scene, timeline, len(timeline.steps))
    assert not faults(scene, last)


def fork(seed: int) -> Session:
    """A vector or a matrix that several nodes take, near by and further on, laid out as a file without places is."""
    random = np.random.default_rng(seed)
    document = Document()
    with document.transaction("Draw") as t:
        x = t.add("parameter", name="x", shape=[3] if seed % 2 else [3, 2], init="normal")
        ends = [x]
        for i in range(int(random.integers(2, 6))):
            if i and random.random() < 0.4:
                ends[-1] = t.add("multiply", name=f"m{i}", inputs={"x": ends[-1], "y": x})
            else:
                ends.append(t.add(str(random.choice(["sin", "square", "tanh", "relu"])), name=f"n{i}", inputs={"x": x}))
        total = ends[1]
        for i, end in enumerate(ends[2:]):
            total = t.add("add", name=f"a{i}", inputs={"x": total, "y": end})
        t.add("sum", name="loss", inputs={"x": total})
    session = Session(document)
    scene, _ = drawn(session)
    shown = {id: scene.item(id) for id in scene.visible}
    return Session(Document(laid_out(session.graph, session.registry, shown)))


@pytest.mark.parametrize("seeds", [range(12), range(12, 24)], ids=str)
def test_parts_stand_in_the_order_of_their_wires_at_random_forks(seeds: range, qtbot: QtBot) -> None:
    for seed in seeds:
        scene, timeline = drawn(fork(seed))
        last = parts_of(scene, timeline, len(timeline.steps))
        assert not faults(scene, last), seed
        for step in range(len(timeline.steps)):  # each stays where it came to stand
            for now, end in zip(parts_of(scene, timeline, step), last, strict=False):
                assert all(end[port].place == chip.place for port, chip in now.items()), (seed, step)
