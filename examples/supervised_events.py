"""Handwritten digits told apart: the trainer and the evaluator are two engines, which meet in their events.

    python examples/supervised_events.py [EPOCHS]

The network is that of digits_mlp.gw with log-softmax and negative log-likelihood, trained by SGD with momentum.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

import gradwire.core as gw
from gradwire.core import Engine, Events

LOG_EVERY = 10  # iterations


def network() -> gw.Session:
    """The session of the network and of how it is trained."""
    session = gw.open(Path(__file__).with_name("digits_mlp.gw"))
    training = session.graph.training
    assert training is not None
    ports = session.graph.inputs(training.loss)
    logits, labels = ports["logits"], ports["target"]
    with session.document.transaction("Let the loss be the negative log-likelihood") as t:
        logs = t.add("log_softmax", name="log_probabilities", inputs={"x": logits})
        loss = t.add("nll", name="nll", inputs={"log_probabilities": logs, "target": labels})
        compared = {"prediction": logs, "target": f"{labels.node}.{labels.output}"}
        t.set_training(
            replace(
                training,
                loss=loss,
                optimiser={"name": "sgd", "lr": 0.05, "momentum": 0.9},
                metrics=({"name": "accuracy", **compared}, {"name": "nll", **compared}),
            )
        )
    return session


def main(epochs: int = 5) -> None:
    """Train and validate, and tell how it goes."""
    session = network()
    training = session.trainer(gw.Settings(epochs=epochs))
    trainer = training.engine
    evaluator = Engine(lambda engine, rows: training.validation.batch(rows, training.state))
    gw.measure(evaluator, "accuracy", gw.metrics.Accuracy(), lambda output: output.metrics["accuracy"])
    gw.measure(evaluator, "nll", gw.metrics.NegativeLogLikelihood(), lambda output: output.metrics["nll"])
    described = "ITERATION - loss: {:.2f}"
    bar = tqdm(total=training.iterations_per_epoch, desc=described.format(0), leave=False)

    @trainer.on(Events.EPOCH_STARTED)
    def begin(engine: Engine) -> None:
        bar.reset()

    @trainer.on(Events.ITERATION_COMPLETED)
    def advance(engine: Engine) -> None:
        bar.update()

    @trainer.on(Events.ITERATION_COMPLETED, every=LOG_EVERY)
    def tell_loss(engine: Engine) -> None:
        bar.set_description(described.format(engine.state.output))

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate(engine: Engine) -> None:
        found = evaluator.run(training.validation.batches).metrics
        line = "Val - Epoch: {} Avg accuracy: {:.2f} Avg loss: {:.2f}"
        tqdm.write(line.format(engine.state.epoch, found["accuracy"], found["nll"]))

    session.train(training)
    bar.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
