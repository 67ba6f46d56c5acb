"""Nodes, groups and outputs as a script has them: `g.fc1.weight.value`, `g.relu1.grad`, `g.dropout1.rate = 0.3`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from ..graph import Source
from ..near import near
from ..other_names import parameter_called
from . import finding, setting
from .setting import FLAG_NAMES
from .valued import NameUnknownError, OutputHandle, Valued, shape_of
from .workspace import Workspace

ONE_VALUE = frozenset(("value", "grad", "contributions", "shape", "dtype", "consumers"))  # of what has one value


class Item(Valued):
    """What nodes and groups have in common."""

    _output = ""

    def __init__(self, workspace: Workspace, id: str) -> None:
        object.__setattr__(self, "_workspace", workspace)
        object.__setattr__(self, "_id", id)

    @property
    def name(self) -> str:
        """The name; can be set."""
        return self._workspace.view.item(self._id).name

    @name.setter
    def name(self, name: str) -> None:
        setting.rename(self._workspace, self._id, name)

    @property
    def path(self) -> str:
        """The names from the outermost group down."""
        return self._workspace.view.path(self._id)

    @property
    def id(self) -> str:
        """What never changes."""
        return self._id

    @property
    def at(self) -> tuple[float, float]:
        """Where its corner is, (x, y); can be set."""
        return self._workspace.view.item(self._id).position

    @at.setter
    def at(self, position: tuple[float, float]) -> None:
        setting.move(self._workspace, {self._id: position})

    @property
    def within(self) -> str | None:
        """The path of the group that it lies in, None at the top; can be set."""
        group = self._workspace.view.item(self._id).group
        return None if group is None else self._workspace.view.path(group)

    @within.setter
    def within(self, group: Any) -> None:
        setting.put_within(self._workspace, self._id, group)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What it was given and, of the rest, what holds without; `set` changes them."""
        return setting.parameters(self._workspace, self._id)

    def set(self, **parameters: Any) -> None:
        """Set parameters, one undo: also those whose names mean something else here, as `g.x.set(shape=(3, 4))`."""
        setting.set_parameters(self._workspace, self._id, parameters)

    @property
    def flags(self) -> frozenset[str]:
        """Those of bypass, detach, freeze and keep that it has (a group: that all have for which they are)."""
        return setting.flags(self._workspace, self._id)

    @flags.setter
    def flags(self, flags: Iterable[str]) -> None:
        setting.set_flags(self._workspace, self._id, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in FLAG_NAMES:
            return name in self.flags
        found = self._within(name)
        if found is not None:
            return found
        parameters = self.parameters
        if (own := parameter_called(parameters, name)) in parameters:
            return parameters[own]
        raise self._nothing_called(name)

    def __setattr__(self, name: str, value: Any) -> None:
        own = getattr(type(self), name, None)
        if name in FLAG_NAMES:
            setting.set_flag(self._workspace, self._id, name, bool(value))
        elif isinstance(own, property) and own.fset is not None:
            own.fset(self, value)
        elif own is not None:
            hint = f"g[{self.path!r}].set({name}=...) sets the parameter" if name in self.parameters else None
            raise NameUnknownError(f"{name} of {self.path} can only be read", hint=hint)
        elif self._within(name) is not None:
            hint = (
                f"g[{self.path!r}].set({name}=...) sets the parameter" if name in self.parameters else "it has .value"
            )
            raise NameUnknownError(f"{name} lies within {self.path} and is no setting", hint=hint)
        elif (called := parameter_called(self.parameters, name)) in self.parameters:
            self.set(**{called: value})
        else:
            raise self._nothing_called(name)

    def __delattr__(self, name: str) -> None:
        """Let a parameter follow its default again."""
        if name not in self.parameters:
            raise self._nothing_called(name)
        setting.clear_parameter(self._workspace, self._id, name)

    def __dir__(self) -> list[str]:
        own = [name for name in dir(type(self)) if not name.startswith("_") and self._has(name)]
        return sorted({*own, *FLAG_NAMES, *(n for n in (*self._names(), *self.parameters) if n.isidentifier())})

    def _has(self, name: str) -> bool:
        """Whether a name that all such items have is of use with this one: a value is, where it has one."""
        return (
            name not in ONE_VALUE or len(finding.outputs(self._workspace.view, self._workspace.registry, self._id)) == 1
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and (self._workspace, self._id) == (other._workspace, other._id)

    def __hash__(self) -> int:
        return hash(self._id)

    def _within(self, name: str) -> Any:
        """What lies within and has this name, None where nothing has."""
        raise NotImplementedError

    def _names(self) -> Iterable[str]:
        """The names of what lies within."""
        raise NotImplementedError

    def _nothing_called(self, name: str) -> NameUnknownError:
        known = [*self._names(), *self.parameters]
        close = near(name, [*known, *dir(self)], 3)
        hint = f"near: {', '.join(close)}" if close else f"its parameters: {', '.join(self.parameters) or 'none'}"
        return NameUnknownError(f"{self.path} has nothing called {name!r}", hint=hint)


class NodeHandle(Item):
    """A node, as `g.relu1`."""

    @property
    def op(self) -> str:
        """The name of its op."""
        return self._workspace.view.node(self._id).op

    @property
    def inputs(self) -> dict[str, str]:
        """What feeds its ports, in their order, `{"x": "fc1/add"}`."""
        fed, op = self._workspace.view.inputs(self._id), self._workspace.registry.get(self.op)
        names = [] if op is None else [port.name for port in op.ports]  # of ports that grow they have their own order
        ports = sorted(fed, key=lambda port: names.index(port) if port in names else len(names))
        return {port: _called(self._workspace, fed[port]) for port in ports}

    @property
    def outputs(self) -> list[str]:
        """The names of its outputs."""
        return [s.output for s in finding.outputs(self._workspace.view, self._workspace.registry, self._id)]

    def _within(self, name: str) -> OutputHandle | None:
        return OutputHandle(self._workspace, self._id, name) if name in self.outputs else None

    def _names(self) -> Iterable[str]:
        return self.outputs

    def __repr__(self) -> str:
        shapes = ", ".join(_shapes(self._workspace, self._id)) or "no shape"
        reads = ", ".join(self.inputs.values())
        flags = "".join(f", {flag}" for flag in sorted(self.flags))
        return f"<{self.path}: {self.op} {shapes}{f', of {reads}' if reads else ''}{flags}>"

    def _repr_html_(self) -> str:
        rows = {"op": self.op, "shape": ", ".join(_shapes(self._workspace, self._id))}
        return _table(self.path, rows | {"of": ", ".join(self.inputs.values())}, self.parameters)


class GroupHandle(Item):
    """A group, as `g.fc1`; what lies within is `g.fc1.weight`."""

    @property
    def layer(self) -> str | None:
        """The layer that built it, None where none did or it was edited by hand since."""
        built_by = self._workspace.view.group(self._id).built_by
        return None if built_by is None else built_by.layer

    @property
    def inputs(self) -> dict[str, str]:
        """What enters it, by the ports within."""
        view = self._workspace.view
        inside = set(view.interior(self._id)[0])
        fed = [(node, port, s) for node in sorted(inside) for port, s in view.inputs(node).items()]
        return {f"{view.path(n)}.{p}": _called(self._workspace, s) for n, p, s in fed if s.node not in inside}

    @property
    def collapsed(self) -> bool:
        """Whether it is shown as one box; can be set."""
        return self._workspace.view.group(self._id).collapsed

    @collapsed.setter
    def collapsed(self, collapsed: bool) -> None:
        setting.collapse(self._workspace, self._id, collapsed)

    @property
    def text(self) -> str | None:
        """Its note; can be set."""
        return self._workspace.view.group(self._id).note

    @text.setter
    def text(self, text: str | None) -> None:
        setting.set_note(self._workspace, self._id, text)

    def _within(self, name: str) -> Item | None:
        found = self._workspace.view.named(name, self._id)
        return None if found is None else handle(self._workspace, found)

    def _names(self) -> Iterable[str]:
        return self._workspace.view.members(self._id)

    def __getitem__(self, path: str) -> Item:
        return handle(self._workspace, finding.item(self._workspace.view, f"{self.path}/{path}"))

    def __repr__(self) -> str:
        if self._workspace.view.is_note(self._id):
            return f"<{self.path}: note {self.text!r}>"
        return f"<{self.path}: {self.layer or 'group'} of {', '.join(self._names()) or 'nothing'}>"

    def _repr_html_(self) -> str:
        return _table(self.path, {"built by": self.layer or "", "holds": ", ".join(self._names())}, self.parameters)


def handle(workspace: Workspace, id: str) -> Item:
    """The handle of a node or group."""
    return (GroupHandle if id in workspace.view.groups else NodeHandle)(workspace, id)


def _called(workspace: Workspace, source: Source) -> str:
    path, given = workspace.view.path(source.node), finding.outputs(workspace.view, workspace.registry, source.node)
    return path if len(given) == 1 else f"{path}.{source.output}"


def _shapes(workspace: Workspace, id: str) -> list[str]:
    found = (shape_of(workspace, source) for source in finding.outputs(workspace.view, workspace.registry, id))
    return [text for text in found if text]


def _table(path: str, rows: Mapping[str, str], parameters: Mapping[str, Any]) -> str:
    """A card for notebooks."""
    told = {**rows, **{name: repr(value) for name, value in parameters.items()}}
    cells = "".join(f"<tr><th>{escape(key)}</th><td>{escape(text)}</td></tr>" for key, text in told.items() if text)
    return f"<b>{escape(path)}</b><table>{cells}</table>"
