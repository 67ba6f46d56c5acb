"""Curves over iterations, read by pointer and keys, with everything that belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ..look.theme import Theme
from .bands import Edges
from .card import Card, Sheet
from .curve_scene import CurveScene
from .data import AXES, Axis, Curve, Mark, Reference, Region
from .explaining import explained
from .field import Field
from .keys import Keys
from .legend import Entry, Legend
from .reader import Reader
from .track import Track
from .tracks import Tracks


class CurvePlot(Card):
    """Named curves; `clicked` gives the iteration of the point that a click or Enter means."""

    clicked = Signal(int)

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None, log_y: bool = False) -> None:
        self.tracks = Tracks()
        super().__init__(theme, title, self.explanation, parent)
        self.field = Field(theme, self)
        self.field.setAccessibleName(title)
        self.scene = CurveScene(self.field, self.tracks)
        self.zoom = self.scene.zoom
        self.legend = Legend(theme)
        self.put(self.field, self.legend)
        self.reader = Reader(self.field, self.tracks)
        self.keys = Keys(self.field, self.tracks, self.zoom, self.reader)
        self.reader.notes = self._notes
        self.reader.waits = lambda: self.zoom.zoomed
        self.reader.clicked.connect(self.clicked)
        self.field.layers += [self.scene.paint, self.reader.paint]
        self.field.ranged.connect(self.help.refresh)
        self.legend.toggled.connect(self.show_curve)
        self.legend.alone.connect(self.show_alone)
        self._log_y = self.offer("Logarithmic height", lambda on: self.set_logs(self.zoom.log_x, on), checkable=True)
        self._log_x = self.offer("Logarithmic width", lambda on: self.set_logs(on, self.zoom.log_y), checkable=True)
        self.offer("Show all\t0", lambda _: self.zoom.fit())
        self.offer("Show every curve", lambda _: self.show_alone(None))
        self.add_exports()
        self.menu.aboutToHide.connect(lambda: self.reader.show_point(None))  # it lay over what was read
        self.field.name_axis(AXES[self.axis])
        self.set_logs(False, log_y)

    @property
    def axis(self) -> Axis:
        """What is counted across."""
        return self.scene.axis

    def show_curves(
        self,
        curves: Iterable[Curve],
        marks: Iterable[Mark] = (),
        references: Iterable[Reference] = (),
        regions: Iterable[Region] = (),
    ) -> None:
        """Show these; of curves that have only grown just what is new is read."""
        self.tracks.show(curves)
        self.scene.marks, self.scene.references = tuple(marks), tuple(references)
        self.scene.regions = tuple(regions)
        self._renew()

    def show_bands(self, bands: Mapping[str, tuple[Curve, Curve]]) -> None:
        """Show areas behind curves, by their names: between what a group lies around its mean."""
        self.scene.bands.show({name: Edges(*edges) for name, edges in bands.items()})

    def set_axis(self, axis: Axis) -> None:
        """Count this across; curves that do not know it are not drawn."""
        if axis != self.axis:
            self.scene.axis = self.reader.axis = axis
            self.field.name_axis(AXES[axis])
            self.reader.show_point(None)
            self.zoom.zoomed_x = False
            self._renew()

    def set_logs(self, across: bool, up: bool) -> None:
        """Which axes are logarithmic."""
        self._log_x.setChecked(across)
        self._log_y.setChecked(up)
        self.scene.version += 1
        self.reader.show_point(None)
        self.zoom.set_logs(across, up)

    def set_smoothing(self, factor: float) -> None:
        """From 0, not at all, to 0.999."""
        self.tracks.smooth(factor)
        self._renew()

    def set_cursor(self, iteration: int | None) -> None:
        """Mark the iteration that is stepped through."""
        self.scene.cursor = iteration
        self.field.redraw()

    def show_curve(self, name: str, shown: bool) -> None:
        """Show a curve or hide it."""
        (self.tracks.hidden.discard if shown else self.tracks.hidden.add)(name)
        self._renew()

    def show_alone(self, name: str | None) -> None:
        """Show this one only, None: all."""
        self.tracks.hidden.clear()
        if name is not None:
            self.tracks.hidden.update(set(self.tracks.all) - {name})
        self._renew()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.legend.theme = theme
        self.field.restyle(theme)
        self._renew()

    def explanation(self) -> tuple[str, ...]:
        """How it is read."""
        return explained(
            self.title, self.tracks, self.axis, self.zoom.window, self.scene.drawn.raw, self.scene.references
        )

    def _renew(self) -> None:
        self.scene.version += 1
        self.legend.show_entries(tuple(self._all_entries()), frozenset(self.tracks.hidden))
        self.zoom.refresh()
        self.reader.refresh()
        self.help.refresh()

    def _notes(self, iteration: int) -> list[str]:
        """What happened last, up to this iteration."""
        before = [mark for mark in self.scene.marks if mark.iteration <= iteration]
        notes = [f"since step {before[-1].iteration:,}: {before[-1].text}"] if before else []
        held = [each for each in self.scene.regions if each.began <= iteration <= (each.ended or iteration)]
        return [*notes, *(f"since step {each.began:,}: {each.text}" for each in held)]

    def _all_entries(self) -> Iterable[Entry]:
        return [Entry(name, *look) for name, look in self.tracks.looks(self.theme).items()]

    def entries(self) -> Sequence[Entry]:
        return [entry for entry in self._all_entries() if entry.name not in self.tracks.hidden]

    @property
    def told_title(self) -> str:
        return f"{self.title}, smoothed {self.tracks.factor:g}" if self.tracks.factor else self.title

    def draw_body(self, painter: QPainter, place: QRectF) -> None:
        self.field.picture_of(painter, place)

    def sheets(self) -> tuple[Sheet, ...]:
        return tuple(_sheet(track) for track in self.tracks.all.values())


def _sheet(track: Track) -> Sheet:
    """All that is known of a curve, smoothed numbers beside those that were told."""
    size = track.size
    places = {AXES[axis]: found for axis in AXES if (found := track.along(axis)) is not None}
    columns = {**places, "value": track.read(0, size)}
    if track.smoothed is not None:
        columns[f"smoothed {track.factor:g}"] = track.smoothed.read(0, size)
    return Sheet(track.curve.name, columns)
