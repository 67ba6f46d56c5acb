"""Training from the beginning: parameters drawn anew, one undo, and then a run."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from ...core.document import Transaction
from ...core.graph import GraphView
from ..editing.reinitialising import SEEDS, drawn, parameters_of, reinitialise, reinitialise_label, reseed
from ..looking_away import come_back

if TYPE_CHECKING:
    from ..editor import Editor

FREEZE = "freeze"
AGAIN = (
    (
        "again",
        "Reinitialise and train again",
        "Let what is trained begin as the graph says, and train; frozen values stay",
    ),
    (
        "again_new_seed",
        "Train again with a new seed",
        "Begin with other random numbers, and train in another order of batches; frozen values stay",
    ),
)


def trained(graph: GraphView) -> list[str]:
    """The parameters that training changes: all that are not frozen."""
    return [id for id in parameters_of(graph, graph.nodes) if FREEZE not in graph.nodes[id].flags]


def train_again(editor: Editor, seed: bool) -> None:
    """Draw what is trained anew, with `seed` from other random numbers, those of training as well, and begin a run."""
    if not editor.training.ready:
        return
    come_back(editor)
    ids = trained(editor.graph)
    held = [id for id in ids if id in editor.document.values]
    label = reinitialise_label(editor.graph, None, seed)

    def act(t: Transaction) -> None:
        if held:
            reinitialise(t, held)
        if seed:
            reseed(t, ids)
            training = t.graph.training
            assert training is not None  # or there is nothing to be trained again
            t.set_training(replace(training, seed=secrets.randbelow(SEEDS)))

    if (held or seed) and editor.refusal(label, act) is not None:
        return  # it says why: nothing is drawn
    editor.training.begin()


def can_train_again(editor: Editor) -> bool:
    """Whether a run may begin, and there is something to be drawn for it."""
    graph = editor.home.graph
    return editor.training.ready and graph.training is not None and bool(drawn(graph, trained(graph)))
