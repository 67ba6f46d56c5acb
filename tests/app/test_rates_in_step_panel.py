"""The step panel tells of an update with which learning rate it is made, also where a schedule and groups say it."""

from __future__ import annotations

from optimiser_cases import Case, regression
from training_graphs import train_on

from gradwire.app.step_card.reading import optimiser_text
from gradwire.core.evaluating import Asked
from gradwire.core.stepping.moment import Moment
from gradwire.core.stepping.recorder import Recorder


def test_an_update_tells_the_rate_of_its_group_at_that_iteration() -> None:
    session = regression(Case({"name": "sgd", "lr": 0.1}, {"w": {"lr": 0.02}}), epochs=2)
    train_on(session, schedule={"name": "cosine", "min_lr": 0.01})
    recorder = Recorder(Asked.of(session), session.registry)

    def told(number: int, id: str) -> str:
        iteration = recorder.iteration(number)
        assert iteration is not None
        return optimiser_text(Moment(iteration.timeline, iteration.timeline.end), id).partition(" Here ")[2]

    assert told(1, "parameter0") == "lr 0.02."
    assert told(1, "parameter1") == "lr 0.1."
    assert told(2, "parameter0") == "lr 0.015 (of 0.02, by the schedule)."
    assert told(2, "parameter1") == "lr 0.055 (of 0.1, by the schedule)."
