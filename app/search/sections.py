"""The sections of the palette: each small enough to be looked through."""

from __future__ import annotations

OTHERS = "Plugins"  # the heading for categories that plugins bring
OWN_LAYERS = "My layers"

SECTIONS = (  # the headings, in order, and the categories of ops that stand there if nothing else is said of them
    ("Values", "source"),
    ("Arithmetic", "math"),
    ("Powers and logs", ""),
    ("Trigonometry", ""),
    ("Rounding", ""),
    ("Linear algebra", "linear"),
    ("Layers", "layer"),
    (OWN_LAYERS, "own"),
    ("Convolutions", "convolution"),
    ("Images", "image"),
    ("Normalisations", "normalisation"),
    ("Activations", "activation"),
    ("Piecewise activations", ""),
    ("Losses", "loss"),
    ("Reductions", "reduce"),
    ("Shapes", "shape"),
    ("Cutting and joining", ""),
    ("Indices and order", ""),
    ("Comparisons and logic", "compare"),
    ("Random", "random"),
    ("Flow", "flow"),
)

_NAMED = {  # ops that stand elsewhere than others of their category
    "Powers and logs": (
        "square sqrt rsqrt cbrt reciprocal power exp exp2 expm1 log log1p log2 log10 logaddexp erf erfc hypot"
    ),
    "Trigonometry": "sin cos tan arcsin arccos arctan arctan2 sinh cosh arcsinh arccosh arctanh",
    "Rounding": "floor ceil trunc round sign floor_divide mod",
    "Activations": "tanh",
    "Convolutions": "interpolate",
    "Piecewise activations": "relu6 hardtanh hardsigmoid hardswish threshold softshrink hardshrink",
    "Cutting and joining": "concat stack split slice place pad tile repeat flip roll shift meshgrid",
    "Indices and order": (
        "gather scatter_add take_along_axis scatter_add_along_axis embedding one_hot sort argsort top_k"
    ),
}

PLACES = {heading: place for place, (heading, _) in enumerate((*SECTIONS, (OTHERS, "")))}
_OF_CATEGORY = {category: heading for heading, category in SECTIONS if category}
_OF_NAME = {name: heading for heading, names in _NAMED.items() for name in names.split()}


def heading(name: str, category: str) -> str:
    """The section that an op stands in, of this name and category."""
    return _OF_NAME.get(name) or _OF_CATEGORY.get(category, OTHERS)
