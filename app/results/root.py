"""Of what gradients are shown: in words, and how the user chooses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the status bar asks, which stands before `core` is loaded
    from ...core.graph import Source
    from ..editor import Editor


def root_name(editor: Editor) -> str | None:
    """The root as people call it, None where there is none: "loss", "data.x"."""
    root, graph = editor.results.root, editor.graph
    if root is None or root.node not in graph.nodes:
        return None
    path = graph.path(root.node)
    return path if root.output in ("", "y") else f"{path}.{root.output}"


def root_text(editor: Editor) -> str:
    """The root with why it is, and where gradients start from where it is not one number."""
    root, name, training = editor.results.root, root_name(editor), editor.graph.training
    if root is None or name is None:
        return "nothing yet: there is no loss, and not just one number comes out"
    why = "the one number that comes out"
    if editor.live.chosen == root:
        why = "chosen"
    elif training is not None and training.loss == root.node:
        why = "the loss of training"
    value = editor.results.value(root)
    if value is None or value.size == 1:
        return f"{name} ({why})"
    return f"{name} ({why}), which has shape {value.shape}: they start from ones, as if its elements were added up"


def choose_root(editor: Editor, source: Source | None) -> None:
    """Show the gradients of this value; None leaves the choice to the graph. What is no float is refused."""
    value = None if source is None else editor.results.value(source)
    if source is not None and value is not None and value.dtype.kind != "f":
        found = f"{editor.graph.path(source.node)} is {value.dtype.name}"
        editor.told.emit(f"gradients are of floats, but {found} (cast it to a float)", "refusal")
        return
    editor.live.set_root(source)
    editor.told.emit(f"Gradients of: {root_text(editor)}", "note")


def show_root(editor: Editor) -> None:
    """Go to the root; where there is none, make the selected node one, or say how."""
    root = editor.results.root
    if root is not None and root.node in editor.graph.nodes:
        editor.show(root.node)
    elif editor.active in editor.graph.nodes:
        choose_root(editor, next((source for source in editor.shapes if source.node == editor.active), None))
    else:
        editor.told.emit("Select the node of which gradients are to be taken, and press again", "note")
