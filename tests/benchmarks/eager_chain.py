"""An eager chain of 10,000 ops, forward and backward, beside PyTorch eager in the same run where it is installed.

    python tests/benchmarks/eager_chain.py

The chain is y = y * a, y = y + b in turn, on arrays of 32 float32 and on scalars. One thread; the contestants take
turns, and the best of several turns counts, since the machine may be shared. What counts is the ratio. The floor is
NumPy alone: the same forward and backward with nothing remembered but a list of arrays.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from time import perf_counter

import numpy as np

from gradwire.core import Tensor, backward

OPS = 10_000
TURNS = 9


def gradwire(a: np.ndarray, b: np.ndarray, start: np.ndarray) -> Callable[[], None]:
    def run() -> None:
        x = y = Tensor(start)
        for _ in range(OPS // 2):
            y = y * a
            y = y + b
        backward(y.sum(), wrt=[x])

    return run


def floor(a: np.ndarray, b: np.ndarray, start: np.ndarray) -> Callable[[], None]:
    def run() -> None:
        kept = []
        y = start
        for _ in range(OPS // 2):
            kept.append(y)
            y = y * a
            y = y + b
        g = np.ones_like(start)
        for _ in reversed(kept):
            g = g * a

    return run


def torch_eager(a: np.ndarray, b: np.ndarray, start: np.ndarray) -> Callable[[], None]:
    import torch

    torch.set_num_threads(1)
    ta, tb = torch.from_numpy(a.copy()), torch.from_numpy(b.copy())

    def run() -> None:
        x = torch.from_numpy(start.copy()).requires_grad_()
        y = x
        for _ in range(OPS // 2):
            y = y * ta
            y = y + tb
        y.sum().backward()

    return run


def best(contestants: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Nanoseconds an op of each contestant: the best of several turns taken one after the other."""
    found = dict.fromkeys(contestants, float("inf"))
    for run in contestants.values():
        run()
    for _ in range(TURNS):
        for name, run in contestants.items():
            begun = perf_counter()
            run()
            found[name] = min(found[name], (perf_counter() - begun) / OPS * 1e9)
    return found


def main() -> None:
    makers = {"gradwire": gradwire, "numpy floor": floor}
    if importlib.util.find_spec("torch"):
        makers["torch eager"] = torch_eager
    for title, shape in (("(32,) arrays", (32,)), ("scalars", ())):
        a, b = np.full(shape, 0.95, np.float32), np.full(shape, 0.01, np.float32)
        start = np.full(shape, 0.5, np.float32)
        times = best({name: make(a, b, start) for name, make in makers.items()})
        print(f"{title}: " + ", ".join(f"{name} {ns:.0f} ns an op" for name, ns in times.items()))
        if "torch eager" in times:
            print(f"  gradwire takes {times['gradwire'] / times['torch eager']:.2f} of PyTorch's time")


if __name__ == "__main__":
    main()
