"""`gradwire run FILE`: values, gradients, and the contributions that gradients are the sums of."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import RunError
from ..evaluating import Asked, Evaluator
from ..graph import Source
from ..session import Session
from ..stepping import lay_out
from .command import (
    REFUSED,
    Command,
    CommandError,
    ProblemsError,
    add_file,
    add_json,
    add_running,
    opened,
    refuse_problems,
)
from .iterations import no_gradients
from .output import array_text, json_line, tell
from .reading import Resolve, read_feeds, read_ratio, resolver

Array = np.ndarray[Any, Any]
Contributions = list[tuple[str, str, Array]]
ITERATION = 1  # one for all that is asked, so that every answer sees the same random numbers


class _Ratio(argparse.Action):
    """Collects `--grad A/B`, and `--grad A --wrt B`, as [A, [B, …]]; `--wrt` belongs to the one before it."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: Any = None
    ) -> None:
        if option != "--wrt":
            asked: list[tuple[str, list[str]]] = [*(getattr(namespace, self.dest) or ()), (values, [])]
            setattr(namespace, self.dest, asked)
            namespace.last = asked[-1]
        elif (last := getattr(namespace, "last", None)) is None:
            parser.error("--wrt B needs a --grad A or --contributions A before it")
        else:
            last[1].append(values)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument(
        "--feed",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a number, nested lists such as [[1,2],[3,4]], or @FILE.npy",
    )
    parser.add_argument("--fetch", nargs="+", action="extend", default=[], metavar="NAME", help="values to compute")
    parser.add_argument("--grad", action=_Ratio, default=[], metavar="A/B", help="the gradient ∂A/∂B")
    parser.add_argument("--contributions", action=_Ratio, default=[], metavar="A/B", help="what ∂A/∂B is the sum of")
    parser.add_argument(
        "--wrt", action=_Ratio, metavar="B", help="the B of the --grad A or --contributions A before it"
    )
    add_running(parser)
    add_json(parser)


def _execute(args: argparse.Namespace) -> int:
    session = opened(args.file, args.dtype, args.device)
    find = resolver(session.graph, session.registry)
    lacking = _Lacking(args.file, session)
    feed = read_feeds(args.feed, find)
    for name in args.fetch:
        find(name)
    gradients = list(_pairs("--grad", args.grad, find))
    contributions = list(_pairs("--contributions", args.contributions, find))
    if not (args.fetch or gradients or contributions):
        raise CommandError("run needs --fetch NAME, --grad A/B or --contributions A/B")
    fed = {find(name): value for name, value in feed.items()}
    asked = [(name,) for name in args.fetch], gradients, contributions
    fetched, gradients, contributions = lacking.leave_out(asked, find, fed)
    how: dict[str, Any] = {"feed": feed, "mode": args.mode, "iteration": ITERATION}
    show = _Json() if args.json else _Text()
    if fetched:
        with _left_as_it_was(session):
            values = session.run(fetch=[name for (name,) in fetched], **how)
        for (name,) in fetched:
            show.value(name, values[name])
    for a, b in gradients:
        with _left_as_it_was(session), _told_why(session, find(a), fed):
            show.gradient(a, b, session.gradients(a, b, **how)[b])
    for a, b in contributions:
        with _left_as_it_was(session), _told_why(session, find(a), fed):
            show.contributions(a, b, session.contributions(a, b, **how))
    return lacking.status


class _Lacking:
    """What a file lacks an op for is left out, and what does not need it is computed. Raises `ProblemsError` where
    anything else is wrong with the file.
    """

    def __init__(self, file: str, session: Session) -> None:
        self._file, self._graph, registry = file, session.graph, session.registry
        problems = session.check().problems
        nodes = self._graph.nodes
        unknown = {each.node: each for each in problems if each.node and registry.get(nodes[each.node].op) is None}
        if len(unknown) < len(problems):
            refuse_problems(file, session, problems)
        self._told = {node: each.text(self._graph) for node, each in unknown.items()}
        self.status = 0

    def leave_out(self, asked: Iterable[list[Any]], find: Resolve, fed: Mapping[Source, Array]) -> list[list[Any]]:
        """Of each kind of what is asked what can be computed. Raises `ProblemsError` where that is nothing of all."""
        found, lines = [], []
        for kind in asked:
            needs = {names: self._needs([find(name) for name in names], fed) for names in kind}
            found.append([names for names in kind if not needs[names]])
            lines += [f"{'/'.join(names)} needs {told}" for names, told in needs.items() if told]
        if lines and not any(found):
            raise ProblemsError(*(f"{self._file}: {told}" for told in self._told.values()))
        for line in lines:
            tell(f"left out: {line}")
        if self._told and not lines:
            tell(f"note: {self._file} lacks what nothing asked for needs: {'; '.join(self._told.values())}")
        self.status = REFUSED if lines else 0
        return found

    def _needs(self, wanted: list[Source], fed: Mapping[Source, Array]) -> str:
        """What is wrong with a node without an op that these values are made of, "" where they can be computed."""
        waiting, seen = [source for source in wanted if source not in fed], set[str]()
        while waiting:
            node = waiting.pop().node
            if node in self._told:
                return self._told[node]
            if node not in seen:
                seen.add(node)
                waiting += [source for source in self._graph.inputs(node).values() if source not in fed]
        return ""


def _pairs(option: str, asked: list[tuple[str, list[str]]], find: Resolve) -> Iterator[tuple[str, str]]:
    for text, wrt in asked:
        if not wrt:
            yield read_ratio(option, text, find)
        for name in wrt:
            find(text), find(name)
            yield text, name


@contextmanager
def _left_as_it_was(session: Session) -> Iterator[None]:
    """Take back what `assign` writes within it, so that every answer is about the file as it is."""
    before = session.document.values
    yield
    if session.document.values is not before:
        session.document.undo()


@contextmanager
def _told_why(session: Session, root: Source, feed: Mapping[Source, Array]) -> Iterator[None]:
    """Within it a root that is no float is refused with the place on its way at which floats end."""
    try:
        yield
    except RunError:
        asked = Asked.of(session, root)._replace(put=feed, iteration=ITERATION)
        run = Evaluator(session.registry).evaluate(asked)
        none = "" if run is None else no_gradients(lay_out(run, session.registry))
        if not none:
            raise
        raise CommandError(f"there are no gradients: {none}") from None


def _total(parts: Contributions) -> Array | None:
    """The sum from left to right, which is the gradient bit for bit."""
    total = None
    for _, _, value in parts:
        total = value if total is None else total + value
    return total


class _Text:
    """Answers for people."""

    def value(self, name: str, value: Array) -> None:
        print(array_text(value, f"{name} = "))

    def gradient(self, a: str, b: str, value: Array | None) -> None:
        title = f"∂{a}/∂{b} = "
        print(f"{title}no path" if value is None else array_text(value, title))

    def contributions(self, a: str, b: str, parts: Contributions) -> None:
        if not parts:
            return self.gradient(a, b, None)
        rows = [(f"{consumer}.{port}", value) for consumer, port, value in parts]
        width = max(3, *(len(left) for left, _ in rows))
        print(f"∂{a}/∂{b} is the sum of")
        for left, value in [*rows, ("sum", np.asarray(_total(parts)))]:
            print(array_text(value, f"  {left:<{width}}  "))
        return None


class _Json:
    """Answers for programs: one object a line."""

    def value(self, name: str, value: Array) -> None:
        print(json_line({"fetch": name, **_described(value)}))

    def gradient(self, a: str, b: str, value: Array | None) -> None:
        print(json_line({"grad": a, "wrt": b, **_described(value)}))

    def contributions(self, a: str, b: str, parts: Contributions) -> None:
        listed = [{"node": node, "port": port, "value": value.tolist()} for node, port, value in parts]
        total = _total(parts)
        sum_ = None if total is None else np.asarray(total).tolist()
        print(json_line({"contributions": a, "wrt": b, "parts": listed, "sum": sum_}))


def _described(value: Array | None) -> dict[str, Any]:
    if value is None:
        return {"value": None}
    return {"value": value.tolist(), "shape": list(value.shape), "dtype": value.dtype.name}


COMMAND = Command("run", "compute values, gradients and their contributions", _add_arguments, _execute)
