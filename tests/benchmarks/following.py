"""What diagnoses cost a training: processor time of the loop with and without them, in turns.

.venv/bin/python tests/benchmarks/following.py [EPOCHS] [ROUNDS]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from gradwire.core.diagnosing.over_training import Follower
from gradwire.core.session import Session
from gradwire.core.training.engine import Events
from gradwire.core.training.settings import Settings

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
GOAL = 0.03


def trained(name: str, epochs: int | None, followed: bool) -> float:
    """Seconds of processor time of a training."""
    trainer = Session.open(EXAMPLES / f"{name}.gw").trainer(Settings(epochs=epochs))
    if followed:
        follower = trainer.onlooker = Follower(trainer)
        trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, lambda _: follower.epoch_completed())
    began = time.process_time()
    trainer.run()
    return time.process_time() - began


def main() -> None:
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else None
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    trained("digits_mlp", 1, True)  # imports
    alone, followed = [], []
    for _ in range(rounds):
        alone.append(trained("digits_mlp", epochs, False))
        followed.append(trained("digits_mlp", epochs, True))
    for what, of in (("median", median), ("least", min)):
        share = of(followed) / of(alone) - 1
        print(f"digits_mlp, {what} of {rounds}: {of(alone):.3f} s, with diagnoses {share:+.1%} (goal: {GOAL:+.0%})")


if __name__ == "__main__":
    main()
