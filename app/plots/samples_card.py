"""The same samples over and over, as a run learns what they are."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ..look.numbers import significant
from ..look.theme import Theme
from .board import Board
from .card import Card, Sheet
from .data import Samples
from .sample_tiles import MOST, SampleTiles
from .verdicts import FEATURES, Verdicts


class SamplesCard(Card):
    """Small pictures, or short rows, each with what is predicted of it; pointer or keys tell all of one."""

    def __init__(self, theme: Theme, title: str = "samples", parent: QWidget | None = None) -> None:
        super().__init__(theme, title, self.explanation, parent)
        self.tiles = SampleTiles()
        self.board = Board(theme, self.tiles)
        self.board.setAccessibleName(title)
        self.put(self.board)
        self.add_exports()

    def show_samples(self, samples: Samples | None) -> None:
        """Show them as they are predicted now, None: there are none."""
        if samples is self.tiles.samples and samples is not None:
            return
        self.tiles.show(samples)
        self.put_head(self.told_head)
        self.board.refresh()
        self.help.refresh()

    @property
    def told_head(self) -> str:
        """How many are right, and of which samples."""
        found, samples = self.tiles.verdicts, self.tiles.samples
        if found is None or samples is None:
            return ""
        count, broken = len(found.targets), int((~found.finite).sum())
        words = f"mean absolute error {_error(found)}" if found.scored else f"{found.right.sum():,} of {count:,} right"
        words += f", {broken:,} not finite" if broken else ""
        return words + (f" · {samples.about}" if samples.about else "")

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.board.restyle(theme)

    def explanation(self) -> tuple[str, ...]:
        """How it is read, by the mistake that is surest."""
        found, samples = self.tiles.verdicts, self.tiles.samples
        if found is None or samples is None:
            return ("Nothing has been predicted yet: samples are predicted as soon as a run goes on.",)
        lines = [f"The same {len(found.targets):,} samples each time, and what the network predicts of them by now."]
        if len(found.targets) > MOST:
            lines.append(f"The first {MOST} are shown.")
        if found.scored:
            lines.append("2 → 3: 2 was to be predicted, 3 was. The bar goes to the right where it was too much.")
            return tuple(lines)
        lines.append("The bar is how sure the network is of the class that it names.")
        wrong = np.flatnonzero(found.finite & ~found.right)
        if len(wrong):
            worst = int(max(wrong, key=lambda index: found.sure(int(index))))
            lines.append(
                f"What is wrong has a cross and a frame. The surest mistake: {found.name(found.predicted[worst])} for"
                f" {found.name(found.targets[worst])}, {significant(100 * found.sure(worst), 3)} % (sample {worst})."
            )
        return tuple(lines)

    def sheets(self) -> tuple[Sheet, ...]:
        found, samples = self.tiles.verdicts, self.tiles.samples
        if found is None or samples is None:
            return ()
        columns = {"sample": np.arange(len(found.targets))}
        if samples.pictures is None:
            flat = np.asarray(samples.features).reshape(len(found.targets), -1)[:, :FEATURES]
            columns |= {f"feature {number}": column for number, column in enumerate(flat.T)}
        columns["target"] = np.array([found.name(target) for target in found.targets])
        if found.scored:
            columns |= {"target": found.targets, "predicted": found.predicted, "difference": found.differences}
            return (Sheet(self.title, columns),)
        columns["predicted"] = np.array([found.name(number) for number in found.predicted])
        columns["right"] = found.right
        columns |= {f"share of {name}": found.shares[:, number] for number, name in enumerate(found.names)}
        return (Sheet(self.title, columns),)

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        self.tiles.draw(painter, place, self.board.spot, self.theme)


def _error(found: Verdicts) -> str:
    sizes = np.abs(found.differences[found.finite])
    return significant(float(sizes.mean()), 3) if sizes.size else "unknown"
