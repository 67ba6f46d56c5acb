"""What is wrong at a node, or within a group, what would fit, and what mends it with one click."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ...core.infer import Problem
from ..chrome.buttons import WrappedButton
from ..undoing import is_looked_at
from .parts import Section, label
from .sheet import small

if TYPE_CHECKING:
    from ...core.stepping.mending import Mend
    from ..editor import Editor

MOST = 20  # problems that are listed


class ProblemLines(Section):
    """The problems at some nodes, a line each, and under them a button for each mend of the first that has any.

    Hidden where there are none.
    """

    def __init__(self, editor: Editor) -> None:
        super().__init__("Problems")
        self.editor = editor
        self.lines = label("", "error", None, wrap=True)
        self.buttons: dict[str, WrappedButton] = {}  # by what they do
        self._mends: tuple[Mend, ...] = ()
        self.add(self.lines)
        self.hide()

    def show_problems(
        self, problems: Iterable[Problem], extra: str | None = None, named: Callable[[str], str] | None = None
    ) -> None:
        """Show what is wrong; `named` gives the name of the node of each, on a page of several."""
        given = list(problems)
        lines = []
        for problem in given[:MOST]:
            names = named(problem.node) if named is not None and problem.node is not None else "", problem.port or ""
            where = ".".join(filter(None, names))
            lines.append(f"⚠ {where}: {problem.told}" if where else f"⚠ {problem.told}")
        if len(given) > MOST:
            lines.append(f"and {len(given) - MOST:,} more, which the Problems panel lists")
        if extra:
            lines.append(f"⚠ {extra}")
        self.lines.setText("\n".join(lines))
        known = () if is_looked_at(self.editor) else (self.editor.checking.mends.get(each, ()) for each in given)
        self._offer(next(filter(None, known), ()))
        self.setVisible(bool(lines))

    def _offer(self, mends: tuple[Mend, ...]) -> None:
        if mends == self._mends:
            return
        self._mends = mends
        for button in self.buttons.values():
            self.column.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for mend in mends:
            self.buttons[mend.label] = button = WrappedButton()
            button.setFont(small())
            button.setText(mend.label)
            button.clicked.connect(partial(self._do, mend))
            self.add(button)

    def _do(self, mend: Mend, _: bool = False) -> None:
        self.editor.wishes.mend.emit(mend)
