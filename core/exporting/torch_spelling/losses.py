"""How losses are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Call, Spelling
from .words import cast, long, reduction_argument


def _rows_loss(name: str) -> Spelling:
    """A loss of rows of classes; PyTorch wants the classes as the second axis, ours are the last."""

    def spell(call: Call) -> str:
        rows, target, reduction = *call.args, call.params["reduction"]
        values, labels = call.ins
        if labels.floating:
            target = target if labels.dtype == values.dtype else cast(target, values.dtype)
        else:
            target = long(target, labels.dtype)
        if values.ndim <= 2:
            return f"F.{name}({rows}, {target}{reduction_argument(reduction)})"
        classes = values.shape[-1]
        flat = f"{rows}.reshape(-1, {classes})"
        wanted = f"{target}.reshape(-1, {classes})" if labels.floating else f"{target}.reshape(-1)"
        found = f"F.{name}({flat}, {wanted}{reduction_argument(reduction)})"
        return f"{found}.reshape({rows}.shape[:-1])" if reduction == "none" else found

    return spell


def _loss(name: str) -> Spelling:
    return lambda call: f"F.{name}({', '.join(call.args)}{reduction_argument(call.params['reduction'])})"


SPELLINGS: Mapping[str, Spelling] = {
    "mse": _loss("mse_loss"),
    "cross_entropy": _rows_loss("cross_entropy"),
    "nll": _rows_loss("nll_loss"),
    "binary_cross_entropy": _loss("binary_cross_entropy_with_logits"),
}
