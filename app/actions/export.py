"""The actions that make something else of the graph: pictures, a whole pass, and source to copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .action import Action, not_empty

if TYPE_CHECKING:
    from ..bridge import Request
    from ..plots.card import Card
    from ..window import Window

_KINDS = {
    ".svg": "vector picture",
    ".pdf": "page",
    ".png": "picture that carries the graph",
    ".gif": "moving picture",
    ".mp4": "video",
    ".csv": "table of numbers",
    ".json": "numbers with their names",
}
_PAPER, _DARK = "Paper (light)", "Dark"


def export(
    window: Window, suffix: str, path: Path | None = None, chosen: bool = False, colours: str | None = None
) -> None:
    """Write a picture of all that is shown, or with `chosen` of what is selected; without a path, ask for one.

    `colours` are "Paper (light)" or "Dark", by default those that suit the format.
    """
    from ..export import PAPER, Still, export_picture
    from ..look.theme import DARK

    if path is None:
        path, colours = _ask(window, suffix)
    if path is None:
        return
    target, shown = path, window.canvas.scene.visible
    ids = [id for id in window.editor.selection if id in shown] if chosen else None
    still = Still.of(window.canvas, DARK if (colours or _usual(window, suffix)) == _DARK else PAPER)
    told = f"Exported {target.name}{_carried(window, suffix)}"
    window.jobs.exporting.begin(
        f"Exporting {target.name}",
        lambda request: export_picture(still, target, ids or None, lambda: request.cancelled),
        lambda _: window.tell(told),
    )


def export_pass(window: Window, suffix: str, path: Path | None = None, colours: str | None = None) -> None:
    """Write the iteration that is stepped through, at rest the first one; without a path, ask for one."""
    from ...core.evaluating import Asked
    from ..export import PAPER, Film, Still, export_film, recorded
    from ..look.theme import DARK

    if path is None:
        path, colours = _ask(window, suffix)
    if path is None:
        return
    target, editor, name = path, window.editor, _name(window)
    still = Still.of(window.canvas, DARK if (colours or _usual(window, suffix)) == _DARK else PAPER)
    shown, registry = editor.stepper.timeline, editor.registry
    asked = Asked.of(editor.session, *editor.live.chosen)

    def work(request: Request) -> None:
        timeline = shown or recorded(asked, registry, lambda: request.cancelled)
        export_film(Film(still, timeline, name), target, lambda: request.cancelled)

    told = f"Exported the pass as {target.name}"
    window.jobs.exporting.begin(f"Exporting {target.name}", work, lambda _: window.tell(told))


def export_plot(window: Window, plot: Card, suffix: str, path: Path | None = None) -> None:
    """Write a plot of training, as a picture or as its numbers; without a path, ask for one."""
    from ...core.errors import GradwireError
    from ..export import PAPER
    from ..look.theme import DARK
    from ..plots.exporting import prepare_export

    colours: str | None = None
    if path is None:
        path, colours = _ask(window, suffix, plot.title)
    if path is None:
        return
    target = path
    theme = DARK if (colours or _usual(window, suffix)) == _DARK else PAPER
    try:
        work = prepare_export(plot, target, theme)
    except GradwireError as error:
        window.tell(str(error), "refusal")
        return
    window.jobs.exporting.begin(
        f"Exporting {target.name}",
        lambda request: work(lambda: request.cancelled),
        lambda _: window.tell(f"Exported {target.name}"),
    )


def _name(window: Window) -> str:
    path = window.editor.session.path
    return window.editor.name if path is None else path.stem


def _usual(window: Window, suffix: str) -> str:
    """What is printed is light; what has pixels looks as the window does."""
    return _DARK if suffix in (".png", ".gif", ".mp4") and window.theme.name == "dark" else _PAPER


def _carried(window: Window, suffix: str) -> str:
    """What of the document goes into a picture."""
    if suffix != ".png":
        return ""
    return ", with the graph in it" + (" but not the values of its parameters" * bool(window.editor.document.values))


def _ask(window: Window, suffix: str, plot: str = "") -> tuple[Path | None, str]:
    """Where to write, None: nowhere, and in which colours: those are the dialog's kinds of files.

    Of the graph, or of the `plot` of this title.
    """
    from PySide6.QtWidgets import QFileDialog

    path = window.editor.session.path
    proposed = path.with_suffix(suffix) if path is not None else Path.home() / f"graph{suffix}"
    if plot:
        proposed = proposed.with_name(f"{proposed.stem}-{plot.replace(' ', '-')}{suffix}")
    kind = "picture" if plot and suffix == ".png" else _KINDS.get(suffix, "")
    kinds = {f"{colours}: {kind} (*{suffix})": colours for colours in (_PAPER, _DARK)}
    if suffix == ".html":  # it has the colours that its reader prefers
        kinds = {f"page that steps in any browser (*{suffix})": _PAPER}
    elif suffix in (".csv", ".json"):
        kinds = {f"{_KINDS[suffix]} (*{suffix})": _PAPER}
    usual = next(kind for kind, colours in kinds.items() if colours == _usual(window, suffix))
    title = f"Export {suffix[1:].upper()}{'' if plot else _carried(window, suffix)}"
    name, kind = QFileDialog.getSaveFileName(window, title, str(proposed), ";;".join(kinds), usual)
    found = Path(name)
    if name and found.suffix.lower() != suffix:
        # Without its suffix the dialog has not asked whether the file may be replaced; it is then not replaced.
        found = _free(found.with_name(found.name + suffix))
    return found if name else None, kinds.get(kind, kinds[usual])


def _free(path: Path) -> Path:
    """`path`, or the first of `name 2`, `name 3` … that is no file."""
    number, free = 2, path
    while free.exists():
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return free


def _picture(suffix: str, words: str, about: str, chosen: bool = False, line: bool = False) -> Action:
    return Action(
        f"export.{'selection_' if chosen else ''}{suffix[1:]}",
        f"{words}…",
        lambda window: export(window, suffix, chosen=chosen),
        (),
        "Export",
        "window",
        (lambda window: bool(window.editor.selection)) if chosen else not_empty,
        about=about,
        line=line,
    )


def _pass(suffix: str, about: str, line: bool = False) -> Action:
    name = suffix[1:].upper()
    return Action(
        f"export.pass_{suffix[1:]}",
        f"The pass as {name}…",
        lambda window: export_pass(window, suffix),
        (),
        "Export",
        "window",
        not_empty,
        about=about,
        line=line,
    )


ACTIONS: tuple[Action, ...] = (
    _picture(".svg", "SVG", "A vector picture, its texts as outlines"),
    _picture(".pdf", "PDF", "A page as large as the graph, its fonts embedded"),
    _picture(".png", "PNG", "A picture that carries the graph: dropped on a window, it opens"),
    _picture(".svg", "Selection as SVG", "A vector picture of what is selected", chosen=True, line=True),
    _picture(".pdf", "Selection as PDF", "A page as large as what is selected", chosen=True),
    _picture(".png", "Selection as PNG", "A picture of what is selected, which carries the whole graph", chosen=True),
    _pass(".html", "The whole pass, forward and backward, as one page that steps in any browser", line=True),
    _pass(".gif", "The whole pass, forward and backward, as a moving picture"),
    _pass(".mp4", "The whole pass, forward and backward, as a video; needs the program ffmpeg"),
    Action(
        "export.code",
        "Show as code",
        lambda window: window.panel("code"),
        (),
        "Export",
        about="The graph, or what is selected, as NumPy and PyTorch source",
        line=True,
    ),
)
