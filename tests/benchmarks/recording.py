"""Recording an iteration of `digits_mlp` beside the plain eager run of it, and going through 1,000 nodes.

    python tests/benchmarks/recording.py

The goals: at most 1.5 times the time of the plain run, and at most 16 ms for what a step asks of a graph of 1,000
nodes. Both kinds run in turn; the median of many counts.
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from gradwire.core.document import Document
from gradwire.core.evaluating import Asked, Evaluator
from gradwire.core.feeding import random_state
from gradwire.core.lower import RANDOM_STATE
from gradwire.core.ops import builtin
from gradwire.core.session import Session
from gradwire.core.stepping import Cursor, Moment, lay_out
from gradwire.core.stepping.recorder import Recorder
from gradwire.core.stepping.walking import later
from gradwire.core.training.steps import RATE, Acts
from gradwire.core.training.trainer import Settings, Trainer

DIGITS = Path(__file__).parents[2] / "examples" / "digits_mlp.gw"
BATCH, ROUNDS, NODES = 64, 60, 1000


def recording() -> None:
    """The time of an iteration, plain and recorded."""
    session = Session.open(DIGITS)
    training = session.graph.training
    assert training is not None
    with session.document.transaction("Batch") as t:
        t.set_training(replace(training, batch=BATCH))
    document = session.document
    trainer = Trainer(session.graph, session.registry, document.values, None, Settings(mode="eager"))
    asked = Asked.of(session)
    recorder = Recorder(asked, session.registry)
    plain, recorded = [], []
    for number, rows in enumerate(list(trainer._batches(1))[:20] * (ROUNDS // 20), 1):
        begun = perf_counter()
        feeds = trainer.data.feeds("train", rows)
        feeds |= {RANDOM_STATE: random_state(training.seed, number), RATE: np.float64(trainer.step.rate)}
        trainer.step.run(len(rows), feeds, trainer.state, Acts())
        plain.append(perf_counter() - begun)
        begun = perf_counter()
        iteration = recorder.iteration(number)
        recorded.append(perf_counter() - begun)
    assert iteration is not None
    ratio = statistics.median(recorded) / statistics.median(plain)
    print(
        f"plain {1e3 * statistics.median(plain):.2f} ms, recorded {1e3 * statistics.median(recorded):.2f} ms: ", end=""
    )
    print(f"{ratio:.2f} times (goal: 1.5); one iteration holds {iteration.size / 1e6:.2f} MB (budget: 256)")


def stepping() -> None:
    """The time of a step through a long graph: everything that a canvas asks at a moment."""
    document = Document(registry=builtin())
    with document.transaction("Chain") as t:
        last = t.add("input", shape=(), value=0.5)
        for i in range(NODES - 1):
            last = t.add("sin" if i % 2 else "tanh", inputs={"x": last})
    session = Session(document)
    asked = Asked.of(session)
    run = Evaluator(session.registry).evaluate(asked)
    assert run is not None
    begun = perf_counter()
    timeline = lay_out(run, session.registry)
    laid = perf_counter() - begun
    times, cursor = [], Cursor()
    while cursor != timeline.end:
        begun = perf_counter()
        cursor = later(timeline, cursor)
        moment = Moment(timeline, cursor)
        for source in run.tensors:
            moment.value(source), moment.gradient(source)
        times.append(perf_counter() - begun)
    print(f"{NODES} nodes: laid out in {1e3 * laid:.1f} ms, a step with every value and gradient asked: ", end="")
    print(f"{1e3 * statistics.median(times):.2f} ms, at most {1e3 * max(times):.1f} (goal: 16)")


if __name__ == "__main__":
    recording()
    stepping()
