"""The actions on parameters: starting them anew, and training them by settings of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..editing.parameter_groups import group_label, group_parameters
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


def _takes_parameters(window: Window) -> str:
    trained = window.editor.graph.training is not None
    return f"this takes {'parameters, and none is selected' if trained else 'a graph with training settings'}"


def _group(window: Window) -> None:
    editor = window.editor
    ids = chosen(editor)
    if editor.refusal(group_label(editor.graph, ids), lambda t: group_parameters(t, ids)) is None:
        editor.select([])  # the inspector then shows training, and the group in it


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
    Action(
        "graph.parameter_group",
        "New parameter group",
        _group,
        menu="Graph/Parameters",
        enabled=lambda w: has_parameters(w) and w.editor.graph.training is not None,
        about="Train the selected parameters, and those in selected groups, by a rate and decay of their own",
        line=True,
        refusal=_takes_parameters,
    ),
)
