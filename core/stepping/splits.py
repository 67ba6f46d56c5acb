"""What a gradient is made of along other axes than consumer ports: samples of the batch, and terms of the loss."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from ..cancelling import Cancelled, Stopped, never
from ..errors import RunError
from ..evaluating import Evaluated
from ..feeding import describer
from ..graph import Source
from ..infer import SIZES, Binding, batch_axes, infer
from ..op import Aval
from ..ops import Registry
from ..records import Record
from ..reverse import Parts
from .pulling import Hop, Pull, taken
from .timeline import Array

SAMPLES = 16  # that are told one by one where nothing else is asked for


class Part(NamedTuple):
    """One part of a gradient; `value` is None where no gradient comes that way.

    `node` is the one that a term is the value of, `way` a path from the value to the root, port by port.
    """

    name: str
    value: Array | None
    node: str | None = None
    way: tuple[Hop, ...] = ()


class Split(NamedTuple):
    """A gradient and its parts: `whole` is their sum, with the `rest` that is not told in parts (None: there is none).

    `number` is how many parts there are. Where not all of them were looked at, `exhaustive` is false: then
    stronger ones may be in the rest.
    """

    whole: Array
    parts: tuple[Part, ...]
    rest: Array | None = None
    number: int = 0
    exhaustive: bool = True


def pull_of(run: Evaluated, source: Source, cancelled: Cancelled = never) -> tuple[Pull, Array]:
    """What walks from the roots to `source`, and the gradient there. Raises `RunError` where there is none."""
    name = run.asked.graph.called(source.node)
    if run.gradients.error is not None:
        raise RunError(f"the gradients could not be computed: {run.gradients.error}")
    whole = run.gradient(source)
    if run.root is None or whole is None:
        raise RunError(f"{name} has no gradient that could be split")
    return Pull(run, run.tensors[source], cancelled=cancelled), whole


# By sample.


def by_sample(
    run: Evaluated, registry: Registry, source: Source, most: int = SAMPLES, cancelled: Cancelled = never
) -> Split | None:
    """The gradient of each of the first `most` samples' part in the root; None where cancelled.

    A sample's part is what goes through it where the batch ends: in the last values on the way to the root that have
    the batch axis. The rest is what the other samples give, and what reaches the root beside the batch (a penalty on
    weights, say). Raises `RunError` where the batch does not end before the root, or after the value.
    """
    pull, whole = pull_of(run, source, cancelled)
    try:
        ends, beside = _batch(run, registry, pull)
        if not ends:
            name = run.asked.graph.path(source.node)
            message = f"no part of the gradient of {name} belongs to one sample: no batch ends on its way"
            raise RunError(message, hint="the first axis of inputs that may be of any length is one, as of (N, 2)")
        count = next(gradient.shape[axis] for gradient, axis in ends.values())
        chosen = range(min(most, count))
        parts = tuple(Part(f"sample {i}", pull.back(_only(ends, slice(i, i + 1)))) for i in chosen)
        others = pull.back(_only(ends, slice(len(chosen), None))) if count > len(chosen) else None
    except Stopped:
        return None
    left = [array for array in (beside, others) if array is not None]
    return Split(whole, parts, sum(left[1:], left[0]) if left else None, count)


Ends = Mapping[int, tuple[Array, int]]  # by slot its gradient where the batch ends, and its batch axis


def _batch(run: Evaluated, registry: Registry, pull: Pull) -> tuple[Ends, Array | None]:
    """Where the first batch ends of those that end on the way, and what comes beside it; no ends where there is none.

    Data whose length was written down are one where their first axis is summed or averaged, as losses do: of any other
    that might as well be longer nobody knows whether it is of samples, or of channels, words or features.
    """
    chosen = _batch_ends(pull, _by_slot(run, pull, _declared_batch(run, registry)))
    for axes in () if chosen[0] else _fixed_batches(run, registry):
        slots = _by_slot(run, pull, axes)
        found = _batch_ends(pull, slots)
        if found[0] and all(axis == 0 for _, axis in found[0].values()) and _is_reduced(pull, found[0], slots):
            return found
        if any(axis < 0 for _, axis in found[0].values()) and not chosen[0]:
            chosen = found  # which is refused with the reason, unless another is one
    return _checked(pull, chosen[0]), chosen[1]


def _by_slot(run: Evaluated, pull: Pull, axes: Mapping[Source, int]) -> dict[int, int]:
    """The batch axis of each tensor that has one, by slot; −1 where its length is another than that of the batch."""
    found = {tensor.slot: axes[source] for source, tensor in run.tensors.items() if source in axes}
    for record in reversed(pull.records):  # a cast, which is no value of the graph, keeps the axes
        first = next(iter(taken(record)), None)
        if record.slot not in pull.nodes and first in found:
            found[record.slot] = found[first]
    return found


def _declared_batch(run: Evaluated, registry: Registry) -> dict[Source, int]:
    """The batch axes of values whose length goes with that of inputs of any length, or of a dataset."""
    asked, describe = run.asked, describer(run.asked.folder, run.asked.dtype)
    one, other = (
        infer(asked.graph, registry, Binding(asked.dtype, size, asked.mode, asked.seed), describe) for size in SIZES
    )
    return batch_axes(one, other)


def _fixed_batches(run: Evaluated, registry: Registry) -> Iterator[dict[Source, int]]:
    """The same of a graph whose data have a length that was written down, for each length that might as well be longer.

    That is the first axis of inputs and constants of one length, where all is well with any other length of them too;
    first the length that most of them have.
    """
    asked, describe = run.asked, describer(run.asked.folder, run.asked.dtype)
    data = [source for source in run.tensors if asked.graph.nodes[source.node].op in ("input", "constant")]
    avals = {source: Aval(array.shape, array.dtype) for source in data if (array := run.value(source)) is not None}
    lengths = Counter(aval.shape[0] for aval in avals.values() if aval.shape and aval.shape[0] > 1)
    for length, _ in lengths.most_common():
        found = []
        for size in SIZES:
            binding = Binding(asked.dtype, size, asked.mode, asked.seed)
            fed = {s: Aval((size, *a.shape[1:]), a.dtype) for s, a in avals.items() if a.shape[:1] == (length,)}
            found.append(infer(asked.graph, registry, binding, describe, fed))
        if not any(each.problems for each in found):
            yield batch_axes(*found)


def _is_reduced(pull: Pull, ends: Ends, axes: Mapping[int, int]) -> bool:
    """Whether a batch ends in nothing but sums and means of it, as those of losses are."""
    last = [record for record in pull.records if record.slot in pull.active - axes.keys()]
    return all(
        record.op.traits.reduction(record.params) is not None and not record.op.traits.matrices
        for record in last
        if not ends.keys().isdisjoint(taken(record))
    )


def _batch_ends(pull: Pull, axes: Mapping[int, int]) -> tuple[Ends, Array | None]:
    """Where the batch ends on the way to the target, and the gradient that comes to it without meeting a batch."""
    target = pull.target.slot
    above, ends = pull.starts.keys() - axes.keys(), pull.starts.keys() & axes.keys()
    records = []
    for record in pull.records:
        if above.isdisjoint(record.slots):
            continue
        records.append(record)
        for slot in taken(record):
            (ends if slot in axes else above).add(slot)
    parts: Parts = {slot: [] for slot in ends}
    seeds = {slot: [start] for slot, start in pull.starts.items() if slot in above}
    beside = pull.walk(seeds, records, {target} - ends, parts).get(target)
    found = {}
    for slot, delivered in parts.items():
        arrays = [*([pull.starts[slot]] if slot in pull.starts else []), *(part.value for part in delivered)]
        if arrays and slot in pull.active:
            found[slot] = (sum(arrays[1:], arrays[0]), axes[slot])
    return found, beside


def _checked(pull: Pull, ends: Ends) -> Ends:
    for slot, (_, axis) in ends.items():
        if axis < 0:
            name = pull.run.asked.graph.path(pull.nodes[slot]) if slot in pull.nodes else "a value"
            raise RunError(f"the samples cannot be told apart in {name}: no axis of it is the batch and nothing else")
    return ends


def _only(ends: Ends, chosen: slice) -> dict[int, list[Array]]:
    """The gradients where the batch ends, zeros but for the samples that are chosen."""
    given = {}
    for slot, (gradient, axis) in ends.items():
        kept = np.zeros_like(gradient)
        place = (*[slice(None)] * axis, chosen)
        kept[place] = gradient[place]
        given[slot] = [kept]
    return given


# By term.


def by_term(run: Evaluated, source: Source, cancelled: Cancelled = never) -> Split | None:
    """The gradient through each term of a root that is a sum, as a loss with a penalty is; None where cancelled.

    The sum may still be summed, averaged or reshaped before the root. Of several roots each is a term. What is
    subtracted is called by its name with a minus. Raises `RunError` where there is no sum between the root and the
    value.
    """
    pull, whole = pull_of(run, source, cancelled)
    try:
        terms = _terms(pull)
        if len(terms) < 2:
            name, root = (run.asked.graph.path(pull.nodes[slot]) for slot in (pull.target.slot, *pull.starts))
            raise RunError(
                f"the gradient of {name} is not told by terms: {root} is no sum of several that come after it"
            )
        parts = tuple(_term(pull, slot, given) for slot, given in terms.items())
    except Stopped:
        return None
    return Split(whole, parts, None, len(parts))


def _term(pull: Pull, slot: int, given: list[Array]) -> Part:
    node = pull.nodes.get(slot)
    name = "a value" if node is None else pull.run.asked.graph.path(node)
    # Of one root the sign is against that of its start; of several each is a term, with a start of its own.
    (start,) = pull.starts.values() if len(pull.starts) == 1 else (np.ones(()),)
    sign = -1 if np.all(start < 0) else 1
    subtracted = all(bool(np.all(sign * part < 0)) for part in given)
    return Part(f"−{name}" if subtracted else name, pull.back({slot: given}), node)


def _adds_up(record: Record) -> bool:
    """Whether it only adds up its arguments, each as it is: what comes before it are terms as well."""
    op = record.op
    if op.traits.carries:
        return op.traits.carries in ("unchanged", "reformed") and np.shape(record.result) == record.args[0].shape
    return op.single and op.traits.linear and op.by_element


def _terms(pull: Pull) -> dict[int, list[Array]]:
    """The slots of the terms of the root, each with what the gradient of the root is there through the sum alone."""
    ledger = pull.given
    split = False
    for record in pull.records if len(ledger) == 1 else ():
        goes_on = _adds_up(record) if split else record.op.single and record.op.traits.linear
        if record.slot in ledger and goes_on and record.slot != pull.target.slot:
            given = ledger.pop(record.slot)
            split = split or len(taken(record)) > 1
            for slot, part in pull.through(record, record.slot, sum(given[1:], given[0]), every=True):
                ledger.setdefault(slot, []).append(part.value)
    order = {id: rank for rank, id in enumerate(pull.run.asked.graph.order())}
    return dict(sorted(ledger.items(), key=lambda item: (order.get(pull.nodes.get(item[0], ""), 0), item[0])))
