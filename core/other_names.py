"""What other libraries call our ops, layers, metrics, optimisers and schedules: asked wherever a name is unknown.

A word is read as people write it: `nn.ReLU`, `torch.cat`, `CrossEntropyLoss` and `MaxPooling2D` mean `relu`, `concat`,
`cross_entropy` and `max_pool2d`. The kinds are op, layer, metric, optimiser, schedule and average.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterable, Mapping
from functools import cache

from .near import near, plain
from .other_ways import ABSENT, DIFFERS, INSTEAD

LIBRARIES = ("torch", "nn", "F", "functional", "tf", "keras", "np", "numpy", "jnp", "jax", "flax", "optax", "sklearn")
_SHORT = 3  # letters, which are near to too much
_ALIKE, _ALIKE_LONG = 0.75, 0.65  # how much of short words, and of longer ones, must be the same
_ENDINGS: Mapping[str, tuple[str, ...]] = {  # by kind, what others add to names
    "op": (r"\d+d", "loss", "layer", r"loss\d+d"),
    "layer": ("layer", r"\d+d"),
    "metric": ("score", "metric", "error"),
    "optimiser": ("optimizer", "optimiser"),
    "schedule": ("lr", "decay", "schedule", "scheduler"),
    "average": (),
}

PARAMETERS: Mapping[str, tuple[str, ...]] = {  # what others call the parameters of layers
    "units": ("out_features", "embedding_dim"),
    "features": ("out_features", "num_features"),
    "filters": ("out_channels",),
    "channels": ("out_channels",),
    "inputs": ("in_features", "in_channels"),
}

# Another name for the same thing, by kind: what others call it, and what it is here. What is spelt alike but for
# capitals and signs, and but for the endings above, is found without.
SAME: Mapping[str, Mapping[str, str]] = {
    "op": {
        "absolute": "abs",
        "remainder": "mod",
        "inverse": "inv",
        "ln": "log",
        "asin": "arcsin",
        "acos": "arccos",
        "atan": "arctan",
        "atan2": "arctan2",
        "asinh": "arcsinh",
        "acosh": "arccosh",
        "atanh": "arctanh",
        "pow": "power",
        "neg": "negative",
        "sub": "subtract",
        "mul": "multiply",
        "div": "divide",
        "truedivide": "divide",
        "average": "mean",
        "reducemean": "mean",
        "reducesum": "sum",
        "reducemax": "max",
        "reducemin": "min",
        "reduceprod": "prod",
        "amax": "max",
        "amin": "min",
        "variance": "var",
        "eq": "equal",
        "ne": "not_equal",
        "gt": "greater",
        "ge": "greater_equal",
        "lt": "less",
        "le": "less_equal",
        "mm": "matmul",
        "bmm": "matmul",
        "mv": "matmul",
        "clamp": "clip",
        "clipbyvalue": "clip",
        "cat": "concat",
        "concatenate": "concat",
        "unsqueeze": "expand_dims",
        "permute": "transpose",
        "view": "reshape",
        "ravel": "flatten",
        "expand": "broadcast_to",
        "movedim": "moveaxis",
        "indexselect": "gather",
        "take": "gather",
        "takealongdim": "take_along_axis",
        "topk": "top_k",
        "repeatinterleave": "repeat",
        "astype": "cast",
        "expit": "sigmoid",
        "swish": "silu",
        "lrelu": "leaky_relu",
        "maxpool": "max_pool2d",
        "maxpooling": "max_pool2d",
        "averagepool": "avg_pool2d",
        "avgpool": "avg_pool2d",
        "averagepooling": "avg_pool2d",
        "globalaveragepooling": "adaptive_avg_pool2d",
        "adaptiveavgpool": "adaptive_avg_pool2d",
        "convtranspose": "conv_transpose2d",
        "conv2dtranspose": "conv_transpose2d",
        "upsample": "interpolate",
        "upsampling": "interpolate",
        "batchnormalization": "batch_norm",
        "layernormalization": "layer_norm",
        "groupnormalization": "group_norm",
        "attention": "scaled_dot_product_attention",
        "crossentropywithlogits": "cross_entropy",
        "categoricalcrossentropy": "cross_entropy",
        "sparsecategoricalcrossentropy": "cross_entropy",
        "bcewithlogits": "binary_cross_entropy",
        "binarycrossentropy": "binary_cross_entropy",
        "l1": "mae",
        "absoluteerror": "mae",
        "meanabsoluteerror": "mae",
        "meansquarederror": "mse",
        "l2": "mse",
        "kldiv": "kl_divergence",
        "kldivergence": "kl_divergence",
        "stopgradient": "detach",
        "randn": "random_normal",
        "rand": "random_uniform",
    },
    "layer": {
        "dense": "linear",
        "fc": "linear",
        "fullyconnected": "linear",
        "batchnormalization": "batch_norm",
        "layernormalization": "layer_norm",
        "standardscaler": "standardise",
        "normalization": "standardise",
        "minmaxscaler": "normalise",
        "multilayerperceptron": "mlp",
    },
    "metric": {
        "auroc": "roc_auc",
        "auc": "roc_auc",
        "rocaucscore": "roc_auc",
        "acc": "accuracy",
        "categoricalaccuracy": "accuracy",
        "sparsecategoricalaccuracy": "accuracy",
        "binaryaccuracy": "accuracy",
        "topkcategoricalaccuracy": "top_k",
        "topkaccuracy": "top_k",
        "averageprecisionscore": "average_precision",
        "auprc": "average_precision",
        "logloss": "nll",
        "meansquarederror": "mse",
        "meanabsoluteerror": "mae",
        "meansquared": "mse",
        "meanabsolute": "mae",
    },
    "optimiser": {"momentum": "sgd", "gradientdescent": "sgd"},
    "schedule": {
        "cosineannealing": "cosine",
        "cosinedecay": "cosine",
        "multistep": "multi_step",
        "piecewiseconstant": "multi_step",
        "onecycle": "one_cycle",
        "reducelronplateau": "reduce_on_plateau",
        "poly": "polynomial",
    },
    "average": {"ema": "exponential", "exponentialmovingaverage": "exponential", "swa": "mean", "polyak": "mean"},
}
# How the same is called here, where its name alone would not say it.
_CALLS: Mapping[str, str] = {
    "matmul": "gw.ops.matmul(x, w)",
    "concat": "gw.ops.concat(x, y, axis=…)",
    "expand_dims": "gw.ops.expand_dims(x, axis=…)",
    "transpose": "gw.ops.transpose(x, axes=…)",
    "reshape": "gw.ops.reshape(x, shape=…)",
    "broadcast_to": "gw.ops.broadcast_to(x, shape=…)",
    "gather": "gw.ops.gather(x, indices, axis=…)",
    "interpolate": "gw.ops.interpolate(x, size=…)",
    "scaled_dot_product_attention": "gw.ops.scaled_dot_product_attention(q, k, v)",
    "mae": "gw.ops.mae(prediction, target)",
    **dict.fromkeys(("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"), "gw.ops.{}(x, y)"),
    **dict.fromkeys(("subtract", "multiply", "divide"), "gw.ops.{}(x, y)"),
    **dict.fromkeys(("abs", "mean", "var"), "gw.ops.{}(x)"),
}


@cache
def _forms(word: str, kind: str) -> tuple[str, ...]:
    """How a word may be spelt as letters and digits: whole, then without an ending that others add."""
    whole = plain(without_library(word))
    found = [whole]
    for ending in _ENDINGS.get(kind, ()):
        found += [short for form in list(found) if (short := re.sub(f"{ending}$", "", form)) and short not in found]
    return tuple(found)


def without_library(word: str) -> str:
    """`ReLU` of `torch.nn.ReLU` and `nn.ReLU`; any other word as it is."""
    first, *others = word.split(".")
    return others[-1] if others and first in LIBRARIES else word


def same(word: str, kind: str, known: Iterable[str]) -> str | None:
    """What of that kind, among those that are `known`, another library calls so; None where none is the same."""
    spelt = {plain(name): name for name in known}
    for form in _forms(word, kind):
        if form in spelt:
            return spelt[form]
        if (name := SAME.get(kind, {}).get(form)) is not None and plain(name) in spelt:
            return name
        if kind == "op" and (form in INSTEAD or form in ABSENT):  # log_loss is no log
            return None
    return None


def meant(word: str, kind: str, known: Iterable[str]) -> str | None:
    """The same, or what does it in another way."""
    known = list(known)
    if (found := same(word, kind, known)) is not None or kind != "op":
        return found
    others = (INSTEAD[form][0] for form in _forms(word, kind) if form in INSTEAD)
    return next((name for name in others if name in known), None)


def absent(word: str) -> bool:
    """Whether there is nothing here that does what a word means elsewhere."""
    return any(form in ABSENT for form in _forms(word, "op"))


def differs(word: str) -> str:
    """How what stands nearest to a word differs from what that means elsewhere; nothing where it does not."""
    return next((DIFFERS[form] for form in _forms(word, "op") if form in DIFFERS), "")


def suggested(word: object, kind: str, known: Iterable[str], most: int = 3) -> list[str]:
    """What to say where nothing of that kind is called `word`: what it means, else what is spelt nearly so."""
    known, word = list(known), str(word)
    if (found := meant(word, kind, known)) is not None:
        return [found]
    if absent(word):
        return []
    wanted = plain(without_library(word))
    return [name for name in near(without_library(word), known, most) if _alike(wanted, plain(name))]


def _alike(wanted: str, name: str) -> bool:
    long = len(wanted) > _SHORT
    within = long and (name in wanted or wanted in name)
    share = difflib.SequenceMatcher(None, wanted, name).ratio()
    return within or sorted(wanted) == sorted(name) or share >= (_ALIKE_LONG if long else _ALIKE)


def instead(word: str) -> str | None:
    """How it is written with `gw.ops` what another library calls so and what is done here in another way."""
    return next((INSTEAD[form][1] for form in _forms(word, "op") if form in INSTEAD), None)


def fitting(name: str, ops: Iterable[str]) -> str | None:
    """How what is called `name` elsewhere is written with `gw.ops`, or with a layer; else what is spelt nearly so."""
    ops = list(ops)
    layer = meant(name, "layer", SAME["layer"].values())
    built = f'the layer: gw.build(t, "{layer}", x, …) in a document' if layer else ""
    written = instead(name)
    if written is None and (found := same(name, "op", ops)) is not None:
        written = _CALLS.get(found, f"near: {found}").format(found)
    if written is not None:
        return f"{written}; {built}" if built and name != layer and "matmul" in written else written
    if built:
        return built
    found_near = suggested(name, "op", ops)
    return f"near: {', '.join(found_near)}" if found_near else None


def parameter_called(known: Container[str], name: str) -> str:
    """Which of the parameters `known` a name means: its own, or another word for it; the name where it means none."""
    return name if name in known else next((own for own in PARAMETERS.get(name, ()) if own in known), name)
