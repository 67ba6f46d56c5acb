"""How losses are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import literals
from ..calls import Call, Spelling
from .words import cast, long, reduction_argument


def _params(call: Call, **defaults: Any) -> str:
    """Further arguments for those parameters that are not what PyTorch takes by itself, and the reduction."""
    given = [(name, call.params[name]) for name, default in defaults.items() if call.params[name] != default]
    told = "".join(f", {name}={literals.plain(value)}" for name, value in given)
    return told + reduction_argument(call.params["reduction"])


def _weights(call: Call, place: int, name: str = "weight") -> str:
    """A further argument for an optional port, where it is wired."""
    return f", {name}={call.args[place]}" if len(call.args) > place and call.args[place] != "None" else ""


def _rows_loss(name: str, **defaults: Any) -> Spelling:
    """A loss of rows of classes; PyTorch wants the classes as the second axis, ours are the last."""

    def spell(call: Call) -> str:
        rows, target, reduction = *call.args[:2], call.params["reduction"]
        values, labels = call.ins[:2]
        more = _weights(call, 2) + _params(call, **defaults)
        if labels.floating:
            target = target if labels.dtype == values.dtype else cast(target, values.dtype)
        else:
            target = long(target, labels.dtype)
        if values.ndim <= 2:
            return f"F.{name}({rows}, {target}{more})"
        classes = values.shape[-1]
        flat = f"{rows}.reshape(-1, {classes})"
        wanted = f"{target}.reshape(-1, {classes})" if labels.floating else f"{target}.reshape(-1)"
        found = f"F.{name}({flat}, {wanted}{more})"
        return f"{found}.reshape({rows}.shape[:-1])" if reduction == "none" else found

    return spell


def _loss(name: str, **defaults: Any) -> Spelling:
    return lambda call: f"F.{name}({', '.join(call.args)}{_params(call, **defaults)})"


def _binary_cross_entropy(call: Call) -> str:
    weights = _weights(call, 2) + _weights(call, 3, "pos_weight")
    return f"F.binary_cross_entropy_with_logits({', '.join(call.args[:2])}{weights}{_params(call)})"


def _yes(target: str) -> str:
    """±1 of a target that says yes where it is positive."""
    return f"torch.where({target} > 0, 1, -1)"


def _reduced(call: Call, losses: str) -> str:
    reduction = call.params["reduction"]
    return losses if reduction == "none" else f"{losses}.{reduction}()"


def _hinge(call: Call) -> str:
    return _reduced(call, f"(1 - {_yes(call.args[1])} * {call.x}).clamp(min=0)")


def _cosine_embedding(call: Call) -> str:
    first, second, target = call.args
    more = _params(call, margin=0.0)
    if call.ndim <= 2:
        return f"F.cosine_embedding_loss({first}, {second}, {_yes(target)}{more})"
    flat = [f"{x}.reshape(-1, {call.ins[0].shape[-1]})" for x in (first, second)]
    found = f"F.cosine_embedding_loss({', '.join(flat)}, {_yes(f'{target}.reshape(-1)')}{more})"
    return f"{found}.reshape({first}.shape[:-1])" if call.params["reduction"] == "none" else found


def _kl_divergence(call: Call) -> str:
    if call.params["reduction"] != "mean":
        return _loss("kl_div", log_target=False)(call)
    # PyTorch warns of this reduction where it is asked to do it.
    each = call._replace(params={**call.params, "reduction": "none"})
    return f"{_loss('kl_div', log_target=False)(each)}.mean()"


def _focal(call: Call) -> str:
    gamma, alpha = (literals.plain(call.params[name]) for name in ("gamma", "alpha"))
    return _reduced(call, f"focal({', '.join(call.args)}, {gamma}, {alpha})")


SPELLINGS: Mapping[str, Spelling] = {
    "mse": _loss("mse_loss"),
    "mae": _loss("l1_loss"),
    "huber": _loss("huber_loss", delta=1.0),
    "smooth_l1": _loss("smooth_l1_loss", beta=1.0),
    "cross_entropy": _rows_loss("cross_entropy", ignore_index=None, label_smoothing=0.0),
    "nll": _rows_loss("nll_loss", ignore_index=None),
    "multi_margin": _rows_loss("multi_margin_loss", p=1, margin=1.0),
    "binary_cross_entropy": _binary_cross_entropy,
    "focal": _focal,
    "kl_divergence": _kl_divergence,
    "poisson_nll": _loss("poisson_nll_loss", log_input=True, full=False, eps=1e-8),
    "gaussian_nll": _loss("gaussian_nll_loss", full=False, eps=1e-6),
    "hinge": _hinge,
    "margin_ranking": lambda call: (
        f"F.margin_ranking_loss({', '.join(call.args[:2])}, {_yes(call.args[2])}{_params(call, margin=0.0)})"
    ),
    "cosine_embedding": _cosine_embedding,
    "triplet_margin": _loss("triplet_margin_loss", margin=1.0, p=2.0),
}

HELPERS: Mapping[str, str] = {
    "focal": '''def focal(logits, target, gamma, alpha):
    """The binary cross-entropy, less where the answer is nearly right."""
    missed = torch.sigmoid(logits) * (1 - target) + torch.sigmoid(-logits) * target
    losses = missed**gamma * F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return losses if alpha is None else (alpha * target + (1 - alpha) * (1 - target)) * losses''',
}
