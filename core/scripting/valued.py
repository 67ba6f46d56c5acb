"""What has one value, and tells it: the array, its gradient, its shape, who reads it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..check import axes_of, shape_text
from ..errors import GradwireError
from ..graph import Source
from ..op import Aval
from . import finding, setting
from .workspace import Workspace

Array = np.ndarray[Any, Any]


class NameUnknownError(GradwireError, AttributeError):
    """A name that is not there, as Python asks about names."""


class Valued:
    """What has one value: an output, a node of one output, a group from which one value comes."""

    _workspace: Workspace
    _id: str
    _output: str

    @property
    def _source(self) -> Source:
        what = Source(self._id, self._output) if self._output else self
        return finding.value(self._workspace.view, self._workspace.registry, what)

    @property
    def value(self) -> Array:
        """The value, as an array that cannot be written. Of a parameter, an input and a constant it can be set."""
        return self._workspace.value(self._source)

    @value.setter
    def value(self, value: Any) -> None:
        setting.set_value(self._workspace, self._source.node, value)

    @property
    def grad(self) -> Array:
        """The gradient of the loss, else of the one number that comes out, with respect to the value."""
        return self._workspace.gradient(self._source)

    @property
    def contributions(self) -> list[tuple[str, Array]]:
        """What each port that reads the value gives back, `("relu1.x", array)`; their sum is the gradient."""
        return self._workspace.contributions(self._source)

    @property
    def shape(self) -> tuple[int | str, ...]:
        """The lengths of the axes; those that go with the batch are texts, `("N", 64)`."""
        avals = _avals(self._workspace, self._source)
        return self.value.shape if avals is None else axes_of(*avals)  # `value` raises with the reason

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the value."""
        aval = self._workspace.checked().avals.get(self._source)
        return self.value.dtype if aval is None else aval.dtype

    @property
    def consumers(self) -> list[str]:
        """The ports that read the value, `["relu1.x"]`."""
        view, source = self._workspace.view, self._source
        return [f"{view.path(w.target)}.{w.port}" for w in view.consumers(source.node) if w.source == source]


class OutputHandle(Valued):
    """One output of a node that has several, as `g.data.x`."""

    def __init__(self, workspace: Workspace, id: str, output: str) -> None:
        self._workspace, self._id, self._output = workspace, id, output

    def __repr__(self) -> str:
        return (
            f"<{self._workspace.view.path(self._id)}.{self._output}: {shape_of(self._workspace, self._source) or '?'}>"
        )


def shape_of(workspace: Workspace, source: Source) -> str:
    """`(N, 64) f32`, "" where the check could not say, and within edits."""
    if workspace.editing:
        return ""
    avals = _avals(workspace, source)
    return "" if avals is None else shape_text(*avals)


def _avals(workspace: Workspace, source: Source) -> tuple[Aval, Aval] | None:
    """What the check has inferred at both batch sizes; None where it could not say."""
    first, second = workspace.checked().inferred
    aval = first.avals.get(source)
    return None if aval is None else (aval, second.avals.get(source, aval))
