"""Values and steps in lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..document.ports import value_name
from ..graph import Source
from ..op import short_name
from ..stepping import Moment, Step, Timeline
from ..stepping.timeline import BACKWARD, LOSS, UPDATE, ZERO

Array = np.ndarray[Any, Any]
WHOLE = 12  # elements up to which an array is told whole
SEVERAL = 6  # values of one step that are told
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 64  # bars in a line


def array_line(array: Array) -> str:
    """An array in one line: `float32 (3,) [0.5, 0, 2]`; a large one by its range, mean, and what is not finite."""
    if array.ndim == 0:
        return f"{array[()]:.6g}" if array.dtype.kind == "f" else str(array[()])
    shape = f"{short_name(array.dtype)} {array.shape}"
    if array.size <= WHOLE:
        text = np.array2string(array, separator=", ", formatter={"float_kind": "{:.4g}".format}, max_line_width=10_000)
        return f"{shape} {' '.join(text.split())}"
    return f"{shape} {_range(array)}"


def _range(array: Array) -> str:
    """`from -1 to 2, mean 0.25`"""
    finite = np.isfinite(array)
    bad = int(array.size - np.count_nonzero(finite))
    numbers = array[finite].astype(np.float64)
    told = [f"from {numbers.min():.4g} to {numbers.max():.4g}, mean {numbers.mean():.4g}"] if numbers.size else []
    return ", ".join([*told, *([f"{bad:,} of {array.size:,} not finite"] if bad else [])])


def sparkline(array: Array) -> str:
    """Numbers as a line of bars: `12 numbers from 0.1 to 2.3 ▁▂▅█`; of many each bar is the mean of its share."""
    flat = np.asarray(array, np.float64).ravel()
    parts = np.array_split(flat, min(WIDTH, flat.size)) if flat.size else []
    numbers = np.array([part.mean() for part in parts])
    finite = numbers[np.isfinite(numbers)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    bars = (BARS[round((number - low) * scale)] if np.isfinite(number) else "×" for number in numbers)
    told = f" {_range(flat).split(', mean')[0]}" if flat.size else ""
    if flat.size == 1:
        return f"one number, {flat[0]:.4g}"
    return f"{flat.size:,} numbers{told} {''.join(bars)}".rstrip()


def step_line(moment: Moment) -> str:
    """Where a moment is, and what the step before it did: `3/12 forward relu1 = f32 (3,) [0.5, 0, 2]`."""
    timeline, step = moment.timeline, moment.step
    where = f"{moment.cursor.step}/{len(timeline.steps)}"
    if step is None:
        return f"{where} nothing is computed yet"
    done = [*_done(timeline, step)]
    more = [f"and {len(done) - SEVERAL} more"] if len(done) > SEVERAL else []
    return f"{where} {step.phase} {'; '.join([*done[:SEVERAL], *more])}"


def _done(timeline: Timeline, step: Step) -> Iterator[str]:
    run, graph, registry = timeline.run, timeline.run.asked.graph, timeline.registry

    def named(source: Source) -> str:
        return value_name(graph, registry, source)

    if step.phase == ZERO:
        yield f"the gradients of {', '.join(map(graph.path, step.nodes))} are set to 0"
    elif step.phase == LOSS and step.start is not None:
        yield f"∂/∂{named(step.start.source)} starts as {array_line(step.start.value)}"
    elif step.phase == BACKWARD:
        for delivery in step.deliveries:
            port = f"{graph.called(delivery.node)}.{delivery.port}"
            yield f"{port} gives {named(delivery.source)} {array_line(delivery.value)}"
    elif step.phase == UPDATE and step.node is not None:
        yield f"{graph.path(step.node)} becomes {array_line(timeline.updated[step.node])}"
    else:
        for source in (source for node in step.nodes for source in timeline.sources_of.get(node, ())):
            value = run.value(source)
            if value is not None:
                yield f"{named(source)} = {array_line(value)}"
