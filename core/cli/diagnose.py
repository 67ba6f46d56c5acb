"""`gradwire diagnose FILE`: what is unusual about one iteration, with what was measured and what is usual; and trials,
which need runs of their own. No value of the file changes.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..diagnosing import diagnose
from ..diagnosing.mending import mends_of
from ..evaluating import no_root
from ..session import Session
from .command import Command, CommandError, add_file, add_json, sound, steppable
from .iterations import add_iteration, no_gradients, refuse_iteration, timeline_at
from .output import counted, json_line
from .reading import add_roots, read_roots

TRIALS: Mapping[str, tuple[str, str]] = {  # by option the trial, and what it does
    "overfit-batch": ("overfit_batch", "train on one small batch from initial values: can it be learnt by heart?"),
    "learning-rate-range": ("learning_rate_range", "train with a rate that grows: which one suits?"),
    "mixing": ("batch_mixing", "change one sample of a batch: do others come out otherwise?"),
    "modes": ("train_and_eval", "the same batches in training and in evaluation: do they come out alike?"),
    "noise": ("gradient_noise", "the gradients of several batches: how much do they differ?"),
}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_roots(parser)
    trials = parser.add_mutually_exclusive_group()  # they make iterations of their own
    add_iteration(trials)
    for option, (trial, says) in TRIALS.items():
        trials.add_argument(f"--{option}", dest="trial", action="store_const", const=trial, help=says)
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    refuse_iteration(args.iteration)
    if args.trial is not None:
        if args.of:
            raise CommandError("--of is for the diagnoses of one iteration: a trial trains, and so is of the loss")
        return _try(sound(args.file), args.trial, args.json)
    session = steppable(args.file)
    timeline = timeline_at(session, args.iteration, read_roots(args.of, session))
    findings = diagnose(timeline)
    for finding in findings:
        path, mends = session.graph.path(finding.node), [mend.label for mend in mends_of(timeline, finding)]
        if args.json:
            told = {name: value for name, value in finding._asdict().items() if name != "edit"}  # which is in ids
            print(json_line({**told, "node": path, "mends": mends}))
        else:
            mend = f" ({finding.mend})" if finding.mend else ""
            print(f"{finding.level}: {path}: {finding.rule}: {finding.text}{mend}")
            for label in mends:
                print(f"  a mend is known, which the window offers: {label}")
    none = no_root(timeline.run, timeline.registry) and no_gradients(timeline)  # what is no float is a finding
    if none and args.json:
        print(json_line({"no gradients": none}))
    if not args.json:
        unusual = counted(len(findings), "finding") if findings else "nothing unusual"
        print(f"{unusual}, but gradients were not looked at: {none}" if none else unusual)
    return 0


def _try(session: Session, name: str, as_json: bool) -> int:
    """Make a trial, and tell each report as JSON, or in words the last; of mixing one for each mode."""
    from ..diagnosing import trials

    trial: Callable[[Session], Iterator[Any]] = getattr(trials, name)
    last: dict[str, Any] = {}
    for report in trial(session):
        if as_json:
            print(json_line({**dataclasses.asdict(report), "text": report.text}))
        mode = getattr(report, "mode", "")
        if mode not in last or not getattr(last[mode], "others", 0):  # a sample that reaches others is what is told
            last[mode] = report
    if not as_json:
        for report in last.values():
            print(report.text)
    return 0


COMMAND = Command("diagnose", "tell what is unusual about one iteration", _add_arguments, _execute)
