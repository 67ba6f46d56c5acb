"""The verbs with which a script says what is looked at: what is selected, which group, whose gradients."""

from __future__ import annotations

from typing import Any

from ..errors import RunError, usage_told
from ..evaluating import Root
from . import finding
from .verbs import Verbs


class Looking(Verbs):
    """The verbs of one document. They edit nothing, and without a window `select` and `enter` do nothing."""

    @usage_told
    def root(self, *values: Any, starts: tuple[Any, ...] = ()) -> None:
        """Say of what the gradients are that `.grad` gives, and that the window shows: root("f").

        Of several they are those of their sum: root("f", "g"). `starts` are what gradients start from there, 1 without
        it: root("f", "g", starts=(1, -2)). root() leaves the choice to the graph: the loss of training, else the one
        number that comes out.
        """
        workspace = self._workspace
        workspace.refuse_within_edits("no root is chosen")
        if starts and len(starts) != len(values):
            raise RunError(f"each root has one start, got {len(starts)} for {len(values)}", hint="or none at all")
        sources = [finding.value(workspace.view, workspace.registry, each) for each in values]
        given = starts or (None,) * len(sources)
        roots = tuple(Root(source, start) for source, start in zip(sources, given, strict=True))
        workspace.host.on_owner(lambda: workspace.host.take_roots(roots))

    @usage_told
    def select(self, *what: Any) -> None:
        """Select nodes and groups in the window, and nothing else: select("fc1", g.relu1); select() selects nothing."""
        workspace = self._workspace
        workspace.refuse_within_edits("nothing is selected")
        ids = tuple(finding.item(workspace.view, each) for each in what)
        workspace.host.on_owner(lambda: workspace.host.select(ids))

    @usage_told
    def enter(self, group: Any = None) -> None:
        """Show the inside of a group in the window: enter("block1"); enter() shows the top."""
        workspace = self._workspace
        workspace.refuse_within_edits("no group is entered")
        id = None if group is None else finding.item(workspace.view, group)
        if id is not None and id not in workspace.view.groups:
            raise RunError(f"{workspace.view.path(id)} is a node, a group is wanted")
        workspace.host.on_owner(lambda: workspace.host.enter(id))
