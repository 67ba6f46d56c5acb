"""Ops and layers in the words of their users: what canvas, palette and search call them, and what else they go by."""

from __future__ import annotations

from functools import cache

LAYER = "layer:"  # before the name of a layer, where ops and layers stand in one list

_ABBREVIATIONS = {  # parts of names that are not written as words
    "relu": "ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mse": "MSE",
    "nll": "NLL",
    "mlp": "MLP",
    "lstm": "LSTM",
    "gru": "GRU",
    "rnn": "RNN",
}

_NAMES = {  # whole names that the rule below would spell otherwise than the field does
    "matmul": "MatMul",
    "argmax": "ArgMax",
    "logsumexp": "LogSumExp",
    "one_hot": "One-hot",
    "equal": "Equal",
    "less_equal": "Less or equal",
    "greater_equal": "Greater or equal",
    "broadcast_to": "Broadcast to",
    "nll": "NLL loss",
    "mse": "MSE loss",
}

_SYNONYMS = {
    "add": "+ plus sum addition bias",
    "subtract": "- minus difference sub",
    "multiply": "* × times product mul hadamard",
    "divide": "/ ÷ quotient div ratio",
    "negative": "neg unary minus",
    "matmul": "@ mm dot gemm linear dense fc product bmm",
    "power": "** ^ pow exponent",
    "square": "^2 squared",
    "sqrt": "√ square root",
    "exp": "e^x exponential",
    "log": "ln logarithm",
    "reciprocal": "1/x inverse",
    "abs": "|x| absolute magnitude",
    "maximum": "max elementwise",
    "minimum": "min elementwise",
    "where": "if select choose ?: condition mask",
    "accumulate": "sum gradients fork",
    "clip": "clamp limit bound",
    "tanh": "hyperbolic tangent",
    "equal": "== eq",
    "not_equal": "!= ≠ ne",
    "less": "< lt smaller",
    "less_equal": "<= ≤ le",
    "greater": "> gt larger",
    "greater_equal": ">= ≥ ge",
    "cast": "astype convert dtype float int",
    "reshape": "view resize",
    "flatten": "ravel view",
    "transpose": "permute swap axes T",
    "broadcast_to": "expand repeat",
    "sum_to": "unbroadcast reduce",
    "concat": "cat stack join hstack vstack concatenate",
    "slice": "[] index crop narrow",
    "place": "pad scatter insert",
    "gather": "take index_select embedding lookup",
    "scatter_add": "index_add",
    "one_hot": "onehot encode",
    "sum": "Σ total add reduce",
    "mean": "average avg μ",
    "max": "maximum amax largest",
    "logsumexp": "lse softplus",
    "argmax": "predict class decode index",
    "relu": "rectifier rectified",
    "leaky_relu": "lrelu rectifier",
    "sigmoid": "logistic σ expit",
    "softplus": "log1pexp",
    "softmax": "normalise probabilities",
    "log_softmax": "logits log probabilities",
    "mse": "mean squared error l2 regression",
    "cross_entropy": "ce softmax-cross-entropy softmax crossentropy classification logits",
    "nll": "negative log likelihood",
    "binary_cross_entropy": "bce logistic",
    "identity": "reroute pass nop",
    "detach": "stop gradient stop_gradient no_grad",
    "print": "show debug watch log",
    "assign": "set store update state",
    "input": "x feed placeholder variable",
    "parameter": "weight weights bias variable trainable w b",
    "constant": "number value literal scalar const",
    "dataset": "data iris digits csv table",
    "shared": "tied copy same reuse",
    "random_normal": "randn gauss noise",
    "random_uniform": "rand noise",
    "dropout": "regularise noise drop",
    "layer:linear": "dense fc fully-connected affine mm matmul perceptron",
    "layer:mlp": "network dense fc multilayer perceptron feed-forward layers",
}


@cache
def display_name(name: str) -> str:
    """What users call an op, or a layer given as "layer:NAME": MatMul, Leaky ReLU, Cross entropy."""
    plain = name.removeprefix(LAYER)
    if plain in _NAMES:
        return _NAMES[plain]
    parts = [_ABBREVIATIONS.get(part, part) for part in plain.split("_") if part]
    text = " ".join(parts) or plain
    return text[:1].upper() + text[1:]


@cache
def synonyms(name: str) -> tuple[str, ...]:
    """Other words, in lower case, by which people look for an op or a layer."""
    return tuple(_SYNONYMS.get(name, "").lower().split())


SECTIONS = (  # of the palette: heading and the categories of ops under it
    ("Values", ("source",)),
    ("Math", ("math", "linear")),
    ("Layers", ("layer",)),
    ("Activations", ("activation",)),
    ("Losses", ("loss",)),
    ("Reductions", ("reduce",)),
    ("Shapes", ("shape",)),
    ("Comparisons", ("compare",)),
    ("Random", ("random",)),
    ("Flow", ("flow",)),
)
OTHERS = "Plugins"  # the heading for categories that plugins bring

_HEADINGS = {category: heading for heading, categories in SECTIONS for category in categories}


def heading(category: str) -> str:
    """The section of the palette that ops of this category stand in."""
    return _HEADINGS.get(category, OTHERS)
