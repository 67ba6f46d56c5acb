"""The flags of one node or several, as check boxes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel

from ...core.graph import Node
from ..editing.flags import flag_label, set_flag, takes
from .editors import Check
from .page import Page
from .parts import Section, label
from .sheet import small

MEANINGS = {
    "bypass": "The first input that fits passes through unchanged, and the op does nothing.",
    "detach": "The value goes on, but no gradient comes back through here.",
    "freeze": "Gradients pass, but training does not change this value.",
    "keep": "The gradient is kept when backward is done, as PyTorch's retain_grad does. No value changes.",
}
NAMES = {"keep": "Keep gradient"}  # where it is not that of the flag


class FlagChecks(Section):
    """A check box for each flag that is for one of the nodes; `explained`: with what it means beneath."""

    def __init__(self, page: Page, ids: Sequence[str], explained: bool) -> None:
        super().__init__("Flags")
        self.page, self.ids = page, ids
        self.checks: dict[str, Check] = {}
        self.meanings: dict[str, QLabel] = {}
        self.column.setSpacing(1)
        for flag, meaning in MEANINGS.items():
            check = Check(page.theme, NAMES.get(flag, flag.capitalize()))
            check.setToolTip(meaning)
            check.setAccessibleDescription(meaning)
            check.clicked.connect(lambda on, flag=flag: self._set(flag, on))
            self.checks[flag] = check
            self.add(check)
            if explained:
                about = label(meaning, "dim", small(), wrap=True)
                about.setContentsMargins(24, 0, 0, 2)
                self.meanings[flag] = about
                self.add(about)

    def _set(self, flag: str, on: bool) -> None:
        ids = list(self.ids)
        what = flag_label(self.page.editor.graph, ids, flag, on)
        self.page.attempt(what, lambda t: set_flag(t, ids, flag, on))

    def show_nodes(self, nodes: Sequence[Node]) -> None:
        """Show which flags the nodes have, of those that are for them."""
        for flag, check in self.checks.items():
            fitting = [node for node in nodes if takes(node, flag)]
            count = sum(flag in node.flags for node in fitting)
            check.show_state(0 < count == len(fitting), 0 < count < len(fitting))
            check.setVisible(bool(fitting))
            if flag in self.meanings:
                self.meanings[flag].setVisible(bool(fitting))
