"""What is run on a device and on the processor, to be compared: plans of ops on their samples, and examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from test_examples import EXAMPLES, float_values
from test_ops import draw

import gradwire.core as gw
from gradwire.core.builder import Builder
from gradwire.core.differentiate import differentiate
from gradwire.core.lower import RANDOM_STATE
from gradwire.core.op import Aval, Op, Sample, promote
from gradwire.core.plan import Plan
from gradwire.core.training.engine import Engine, Events
from gradwire.core.training.trainer import Settings

FOLDER = Path(__file__).resolve().parents[1] / "examples"
Array = np.ndarray[Any, Any]


def planned(found: Op, sample: Sample, gradients: bool) -> tuple[Plan, dict[str, Any]]:
    """A plan of the op on its sample, with the gradients of a weighted sum of what it gives; and its feeds."""
    args = promote(found, draw(sample))
    builder = Builder()
    names = [RANDOM_STATE if port.hidden else f"x{i}" for i, port in enumerate(found.ports)][: len(args)]
    names += [f"x{i}" for i in range(len(names), len(args))]
    symbols = [builder.input(name, Aval(a.shape, a.dtype)) for name, a in zip(names, args, strict=True)]
    result = builder.apply(found, tuple(symbols), found.check_parameters(sample.params))
    made = list(result) if isinstance(result, tuple) else [result]
    outputs = {f"y{i}": value for i, value in enumerate(made)}
    if gradients:
        floats = [s for s in symbols if s.dtype.kind == "f"]
        roots = [y for y in made if y.dtype.kind == "f"]
        seeds = [
            builder.constant(np.random.default_rng(i).normal(size=y.shape).astype(y.dtype)) for i, y in enumerate(roots)
        ]
        told = differentiate(builder, roots, seeds, floats)
        for i, symbol in enumerate(floats):
            if (gradient := told.gradient(symbol)) is not None:
                outputs[f"g{i}"] = gradient
    return builder.finish(outputs), dict(zip(names, args, strict=True))


def answers(name: str, device: str) -> dict[str, Array]:
    """Every value of floats of an example, and the gradients of its root with respect to its parameters."""
    session = gw.Session.open(FOLDER / f"{name}.gw", device=device)
    example = EXAMPLES[name]
    feed = {name: np.asarray(value) for name, value in example.feed.items()}
    found = session.run(feed, float_values(session), iteration=1)
    weights = [session.graph.path(id) for id, node in session.graph.nodes.items() if node.op == "parameter"]
    seed = None if example.seed is None else np.ones(example.seed)
    for weight, value in session.gradients(example.root, weights, feed, seed, iteration=1).items():
        if value is not None:
            found[f"gradient of {weight}"] = value
    return found


def trained(name: str, device: str, iterations: int = 3) -> tuple[list[float], dict[str, Array]]:
    """The losses of the first iterations of an example, and its parameters after them."""
    trainer = gw.Session.open(FOLDER / f"{name}.gw", device=device).trainer(Settings(epochs=iterations))
    losses: list[float] = []

    def look(engine: Engine) -> None:
        losses.append(engine.state.output)
        if len(losses) == iterations:
            engine.stop()

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, look)
    return losses, trainer.run().values
