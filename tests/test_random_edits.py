"""Many random edits: all undone gives the first document, all redone the last."""

from __future__ import annotations

import random
from contextlib import suppress

import networkx
import pytest
from documents import chain
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gradwire.core.document import Document
from gradwire.core.document.edits import ABSENT, edit_from_json
from gradwire.core.document.history import SHARE
from gradwire.core.document.transaction import Transaction
from gradwire.core.errors import GradwireError
from gradwire.core.files import dump_graph
from gradwire.core.graph import BuiltBy, Graph, Training
from gradwire.core.graph.elements import natural_key


def consistent(graph: Graph) -> None:
    """What always holds, checked without the graph's own indices."""
    drawn: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    drawn.add_nodes_from(graph.nodes)
    for wire in graph.wires():
        drawn.add_edge(wire.source.node, wire.target)
        assert wire in graph.consumers(wire.source.node)
        assert graph.inputs(wire.target)[wire.port] == wire.source
    assert sum(len(graph.consumers(id)) for id in graph.nodes) == drawn.number_of_edges() == graph.wire_count
    assert set(drawn) == set(graph.nodes)
    wanted = networkx.lexicographical_topological_sort(drawn, key=natural_key)
    assert graph.order() == tuple(wanted)
    items = [*graph.nodes.values(), *graph.groups.values()]
    assert len({(item.group, item.name) for item in items}) == len(items)
    for item in items:
        assert graph.members(item.group)[item.name] == item.id
    assert sum(len(graph.members(group)) for group in (None, *graph.groups)) == len(items)
    assert all(graph.fed(*wire) is not None and points for wire, points in graph.bends.items())
    paths = [graph.path(id) for id in graph.nodes]
    assert [graph.resolve(path) for path in paths] == list(graph.nodes)


LAYER = BuiltBy("mlp", {"sizes": [1, 2]})
PARAMETERS = [("slope", 1), ("slope", 0.5), ("slope", ABSENT), ("axis", 1), ("shape", [2]), ("shape", [3])]
OPS = ("dataset", "leaky_relu", "dropout", "add", "concat", "input")


def act(t: Transaction, draw: random.Random) -> None:
    """One random verb; a refusal is as good as an edit."""
    nodes, groups = sorted(t.graph.nodes), sorted(t.graph.groups)
    some = draw.sample(nodes, min(len(nodes), 4))
    one = draw.choice(some or ["none"])
    item = draw.choice([*some, *groups] or ["none"])
    group = draw.choice([None, *groups])
    place = (draw.randrange(9), draw.randrange(9))
    verbs = [
        lambda: t.add(draw.choice(OPS), group=group, position=place),
        lambda: t.add("parameter", group=group, shape=[2], seed=draw.choice([None, 1])),
        lambda: t.add("concat", inputs={f"xs{i}": id for i, id in enumerate(some)}),
        lambda: t.connect(one, draw.choice(some or ["none"])),
        lambda: t.connect(one, draw.choice(nodes or ["none"]), draw.choice(["x", "y", "xs0", "xs1", "z"])),
        lambda: t.disconnect(one, draw.choice(list(t.inputs(one)) or ["x"])),
        lambda: t.set_param(one, *draw.choice(PARAMETERS)),
        lambda: t.rename(item, draw.choice("abcdefgh")),
        lambda: t.set_flags(one, draw.sample(["bypass", "detach", "freeze"], draw.randrange(4))),
        lambda: t.move(item, place),
        lambda: t.set_group(item, group),
        lambda: t.add_group(draw.choice([None, "g"]), group=group, built_by=draw.choice([None, LAYER])),
        lambda: t.set_values(one, draw.choice([None, [1.0, draw.random()]])),
        lambda: t.set_training(draw.choice([None, Training(one, seed=draw.randrange(9))])),
        lambda: t.set_dtype(draw.choice(["float32", "float64"])),
        lambda: t.set_bends(one, draw.choice([*t.inputs(one), "x"]), [place] * draw.randrange(3)),
        lambda: t.add_note(draw.choice(["", "a\nb"]), group=group, position=place),
        lambda: t.set_note(draw.choice(groups or ["none"]), draw.choice([None, "text"])),
    ]  # fmt: skip
    rare = [
        lambda: t.remove(*draw.sample([*some, *groups], min(2, len(some)))),
        lambda: t.group(draw.sample([*some, *groups], min(3, len(some)))),
        lambda: t.ungroup(draw.choice(groups or ["none"])),
        lambda: t.collapse(draw.choice(groups or ["none"])),
        lambda: t.expand(draw.choice(groups or ["none"])),
        lambda: t.paste(
            [t.node(id) for id in some],
            [t.graph.groups[id] for id in groups[:2]],
            [wire for id in some for wire in t.graph.consumers(id) if wire.target in some],
            group=group,
            values={id: t.values[id] for id in some if id in t.values},
            bends={wire: points for wire, points in t.graph.bends.items() if wire[0] in some},
            offset=place,
        ),
    ]
    draw.choice(rare if draw.random() < 0.1 else verbs)()


def whole(doc: Document) -> tuple[bytes, dict[str, bytes]]:
    """What would be written: the file's bytes, and those of the values."""
    return dump_graph(doc.graph), {id: value.tobytes() for id, value in doc.values.items()}


@pytest.mark.slow
def test_10_000_random_edits_undone_and_redone() -> None:
    draw = random.Random(5)
    doc = chain()
    doc.history = type(doc.history)()
    mirror = Document(doc.graph)
    doc.observe(lambda change: mirror.replay([edit_from_json(each.to_json()) for each in change.edits], ""))
    first, count = whole(doc), 0
    messages: list[str] = []
    while count < 10_000:
        before = doc.graph
        with doc.transaction("Random") as t:
            for _ in range(draw.randrange(1, 12)):
                mark = len(t.edits)
                try:
                    act(t, draw)
                except GradwireError as error:
                    messages.append(str(error))
                    assert len(t.edits) == mark  # about the transaction, not the error
        count += len(t.edits)
        assert (t.change is None) == (doc.graph is before)
        if len(doc.graph.nodes) > 60:
            with doc.transaction("Prune") as t:
                t.remove(*draw.sample(sorted(doc.graph.nodes), 30))
            count += len(t.edits)
        if draw.random() < 0.05:
            consistent(doc.graph)
    last = whole(doc)
    assert whole(mirror) == last
    assert len(set(messages)) > 100
    assert not any("\n" in message for message in messages)
    while doc.undo():
        pass
    assert whole(doc) == whole(mirror) == first
    consistent(doc.graph)
    while doc.redo():
        pass
    assert whole(doc) == whole(mirror) == last


class Editor(RuleBasedStateMachine):
    """Hypothesis edits, undoes and redoes as it likes; a list of states says what must come back."""

    @initialize(seed=st.integers(0, 2**32), share=st.sampled_from([0, SHARE]))
    def start(self, seed: int, share: int) -> None:
        self.draw = random.Random(seed)
        self.doc = Document()
        self.doc.history.share = share  # 0: every step applies its edits
        self.states = [whole(self.doc)]
        self.at = 0

    @rule(verbs=st.integers(1, 8))
    def edit(self, verbs: int) -> None:
        with self.doc.transaction("Edit") as t:
            for _ in range(verbs):
                with suppress(GradwireError):
                    act(t, self.draw)
        if t.change is not None:
            self.states[self.at + 1 :] = [whole(self.doc)]
            self.at += 1

    @rule()
    def give_up(self) -> None:
        try:
            with self.doc.transaction("Give up") as t:
                t.add("relu")
                t.remove(*list(t.graph.nodes)[:3])
                raise ZeroDivisionError
        except ZeroDivisionError:
            assert dump_graph(self.doc.graph) == self.states[self.at][0]

    @rule()
    def undo(self) -> None:
        assert (self.doc.undo() is None) == (self.at == 0)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        assert (self.doc.redo() is None) == (self.at == len(self.states) - 1)
        self.at = min(len(self.states) - 1, self.at + 1)

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "doc"):
            assert whole(self.doc) == self.states[self.at]
            assert self.doc.history.position == self.at
            consistent(self.doc.graph)


Editor.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestEditor = Editor.TestCase
