"""How much of a frame goes into new pictures of items: the view never waits for them while it moves."""

from __future__ import annotations

from math import inf
from time import monotonic

HASTE = 0.15  # seconds after a move of the view in which pictures may be of another zoom
PATIENCE = 0.003  # seconds of a frame that go into new pictures until all are as they should be


class Haste:
    """Of one canvas. While the view moves pictures of another zoom will do; then they come, a few in each frame."""

    def __init__(self) -> None:
        self.behind = False  # whether something was put off in the last frame
        self._hasty = False
        self._hasty_until = 0.0
        self._frame_until = inf
        self._made = False  # whether a picture was made in this frame: each comes on by one at least

    def begin(self) -> None:
        """The view is about to move again."""
        self._hasty_until = monotonic() + HASTE

    def end(self) -> None:
        """All is to be drawn exactly from now on."""
        self._hasty_until = 0.0
        self.behind = False

    def begin_frame(self) -> None:
        """A frame is drawn."""
        now = monotonic()
        self._hasty = now < self._hasty_until
        self._frame_until = now + PATIENCE if self._hasty or self.behind else inf
        self.behind = self._made = False

    def make(self) -> None:
        """A picture is made for this frame."""
        self._made = True

    def puts_off(self, there: bool) -> bool:
        """Whether a picture has to wait for a later frame; `there` is one of another zoom."""
        if (self._hasty and there) or (self._made and monotonic() > self._frame_until):
            self.behind = True
            return True
        return False
