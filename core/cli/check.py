"""`gradwire check FILE`: all that is wrong with a graph, its data and its training, and its gradients."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from ..errors import GradwireError
from ..feeding import prepared
from ..gradient_check import GradientCheck, check_gradients, largest_error
from ..infer import Problem, problems_of
from ..session import Session
from ..training.length import misfits
from .command import Command, ProblemsError, add_file, add_json, opened, refuse_problems
from .output import counted, json_line, tell


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument(
        "--gradients",
        action="store_true",
        help="compare the gradients with central differences, in float64 on a small batch",
    )
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    session = opened(args.file)
    told: list[str] = []
    problems = tuple(_problems(session, told))
    if args.json:
        for problem in problems:
            print(json_line(_data(problem, session)))
    for warning in told:
        tell(f"warning: {args.file}: {warning}")
    refuse_problems(args.file, session, problems)
    if not args.json:
        print(f"{args.file}: no problems in {counted(len(session.graph.nodes), 'node')}")
    if args.gradients:
        _check_gradients(args.file, session, args.json)
    return 0


def _unused(session: Session) -> Iterator[tuple[str, str]]:
    """Parameters with a value from which they do not start."""
    for id, node in session.graph.nodes.items():
        init = node.params.get("init", "zeros")
        if node.op == "parameter" and "value" in node.params and init != "constant":
            yield id, f'its value is not used, since its init is {init} (init: "constant")'


def _data(problem: Problem, session: Session) -> dict[str, str | None]:
    node = None if problem.node is None else session.graph.called(problem.node)
    return {"problem": problem.message, "node": node, "port": problem.port, "hint": problem.hint}


def _problems(session: Session, warnings: list[str]) -> Iterator[Problem]:
    """Those of the graph; those of the data sets that have none yet, which are read; then those of training. What can
    run, but is hardly meant, goes to `warnings`.
    """
    graph, found = session.graph, [*session.check().problems]
    told = {problem.node for problem in found}
    warnings += [f"{session.graph.path(id)}: {words}" for id, words in _unused(session)]
    for id, node in graph.nodes.items():
        if node.op == "dataset" and id not in told:
            try:
                prepared(node, session.folder, session.dtype)
            except GradwireError as error:
                found += problems_of(error, id)
    yield from found
    if graph.training is not None and not found:
        try:
            trainer = session.trainer()
            warnings += misfits(trainer.schedule, trainer.rhythm, trainer.training)
        except GradwireError as error:
            yield from problems_of(error)


def _check_gradients(file: str, session: Session, as_json: bool) -> None:
    """Print a line for each gradient as it is checked. Raises `ProblemsError` with those that differ."""
    found = []
    for result in check_gradients(session):
        found.append(result)
        if as_json:
            print(json_line(asdict(result)))
        else:
            print(_line(result))
    wrong = [result for result in found if not result.agrees]
    compared = sum(result.skipped is None for result in found)
    if wrong:
        raise ProblemsError(*(f"{file}: {_difference(result)}" for result in wrong))
    if not as_json:
        worst = largest_error(found)
        told = "" if worst is None else f", the largest relative error {worst.error:.2g}, of {_title(worst)}"
        print(f"{counted(compared, 'gradient')} compared with central differences: no problems{told}")


def _title(result: GradientCheck) -> str:
    return f"∂{result.root}/∂{result.wrt}"


def _line(result: GradientCheck) -> str:
    if result.skipped is not None:
        return f"{_title(result)}  not compared: {result.skipped}"
    verdict = "agrees" if result.agrees else "differs"
    return f"{_title(result)}  {result.gradient:.9g}  {result.difference:.9g}  {verdict}"


def _difference(result: GradientCheck) -> str:
    return (
        f"{_title(result)} along a random direction must be the difference quotient {result.difference:.9g},"
        f" got {result.gradient:.9g}, a relative error of {result.error:.2g}"
    )


COMMAND = Command("check", "find everything that is wrong with a graph", _add_arguments, _execute)
