"""The examples that ship with the program."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

# From one idea to the next; those not named here follow by name.
ORDER = (
    "colah",
    "sin_plus_product",
    "fork",
    "fork_hack",
    "linear_graph",
    "feed_fetch",
    "numpy_linear",
    "logistic_4x3",
    "linear_regression",
    "logistic_regression",
    "iris_mlp",
    "digits_mlp",
)


def examples() -> list[Path]:
    """Their files, simple ones first."""
    folder = Path(str(files("gradwire.examples")))
    paths = {path.stem: path for path in sorted(folder.glob("*.gw"))}
    named = [paths[name] for name in ORDER if name in paths]
    return [*named, *(path for name, path in paths.items() if name not in ORDER)]
