"""The actions on the values of parameters: starting them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..editing.reinitialising import parameters_of, reinitialise, reinitialise_label, reseed
from .action import Action
from .selected import chosen, shows_canvas

if TYPE_CHECKING:
    from ..window import Window


def has_parameters(window: Window) -> bool:
    """Whether a parameter, or a group with one, is selected."""
    return window.shows_canvas and bool(parameters_of(window.editor.graph, window.editor.selection))


def has_any(window: Window) -> bool:
    """Whether there is a parameter in the document."""
    return shows_canvas(window) and any(node.op == "parameter" for node in window.editor.graph.nodes.values())


def _start_anew(window: Window, everything: bool, seed: bool) -> None:
    editor = window.editor
    ids = list(editor.graph.nodes) if everything else chosen(editor)
    label = reinitialise_label(editor.graph, None if everything else ids, seed)
    editor.attempt(label, lambda t: (reseed if seed else reinitialise)(t, ids))


ACTIONS: tuple[Action, ...] = (
    Action(
        "graph.reinitialise",
        "Reinitialise",
        lambda w: _start_anew(w, everything=False, seed=False),
        menu="Graph/Parameters",
        enabled=has_parameters,
        about="Let the selected parameters, and those in selected groups, start from their initial values again",
        line=True,
    ),
    Action(
        "graph.new_seed",
        "Reinitialise with a new seed",
        lambda w: _start_anew(w, everything=False, seed=True),
        menu="Graph/Parameters",
        enabled=has_parameters,
        about="Start from other random numbers; the seed is written into each parameter",
    ),
    Action(
        "graph.reinitialise_all",
        "Reinitialise all",
        lambda w: _start_anew(w, everything=True, seed=False),
        menu="Graph/Parameters",
        enabled=has_any,
        about="Let all parameters of the document start from their initial values again",
    ),
    Action(
        "graph.new_seeds",
        "Reinitialise all with new seeds",
        lambda w: _start_anew(w, everything=True, seed=True),
        menu="Graph/Parameters",
        enabled=has_any,
        about="Start all parameters from other random numbers; the seeds are written into them",
    ),
)
