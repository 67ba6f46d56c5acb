"""What a run reads: fed values in the shapes and dtypes that the graph wants, parameters, and data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from . import random
from .data import Samples, batches, describe, prepare
from .data.preparing import Prepared
from .document.ports import value_name
from .errors import GradwireError, RunError
from .graph import Graph, Node, Source
from .infer import SIZES, Binding, Describe, bind, infer
from .op import Aval
from .ops import Registry
from .ops.sources import input_value
from .parameters import BATCH, shown
from .program import resolve

Array = np.ndarray[Any, Any]
Sizes = dict[int, str]  # batch sizes met, each with the name of the first value that has it


def describer(folder: Path | None, dtype: str) -> Describe:
    """What a dataset node gives at a batch size, without loading what need not be loaded."""

    def outputs(node: Node, batch: int) -> tuple[Aval, ...]:
        found = describe(node.params, folder)
        return (
            Aval((batch, *found.feature_shape), _of_document(found.x_dtype, dtype)),
            Aval((batch, *found.target_shape), _of_document(found.y_dtype, dtype)),
        )

    return outputs


def _of_document(found: np.dtype[Any], dtype: str) -> np.dtype[Any]:
    return np.dtype(dtype) if found.kind == "f" else found


def prepared(node: Node, folder: Path | None, dtype: str) -> tuple[Prepared, dict[str, tuple[Samples, Array]]]:
    """The data of a dataset node, and (x, y) of each part, "train" and "validation", in `dtype`.

    Of what is larger than memory x is `Rows`, which are read as they are taken.
    """
    found = prepare(node.params, folder)
    parts = {}
    for name, part in (("train", found.train), ("validation", found.validation)):
        parts[name] = (
            part.x.astype(_of_document(part.x.dtype, dtype)),
            part.y.astype(_of_document(part.y.dtype, dtype)),
        )
    return found, parts


def read_feeds(
    graph: Graph,
    registry: Registry,
    feed: Mapping[str, Any],
    dtype: str,
    describe: Describe | None = None,
) -> tuple[dict[Source, Array], Sizes]:
    """The fed values as arrays, and the batch sizes that they tell.

    Raises `RunError` for a name that is no value and for a shape that does not fit.
    """
    if not isinstance(feed, Mapping):
        raise RunError(f"what is fed is told by name, got {shown(feed)}", hint="as in feed={'x': [1, 2]}")
    arrays: dict[Source, Array] = {}
    sizes: Sizes = {}
    for text, value in feed.items():
        source = resolve(graph, registry, text)
        if source in arrays:
            raise RunError(f"{text} is fed twice, under two names", node=source.node)
        shape, wanted = _wanted(graph, registry, source, dtype, describe)
        arrays[source] = array = _array(text, value, wanted, dtype, source.node)
        if shape is None:
            continue
        fits = len(shape) == array.ndim and all(w in (BATCH, a) for w, a in zip(shape, array.shape, strict=True))
        if not fits:
            wide = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
            raise RunError(f"{text} must be fed the shape {wide}, got {array.shape}", node=source.node)
        sizes.update({a: text for w, a in zip(shape, array.shape, strict=True) if w == BATCH})
    return arrays, sizes


def one_batch(sizes: Sizes) -> int | None:
    """The batch size that all values with a batch axis have, None where there are none. Raises `RunError` for two."""
    if len(sizes) > 1:
        listed = " and ".join(f"{name} has {size}" for size, name in sizes.items())
        raise RunError(f"the fed values must have one batch size, but {listed}")
    return next(iter(sizes), None)


def read_values(
    graph: Graph, registry: Registry, needed: Iterable[str], arrays: Mapping[Source, Array], sizes: Sizes, dtype: str
) -> dict[Source, Array]:
    """`arrays`, and the values of the inputs among `needed` that are not fed and have one; adds to `sizes`.

    Raises `RunError` for a value that does not fit.
    """
    complete = dict(arrays)
    for id in sorted(needed):
        node, source, path = graph.nodes[id], Source(id, "y"), graph.path(id)
        if node.op != "input" or source in arrays:
            continue
        try:
            array = value_of(node, registry, dtype)
        except GradwireError as error:
            raise RunError(f"{path}: {error.message}", hint=error.hint, node=id) from error
        if array is not None:
            complete[source] = array
            for size in batch_axes(node, array):
                sizes.setdefault(size, path)
    return complete


def batch_axes(node: Node, array: Array) -> set[int]:
    """The lengths of the axes of an input's value that are "N" in its shape."""
    return {length for wanted, length in zip(node.params.get("shape", ()), array.shape, strict=True) if wanted == BATCH}


def value_of(node: Node, registry: Registry, dtype: str) -> Array | None:
    """What an input is where nothing is fed, None where it must be fed. Raises `GradwireError` for a misfit."""
    if node.params.get("value") is None:
        return None
    params = registry["input"].check_parameters(node.params)
    return input_value(params["shape"], dtype if params["dtype"] == "float" else params["dtype"], params["value"])


def _wanted(
    graph: Graph, registry: Registry, source: Source, dtype: str, describe: Describe | None
) -> tuple[tuple[Any, ...] | None, np.dtype[Any] | None]:
    """The shape ("N" for the batch) and the dtype that a fed value must have; None for what is not known.

    Only sources have a shape: what is computed may be fed in another, to see what would come of it.
    """
    node = graph.nodes[source.node]
    if node.op in ("input", "parameter"):
        declared = str(node.params.get("dtype", "float"))
        return node.params.get("shape", ()), np.dtype(dtype if declared == "float" else declared)
    above = graph.ancestors([node.id])
    found = infer(graph, registry, Binding(dtype, SIZES[0]), describe, only=above).avals.get(source)
    if found is None:
        return None, None
    return (BATCH, *found.shape[1:]) if node.op == "dataset" else None, found.dtype


def _array(text: str, value: Any, wanted: np.dtype[Any] | None, dtype: str, node: str | None = None) -> Array:
    """`value` as an array of the dtype `wanted`; None takes floats as `dtype` and integers as they are."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise RunError(f"{text} must be fed numbers in rows of one length", node=node) from None
    if array.dtype.kind not in "fiub":
        found = {"U": "text", "O": "what NumPy has no number for"}.get(array.dtype.kind, str(array.dtype))
        raise RunError(f"{text} must be fed numbers, got {found}", node=node)
    if wanted is None:
        wanted = np.dtype(dtype) if array.dtype.kind == "f" else array.dtype
    with np.errstate(all="ignore"):  # what float32 does not hold is infinite there, the rest is compared
        cast = array.astype(wanted)
    if wanted.kind != "f" and not np.array_equal(cast, array):
        raise _unheld(text, array, cast, node)
    return cast


def _unheld(text: str, array: Array, cast: Array, node: str | None) -> RunError:
    """The refusal of numbers that the integers of `cast` do not hold, with the first of them."""
    first = tuple(int(index) for index in np.argwhere(cast != array)[0])
    where = f"{text}{list(first)}" if first else text
    fits = "true or false"
    if cast.dtype.kind != "b":
        least, most = np.iinfo(cast.dtype).min, np.iinfo(cast.dtype).max
        fits = "whole numbers" if cast.dtype.itemsize == 8 else f"whole numbers from {least} to {most}"
    return RunError(f"{text} takes {cast.dtype}, and {where} is {array[first]:g}", hint=fits, node=node)


def read_seed(root: str, value: Any, dtype: str) -> Array:
    """The gradient with which a walk from `root` starts, as an array.

    Raises `RunError` for what is no number.
    """
    return _array(f"the seed of {root}", value, np.dtype(dtype), dtype)


def read_data(
    graph: Graph,
    needed: Iterable[str],
    arrays: Mapping[Source, Array],
    batch: int | None,
    folder: Path | None,
    dtype: str,
    iteration: int = 1,
) -> tuple[dict[Source, Array], int | None]:
    """`arrays` and `batch` with the batch of each dataset node that is `needed` and not fed.

    It is the one that training takes in `iteration`. Where something else tells the size of a batch, or there are no
    training settings, it is the first samples.
    """
    complete = dict(arrays)
    for id in sorted(needed):
        if graph.nodes[id].op != "dataset" or any(source.node == id for source in arrays):
            continue
        part = prepare(graph.nodes[id].params, folder).train
        if batch is not None and batch > len(part):
            raise RunError(f"{graph.path(id)} has {len(part)} samples, which do not fill a batch of {batch}")
        training = graph.training
        rows: Any = slice(batch)
        if batch is None and training is not None:
            per_epoch = -(-len(part) // training.batch)
            epoch, index = divmod(iteration - 1, per_epoch)
            rows = batches(len(part), training.batch, training.seed, epoch + 1)[index]
        for output, values in (("x", part.x[rows]), ("y", part.y[rows])):
            complete[Source(id, output)] = values.astype(_of_document(values.dtype, dtype))
            batch = len(values)
    return complete, batch


def iterations_per_epoch(graph: Graph, folder: Path | None) -> int:
    """How many batches the training of a graph takes in each epoch: 1 where nothing is given in batches."""
    datasets = [node for node in graph.nodes.values() if node.op == "dataset"]
    if graph.training is None or not datasets:
        return 1
    return max(-(-len(prepare(node.params, folder).train) // graph.training.batch) for node in datasets)


def initial(graph: Graph, registry: Registry, id: str, binding: Binding) -> Array:
    """The value with which the parameter `id` starts: a pure function of its settings, id and seed."""
    node = graph.nodes[id]
    op = registry["parameter"]
    value: Array = op.forward(np, **bind(node, op, binding))
    return value


Drawn = dict[str, tuple[Any, Array]]  # by id: the settings that an initial value follows from, and the value


def parameters(
    graph: Graph,
    registry: Registry,
    ids: Iterable[str],
    values: Mapping[str, Array],
    binding: Binding,
    drawn: Drawn | None = None,
) -> dict[str, Array]:
    """The values of parameters by id, as private arrays: those of the document, and else the initial ones.

    `drawn` keeps initial values for the next call. Raises `RunError` for a value that has not the shape of
    its parameter.
    """
    found = {}
    drawn = {} if drawn is None else drawn
    for id in ids:
        held = values.get(id)
        if held is None:
            key = (graph.nodes[id].params, binding.dtype, binding.seed)
            if id not in drawn or drawn[id][0] != key:
                drawn[id] = key, initial(graph, registry, id, binding)
            held = drawn[id][1]
        params = bind(graph.nodes[id], registry["parameter"], binding)
        if held.shape != params["shape"]:
            raise RunError(
                f"{graph.path(id)} has the shape {params['shape']}, but the document holds a value of {held.shape}",
                node=id,
            )
        found[id] = np.array(held, str(params["dtype"]), order="C")
    return found


def random_state(seed: int, iteration: int) -> Array:
    """The random state of an iteration, as runs are fed it."""
    return random.state(seed, iteration)


def need(graph: Graph, registry: Registry, needed: Iterable[str], fed: Mapping[Source, Any]) -> None:
    """Raise `RunError` naming the inputs that the run needs and that nothing feeds.

    A dataset of which one output is fed needs the other as well: what it holds would not fit to that.
    """
    halves = {source.node for source in fed if graph.nodes[source.node].op == "dataset"}
    open = [id for id in needed if graph.nodes[id].op == "input" or id in halves]
    wanted = [Source(id, output.name) for id in open for output in registry[graph.nodes[id].op].outputs]
    missing = sorted(value_name(graph, registry, source) for source in wanted if source not in fed)
    if missing:
        raise RunError(
            f"the run needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not fed",
            hint=f"feed {missing[0]} a value",
        )
