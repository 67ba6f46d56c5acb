"""Training in a run's own process, with its events, curves, snapshots and checkpoints, beside the command line.

    python tests/benchmarks/runs.py [EPOCHS] [ROUNDS]

`digits_mlp`, from the end of the first epoch to the end of the last, so that loading and compiling are left out. The
two take turns, both at the priority of a run; the median of the rounds counts. The goal: at least 0.95 of the
command line's iterations a second. The second ratio is of processor time (with loading and compiling, as whole
processes have it), which says more where other programs run at the same time. Beside it: how long the process takes
from its start to what it first tells.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from gradwire.core.runs import Run, RunSettings
from gradwire.core.runs.child import NICER
from gradwire.core.session import Session

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "digits_mlp.gw"
GOAL = 0.95
PER_EPOCH = 45


def lower() -> None:
    """As the process of a run does."""
    os.nice(NICER)


def processor() -> float:
    """Seconds that processes which were started here, and have ended, have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def command_line(epochs: int, out: Path | None = None) -> float:
    """Iterations a second of `gradwire train`."""
    from gradwire.core import cli

    program = f"import sys; from {cli.__name__} import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["train", str(EXAMPLE), "--epochs", str(epochs), "--json", *(["--out", str(out)] if out else [])]
    ends = []
    command = [sys.executable, "-u", "-c", program, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=lower) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if json.loads(line)["event"] == "EPOCH_COMPLETED":
                ends.append(perf_counter())
    assert len(ends) == epochs
    return (epochs - 1) * PER_EPOCH / (ends[-1] - ends[0])


def run(epochs: int, folder: Path) -> tuple[float, float]:
    """Iterations a second of a run that is polled ten times a second, as plots do, and the seconds of its start."""
    session = Session.open(EXAMPLE)
    began = perf_counter()
    with Run.start(session, folder, RunSettings(epochs=epochs)) as going:
        while going.state == "starting":
            going.poll(1.0)
        started = perf_counter() - began
        while not going.ended:
            going.poll(0.1)
            going.snapshot()
        assert going.state == "completed", going.message
        ends = going.epochs["time"]
    return (epochs - 1) * PER_EPOCH / float(ends[-1] - ends[0]), started


def main() -> None:
    """Print what each takes."""
    epochs, rounds = (int(text) for text in (sys.argv[1:] + ["200", "5"][len(sys.argv) - 1 :]))
    plain, kept, runs, starts, computed = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            begun = processor()
            plain.append(command_line(epochs))
            between = processor()
            found, started = run(epochs, Path(folder, f"run {number}"))
            computed.append((between - begun) / (processor() - between))
            runs.append(found)
            starts.append(started)
            kept.append(command_line(epochs, Path(folder, f"out {number}")))
    print(f"digits_mlp, {epochs * PER_EPOCH:,} iterations, iterations a second, median of {rounds}")
    for name, numbers in (("gradwire train", plain), ("gradwire train --out", kept), ("a run", runs)):
        print(f"  {name:<22} {median(numbers):7.0f}   ({min(numbers):.0f} to {max(numbers):.0f})")
    ratios = [ours / theirs for ours, theirs in zip(runs, plain, strict=True)]
    print(f"  a run / gradwire train {median(ratios):6.3f}   goal {GOAL}   ({min(ratios):.3f} to {max(ratios):.3f})")
    print(f"  in processor time      {median(computed):6.3f}             ({min(computed):.3f} to {max(computed):.3f})")
    print(f"  from start to STARTED  {median(starts):6.2f} s")


if __name__ == "__main__":
    main()
