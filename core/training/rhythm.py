"""How the iterations of a run fall into epochs and updates: a pure function of the iteration's number."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """Where an iteration stands.

    `epoch` counts from 1; `updates_before` are those of the whole run. `fresh`: its gradients are the first of those
    that add up to one update; `updates`: they are the last. `share`: the part of the samples of that update that its
    batch has. `ends_epoch`: the epoch's last.
    """

    epoch: int
    updates_before: int
    fresh: bool
    updates: bool
    share: float
    ends_epoch: bool
    group: int  # samples of all batches of its update, 0 without batches
    first: int  # the iteration with which its update begins


class Rhythm(NamedTuple):
    """`samples` in batches of `batch` (0 samples: one iteration an epoch), of which `accumulate` make one update.

    The last update of an epoch is made of what batches are left.
    """

    samples: int
    batch: int
    accumulate: int = 1

    @property
    def per_epoch(self) -> int:
        """Iterations in each epoch."""
        return -(-self.samples // self.batch) if self.samples else 1

    @property
    def updates_per_epoch(self) -> int:
        return -(-self.per_epoch // self.accumulate)

    def at(self, iteration: int) -> Place:
        """Where the iteration of this number stands, counted from 1."""
        epoch, index = divmod(iteration - 1, self.per_epoch)
        group, position = divmod(index, self.accumulate)
        ends = index == self.per_epoch - 1
        # As many samples as one batch that is so much larger would have, and the last one smaller as well.
        size = self.batch * self.accumulate
        samples = min(size, self.samples - group * size) if self.samples else 0
        own = min(self.batch, self.samples - index * self.batch)
        return Place(
            epoch + 1,
            epoch * self.updates_per_epoch + group,
            position == 0,
            ends or position == self.accumulate - 1,
            own / samples if samples else 1.0,
            ends,
            samples,
            iteration - position,
        )
