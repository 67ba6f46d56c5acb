"""The examples, and the lessons that ship with the program."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ...core.files.examples import EXAMPLES

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
    "moons_mlp",
    "spirals_mlp",
    "iris_mlp",
    "digits_mlp",
    "digits_cnn",
)
LESSONS = (
    "chain_rule",
    "fork",
    "square",
    "broadcast_bias",
    "matmul_shapes",
    "max_routing",
    "repeated_index",
    "shared_over_time",
    "not_zeroed",
    "dying_relu",
    "vanishing_sigmoids",
    "where_nan",
    "softmax_cross_entropy",
)


def examples() -> list[Path]:
    """The files of the examples, simple ones first, those of plugins last."""
    return _ordered({each.name: each.path for each in EXAMPLES}, ORDER)


def lessons() -> list[Path]:
    """The files of the lessons: small graphs to step through, each with a note that asks a question."""
    folder = Path(str(files("gradwire.examples"))) / "lessons"
    return _ordered({path.stem: path for path in sorted(folder.glob("*.gw"))}, LESSONS)


def title_of(path: Path) -> str:
    """What an example or a lesson is called where it is offered."""
    return path.stem.replace("_", " ")


def _ordered(paths: dict[str, Path], order: tuple[str, ...]) -> list[Path]:
    named = [paths[name] for name in order if name in paths]
    return [*named, *(path for name, path in paths.items() if name not in order)]


def neighbour(shown: Path | None, step: int) -> Path:
    """The example that follows the one that is shown, or goes before it; from elsewhere the first or the last.

    A lesson is followed by a lesson.
    """
    taught = lessons()
    paths = taught if shown in taught else examples()
    if shown in paths:
        return paths[(paths.index(shown) + step) % len(paths)]
    return paths[0 if step > 0 else -1]
