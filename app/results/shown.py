"""What is shown of a value: at the moment that is stepped to, else what flows in a run that goes on, and at rest what
Live has computed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ...core.differentiate import SEED
from ...core.evaluating import Evaluated, Root
from ...core.graph import Source
from ...core.stepping import Gradient, Moment, Standing, State, Timeline, settled
from ...core.stepping.timeline import Pass
from ...core.stepping.touched import touched_between
from ..stepping.stepper import Stepper
from .flowing import Flowing
from .live import Live

Array = np.ndarray[Any, Any]
UNTRAINED = "the run trains nothing before it, so it computes none here"
LEFT_OUT = "the run has left it out of what it shows, as it does with what is large"


class Results(QObject):
    """Values, gradients and what they are the sums of, from one place. `changed` whenever one may be another.

    While that is told, `touched` says of which nodes (None: of any).
    """

    changed = Signal()

    def __init__(self, live: Live, stepper: Stepper, flowing: Flowing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._live, self._stepper, self._flowing = live, stepper, flowing
        self._stepped: tuple[Timeline, Callable[[], Timeline]] | None = None
        self._stale_gradients: bool | None = None  # asked for each node in view: found once until something changes
        self._moment: Moment | None = None  # that was told last
        self.touched: frozenset[str] | None = None
        for signal in (live.changed, flowing.changed):
            signal.connect(self._renew)
        stepper.changed.connect(self._step)
        stepper.left.connect(self._leave)

    def value(self, source: Source) -> Array | None:
        """The value there, None where there is none. It cannot be written."""
        moment = self._stepper.moment
        if moment is not None:
            return moment.value(source)
        flows = self._flowing.value(source)
        return self._live.value(source) if flows is None else flows

    def gradient(self, source: Source) -> Gradient:
        """The gradient there, and in which state it is."""
        moment, live = self._stepper.moment, self._live
        if moment is not None:
            return moment.gradient(source)
        flows = self._flowing.now is not None
        total = self._flowing.gradient(source) if flows else live.gradient(source)
        if total is not None:
            return Gradient(settled(total), total)
        unknown = live.refusal or live.root is None or self.waits(source)
        if unknown or live.value(source) is None:
            return Gradient(State.UNREACHED)
        if flows and live.gradient(source) is not None:
            return Gradient(State.UNREACHED, reason=_none_in_run(live, self._flowing, source.node))
        cut = live.computed.cut(source)
        return Gradient(State.NO_PATH) if cut is None else Gradient(State.STOPPED, reason=cut.reason)

    def standing(self, source: Source) -> Standing | None:
        """What stands in the gradient of a parameter over what earlier iterations have left there; None: they have not.

        At rest there are no iterations.
        """
        moment = self._stepper.moment
        return None if moment is None else moment.standing(source)

    def left(self, source: Source) -> tuple[Pass, ...]:
        """What earlier iterations have left there."""
        moment = self._stepper.moment
        return () if moment is None else moment.left(source.node)

    def waits(self, source: Source) -> bool:
        """Whether Live is about to compute the gradient there."""
        rests = not self._stepper.active and self._flowing.now is None
        return rests and self._live.gradient_state(source) == "waiting"

    def contributions(self, source: Source) -> list[tuple[str, str, Array]]:
        """What has met at a fork so far: (node id, port, array), in the order in which it is added."""
        moment = self._stepper.moment
        if moment is None:
            return [] if self._flowing.now is not None else self._live.contributions(source)
        gradient = moment.gradient(source)
        if gradient.parts < 2:
            return []
        own = [] if gradient.start is None else [(source.node, SEED, gradient.start)]
        return [*own, *((d.node, d.port, d.value) for d in gradient.arrived)]

    @property
    def timeline(self) -> Callable[[], Timeline] | None:
        """What gives the iteration of which something is shown, to be called beside the window; None: there is none."""
        stepped = self._stepper.timeline if self._stepper.active else None
        if stepped is None:
            return None if self._flowing.now is not None else self._live.computed.timeline
        if self._stepped is None or self._stepped[0] is not stepped:
            self._stepped = stepped, lambda: stepped  # the same for the same, so that who has asked it knows it again
        return self._stepped[1]

    def _leave(self) -> None:
        self._stepped = None  # an iteration takes much room

    @property
    def root(self) -> Source | None:
        """Of what the gradients are that are shown, the first of several."""
        return self.roots[0] if self.roots else None

    @property
    def roots(self) -> tuple[Source, ...]:
        """Of what the gradients are that are shown."""
        stepped = self._stepper.timeline if self._stepper.active else None
        if stepped is None and self._flowing.now is not None:
            root = self._flowing.now.root
            return () if root is None else (root,)
        return self._live.roots if stepped is None else stepped.run.roots

    @property
    def starts(self) -> tuple[Root, ...]:
        """What was chosen as roots for what is shown; none where that was left to the graph."""
        stepped = self._stepper.timeline if self._stepper.active else None
        return self._live.chosen if stepped is None else stepped.run.asked.roots

    @property
    def run(self) -> Evaluated | None:
        """The evaluation whose values are shown."""
        stepped = self._stepper.timeline if self._stepper.active else None
        return self._live.computed.result if stepped is None else stepped.run

    def is_stale(self, id: str) -> bool:
        """Whether the value shown at a node is of another graph, or of other values, than are there now."""
        if self._stepper.active:
            return self._stepper.recordings.is_stale(id)
        flow = self._flowing.now
        return self._live.is_stale(id) if flow is None else id not in flow.nodes

    @property
    def gradients_are_stale(self) -> bool:
        """Whether the gradients shown are: each depends on all that the root is made of."""
        if self._stale_gradients is None:
            self._stale_gradients = self._are_stale()
        return self._stale_gradients

    def _are_stale(self) -> bool:
        if not self._stepper.active:
            return self._flowing.now is None and self._live.gradients_are_stale
        stale = any(self._stepper.recordings.is_stale(root.node) for root in self.roots)
        return stale or self._live.chosen != self.starts

    def _step(self) -> None:
        before, self._moment = self._moment, self._stepper.moment
        if before is None or self._moment is None or before is self._moment:
            self._renew()
        else:
            self._renew(touched_between(before, self._moment))

    def _renew(self, touched: frozenset[str] | None = None) -> None:
        self._stale_gradients = None
        self.touched, outer = touched, self.touched  # who is told may tell of something else meanwhile
        self.changed.emit()
        self.touched = outer


def _none_in_run(live: Live, flowing: Flowing, node: str) -> str:
    """Why a run shows no gradient where at rest there is one."""
    result = live.computed.result
    needed = result is None or flowing.trains_before(result.asked.graph, node)
    return LEFT_OUT if needed else UNTRAINED
