"""What ops are called in other libraries, and what a family of ops says when it is taken for one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, NoReturn

from .errors import UsageError
from .near import near
from .op import Op

_COMPARED = {"eq": "equal", "ne": "not_equal", "gt": "greater", "ge": "greater_equal", "lt": "less", "le": "less_equal"}
# Names that have nothing of the op's own; what is spelt alike is found without them.
OTHER_NAMES: Mapping[str, str] = {
    **dict.fromkeys(
        ("linear", "dense"), "gw.ops.matmul(x, w) + b, with w (in, out); PyTorch's weight (out, in) is its transpose"
    ),
    **dict.fromkeys(("mm", "bmm", "mv"), "gw.ops.matmul(x, w)"),
    **dict.fromkeys(("addmm", "baddbmm"), "gw.ops.matmul(x, w) + b"),
    **dict.fromkeys(("inner", "vdot", "tensordot"), "gw.ops.dot, gw.ops.matmul or gw.ops.einsum"),
    **{name: f"gw.ops.{op}(x, y)" for name, op in _COMPARED.items()},
    "mul": "gw.ops.multiply(x, y)",
    "sub": "gw.ops.subtract(x, y)",
    **dict.fromkeys(("fmod", "remainder"), "gw.ops.mod(x, y), which has the sign of y"),
    "absolute": "gw.ops.abs(x)",
    **dict.fromkeys(("cat", "concatenate"), "gw.ops.concat(x, y, axis=…)"),
    "chunk": "gw.ops.split(x, sections=…, index=…)",
    "unsqueeze": "gw.ops.expand_dims(x, axis=…)",
    "permute": "gw.ops.transpose(x, axes=…)",
    "view": "gw.ops.reshape(x, shape=…)",
    "expand": "gw.ops.broadcast_to(x, shape=…)",
    "index_select": "gw.ops.gather(x, indices, axis=…)",
    **dict.fromkeys(("scatter", "index_add"), "gw.ops.scatter_add(x, indices, shape=…)"),
    "masked_fill": "gw.ops.where(mask, value, x)",
    "percentile": "gw.ops.quantile(x, q=…), q from 0 to 1",
    "average": "gw.ops.mean(x)",
    "l1_loss": "gw.ops.mae(prediction, target)",
    "normalize": "x / gw.ops.norm(x, axis=…, keepdims=True)",
    "pairwise_distance": "gw.ops.norm(x - y, axis=-1)",
    "instance_norm": "gw.ops.group_norm(x, gamma, beta, groups=…), a group for each channel",
    "upsample": "gw.ops.interpolate(x, size=…)",
    "attention": "gw.ops.scaled_dot_product_attention(q, k, v)",
    "variance": "gw.ops.var(x)",
}


def fitting(name: str, known: Iterable[str]) -> str | None:
    """What fits where no op is called `name`, of those that are known."""
    if name in OTHER_NAMES:
        return OTHER_NAMES[name]
    found = near(name, known, 3)
    return f"near: {', '.join(found)}" if found else None


class Family(ModuleType):
    """A module that declares ops: `gw.ops.linear` holds `matmul`, and whoever calls it means something else."""

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        name = self.__name__.rpartition(".")[2]
        ops = (value for value in vars(self).values() if isinstance(value, Op))
        own = [op.name for op in ops if op.forward.__module__ == self.__name__]
        raise UsageError(f"no op is called {name!r}", hint=OTHER_NAMES.get(name) or f"it is a family: {', '.join(own)}")
