"""An engine over a function of one's own: a line is fitted to points, and handlers tell where the run is.

    python examples/own_process.py

A handler that is attached twice is called twice. An exception goes to the handlers of EXCEPTION_RAISED.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import gradwire.core as gw
from gradwire.core import Engine, Events

RATE = 0.1
Batch = tuple[np.ndarray, np.ndarray]


def points() -> list[Batch]:
    """Three batches of points on the line y = 2 x - 1."""
    x = np.linspace(-1.0, 1.0, 12)
    return [(x[i::3], 2 * x[i::3] - 1) for i in range(3)]


def fitting(line: np.ndarray) -> Callable[[Engine, Batch], float]:
    """The process: one step of descent on a batch, which changes slope and intercept in `line`. Returns its loss."""

    def process(engine: Engine, batch: Batch) -> float:
        x, y = batch
        loss, gradient = gw.value_and_grad(lambda ab: gw.ops.mean((ab[0] * x + ab[1] - y) ** 2.0))(line)
        line[:] -= RATE * gradient
        return float(loss)

    return process


def keep_mean_loss(engine: Engine) -> None:
    """Handlers by decorator: the mean loss of each epoch goes into the metrics."""
    losses: list[float] = []

    @engine.on(Events.EPOCH_STARTED)
    def begin(engine: Engine) -> None:
        losses.clear()

    @engine.on(Events.ITERATION_COMPLETED)
    def keep(engine: Engine) -> None:
        losses.append(engine.state.output)

    @engine.on(Events.EPOCH_COMPLETED, priority=1)  # before those that print it
    def end(engine: Engine) -> None:
        engine.state.metrics["mean loss"] = sum(losses) / len(losses)


def tell(engine: Engine) -> None:
    """Print where the engine is."""
    state = engine.state
    print(f"  epoch {state.epoch}, iteration {state.iteration}, output {state.output}, metrics {state.metrics}")


def main() -> None:
    """Fit the line, then let a process fail."""
    line, order = np.zeros(2), list[str]()
    engine = Engine(fitting(line))
    keep_mean_loss(engine)
    # Handlers by method.
    engine.add_event_handler(Events.STARTED, lambda engine: print("STARTED"))
    engine.add_event_handler(Events.EPOCH_COMPLETED, tell, every=10)
    engine.add_event_handler(Events.COMPLETED, tell)
    engine.add_event_handler(Events.COMPLETED, tell)  # attached twice, it is called twice
    for event in Events:
        # `now` is bound here: each handler has its own.
        engine.add_event_handler(event, lambda engine, *told, now=event: order.append(now.name), before=2)

    @engine.on(Events.EXCEPTION_RAISED)
    def raised(engine: Engine, error: BaseException) -> None:
        print(f"EXCEPTION_RAISED: {error}")

    engine.run(points(), max_epochs=20)
    print(f"y = {line[0]:.3f} x + {line[1]:.3f}")
    engine.process = lambda engine, batch: batch / 0
    engine.run([1])
    print(f"the events of the first epoch and iteration of both runs: {', '.join(order)}")


if __name__ == "__main__":
    main()
