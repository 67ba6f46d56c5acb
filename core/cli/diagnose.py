"""`gradwire diagnose FILE`: what is unusual about one iteration, with what was measured and what is usual."""

from __future__ import annotations

import argparse

from ..diagnosing import diagnose
from .command import Command, CommandError, add_file, add_json, sound
from .output import counted, json_line


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--iteration", type=int, default=1, metavar="N", help="the iteration of training (default: 1)")
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    if args.iteration < 1:
        raise CommandError(f"--iteration counts from 1, got {args.iteration}")
    session = sound(args.file)
    findings = diagnose(session.timeline(iteration=args.iteration))
    for finding in findings:
        path = session.graph.path(finding.node)
        if args.json:
            print(json_line({**finding._asdict(), "node": path}))
        else:
            mend = f" ({finding.mend})" if finding.mend else ""
            print(f"{finding.level}: {path}: {finding.rule}: {finding.text}{mend}")
    if not args.json:
        print(f"{counted(len(findings), 'finding')}" if findings else "nothing unusual")
    return 0


COMMAND = Command("diagnose", "tell what is unusual about one iteration", _add_arguments, _execute)
