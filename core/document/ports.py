"""What the ops say of a graph's nodes: which ports and outputs there are to be wired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import EditError
from ..graph.elements import Node, Source, near_misses
from ..graph.view import GraphView, at_path
from ..parameters import shown

if TYPE_CHECKING:
    from ..op import Op
    from ..ops import Registry


def value_name(graph: GraphView, registry: Registry, source: Source) -> str:
    """What a value is called: the path of its node, `block1/relu`, of a node that gives several with the output."""
    op, path = registry.get(graph.node(source.node).op), graph.path(source.node)
    return path if op is None or len(op.visible) == 1 else f"{path}.{source.output}"


def source_text(view: GraphView, registry: Registry, source: Source) -> str:
    """A value as settings write it, by id: `relu0`, of a node that gives several with the output, `dataset0.y`."""
    op = registry.get(view.node(source.node).op)
    return source.node if op is not None and len(op.visible) == 1 else ".".join(source)


def meant(view: GraphView, text: str) -> str | None:
    """What was meant by a text that is the id of no node: the id of what it names, what comes out of a group, or what
    looks alike. None where nothing is.
    """
    found = text if text in view.groups else at_path(view, text)
    if found is not None and found in view.groups:
        inside = set(view.interior(found)[0])
        ends = (id for id in inside if not inside.issuperset(view.targets(id)) or not view.targets(id))
        told = (_with_path(view, id) for id in sorted(ends))
        return f"it is the group {view.path(found)}, from which {' and '.join(told) or 'nothing'} comes"
    try:
        return f"the node of this name has the id {view.resolve(text)}"
    except EditError:  # none has the name, or several have
        names = dict.fromkeys(node.name for node in view.nodes.values())
        return near_misses(text, view.nodes) or near_misses(text, names)


def _with_path(view: GraphView, id: str) -> str:
    """As files name a node, and as people do where that is another name: `add1 (head/add)`."""
    path = view.path(id)
    return id if path == id else f"{id} ({path})"


def _parts(source: Any) -> tuple[str, str]:
    """The id of a node and the name of an output, which may be empty."""
    if isinstance(source, str):
        id, _, output = source.partition(".")
        return id, output
    if isinstance(source, tuple) and len(source) == 2 and all(isinstance(part, str) for part in source):
        return source
    raise EditError(
        f"a value is named by a text or a Source, got {shown(source)}", hint="as in 'relu0' or 'dataset0.y'"
    )


class Ports:
    """The ports and outputs of a graph's nodes. A placeholder, whose op is not known, has those in use."""

    def __init__(self, view: GraphView, registry: Registry) -> None:
        self._view = view
        self._registry = registry

    def op(self, node: Node) -> Op | None:
        """The op of a node, None for a placeholder: its op is not known here."""
        return self._registry.get(node.op)

    def op_called(self, name: str) -> Op:
        """The op with this name; EditError with near misses if there is none."""
        op = self._registry.get(name)
        if op is None:
            raise EditError(f"no op is called {name!r}", hint=near_misses(str(name), self._registry.names()))
        return op

    def source(self, source: str | Source) -> Source:
        """`source` as node and output: `"data0"` is its first visible output, `"data0.y"` names one."""
        id, output = _parts(source)
        node = self._view.nodes.get(id)
        if node is None:
            raise EditError(f"there is no node {id!r}", hint=meant(self._view, id))
        outputs = self._outputs(node)
        if output and output not in outputs:
            raise self._no_output(node, output)
        if not outputs:
            raise EditError(f"{node.op} has no known output", hint="its op is not known here", node=id)
        return Source(id, output or outputs[0])

    def free_port(self, target: str) -> str:
        """The first port of a node without a wire; EditError if there is none."""
        node = self._view.node(target)
        op, taken = self.op(node), self._view.inputs(target)
        if op is not None:
            grows = any(port.variadic for port in op.ports)
            for port in op.port_names(len(op.ports) + (len(taken) if grows else 0)):
                if port not in taken and op.has_port(port):
                    return port
        raise EditError(f"{node.op} has no free port", hint=self._ports_hint(node), node=target)

    def check_port(self, target: str, port: str) -> None:
        """Raise EditError where a node has no such port; a placeholder has those with a wire."""
        node = self._view.node(target)
        op = self.op(node)
        if not (op.has_port(port) if op is not None else port in self._view.inputs(target)):
            message = f"{node.op} has no port {port!r}"
            raise EditError(message, hint=self._ports_hint(node), node=target, port=port)

    def check_wire(self, source: Source, target: str, port: str) -> None:
        """Raise EditError where a known op lacks the port or the output of a wire."""
        # A placeholder's ports are those with a wire, and here that wire may just be coming back.
        op = self.op(self._view.node(source.node))
        if op is not None and not op.has_output(source.output):
            raise self._no_output(self._view.node(source.node), source.output)
        op = self.op(self._view.node(target))
        if op is not None and not op.has_port(port):
            self.check_port(target, port)  # says which ports there are

    def _no_output(self, node: Node, output: str) -> EditError:
        hint = f"its outputs: {', '.join(self._outputs(node)) or 'none'}"
        return EditError(f"{node.op} has no output {output!r}", hint=hint, node=node.id)

    def _outputs(self, node: Node) -> list[str]:
        op = self.op(node)
        if op is not None:
            return [output.name for output in op.outputs if not output.hidden]
        return sorted({wire.source.output for wire in self._view.consumers(node.id)})

    def _ports_hint(self, node: Node) -> str:
        op = self.op(node)
        if op is None:
            ports = list(self._view.inputs(node.id))
        else:
            ports = [name for name in op.port_names(len(op.ports)) if op.has_port(name)]
            if any(port.variadic for port in op.ports):
                ports += [op.port_names(len(op.ports) + 1)[-1], "…"]
        return f"its ports: {', '.join(ports) or 'none'}"
