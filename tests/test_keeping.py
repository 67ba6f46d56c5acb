"""What is kept of a recording and its branches: one budget for all, exact bytes, and the same bits when recomputed."""

from __future__ import annotations

import gc
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timelines import EXAMPLES
from training_graphs import classifier

from gradwire.core.document import Document
from gradwire.core.evaluating import Asked
from gradwire.core.graph import Source
from gradwire.core.op import Op
from gradwire.core.session import Session
from gradwire.core.stepping.branch import RECORDED, Branch, PutIn
from gradwire.core.stepping.branching import Branches
from gradwire.core.stepping.recorder import BUDGET, Iteration, Recorder
from gradwire.core.stepping.storage import storage

CODE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, Op)


def reachable(*roots: Any) -> dict[int, np.ndarray]:
    """All arrays that Python would keep for the sake of these objects, beside those of ops."""
    waiting, seen, found = list(roots), set(), {}
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, CODE):
            continue
        seen.add(id(each))
        if isinstance(each, np.ndarray):
            (owner,) = storage([each])
            found[id(owner)] = owner
        else:
            waiting += gc.get_referents(each)
    return found


def opened(budget: int = BUDGET) -> Branches:
    session = Session.open(EXAMPLES[0].parent / "iris_mlp.gw")
    return Branches(Recorder(Asked.of(session), session.registry, budget))


def recorded(branches: Branches, number: int, branch: Branch = RECORDED) -> Iteration:
    found = branches.iteration(number, branch=branch)
    assert found is not None
    return found


def forks(branches: Branches, number: int, count: int) -> list[Branch]:
    run = recorded(branches, number).timeline.run
    at = next(source for source in run.tensors if source.node.startswith("relu"))
    like = run.value(at)
    assert like is not None
    return [RECORDED.forked(PutIn(number, at, np.full_like(like, value), str(value))) for value in range(count)]


def bits(iteration: Iteration) -> list[bytes]:
    run = iteration.timeline.run
    values = [run.value(source) for source in run.tensors] + [run.gradient(source) for source in run.tensors]
    return [np.asarray(array).tobytes() for array in (*values, *iteration.after.values()) if array is not None]


def kept(branches: Branches) -> list[tuple[str, int]]:
    """Which iterations are kept, each with the value that was put in before it, "" for the recording."""
    found = [(b, n) for b, recorder in branches._recorders.items() for n in recorder.shelf.iterations]
    return sorted((branch.puts[-1].text if branch.puts else "", number) for branch, number in found)


def mixed() -> Session:
    """Integers that a node makes floats of within itself, what views show of them, and a mask that no wire takes."""
    document = Document()
    with document.transaction("Build") as t:
        count = t.add("input", shape=(40, 3), value=np.arange(120).reshape(40, 3).tolist(), dtype="int64")
        weight = t.add("parameter", shape=(40, 3))
        product = t.add("multiply", inputs={"x": count, "y": weight})
        turned = t.add("transpose", inputs={"x": product})
        t.add("sum", inputs={"x": t.add("dropout", inputs={"x": turned})})
    return Session(document)


@pytest.mark.parametrize("kind", ["iris", "dropout", "mixed", "digits"])
def test_the_storage_of_an_iteration_is_all_that_lies_in_memory_for_it(kind: str, tmp_path: Path) -> None:
    made = {"dropout": lambda: classifier(tmp_path), "mixed": mixed}
    names = {"iris": "iris_mlp", "digits": "digits_mlp"}
    session = made[kind]() if kind in made else Session.open(EXAMPLES[0].parent / f"{names[kind]}.gw")
    iteration = Recorder(Asked.of(session), session.registry).iteration(1)
    assert iteration is not None
    found, said = reachable(iteration), {id(array): array for array in iteration.storage}
    assert said.keys() >= {id for id, array in found.items() if array.nbytes > 8}  # but for views of single numbers
    in_memory = sum(array.nbytes for array in found.values())
    assert sum(array.nbytes for array in said.values()) == pytest.approx(in_memory, abs=64)
    states = sum(array.nbytes for array in reachable(iteration.before, iteration.after).values())
    assert iteration.size == pytest.approx(in_memory - states, abs=64)


def test_forty_forks_stay_within_the_budget_and_come_back_with_the_same_bits() -> None:
    size = recorded(opened(), 1).size
    put = sum(branch.puts[-1].value.nbytes for branch in forks(opened(), 1, 40))  # no run could compute it
    budget = 4 * size + put
    branches, free = opened(budget), opened()
    made = forks(branches, 1, 40)
    first = bits(recorded(branches, 1))
    for branch in made:
        recorded(branches, 1, branch)
        assert branches.bytes <= budget
    shelves = [recorder.shelf for recorder in branches._recorders.values()]
    held = reachable(*([shelf.iterations, shelf.states] for shelf in shelves))
    assert sum(array.nbytes for array in held.values()) <= budget + 64 * len(shelves)
    assert len(shelves) < 10  # what nothing is kept of is no recorder any more
    assert bits(recorded(branches, 1)) == first
    for branch in (made[0], made[17]):
        assert branches.replays(1, branch)
        assert bits(recorded(branches, 1, branch)) == bits(recorded(free, 1, branch))


def test_a_long_branch_and_a_long_recording_share_the_budget() -> None:
    budget = 6 * recorded(opened(), 1).size
    branches, free = opened(budget), opened()
    (branch,) = forks(branches, 5, 1)
    for number in range(5, 60):
        for each in (RECORDED, branch):
            assert bits(recorded(branches, number, each)) == bits(recorded(free, number, each))
            assert branches.bytes <= budget
    assert free.bytes > 20 * budget
    assert ("", 59) in kept(branches)
    assert ("0", 59) in kept(branches)
    assert bits(recorded(branches, 7, branch)) == bits(recorded(free, 7, branch))


def test_what_is_farthest_in_iterations_and_in_use_goes_first() -> None:
    first = recorded(opened(), 1)
    branches = opened(6 * first.size)
    one, other = forks(branches, 1, 2)
    for number in (1, 2, 3):
        recorded(branches, number)
    assert kept(branches) == [("", 1), ("", 2), ("", 3)]
    recorded(branches, 3, one)
    recorded(branches, 3, other)
    assert ("", 1) not in kept(branches)  # two iterations away, and two recorders back
    assert {("0", 3), ("1", 3), ("", 3)} <= set(kept(branches))
    recorded(branches, 4, other)
    assert {("1", 4), ("1", 3)} <= set(kept(branches))
    assert ("", 2) not in kept(branches)


def test_what_is_asked_for_is_kept_though_the_budget_holds_nothing() -> None:
    branches = opened(1)
    for branch in (RECORDED, *forks(branches, 1, 3)):
        found = recorded(branches, 1, branch)
        assert recorded(branches, 1, branch) is found
        assert len(kept(branches)) == 1


def test_a_parameter_put_in_twice_is_trained_from_there_after_all_was_dropped() -> None:
    branches, free = opened(1), opened()
    at = next(Source(id, "y") for id in recorded(free, 1).timeline.updated)
    like = recorded(free, 1).timeline.run.value(at)
    assert like is not None
    branch = RECORDED.forked(PutIn(2, at, np.full_like(like, 0.5), "0.5"))
    branch = branch.forked(PutIn(4, at, np.full_like(like, -0.5), "-0.5"))
    for number in (6, 2, 4, 1, 5, 3):
        assert bits(recorded(branches, number, branch)) == bits(recorded(free, number, branch))
