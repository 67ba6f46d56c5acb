"""A new head: the last layer before the loss with another number of outputs, and weights that begin anew."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..document import Transaction
from ..errors import EditError
from ..graph import GraphView
from .building import rebuild

_OUTPUTS = "out_features"  # of the layer `linear`; `mlp` has them as the last of its `sizes`
_SIZES = "sizes"


class Head(NamedTuple):
    """The last layer of a network: the group that a layer has built, else "", and its weights by hand; the number of
    its outputs; the parameters that begin anew.
    """

    group: str
    outputs: int
    parameters: tuple[str, ...]


def find_head(graph: GraphView, loss: str) -> Head:
    """The last layer before a loss. Raises `EditError` where there is none."""
    if loss not in graph.nodes:
        raise EditError("a new head needs a loss, before which the last layer stands", hint="training names it")
    for id in _behind(graph, loss):
        built = _built(graph, id)
        if built is not None:
            return built
        if graph.nodes[id].op == "matmul":
            return _by_hand(graph, id)
    raise EditError(f"no layer with outputs stands before {graph.path(loss)}", hint="linear, mlp, or x W by matmul")


def new_head(t: Transaction, outputs: int) -> Head:
    """Give the last layer before the loss so many outputs; all of its weights begin anew, and are trained.

    What takes its number of outputs beyond the loss, such as a list of class weights, stays as it is and is told by the
    check. Raises `EditError`.
    """
    if outputs < 1:
        raise EditError(f"a head has 1 output or more, got {outputs}")
    training = t.graph.training
    if training is None:
        raise EditError("a new head needs training settings, which name the loss")
    head = find_head(t.graph, training.loss)
    with t.step():
        if head.group:
            _rebuilt(t, head.group, outputs)
        else:
            for id in head.parameters:
                shape = (*t.node(id).params["shape"][:-1], outputs)
                t.set_param(id, "shape", shape)
        for id in head.parameters:
            t.set_values(id, None)
            t.set_flags(id, t.node(id).flags - {"freeze"})
    return head._replace(outputs=outputs)


def _behind(graph: GraphView, id: str) -> list[str]:
    """A node and what comes before it, the nearest first."""
    found = {id}
    for each in (ahead := [id]):
        for source in graph.inputs(each).values():
            if source.node not in found:
                found.add(source.node)
                ahead.append(source.node)
    return ahead


def _built(graph: GraphView, id: str) -> Head | None:
    """The head where a node lies in a group that a layer with outputs has built: the innermost such within `mlp`."""
    chain = graph.chain(graph.nodes[id].group)
    for group in reversed(list(chain)):  # outermost first: a layer that builds others is the one whose settings say it
        made = graph.groups[group].built_by
        if made is None or not ({_OUTPUTS, _SIZES} & made.params.keys()):
            continue
        last = _innermost(graph, chain, group)
        parameters = [each for each in graph.interior(last)[0] if graph.nodes[each].op == "parameter"]
        outputs = made.params[_SIZES][-1] if _SIZES in made.params else made.params[_OUTPUTS]
        return Head(group, int(outputs), tuple(parameters))
    return None


def _innermost(graph: GraphView, chain: Any, outer: str) -> str:
    """The group within `outer` that holds the weights of the last layer."""
    for group in chain:
        made = graph.groups[group].built_by
        if made is not None and _OUTPUTS in made.params:
            return str(group)
    return outer


def _rebuilt(t: Transaction, group: str, outputs: int) -> None:
    made = t.graph.group(group).built_by
    assert made is not None
    if _SIZES in made.params:
        rebuild(t, group, sizes=(*made.params[_SIZES][:-1], outputs))
    else:
        rebuild(t, group, out_features=outputs)


def _by_hand(graph: GraphView, product: str) -> Head:
    """x W + b that nobody built as a layer: the weights of the product, and what is added to it."""
    wired = graph.inputs(product)
    weights = next((source.node for port, source in wired.items() if graph.nodes[source.node].op == "parameter"), None)
    if weights is None or len(graph.nodes[weights].params["shape"]) != 2:
        raise EditError(f"the weights of {graph.path(product)} are no parameter of two axes, and no head can be made")
    outputs = int(graph.nodes[weights].params["shape"][-1])
    found = [weights]
    for wire in graph.consumers(product):
        if graph.nodes[wire.target].op == "add":
            for source in graph.inputs(wire.target).values():
                node = graph.nodes[source.node]
                if node.op == "parameter" and node.params["shape"] and node.params["shape"][-1] == outputs:
                    found.append(source.node)
    return Head("", outputs, tuple(found))
