"""`say`: a phrase as one types it in the window's palette."""

from __future__ import annotations

from typing import Any

from ..errors import EditError, usage_told
from ..feeding import describer
from ..graph import Graph
from ..parameters import shown
from .handles import handle
from .phrases import Around, read
from .verbs import Verbs


class Saying(Verbs):
    """Phrases of one document."""

    @usage_told
    def say(self, text: str) -> Any:
        """Edit by a phrase, one undo, as it is typed in the window's command palette.

        say("add linear units=64 as fc1")      # an op or a layer
        say("data.x -> fc1 -> relu")           # wires; what is not there is added
        say("h -> cross_entropy target=data.y as loss")
        say("img -> conv2d out_channels=8")    # the layer; op:conv2d the op, as is conv2d(img, w)
        say("set fc1.units 128")
        say("f = sin(x) + x*y")                # a whole expression; new names become inputs
        say("remove relu1")                    # cut, rename, group, ungroup, select, go

        Gives the handle of what it made or is about, of several a list, None where nothing is left of it.
        """
        if not isinstance(text, str):
            raise EditError(f"a phrase is a text, got {shown(text)}", hint='as in say("add relu")')
        workspace = self._workspace
        workspace.refuse_within_edits("no phrase is read")
        session = workspace.session
        graph: Graph = workspace.graph
        around = Around(workspace.values, describe=describer(session.folder, session.dtype or graph.dtype))
        phrase = read(text, graph, workspace.registry, around)
        ids = list(phrase.shows) if phrase.act is None else workspace.edit(phrase.label, phrase.act).ids
        found = [handle(workspace, id) for id in ids]
        return found[0] if len(found) == 1 else found or None
