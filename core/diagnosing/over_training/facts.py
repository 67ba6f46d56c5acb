"""What diagnoses over a run read: its start, stretches of iterations, iterations that were looked at, epochs; and what
is trained.

None of it depends on the clock: the same run gives the same facts, wherever it runs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...graph import Graph, Source
from ...summary import Key, Kind
from ...training.finiteness import unsound
from ...training.optim import optimiser
from ..measures import hidden
from .level import Level
from .pace import Pace

if TYPE_CHECKING:
    from ...graph import Training
    from ...training.trainer import Trainer
    from ..edits import Edit

Array = np.ndarray[Any, Any]


class Stretch(NamedTuple):
    """Iterations from `first` on, by number: their losses, and the moving average of these.

    The average leaves out what is not finite; it is infinite before the first loss that is. Plain numbers: of twenty of
    them NumPy would take longer.
    """

    first: int
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]

    @property
    def number(self) -> int:
        """The last of them."""
        return self.first + len(self.losses) - 1


@dataclass(frozen=True)
class Look:
    """An iteration that was looked at: its values, its gradients (of the loss of its batch), what it changed parameters
    by, and what met at its forks. `samples` of its batch, 0 without batches; `rates` by each learning rate that the
    settings name, what it was then.
    """

    number: int
    samples: int
    rates: Mapping[float, float]
    arrays: Mapping[Key, Array]
    parts: Mapping[Source, Mapping[tuple[str, str], Array]]
    _norms: dict[Key, float] = field(default_factory=dict)

    def norm(self, kind: Kind, node: str) -> float:
        """The norm of an array that is there, which several diagnoses ask for."""
        key = kind, Source(node, "y")
        if key not in self._norms:
            self._norms[key] = norm(self.arrays[key])
        return self._norms[key]

    def value(self, node: str, output: str = "y") -> Array | None:
        """What a node gave."""
        return self.arrays.get(("value", Source(node, output)))

    def gradient(self, node: str) -> Array | None:
        """The gradient of the value of a node."""
        return self.arrays.get(("gradient", Source(node, "y")))

    def update(self, node: str) -> Array | None:
        """By what a parameter was changed."""
        return self.arrays.get(("update", Source(node, "y")))

    def of(self, kind: str) -> Iterator[tuple[Source, Array]]:
        """Everything of one kind, in order of computation."""
        for (found, source), array in self.arrays.items():
            if found == kind:
                yield source, array


class Epoch(NamedTuple):
    """An epoch has ended: its number, the number of its last iteration, and its row of losses and metrics."""

    epoch: int
    number: int
    row: Mapping[str, float]


class Start(NamedTuple):
    """The first iteration of a run: its values are those that nothing has trained yet."""

    number: int
    look: Look


Fact = Start | Stretch | Look | Epoch


class Subject:
    """What is trained, as it is now: settings may change on the way."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._found: tuple[Graph, dict[str, Any]] | None = None
        self._closer = False
        self.pace = Pace()
        self.level = Level()
        self.remedy: tuple[str, Edit | None] | None = None  # of the op at which numbers that are not finite begin

    def look_closer(self) -> None:
        """A diagnosis has seen something of which it must see more before it says so: the next look is to be soon."""
        self._closer = True

    def asked_closer(self) -> bool:
        """Whether one has since this was last asked."""
        asked, self._closer = self._closer, False
        return asked

    @property
    def graph(self) -> Graph:
        return self._trainer.graph

    @property
    def training(self) -> Training:
        return self._trainer.training

    @property
    def registry(self) -> Any:
        return self._trainer.registry

    @property
    def loss(self) -> str:
        """The node that training makes small."""
        return self.training.loss

    @property
    def fresh(self) -> bool:
        """Whether the run begins with initial values."""
        return not self._trainer.values

    @property
    def broken_from_start(self) -> list[str]:
        """The parameters that are trained whose values were not finite when the run began."""
        values = self._trainer.values
        return self._once("broken", lambda: unsound((id, values[id]) for id in self.trained if id in values))

    def path(self, node: str) -> str:
        return self.graph.path(node)

    def op(self, node: str) -> str:
        """The name of the op of a node."""
        return self.graph.nodes[node].op

    @property
    def dataset(self) -> str | None:
        """The node from which the data come."""
        return next((id for id, node in self.graph.nodes.items() if node.op == "dataset"), None)

    def rate(self) -> str:
        """The learning rate that the settings name, as it is told."""
        return f"{self._trainer.step.rate:g}".replace("-", "−")

    @property
    def learning_rate(self) -> float:
        return self._trainer.step.rate

    @property
    def learning_rates(self) -> Iterable[float]:
        """The common one, and those of parameter groups."""
        return self._trainer.step.rates

    @property
    def groups(self) -> Mapping[str, Mapping[str, Any]]:
        """By id the settings of the optimiser for parameters that a parameter group names."""
        return self._trainer.step.groups

    def settings(self, id: str) -> Mapping[str, Any]:
        """Those of the optimiser for a parameter, complete."""
        return self.groups.get(id) or optimiser(self.training.optimiser)[1]

    @property
    def count(self) -> int:
        """How many samples training has."""
        return self._trainer.data.samples

    def samples(self, part: str) -> tuple[Array | None, Array | None]:
        """The x and y of a part of the data, each None where it does not lie in memory."""
        held = [
            array if isinstance(array, np.ndarray) else None
            for array in self._trainer.data.parts.get(part, {}).values()
        ]
        return (held[0], held[1]) if len(held) == 2 else (None, None)

    # What is found once for a graph.

    @property
    def trained(self) -> list[str]:
        """The parameters that training changes."""
        return self._once("trained", lambda: list(self._trainer.step.trained))

    @property
    def weights(self) -> list[str]:
        """Those of two axes or more, from the input to the loss."""
        return self._once("weights", self._weights)

    @property
    def hidden(self) -> set[str]:
        """The nodes behind which something that is trained still follows."""
        return self._once("hidden", lambda: hidden(self.graph, self.trained))

    def _once(self, name: str, find: Any) -> Any:
        if self._found is None or self._found[0] is not self.graph:
            self._found = self.graph, {}
        found = self._found[1]
        if name not in found:
            found[name] = find()
        return found[name]

    def _weights(self) -> list[str]:
        at = {id: number for number, id in enumerate(self.graph.order())}
        trained = [id for id in self.trained if len(self.graph.nodes[id].params.get("shape", ())) > 1]
        return sorted(trained, key=lambda id: min((at[wire.target] for wire in self.graph.consumers(id)), default=0))


def norm(array: Array) -> float:
    """The Euclidean norm."""
    flat = array.ravel()
    square = float(np.dot(flat, flat))
    if 1e-30 < square < math.inf:
        return math.sqrt(square)
    return float(np.linalg.norm(flat.astype(np.float64)))  # its squares overflow, or vanish
