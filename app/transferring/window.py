"""Where a window begins to load values, or to make a new head."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..files import asking

if TYPE_CHECKING:
    from ..window import Window


def load_values(window: Window, path: Path | None = None) -> None:
    """Show what of a file fits the parameters of the document; without a path, ask for one."""
    path = path or asking.ask_values(window, window.application.recent.folder())
    if path is None:
        return
    source = path

    def work(_: object) -> object:
        from ...core.files.importers import read_values

        return read_values(source)

    def show(values: object) -> None:
        from .dialog import TransferDialog

        TransferDialog(window.editor, values, source.name, window.theme, window).open()  # type: ignore[arg-type]

    window.jobs.reading.begin(f"Reading {source.name}", work, show)


def make_head(window: Window) -> None:
    """Ask how many outputs a new head has."""
    from ...core.errors import GradwireError
    from .head import HeadDialog

    try:
        HeadDialog(window.editor, window.theme, window).open()
    except GradwireError as error:
        window.tell(str(error), "refusal")
