"""Plans on a device beside the processor, of which a backend says how arrays come to it and back.

A run gives the device its work and does not wait for it: what it made is fetched when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ..errors import DataError, RunError
from ..looking import Look, put_off
from ..lower import RANDOM_STATE
from ..op import Aval
from ..plan import Plan
from .looping import loop, most_at_once

Array = np.ndarray[Any, Any]
Saw = Callable[[int, Any], None]


class Device(NamedTuple):
    """Where arrays lie and what computes with them: `xp` is NumPy's namespace there, `put` and `fetch` copy one array
    to it and back. Memory may run out `within(bytes)` only, the bytes those that are needed at once (0: unknown).
    """

    name: str
    xp: ModuleType
    put: Callable[[Array], Any]
    fetch: Callable[[Any], Array]
    within: Callable[[int], AbstractContextManager[None]]

    def put_all(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Those on the device by name; what lies there already is taken as it is."""
        with self.within(0):
            return {name: self.put(a) if isinstance(a, np.ndarray) else a for name, a in arrays.items()}

    def fetch_all(self, values: Mapping[str, Any]) -> dict[str, Array]:
        """Copies in the memory of the processor by name. Waits for what the device has still to compute."""
        with self.within(0):
            return {name: np.array(v) if isinstance(v, np.ndarray) else self.fetch(v) for name, v in values.items()}


class Made(Mapping[str, Array]):
    """The outputs of a run by name. One that is read is fetched, which waits for the device; none is fetched before.

    Raises `DataError` for wrong numbers that the run met (a label that is no class): a device goes on with them, so it
    says in which `iteration` of training they were (0: in none).
    """

    def __init__(self, device: Device, values: dict[str, Any], looks: list[Look], iteration: int = 0) -> None:
        self._device = device
        self._values = values
        self._looks = looks
        self._iteration = iteration

    def __getitem__(self, name: str) -> Array:
        value = self._values[name]
        if not isinstance(value, np.ndarray):
            self._look()
            value = self._values[name] = self._device.fetch_all({name: value})[name]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _look(self) -> None:
        for each in self._looks:
            if self._device.fetch(each.wrong):
                self._refuse(each)
        self._looks = []

    def _refuse(self, look: Look) -> None:
        try:
            look.refuse(self._device.fetch(look.values))
        except DataError as error:
            if not self._iteration:
                raise
            message = f"{error.message}, in iteration {self._iteration}"
            raise DataError(message, hint=error.hint, node=error.node, port=error.port) from error


class Executable:
    """A plan that runs on a device: call it with feeds and state. Its constants are moved there once.

    With `record` each value is fetched as it is made, and told.
    """

    def __init__(self, plan: Plan, device: Device, record: bool = False) -> None:
        self.plan = plan
        self.record = record
        self.note = f"{len(plan.steps):,} steps, run on {device.name} one after the other"
        self._device = device
        with device.within(0):
            self._constants = {number: device.put(value) for number, value in plan.constants.items()}
        self._needed = most_at_once(plan)

    def __call__(
        self, feeds: Mapping[str, Any], state: MutableMapping[str, Any] | None = None, saw: Saw | None = None
    ) -> Made:
        """Run the plan once. Arrays of `state` that are not on the device are put there, and stay; updates take their
        places.

        Raises `RunError` for a missing feed, one of another shape or dtype, and where the memory of the device ends.
        """
        plan, device = self.plan, self._device
        held = {} if state is None else state

        def see(number: int, value: Any) -> None:
            if saw is not None and self.record:
                saw(number, device.fetch_all({"": value})[""])

        # Data that lies on the device was looked at as it was put there.
        with device.within(self._needed), put_off(frozenset(map(id, feeds.values()))) as looks:
            fed = [self._feed(name, number, feeds) for name, number in plan.inputs.items()]
            read = [self._read(slot, number, held) for slot, number in plan.state.items()]
            for number, value in zip((*plan.inputs.values(), *plan.state.values()), fed + read, strict=True):
                see(number, value)
            outputs, updates = loop(plan, device.xp, self._constants, see)(fed, read)
            del fed, read
        if state is not None:
            state.update(zip(plan.updates, updates, strict=True))
        # Later iterations may have begun when it is read.
        iteration = int(feeds[RANDOM_STATE][1]) if plan.updates and RANDOM_STATE in feeds else 0
        return Made(device, dict(zip(plan.outputs, outputs, strict=True)), looks, iteration)

    def _feed(self, name: str, number: int, feeds: Mapping[str, Any]) -> Any:
        if name not in feeds:
            raise RunError(f"the run needs {name!r} {self.plan.avals[number]}, which is not fed")
        value = feeds[name]
        if isinstance(value, (np.ndarray, np.generic, list, tuple, float, int)):
            value = np.array(value, order="C")
        self._check(repr(name), "must be fed", number, value)
        if name == RANDOM_STATE:
            return value  # random numbers are drawn on the processor, so that they are the same on every device
        return self._device.put(value) if isinstance(value, np.ndarray) else value

    def _read(self, slot: str, number: int, state: MutableMapping[str, Any]) -> Any:
        if slot not in state:
            raise RunError(f"the run reads the state {slot!r} {self.plan.avals[number]}, which is not there")
        value = state[slot]
        self._check(f"the state {slot!r}", "must be", number, value)
        if isinstance(value, np.ndarray):
            value = state[slot] = self._device.put(value)
        return value

    def _check(self, what: str, must: str, number: int, value: Any) -> None:
        aval = self.plan.avals[number]
        if value.shape != aval.shape or value.dtype != aval.dtype:
            raise RunError(f"{what} {must} {aval}, got {Aval(value.shape, value.dtype)}")
