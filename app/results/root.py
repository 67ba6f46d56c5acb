"""Of what gradients are shown: in words, and how the user chooses it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from .waiting import lacking, unfed

if TYPE_CHECKING:  # the status bar asks, which stands before `core` is loaded
    from ...core.evaluating import Root
    from ...core.graph import Source
    from ..editor import Editor


AGAIN = "Ctrl+F5"  # by which a pass is recorded anew
FEW = 3  # results among which one is chosen


class Named(NamedTuple):
    """A root that is in the graph as it is now: what it is called, and from what gradients start there, as typed."""

    source: Source
    name: str
    start: str

    @property
    def told(self) -> str:
        """The start as it is told."""
        return self.start.replace("-", "−")


def _named(editor: Editor) -> list[Named]:
    graph = editor.graph
    roots = [root for root in editor.results.roots if root.node in graph.nodes]
    return [Named(root, _name(editor, root), start_text(editor, root)) for root in roots]


def _name(editor: Editor, root: Source) -> str:
    from ...core.document.ports import value_name

    return value_name(editor.graph, editor.registry, root)


def chosen_since(editor: Editor) -> str:
    """The roots that were chosen since what is stepped through was recorded, with the gradients of others; else ""."""
    stepper, chosen = editor.stepper, editor.live.chosen
    recorded = [root for root in editor.results.starts if root.source.node in editor.graph.nodes]
    if not stepper.active or stepper.recordings.run is not None or list(chosen) == recorded:
        return ""
    return " and ".join(_with_start(editor, root) for root in chosen)


def _with_start(editor: Editor, root: Root) -> str:
    """`y`, or `2.5 · y` where gradients start from something else than 1."""
    start = "1" if root.start is None else _spelled(root.start)
    name = _name(editor, root.source)
    return name if start == "1" else f"{start.replace('-', '−')} · {name}"


def root_name(editor: Editor) -> str | None:
    """The roots as people call them, None where there is none: "loss", "data.x", "a, b"."""
    return ", ".join(root.name for root in _named(editor)) or None


def sum_of_roots(editor: Editor) -> str:
    """Of what the gradients are, as a formula: `loss`, `f + 3·product`, `−a − 0.5·b`; "" without roots.

    Names stand without the groups around them, whose strokes would be read as fractions.
    """
    text = ""
    for root in _named(editor):
        minus, size = root.told.startswith("−"), root.told.removeprefix("−")
        name = root.name.rpartition("/")[2]
        term = name if size == "1" else f"{size}·{name}"
        text += f" {'−' if minus else '+'} {term}" if text else f"{'−' if minus else ''}{term}"
    return text


def root_text(editor: Editor) -> str:
    """The roots with why they are, and where gradients start from where that is not 1 at one number."""
    roots, training = _named(editor), editor.graph.training
    if since := chosen_since(editor):
        recorded = ", ".join(root.name for root in roots)
        return f"{recorded or 'nothing'}, as it was recorded; Record again ({AGAIN}) takes those of {since}"
    if not roots:
        return f"nothing yet: {_no_root(editor)}"
    if none := why_no_gradient(editor):
        return f"nothing: {none}"
    if len(roots) > 1:
        starts = (f"({root.told})" if root.start.startswith("-") else root.told for root in roots)
        told = " + ".join(f"{start} · {root.name}" for start, root in zip(starts, roots, strict=True))
        return f"{told} (chosen)"
    (root,) = roots
    why = "the one number that comes out"
    if editor.results.starts:
        why = "chosen"
    elif training is not None and training.loss == root.source.node:
        why = "the loss of training"
    value = editor.results.value(root.source)
    if root.start != "1":
        return f"{root.name} ({why}), starting from {root.told}"
    if value is None or value.size == 1:
        return f"{root.name} ({why})"
    return f"{root.name} ({why}), which has shape {value.shape}: they start from ones, as if its elements were added up"


def _no_root(editor: Editor) -> str:
    script = editor.attaching.script if editor.attaching.shows else None
    if script is not None:
        return f"{script.name} has computed no gradient"
    return lacking(editor, unfed(editor)) or "there is no loss, and not just one number comes out"


def why_no_gradient(editor: Editor) -> str:
    """`best is int64, and whole numbers have no gradient`, of a root that is no float; "" where gradients start."""
    from ...core.evaluating import no_gradient

    for root in _named(editor):
        value = editor.results.value(root.source)
        if value is not None and (why := no_gradient(value.dtype)):
            return f"{root.name} is {value.dtype}, and {why}"
    return ""


def none_text(editor: Editor) -> str:
    """Why there are no gradients, as short as a bar asks for."""
    if since := chosen_since(editor):
        return f"Record again for gradients of {since}"
    if why_no_gradient(editor):
        return f"no gradients of {root_name(editor)}: it is no float"
    several = " or ".join(ends(editor)) or "what"
    return f"no gradients: {lacking(editor, unfed(editor)) or f'of {several}?'}"


def ends(editor: Editor) -> list[str]:
    """The names of single floats that come out, where they are so few that one chooses among them; else none."""
    graph = editor.graph
    found = [id for id in editor.checking.losses if id in graph.nodes and not graph.targets(id)]
    return sorted(map(graph.path, found)) if 1 < len(found) <= FEW else []


def start_text(editor: Editor, source: Source) -> str:
    """What gradients start from at a root, as it is typed; also where that is chosen, and not recorded yet."""
    starts = editor.live.chosen if chosen_since(editor) else editor.results.starts
    start = next((root.start for root in starts if root.source == source), None)
    return "1" if start is None else _spelled(start)


def _spelled(start: Any) -> str:
    return f"[{', '.join(map(_spelled, start))}]" if isinstance(start, tuple) else f"{start:.12g}"


def choose_root(editor: Editor, source: Source | None) -> None:
    """Show the gradients of this value; None leaves the choice to the graph. What is no float is refused."""
    if source is None or _is_float(editor, source):
        _choose(editor, [] if source is None else [_root(source)])


def add_root(editor: Editor, source: Source) -> None:
    """Show the gradients of this value together with those of what they are of now."""
    if _is_float(editor, source) and source not in (root.source for root in _now(editor)):
        _choose(editor, [*_now(editor), _root(source)])


def drop_root(editor: Editor, source: Source) -> None:
    """Show the gradients of the other roots only."""
    _choose(editor, [root for root in _now(editor) if root.source != source])


def set_start(editor: Editor, source: Source, start: Any) -> None:
    """Let gradients start from another number, or other numbers, at one of the roots."""
    _choose(editor, [root._replace(start=start) if root.source == source else root for root in _now(editor)])


def _now(editor: Editor) -> list[Root]:
    """The roots, those that the graph has chosen by itself included."""
    if editor.live.chosen:
        return list(editor.live.chosen)
    return [] if why_no_gradient(editor) else [_root(source) for source in editor.live.roots]


def _root(source: Source) -> Root:
    from ...core.evaluating import Root

    return Root(source)


def _choose(editor: Editor, roots: Iterable[Root]) -> None:
    editor.live.set_roots(*roots)
    if chosen_since(editor) and not editor.results.roots:  # nothing backward was recorded that would be lost
        editor.branching.record_again()
        editor.told.emit(f"Gradients of: {chosen_since(editor)} (chosen)", "note")
        return
    editor.told.emit(f"Gradients of: {root_text(editor)}", "note")


def _is_float(editor: Editor, source: Source) -> bool:
    value = editor.results.value(source)
    if value is None or value.dtype.kind == "f":
        return True
    found = f"{editor.graph.path(source.node)} is {value.dtype.name}"
    editor.told.emit(f"gradients are of floats, but {found} (cast it to a float)", "refusal")
    return False


def show_root(editor: Editor) -> None:
    """Go to the root; where there is none, make the selected node one, or say how."""
    root = editor.results.root
    if root is not None and root.node in editor.graph.nodes:
        editor.show(root.node)
    elif editor.active in editor.graph.nodes:
        choose_root(editor, next((source for source in editor.shapes if source.node == editor.active), None))
    else:
        editor.told.emit("Select the node of which gradients are to be taken, and press again", "note")
