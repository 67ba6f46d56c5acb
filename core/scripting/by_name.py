"""`g`: the graph by attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import usage_told
from ..graph import canonical_order
from ..graph.elements import Training, near_misses
from . import finding
from .functions import to_function
from .handles import Item, handle
from .valued import NameUnknownError
from .workspace import Workspace


class GraphByName:
    """The graph: `g.fc1` is the node or group of this name, `g["fc1/weight"]` the one at a path.

    g.fc1.weight.value             # its array; assigned to, it is an edit with undo, as is all that follows
    g.fc1.weight.grad              # the gradient of the loss
    g.h.contributions              # what each reader gives back, before it is summed
    g.dropout1.rate = 0.3          # a parameter
    g.fc1.freeze = True            # a flag: freeze, detach, bypass, keep

    What has the name of something here (dtype, settings, to_function) is reached by g["dtype"].
    """

    _workspace: Workspace

    def __init__(self, workspace: Workspace) -> None:
        object.__setattr__(self, "_workspace", workspace)

    def __getattr__(self, name: str) -> Item:
        if name.startswith("_"):
            raise AttributeError(name)
        view = self._workspace.view
        found = view.named(name, None)
        if found is None:
            raise NameUnknownError(f"the graph has nothing called {name!r}", hint=near_misses(name, view.members(None)))
        return handle(self._workspace, found)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "dtype":
            self._workspace.edit(f"Compute in {value}", lambda t: t.set_dtype(value))
            return
        hint = f"g.{name}.value = ... sets its value" if name in self._workspace.view.members(None) else "add(...) adds"
        raise NameUnknownError(f"{name} cannot be set at the graph", hint=hint)

    def __getitem__(self, path: str) -> Item:
        return handle(self._workspace, finding.item(self._workspace.view, path))

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and finding.at_path(self._workspace.view, path) is not None

    def __iter__(self) -> Iterator[Item]:
        """What lies at the top, nodes in the order in which they are computed."""
        view = self._workspace.view
        rank = {id: index for index, id in enumerate(canonical_order(view))}
        rank |= {group: max((rank[id] for id in view.interior(group)[0]), default=len(rank)) for group in view.groups}
        return iter([handle(self._workspace, id) for id in sorted(view.members(None).values(), key=rank.__getitem__)])

    def __len__(self) -> int:
        return len(self._workspace.view.nodes)

    def __dir__(self) -> list[str]:
        names = (name for name in self._workspace.view.members(None) if name.isidentifier())
        return sorted({"dtype", "settings", "to_function", *names})

    @property
    def dtype(self) -> str:
        """The dtype in which the document computes; can be set."""
        return self._workspace.view.dtype

    @property
    def settings(self) -> Training | None:
        """How it is trained; `training(...)` sets it."""
        return self._workspace.view.training

    @usage_told
    def to_function(self, *wanted: Any) -> Callable[..., Any]:
        """The graph as a function of its inputs, compiled: f = g.to_function("logits"); f(x).

        `wanted` are the values that it gives, without any all that nothing reads: one as an array, several by name.
        Its arguments are called as the inputs; one that is left out has its own value. Of parameters it has the values
        of now, or those in `values`: f(x, values={"fc1/weight": array}).
        """
        return to_function(self._workspace, wanted)

    def __repr__(self) -> str:
        return f"<graph: {', '.join(item.name for item in self) or 'empty'}>"

    def _repr_html_(self) -> str:
        return self._workspace.session._repr_html_()
