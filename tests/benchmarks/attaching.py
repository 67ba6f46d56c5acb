"""What attaching costs a script that trains digits_mlp: seconds of its processor, attached and not, in turns.

    python tests/benchmarks/attaching.py [EPOCHS]

The script is a process of its own, and reads its own meter (`getrusage`), so that the window and other programs do not
count; this process is the window, which takes what comes as often as it draws. The goal is 2 % more, and at most 5 %.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits_mlp.gw"
TURNS = 15
EPOCHS = 30
FRAME = 0.033  # seconds between two looks of a window


def used() -> tuple[float, float]:
    """Seconds of this process's processor, on all its threads, and on the clock."""
    found = resource.getrusage(resource.RUSAGE_SELF)
    return found.ru_utime + found.ru_stime, perf_counter()


def script(path: str, epochs: int, calls: Sequence[str]) -> None:
    """Train in turns, attached to one of the windows and not, and print what each turn took."""
    import gradwire.core as gw

    session = gw.Session.open(path)
    session.train(epochs=2)
    for call in calls:
        address, _, token = call.partition("/")
        for attached in (True, False):
            made = gw.attach(session, address, token) if attached else None
            if made is not None:
                session.train(epochs=2)  # what is compiled to be looked at
            before = used()
            session.train(epochs=epochs)
            after = used()
            if made is not None:
                made.close()
            print(int(attached), *(late - early for late, early in zip(after, before, strict=True)), flush=True)


def main(epochs: int) -> None:
    """Be the window, and tell the ratio of what the turns took."""
    from gradwire.core.attaching import Ended, Listener, Seen

    listeners = [Listener() for _ in range(TURNS)]
    calls = [f"127.0.0.1:{each.port}/{each.token}" for each in listeners]
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(EXAMPLE, folder)
        command = [sys.executable, __file__, "script", str(path), str(epochs), *calls]
        looks = rows = 0
        alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # threads that wait count as well
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=alone) as child:
            for listener in listeners:
                while not isinstance(news := listener.take(lambda: child.poll() is not None), Ended | None):
                    if isinstance(news, Seen):
                        looks += news.look is not None
                        rows += sum(len(each.iterations.get("loss", ())) for each in news.numbers)
                        time.sleep(FRAME)
            told = [line.split() for line in (child.stdout or ())]
    turns = {which: [tuple(map(float, line[1:])) for line in told if line[0] == which] for which in "01"}
    for at, name in enumerate(("processor", "clock")):
        pairs = [(one[at], two[at]) for one, two in zip(turns["1"], turns["0"], strict=True)]
        ratio = median(attached / alone for attached, alone in pairs)
        best = min(attached for attached, _ in pairs) / min(alone for _, alone in pairs)
        print(f"{name:9}: attached {ratio - 1:+.1%} by the median of turns, {best - 1:+.1%} by the best of each")
    print(f"each turn: {median(alone for _, alone in turns['0']):.2f} s; seen: {looks:,} looks, {rows:,} iterations")


if __name__ == "__main__":
    if sys.argv[1:2] == ["script"]:
        script(sys.argv[2], int(sys.argv[3]), sys.argv[4:])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else EPOCHS)
