"""How a graph would be trained: the loss that it has, and what is worth counting beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...core.document.ports import source_text
from ...core.errors import GradwireError
from ...core.graph import Source, Training
from ...core.infer import arrange
from ...core.signature import limit_rules
from ...core.training.metrics import Accuracy
from ..editor import Editor

NO_LOSS = "training needs a loss, one float that is made small: add one, such as MSE or Cross entropy"


def losses(editor: Editor) -> list[str]:
    """Of the nodes that training could make small, as the last check found them, those that are still there."""
    return [id for id in editor.checking.losses if id in editor.graph.nodes]


def proposed(editor: Editor) -> Training | None:
    """Training with the likeliest loss, and with accuracy where it compares classes; None without a loss."""
    loss = next(iter(losses(editor)), None)
    return None if loss is None else Training(_whole(editor, loss), metrics=tuple(_metrics(editor, loss)))


def _whole(editor: Editor, loss: str) -> str:
    """The one loss of which this is a part, as where two are added; itself where it is part of none, or of several."""
    graph = editor.graph
    behind = graph.descendants([loss])
    ends = [id for id in losses(editor) if id in behind and not graph.targets(id)]
    return ends[0] if len(ends) == 1 else loss


def _metrics(editor: Editor, loss: str) -> Iterator[Mapping[str, Any]]:
    graph, found = editor.graph, editor.checking.found
    op = editor.session.registry[graph.nodes[loss].op]
    params = found.inferred[0].params.get(loss)
    try:
        sources = [source for source in arrange(op, graph.inputs(loss)) if source is not None]
    except GradwireError:  # something is not wired yet
        return
    avals = [found.avals[source] for source in sources if source in found.avals]
    if len(avals) < 2 or len(avals) < len(sources) or params is None:
        return
    rule = limit_rules(op.forward).get(op.port_name(1))
    if rule is None or rule(*avals, **params) is None:
        return  # its targets do not pick classes
    try:
        Accuracy().check(avals[0], avals[1])
    except GradwireError:
        return
    prediction, target = (setting(editor, source) for source in sources[:2])
    yield {"name": Accuracy.name, "prediction": prediction, "target": target}


def setting(editor: Editor, source: Source) -> str:
    """A value as settings write it: `relu0`, `dataset0.y`."""
    return source_text(editor.graph, editor.session.registry, source)
