"""What decides for itself what applying an op to it means: the root of a tape's tensors and a plan's symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .op import Op


class Traced:
    """A value that decides what applying an op to it means: a tape's `Tensor`, a plan's `Symbol`."""

    __slots__ = ()

    @staticmethod
    def apply_op(op: Op, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """The visible outputs of `op`, applied to arguments of which at least one is of this class."""
        raise TypeError(f"a traced value must say what applying {op.name} to it means")

    def as_constant(self) -> Any:
        """The value as an array, for a plan that takes it as a constant."""
        raise TypeError(f"a {type(self).__name__} is no constant")
