"""How a node went over the iterations that were recorded: its value, its gradient and its update, and the loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from ...core.graph import Source
from ...core.stepping import Moment
from ...core.summary import KINDS, IterationSummary, Kind, Summary
from ..inspecting.how_to_read import HowToRead
from ..inspecting.parts import label
from ..inspecting.sheet import small
from ..look.fonts import mono
from ..look.numbers import significant
from ..look.theme import Theme
from ..wording import counted

TALL = 2.4  # lines of text that a plot is high
PALE = 48  # of 255, how opaque the band from least to greatest is
RAIL = 4.0  # pixels at the top, for iterations in which something is not finite


class History(NamedTuple):
    """What went over iterations: the loss and then what is kept `of` a node; `of` and `origin` in words."""

    courses: tuple[Course, ...] = ()
    of: str = ""  # "fc1.weight, selected"
    origin: str = ""  # "run iris-3": where the iterations come from, "" for a recording


class Course(NamedTuple):
    """One thing over iterations: `summaries` by the `numbers` of iterations, in order, and which one is shown."""

    title: str
    numbers: tuple[int, ...]
    summaries: tuple[Summary, ...]
    now: int | None  # None: in this iteration it is not there yet

    @property
    def spread(self) -> bool:
        """Whether it has several elements, which lie between a least and a greatest."""
        return any(each.low != each.high for each in self.summaries if np.isfinite(each.low))

    @property
    def number(self) -> str:
        """The one that the line shows in the iteration that is shown."""
        if self.now is None:
            return "–"
        found = self.summaries[self.now]
        return significant(found.rms if self.spread else found.low, 3)

    def told(self, index: int) -> str:
        """`iteration 7: −0.2 to 1.3, root mean square 0.41, 12 % exactly zero`."""
        found = self.summaries[index]
        words = [f"{significant(found.low, 4)} to {significant(found.high, 4)}, root mean square "] * self.spread
        told = f"{''.join(words)}{significant(found.rms if self.spread else found.low, 4)}"
        parts = [told if np.isfinite(found.rms) else "nothing finite"]
        if self.spread or found.broken:
            parts += [f"{_percent(found.zeros)} exactly zero"] * bool(found.zeros)
            parts += [f"{_percent(found.broken)} not finite"] * bool(found.broken)
        return f"iteration {self.numbers[index]:,}: {', '.join(parts)}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}" if share >= 0.001 else "under 0.1%"


def courses(history: Sequence[IterationSummary], moment: Moment, node: str | None) -> Iterator[Course]:
    """The loss, and what was kept of a node; of the iteration that is stepped through only what is done by now."""
    number = moment.timeline.run.asked.iteration
    known = {summary.number: summary for summary in history}
    if len(known) < 2 or number not in known:
        return
    made = all(moment.computed(root.node) for root in moment.timeline.run.roots)
    losses = {n: _alone(known[n].objective) for n in sorted(known) if n != number or made}
    yield _course("loss", losses, number)
    sources = sorted({source for _, source in known[number].rows if source.node == node})
    for source, kind in ((source, kind) for source in sources for kind in KINDS):
        done = _done(moment, kind, source)
        found = {n: known[n].find(kind, source) for n in sorted(known) if n != number or done}
        there = {n: entry for n, entry in found.items() if entry is not None}
        if len(there) > 1:
            word = "before" if kind == "value" and source.node in moment.timeline.updated else kind
            yield _course(word if len(sources) == 1 else f"{word} of {source.output}", there, number)


def _sampled(numbers: Sequence[int]) -> str:
    """`, every 2nd kept` where others lie between them."""
    apart = int(np.median(np.diff(numbers))) if len(numbers) > 1 else 1
    ending = {1: "st", 2: "nd", 3: "rd"}.get(apart % 10 if apart % 100 // 10 != 1 else 0, "th")
    return f", every {apart:,}{ending} kept" if apart > 1 else ""


def _course(title: str, found: Mapping[int, Summary], number: int) -> Course:
    now = tuple(found).index(number) if number in found else None
    return Course(title, tuple(found), tuple(found.values()), now)


def _alone(x: float) -> Summary:
    """A number as an array of one."""
    return Summary(x, x, abs(x), float(x == 0), float(not np.isfinite(x)))


def _done(moment: Moment, kind: Kind, source: Source) -> bool:
    """Whether a moment knows this already: nothing is told before its step."""
    if kind == "value":
        return moment.computed(source.node)
    return moment.gradient(source).value is not None if kind == "gradient" else moment.updated(source.node)


class CoursePlot(QWidget):
    """A line for the root mean square in a band from least to greatest; a click goes to an iteration."""

    wanted = Signal(int)  # the number of an iteration

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.course: Course | None = None
        self.setFont(small())
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_course(self, course: Course) -> None:
        """Show another one, or another iteration of it."""
        self.course = course
        now = "not there yet" if course.now is None else course.told(course.now)
        self.setAccessibleName(f"{course.title} over {len(course.numbers)} iterations; {now}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, int(self.fontMetrics().height() * TALL))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(4, RAIL + 3, -4, -3)

    def _across(self, course: Course) -> np.ndarray:
        """Where iterations lie, by their numbers."""
        numbers, box = np.asarray(course.numbers, float), self._box()
        return box.left() + box.width() * (numbers - numbers[0]) / max(numbers[-1] - numbers[0], 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.course is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, self.course, self._box())
        painter.end()

    def _paint(self, painter: QPainter, course: Course, box: QRectF) -> None:
        low, high = (np.array([getattr(each, name) for each in course.summaries]) for name in ("low", "high"))
        line = np.array([each.rms for each in course.summaries]) if course.spread else low
        finite = np.isfinite(line)
        x = self._across(course)
        if finite.any():
            least = min(low[finite].min(), line[finite].min())
            most = max(high[finite].max(), line[finite].max())
            height = (most - least) or 1.0
            with np.errstate(invalid="ignore"):
                up = [box.bottom() - box.height() * (y - least) / height for y in (low, high, line)]
            if most == least:
                up = [np.where(np.isfinite(y), box.center().y(), y) for y in up]
            for part in _runs(finite):
                self._paint_part(painter, x[part], [y[part] for y in up], course.spread)
        self._paint_broken(painter, course, x)
        if course.now is None:
            return
        painter.setPen(QPen(QColor(self.theme.text), 1.2))
        painter.drawLine(QPointF(x[course.now], box.top() - 2), QPointF(x[course.now], box.bottom() + 2))

    def _paint_part(self, painter: QPainter, x: np.ndarray, up: list[np.ndarray], spread: bool) -> None:
        low, high, line = ([QPointF(a, b) for a, b in zip(x, y, strict=True)] for y in up)
        accent = QColor(self.theme.accent)
        if spread:
            pale = QColor(accent)
            pale.setAlpha(PALE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(pale)
            painter.drawPolygon(QPolygonF([*low, *reversed(high)]))
        painter.setPen(QPen(accent, 1.4))
        painter.setBrush(accent)
        if len(line) > 1:
            painter.drawPolyline(QPolygonF(line))
        else:
            painter.drawEllipse(line[0], 1.6, 1.6)

    def _paint_broken(self, painter: QPainter, course: Course, x: np.ndarray) -> None:
        """A mark on the rail for each iteration in which something is not finite."""
        painter.setPen(QPen(QColor(self.theme.error), 2.0))
        for at, each in zip(x, course.summaries, strict=True):
            if each.broken:
                painter.drawLine(QPointF(at, 1), QPointF(at, 1 + RAIL))

    def _nearest(self, x: float) -> int:
        assert self.course is not None
        return int(np.argmin(np.abs(self._across(self.course) - x)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.course is not None and event.button() == Qt.MouseButton.LeftButton:
            self.wanted.emit(self.course.numbers[self._nearest(event.position().x())])

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.course is not None:
            told = self.course.told(self._nearest(float(event.x())))
            QToolTip.showText(event.globalPos(), f"{self.course.title}, {told}\nA click goes there", self)
            return True
        return super().event(event)


def _runs(finite: np.ndarray) -> list[np.ndarray]:
    """The indices of each stretch in which all is finite."""
    places = np.flatnonzero(finite)
    return [part for part in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if part.size]


class CourseSection(QWidget):
    """Plots of the loss and of a node, one beneath the other."""

    wanted = Signal(int)  # the number of an iteration

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.courses: tuple[Course, ...] = ()
        self.told = label("", None, small(), wrap=True)
        self.help = HowToRead(theme, lambda: explained(self.courses), self)
        self._rows: list[tuple[QLabel, CoursePlot, QLabel]] = []
        head = QHBoxLayout()
        head.addWidget(self.told, 1)
        head.addWidget(self.help, 0, Qt.AlignmentFlag.AlignTop)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._grid.setVerticalSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addLayout(self._grid)

    def show_history(self, history: History) -> None:
        """Show the courses of a node, of which the first is the loss."""
        found = self.courses = history.courses
        while len(self._rows) < len(found):
            self._add_row()
        for (name, plot, number), course in zip(self._rows, found, strict=False):
            name.setText(course.title)
            plot.show_course(course)
            number.setText(course.number)
        for index, row in enumerate(self._rows):
            for part in row:
                part.setVisible(index < len(found))
        if found:
            longest = max((course.numbers for course in found), key=len)  # the loss of this one may be to come
            count, last = len(longest), longest[-1]
            whose = f"{history.of}, over" if history.of else "Over"
            origin = f", of the {history.origin}" if history.origin else ""
            kept = f"{counted(count, 'iteration')}{origin}"
            self.told.setText(f"{whose} {kept}, up to {last:,}{_sampled(longest)}")
        self.help.refresh()

    def _add_row(self) -> None:
        name, plot, number = label("", "dim", small()), CoursePlot(self.theme, self), label("", None, mono(0.85))
        plot.wanted.connect(self.wanted)
        row = len(self._rows)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(plot, row, 1)
        self._grid.addWidget(number, row, 2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._rows.append((name, plot, number))


def explained(found: Sequence[Course]) -> tuple[str, ...]:
    """How the plots are read, by the first that has several elements."""
    if not found:
        return ()
    loss, shown = found[0], next((course for course in found if course.spread), found[-1])
    return (
        f"From left to right: iterations {loss.numbers[0]:,} to {loss.numbers[-1]:,}. You are at the upright line.",
        "A click goes to an iteration. Where its arrays are gone by now they are computed again, with the same bits.",
        "The line is the root mean square, the band around it goes from the least element to the greatest.",
        f"So the {shown.title} in {shown.told(-1 if shown.now is None else shown.now)}.",
        "Each plot has a scale of its own. Marks on its upper edge: something is not finite there.",
    )
