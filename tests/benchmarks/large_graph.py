"""A chain of 100,000 nodes beside one of 10,000: opened, checked, ordered, lowered and differentiated.

    python tests/benchmarks/large_graph.py

The goals: 8 seconds and 600 MB for the long one, and at most 12 times the time of the short one. Each length runs in
a process of its own, whose peak memory is what the system says it was; of several rounds the best counts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from gradwire.core.check import check
from gradwire.core.differentiate import differentiate
from gradwire.core.document import Document
from gradwire.core.files import load, save
from gradwire.core.graph import Source
from gradwire.core.infer import Binding
from gradwire.core.lower import Lowering
from gradwire.core.ops import builtin

LENGTHS = (10_000, 100_000)
ROUNDS = 4


def write(path: Path, length: int) -> None:
    """A file with a chain of `length` nodes, sines and hyperbolic tangents in turn."""
    document = Document(registry=builtin())
    with document.transaction("Chain") as t:
        last = t.add("input", name="x")
        for i in range(length - 1):
            last = t.add("sin" if i % 2 else "tanh", inputs={"x": last}, position=(160.0 * i, 0.0))
        t.rename(last, "last")
    save(path, document.graph, {})


def measure(path: Path) -> None:
    """Print the seconds of each stage and the peak memory of this process."""
    stages = {}
    begun = perf_counter()

    def stage(name: str) -> None:
        nonlocal begun
        stages[name] = perf_counter() - begun
        begun = perf_counter()

    graph = load(path).graph
    stage("open")
    assert not check(graph, builtin()).problems
    stage("check")
    graph.order()
    stage("order")
    lowering = Lowering(graph, builtin(), Binding())
    ends = [Source(graph.resolve(name), "y") for name in ("last", "x")]
    last, x = lowering.lower(ends)
    stage("lower")
    assert differentiate(lowering.builder, [last], [None], [x]).gradient(x) is not None
    stage("differentiate")
    total = sum(stages.values())
    # Linux counts in kilobytes, macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    listed = ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages.items())
    print(f"{len(graph.nodes):>7,} nodes: {total:.2f} s ({listed}), peak {peak:.0f} MB", flush=True)
    print(total, file=sys.stderr)


def main() -> None:
    best = dict.fromkeys(LENGTHS, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        paths = {length: Path(folder) / f"chain{length}.gw" for length in LENGTHS}
        for length, path in paths.items():
            write(path, length)
        for _ in range(ROUNDS):  # in turn, so that a busy minute of the machine meets both
            for length, path in paths.items():
                run = subprocess.run([sys.executable, __file__, str(path)], capture_output=True, text=True, check=True)
                print(run.stdout, end="")
                best[length] = min(best[length], float(run.stderr.split()[-1]))
    short, long = (best[length] for length in LENGTHS)
    print(f"the long chain takes {long / short:.1f} times as long as the short one (goal: 12)")


if __name__ == "__main__":
    measure(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
