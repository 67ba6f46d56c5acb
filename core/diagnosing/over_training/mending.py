"""What would mend a finding by one edit: of the document, or of a run that is going on.

Edits of wiring are made, and tried, by `diagnosing.mending`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...document import Transaction
from ...document.replacing import replace_op
from ...graph import Graph, GraphView
from ...ops import Registry
from ...stepping.mending import remedy
from ..finding import Finding
from .finding import RunFinding

IN_A_RUN = ("clip_norm", "clip_value", "l1", "l2", "early_stopping")  # fields that a run may change on its way


def label(finding: RunFinding | Finding, graph: Graph, registry: Registry) -> str:
    """What the undo of the mend is called; nothing where there is no such edit, or the graph has changed meanwhile."""
    edit = finding.edit or {}
    about: Mapping[str, Any] = next((edit[kind] for kind in ("op", "parameter", "draw", "remedy") if kind in edit), {})
    node = graph.nodes.get(str(about.get("node", "")))
    if "optimiser" in edit or "training" in edit:
        settings = edit.get("optimiser", edit.get("training", {}))
        anew = ", then start anew" if edit.get("anew") else ""
        told = ", ".join(_named(*each) for each in settings.items())
        return "" if graph.training is None else f"Set {told}{anew}"
    if "op" in edit and node is not None and len(graph.inputs(node.id)) == 1:
        return f"Let {edit['op']['op']} take the place of {node.name}"
    if "parameter" in edit and node is not None:
        return f"Set {edit['parameter']['name']} of {node.name}"
    if "draw" in edit and node is not None:
        others = sum(id in graph.nodes for id in edit["draw"].get("others", ()))
        return f"Draw {node.name}{f' and {others} more' if others else ''} at random, then start anew"
    if "remedy" in edit and node is not None:
        found = remedy(graph, registry, node.id)
        return "" if found is None else found.label
    return ""


def mend(finding: RunFinding | Finding, t: Transaction, registry: Registry) -> None:
    """Make the edit of a finding whose `label` is not empty."""
    edit = finding.edit or {}
    training = t.graph.training
    if training is not None and "optimiser" in edit:
        t.set_training(replace(training, optimiser={**training.optimiser, **edit["optimiser"]}))
    if training is not None and "training" in edit:
        t.set_training(replace(training, **edit["training"]))
    if "op" in edit:
        id = edit["op"]["node"]
        replace_op(t, id, edit["op"]["op"], dict(t.graph.inputs(id)))
    if "parameter" in edit:
        t.set_param(edit["parameter"]["node"], edit["parameter"]["name"], edit["parameter"]["value"])
    if "draw" in edit:
        for id in drawn(finding, t.graph):
            with t.building(*t.graph.chain(t.graph.item(id).group)):  # a layer stays one: only its draw is another
                t.set_param(id, "init", edit["draw"]["init"])
            t.set_values(id, None)
    if edit.get("anew"):
        for id in [
            id for id in t.values if (node := t.graph.nodes[id]).op == "parameter" and "freeze" not in node.flags
        ]:
            t.set_values(id, None)
    if "remedy" in edit:
        found = remedy(t.graph, registry, edit["remedy"]["node"])
        if found is not None:
            found.apply(t)


def drawn(finding: RunFinding | Finding, graph: GraphView) -> list[str]:
    """The parameters that its mend draws, as far as they are there."""
    draw: Mapping[str, Any] = (finding.edit or {}).get("draw", {})
    return [id for id in (draw.get("node", ""), *draw.get("others", ())) if id in graph.nodes]


def run_settings(finding: RunFinding) -> dict[str, Any]:
    """The same for `Run.set`; empty where a run cannot be given it on its way."""
    edit: Mapping[str, Any] = finding.edit or {}
    return {**edit.get("optimiser", {}), **{k: v for k, v in edit.get("training", {}).items() if k in IN_A_RUN}}


def _named(name: str, value: Any) -> str:
    return name.replace("_", " ") if isinstance(value, Mapping | bool) else f"{name.replace('_', ' ')} to {value:g}"
