"""How much of a recording is kept is chosen in the menu Step, and found by its name."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from windows import Place, recorded

from gradwire.app.actions import ACTIONS
from gradwire.app.keys.command_palette import title
from gradwire.app.search.candidates import match

BY_ID = {action.id: action for action in ACTIONS}


def test_the_budget_is_found_by_its_name_and_stands_in_the_menu() -> None:
    found = [title(action) for action in ACTIONS if match("budget", title(action)) is not None]
    assert found == [f"Memory budget: {size}" for size in ("16 MB", "64 MB", "256 MB", "1 GB", "4 GB")]
    assert {action.menu for action in ACTIONS if title(action) in found} == {"Step/Memory budget"}


def test_what_has_no_room_in_the_budget_is_computed_again_and_says_so(place: Place, qtbot: QtBot) -> None:
    window = place.start(place.copy("iris_mlp.gw"))
    window.show()
    stepper, told = window.editor.stepper, []
    window.editor.told.connect(lambda text, kind: told.append(text))
    window.menus.start(BY_ID["step.budget_16"])
    assert told == ["Recordings keep up to 16 MB of iterations"]
    window.menus.refresh()  # as when a menu opens
    assert window.menus.actions["step.budget_16"].isChecked()
    assert not window.menus.actions["step.budget_256"].isChecked()
    assert stepper.recordings.budget == 16_000_000
    other = window.application.open_window(None, True)
    assert other.editor.stepper.recordings.budget == 16_000_000  # it is remembered
    stepper.recordings.budget = 1  # as small as no choice is: nothing but what is shown has room
    for _ in range(3):
        stepper.step("iteration")
        recorded(window, qtbot)
    assert (stepper.number, stepper.replayed) == (3, False)
    bar = window.toolbar.stepper

    def places() -> list[QRect]:
        QApplication.processEvents()
        return [part.geometry() for part in (bar.track, bar.iteration, bar.where, bar.grain)]

    assert window.status.live.text().startswith("▶ recorded")
    stood = places()
    stepper.visit(1)
    recorded(window, qtbot)
    assert (stepper.number, stepper.replayed) == (1, True)
    assert window.status.live.text().startswith("▶ replayed")
    for move in (stepper.to_end, stepper.to_start, stepper.step):  # its number has one digit, or two
        move()
        recorded(window, qtbot)
        assert places() == stood  # nothing moves beneath a hand that goes from one iteration to the next
    window.menus.start(BY_ID["step.budget_256"])
    assert told[-1] == (
        "Recordings keep up to 256 MB of iterations; what is stepped through keeps its own until it is recorded again "
        "(Ctrl+F5)"
    )
