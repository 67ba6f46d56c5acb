"""The view goes along with the step at work: only where it must, gently, and never against the hand."""

from __future__ import annotations

import pytest
from hand import Hand
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot
from windows import Place

from gradwire.app.canvas.nodes import TEXTS
from gradwire.app.canvas.stepping.pursuit import CLOSE
from gradwire.app.window import Window


@pytest.fixture
def window(place: Place, qtbot: QtBot) -> Window:
    """A lesson before its first step, so large that not all of it is in view."""
    window = place.start(place.copy("lessons/vanishing_sigmoids.gw"))
    window.resize(1100, 800)
    window.show()
    stepper = window.editor.stepper
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    window.canvas.frame()
    window.canvas.zoom_to(1.6, QPointF(0, 0))
    return window


def look(window: Window) -> tuple[float, float, float]:
    view = window.canvas.view
    return view.scale, view.x, view.y


def last_in_view(window: Window) -> bool:
    canvas, node = window.canvas, window.editor.stepper.moment.step.node
    return canvas.view.holds(canvas.scene.rect(node), canvas.width(), canvas.height())


def to_loss(window: Window) -> None:
    """To the step of the loss, which is at the right end."""
    stepper = window.editor.stepper
    index = next(i for i, step in enumerate(stepper.timeline.steps) if step.phase == "loss")
    stepper.seek(type(stepper.cursor)(index + 1))


def test_a_node_out_of_view_glides_into_it_at_the_same_zoom(window: Window, qtbot: QtBot) -> None:
    before = look(window)
    to_loss(window)
    assert look(window) == before  # it begins where it was
    seen = set()

    def there() -> bool:
        seen.add(window.canvas.view.x)
        return last_in_view(window)

    qtbot.waitUntil(there)
    assert len(seen) > 2  # it has glided
    assert look(window)[0] == before[0]


def test_what_is_in_view_moves_nothing(window: Window) -> None:
    window.canvas.frame()
    window.canvas.zoom_to(window.canvas.view.scale * 0.99)  # by hand
    window.editor.playing.cut(True)  # else it would only begin to move
    before = look(window)
    for _ in range(6):
        window.editor.stepper.step()
        assert look(window) == before


def test_nodes_that_are_gone_are_not_followed(place: Place, qtbot: QtBot) -> None:
    """What is recorded is of the graph as it was, here with a fork at what was taken away."""
    window = place.start(place.copy("lessons/fork.gw"))
    window.show()
    stepper = window.editor.stepper
    stepper.to_start()
    qtbot.waitUntil(lambda: stepper.active)
    delivered = {each.source.node for step in stepper.timeline.steps for each in step.deliveries}
    window.editor.attempt("Delete", lambda t: t.remove(*delivered))
    for _ in stepper.timeline.steps:
        stepper.step()
        window.canvas.grab()
    assert stepper.at_end


def test_with_reduced_motion_it_is_a_cut(window: Window) -> None:
    window.editor.playing.cut(True)
    to_loss(window)
    assert last_in_view(window)


def test_it_is_switched_off_and_stays_so(window: Window, place: Place, qtbot: QtBot) -> None:
    action = window.menus.actions["step.follow"]
    assert window.canvas.follows_step
    action.trigger()
    window.editor.playing.cut(True)
    before = look(window)
    to_loss(window)
    assert look(window) == before
    assert not place.start(empty=True).canvas.follows_step  # remembered


def test_it_waits_for_the_hand(window: Window) -> None:
    canvas = window.canvas
    window.editor.playing.cut(True)
    hand = Hand(canvas)
    x, y = canvas.view.to_scene(QPointF(canvas.width() / 2, canvas.height() / 2))
    hand.press((x, y), Qt.MouseButton.MiddleButton)
    before = look(window)
    to_loss(window)
    assert look(window) == before
    hand.release(Qt.MouseButton.MiddleButton)


def test_a_hand_on_the_view_ends_the_glide(window: Window, qtbot: QtBot) -> None:
    to_loss(window)
    qtbot.wait(40)
    window.canvas.view.pan(-3000, 0)
    window.canvas.view_moved()
    before = look(window)
    qtbot.wait(400)
    assert look(window) == before


# Where no number can be read.


@pytest.fixture
def far(place: Place, qtbot: QtBot) -> Window:
    """A network before its first step, framed so small that nodes show only their names."""
    window = place.start(place.copy("digits_mlp.gw"))
    window.resize(1100, 800)
    window.show()
    window.editor.playing.cut(True)
    window.editor.stepper.to_start()
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    window.canvas.frame()
    assert window.canvas.view.scale < TEXTS
    return window


def to_node(window: Window) -> None:
    """On to the next step of a node."""
    stepper = window.editor.stepper
    stepper.step()
    while stepper.moment.step.node is None:
        stepper.step()


def test_the_first_step_of_a_node_brings_its_numbers_near_and_later_ones_stay_at_that_zoom(far: Window) -> None:
    to_node(far)
    assert far.canvas.view.scale == pytest.approx(CLOSE)
    assert last_in_view(far)
    for _ in range(4):
        to_node(far)
        assert far.canvas.view.scale == pytest.approx(CLOSE)
        assert last_in_view(far)


def test_it_glides_there_and_the_node_ends_where_it_is_seen(far: Window, qtbot: QtBot) -> None:
    far.editor.playing.cut(False)
    before, seen = far.canvas.view.scale, set()
    to_node(far)
    assert far.canvas.view.scale == before

    def near() -> bool:
        seen.add(far.canvas.view.scale)
        return far.canvas.view.scale == pytest.approx(CLOSE)

    qtbot.waitUntil(near)
    assert len(seen) > 2
    assert sorted(seen) == sorted(seen, key=lambda scale: abs(scale - before))  # never back
    assert last_in_view(far)


def test_steps_that_come_faster_than_it_glides_do_not_leave_it_far_away(far: Window, qtbot: QtBot) -> None:
    far.editor.playing.cut(False)
    to_node(far)
    for _ in range(3):
        qtbot.wait(40)
        far.editor.stepper.step()
    qtbot.waitUntil(lambda: far.canvas.view.scale == pytest.approx(CLOSE))
    qtbot.waitUntil(lambda: last_in_view(far))


def test_who_shows_all_again_while_stepping_keeps_all_in_view(far: Window) -> None:
    to_node(far)
    far.canvas.frame()
    before = look(far)
    for _ in range(3):
        to_node(far)
        assert look(far) == before


def test_a_zoom_that_somebody_chose_is_kept(far: Window) -> None:
    far.canvas.zoom_to(far.canvas.view.scale * 1.1)
    before = far.canvas.view.scale
    to_node(far)
    assert far.canvas.view.scale == before


def test_what_can_be_read_when_all_is_framed_stays_framed(window: Window) -> None:
    window.resize(1500, 900)
    window.canvas.frame()
    before = look(window)
    assert before[0] >= TEXTS
    window.editor.playing.cut(True)
    to_node(window)
    assert look(window) == before


# What receives a gradient.


def in_view(window: Window, name: str) -> bool:
    canvas = window.canvas
    box = canvas.scene.rect(window.editor.graph.resolve(name))
    return canvas.view.holds(box, canvas.width(), canvas.height())


def test_the_value_at_which_a_sum_is_completed_is_brought_into_view(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/shared_over_time.gw"))
    window.resize(1400, 920)
    window.show()
    window.editor.playing.cut(True)
    qtbot.waitUntil(lambda: window.editor.stepper.active)
    window.canvas.frame()
    window.canvas.zoom_to(1.1, QPointF(0, 0))
    stepper = window.editor.stepper
    while not stepper.at_end:
        stepper.step()
        for delivery in stepper.moment.delivering:
            gradient = stepper.moment.gradient(delivery.source)
            if gradient.value is not None and gradient.parts > 1:
                assert in_view(window, window.editor.graph.path(delivery.source.node))
    assert all(in_view(window, name) for name in ("wh0", "w", "h0"))
    stepper.seek(type(stepper.cursor)(len(stepper.timeline.steps) - 1))
    window.canvas.zoom_to(4.0, QPointF(0, 0))  # now they have no room together: the view goes out as far as they need
    stepper.step()
    assert in_view(window, "w")
    assert in_view(window, "wh0")
    assert TEXTS < window.canvas.view.scale < 4.0
    at = window.canvas.view.place_and_zoom
    stepper.back()
    stepper.step()
    assert window.canvas.view.place_and_zoom == at


def test_the_view_goes_out_no_farther_than_numbers_can_be_read(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("lessons/shared_over_time.gw"))
    window.resize(900, 700)
    window.show()
    stepper, canvas = window.editor.stepper, window.canvas
    window.editor.playing.cut(True)
    qtbot.waitUntil(lambda: stepper.active)
    canvas.zoom_to(1.0, QPointF(0, 0))
    steps = stepper.timeline.steps
    wh2 = next(n for n, step in enumerate(steps) if step.deliveries and step.node == window.editor.graph.resolve("wh2"))
    stepper.seek(type(stepper.cursor)(wh2))
    stepper.step()
    assert canvas.view.scale >= TEXTS
    assert in_view(window, "w"), "where the gradient goes"
