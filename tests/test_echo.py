"""Echoes: the lines that a change is told as, executed on the graph before it, make it again."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from typing import Any

import pytest
from documents import chain
from test_random_edits import act

import gradwire.core as gw
from gradwire.core.document import Change
from gradwire.core.errors import EditError, GradwireError
from gradwire.core.graph.normal_form import canonical
from gradwire.core.scripting import names
from gradwire.core.scripting.echoing import Echo, echo, echo_of_entry
from gradwire.core.scripting.echoing.spelling import literal


def told(session: gw.Session) -> dict[str, Any]:
    """All of a document by paths, in which ids do not stand."""
    graph, values = session.graph, session.document.values

    def named(value: Any) -> Any:
        """With paths in the place of ids."""
        if isinstance(value, str):
            node, dot, rest = value.partition(".")
            return graph.called(node) + dot + rest
        if isinstance(value, dict | gw.graph.normal_form.FrozenDict):
            return {key: named(each) for key, each in value.items()}
        return [named(each) for each in value] if isinstance(value, list | tuple) else value

    nodes = {
        graph.path(node.id): {
            "op": node.op,
            "params": canonical(named(node.params)),
            "flags": sorted(node.flags),
            "at": node.position,
            "inputs": {
                port: (graph.path(source.node), source.output) for port, source in graph.inputs(node.id).items()
            },
            "bends": {
                port: graph.bends[node.id, port] for port in graph.inputs(node.id) if (node.id, port) in graph.bends
            },
            "value": None if node.id not in values else (values[node.id].dtype.str, values[node.id].tolist()),
        }
        for node in graph.nodes.values()
    }
    groups = {
        graph.path(group.id): [canonical(group.built_by), group.collapsed, group.position, group.note]
        for group in graph.groups.values()
    }
    training = None if graph.training is None else canonical(named(graph.training.to_json()))
    return {"nodes": nodes, "groups": groups, "training": training, "dtype": graph.dtype}


def followed(session: gw.Session, echoer: Echo | None = None) -> tuple[list[Change], list[str]]:
    """The changes of a session and their echoes, as they come."""
    changes: list[Change] = []
    lines: list[str] = []

    def note(change: Change) -> None:
        changes.append(change)
        lines.append(echo(change, session) if echoer is None else echoer.of(change, session.document.values))

    session.document.observe(note)
    return changes, lines


def redone(change: Change, values: Any, lines: str) -> gw.Session:
    """A session with the graph before a change, on which its echo was executed."""
    other = gw.Session(document=gw.Document(change.before, values))
    exec(lines, names(other))
    history = other.document.history
    assert [entry.label for entry in history.entries] == [change.label], lines  # one undo, called the same
    return other


def test_the_echo_of_any_edits_makes_them_again() -> None:
    draw, session = random.Random(7), gw.Session(chain().graph)
    changes, lines = followed(session)
    readable = 0
    for _ in range(400):
        values = dict(session.document.values)
        with session.document.transaction(f'Some "{draw.randrange(9)}"') as t:
            for _ in range(draw.choice([1, 1, 2, 6])):
                try:
                    act(t, draw)
                except GradwireError:
                    continue
        if changes:
            change, text = changes.pop(), lines.pop()
            assert told(redone(change, values, text)) == told(session), text
            readable += not text.startswith("replay")
        if len(session.graph.nodes) > 40:
            with session.document.transaction("Prune") as t:
                t.remove(*draw.sample(sorted(session.graph.nodes), 25))
            changes.clear(), lines.clear()
    assert readable > 200


TYPED = [
    'x = add("input", "x", at=(0, 0), shape=("N", 4))',
    'fc1 = add("linear", "fc1", at=(240, 0), x="x", in_features=4, out_features=8)',
    'relu = add("relu", at=(960, 0), x="fc1")',
    "g.fc1.out_features = 16",
    'with edits("Freeze fc1"):\n    g.fc1.weight.freeze = True\n    g.fc1.bias.freeze = True',
    'rename("relu", "act")',
    'block = group("fc1", "act", name="block")',
    'block_2 = duplicate("block", by=(0, 300))',
    "g.block.at = (5, 5.5)",
    'my_p = add("softmax", "my p", at=(965, 5.5), x="block")',
    'expand("my p")',
    'fuse("my p")',
    'g["my p"].axis = 1',
    'disconnect("my p.x")',
    'training(loss="my p", epochs=3, lr=0.1)',
    'g.dtype = "float64"',
    'ungroup("block")',
    "undo()",
]


def test_lines_are_those_that_a_user_would_type() -> None:
    session = gw.Session()
    s = names(session)
    _, lines = followed(session)
    add, g = s["add"], s["g"]
    add("input", "x", shape=("N", 4))
    add("linear", "fc1", x="x", in_features=4, out_features=8)
    add("relu", x="fc1")
    g.fc1.out_features = 16
    g.fc1.freeze = True
    s["rename"]("relu", "act")
    s["group"]("fc1", "act", name="block")
    s["duplicate"]("block", by=(0, 300))
    g.block.at = (5, 5.5)
    add("softmax", "my p", x="block")
    s["expand"]("my p")
    s["fuse"]("my p")
    g["my p"].set(axis=1)
    s["disconnect"]("my p.x")
    s["training"](loss="my p", lr=0.1, epochs=3)
    g.dtype = "float64"
    s["ungroup"]("block")
    s["undo"]()
    assert lines == TYPED
    history = [echo_of_entry(session, index) for index in range(len(session.document.history.entries))]
    assert history == lines[:-1]


def graph_to_train(first: str) -> gw.Session:
    """x, w -> mean with the loss of them; another `first` node gives all others other ids."""
    session = gw.Session()
    with session.document.transaction("Build") as t:
        t.add(first, name="first")
        x, w = t.add("input", name="input"), t.add("parameter", name="parameter")
        y = t.add("add", name="add", inputs={"x": x, "y": w})
        t.add("mse", name="mse", inputs={"prediction": y, "target": x})
        t.remove(t.graph.resolve("first"))
    return session


def test_training_is_told_by_names_and_fits_a_graph_in_which_these_have_other_ids() -> None:
    here, there = graph_to_train("relu"), graph_to_train("mse")
    assert here.graph.resolve("mse") != there.graph.resolve("mse")
    _, lines = followed(here)
    loss, weight = here.graph.resolve("mse"), here.graph.resolve("parameter")
    counted = {"name": "mse", "prediction": "add0", "target": "input0"}  # as the window writes it
    with here.document.transaction("Add training") as t:
        t.set_training(gw.Training(loss, metrics=(counted,)))
    with here.document.transaction("Set groups") as t:
        t.set_training(replace(here.graph.training, parameter_groups=({"parameters": (weight,), "lr": 0.5},)))
    assert lines == [
        'training(loss="mse", metrics=[{"name": "mse", "prediction": "add", "target": "input"}])',
        'with edits("Set groups"):\n    training(parameter_groups=[{"parameters": ["parameter"], "lr": 0.5}])',
    ]
    exec("\n".join(lines), names(there))
    assert told(there)["training"] == told(here)["training"]


def test_edits_of_another_graph_are_not_replayed_where_training_would_name_what_there_is_not() -> None:
    session = graph_to_train("mse")
    before = session.graph
    settings = gw.Training("mse0").to_json()
    with pytest.raises(EditError) as refused:
        names(session)["replay"]("Add training", [{"edit": "SetTraining", "old": None, "new": settings}])
    assert str(refused.value) == (
        "training would name 'mse0', and nothing has this id: these edits are of another graph (near: mse1)"
    )
    assert session.graph is before


def test_a_macro_makes_nodes_of_its_own_on_another_graph() -> None:
    session = gw.Session()
    s = names(session)
    s["add"]("input", "x", shape=(2, 3))
    _, lines = followed(session, Echo(session, remembers=True))
    first = s["add"]("linear", x="x", in_features=3, out_features=4)
    s["add"]("tanh", x=first)
    s["connect"]("linear", "tanh.x")
    first.weight.init = "zeros"
    s["bend"]("tanh.x", [(5, 6)])
    macro = "\n".join(lines)
    assert lines[1] == 'tanh = add("tanh", at=(960, 0), x=linear)'
    assert lines[-2] == 'linear.weight.init = "zeros"'
    other = gw.Session()
    t = names(other)
    t["add"]("input", "x", shape=(2, 3))
    for _ in range(2):  # twice on one graph: what is there is left as it is
        exec(macro, dict(t))
    assert sorted(item.path for item in t["g"]) == ["linear", "linear_2", "tanh", "tanh_2", "x"]
    assert t["g"].tanh_2.inputs == {"x": "linear_2/add"}
    third = gw.Session()
    names(third)["add"]("input", "x1", shape=(2, 3))
    with pytest.raises(GradwireError) as refusal:
        exec(macro, names(third))
    assert str(refusal.value) == "there is no node or group 'x' (near: x1)"
    with pytest.raises(GradwireError, match=r"^do\('view.frame_all'\) needs the window"):
        t["do"]("view.frame_all")


def calls(change: Change, session: gw.Session) -> tuple[int, str]:
    """How many calls of Python an echo takes, and what it says."""
    count = 0

    def note(_: Any, event: str, __: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        text = echo(change, session)
    finally:
        sys.setprofile(None)
    return count, text


def taken(size: int) -> list[int]:
    """How many calls it takes to tell that a chain of so many nodes comes, and each second one is copied, removed."""
    script = names(session := gw.Session())
    changes: list[Change] = []
    session.document.observe(changes.append)
    with script["edits"]("Add many"):
        last: Any = {}
        for number in range(size):
            last = {"x": script["add"]("sin", f"s_{number}", at=(300 * number, 0), **last)}
    several = [f"s_{number}" for number in range(0, size, 2)]
    adding, _ = calls(changes[-1], session)
    script["duplicate"](*several)
    copying, copied = calls(changes[-1], session)
    line = f" = duplicate({', '.join(map(literal, several))}, by=(40, 40)"
    assert line in copied, "copies of nodes that are called alike are told from each other by their places"
    script["remove"](*several)
    removing, removed = calls(changes[-1], session)
    assert removed == f"remove({', '.join(map(literal, sorted(several)))})"
    return [adding, copying, removing]


def test_of_twice_as_many_edits_an_echo_takes_twice_as_long() -> None:
    for once, twice in zip(taken(60), taken(120), strict=True):
        assert twice < 2.6 * once
