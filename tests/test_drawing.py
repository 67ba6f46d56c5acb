"""What is only drawn: bends of wires and notes, which belong to the layout and change nothing that is computed."""

from __future__ import annotations

import json

import pytest

from gradwire.core.document import Document
from gradwire.core.errors import EditError, FileError
from gradwire.core.files import dump_graph, parse_graph
from gradwire.core.graph import Graph, Source
from gradwire.core.info import info
from gradwire.core.layers import build, rebuild
from gradwire.core.session import Session

POINTS = ((100.0, 40.5), (160.0, -20.0))


def bent() -> Document:
    """x -> relu -> tanh; the wire into tanh is bent."""
    document = Document()
    with document.transaction("Start", undoable=False) as t:
        t.add("input", name="x", shape=[2])
        t.add("relu", inputs={"x": "input0"})
        t.add("tanh", inputs={"x": "relu0"})
        t.set_bends("tanh0", "x", POINTS)
    return document


def undone(document: Document) -> bytes:
    """The file after all is undone; all is redone then."""
    after = dump_graph(document.graph)
    while document.undo():
        pass
    first = dump_graph(document.graph)
    while document.redo():
        pass
    assert dump_graph(document.graph) == after
    return first


def test_bends_are_in_the_file_and_come_back() -> None:
    data = dump_graph(bent().graph)
    assert json.loads(data)["layout"]["wires"] == {"tanh0.x": [[100, 40.5], [160, -20]]}
    again, _ = parse_graph(data)
    assert again.bends == {("tanh0", "x"): POINTS}
    assert dump_graph(again) == data


def test_a_program_that_knows_no_bends_and_notes_keeps_them() -> None:
    """It reads them as unknown keys. One that has removed the wire meanwhile leaves bends of nothing."""
    document = bent()
    with document.transaction("Note") as t:
        t.add_note("read me")
    content = json.loads(dump_graph(document.graph))
    assert content["format"] == 1
    assert content["groups"]["note0"] == {"name": "note", "note": "read me"}
    del content["nodes"]["tanh0"]["inputs"]
    graph, _ = parse_graph(json.dumps(content).encode())
    assert graph.bends == {}
    assert graph.is_note("note0")


@pytest.mark.parametrize("points", [3, [3], [[1, 2, 3]], [["a", 2]], [[1e999, 0]]])
def test_bends_that_are_no_points_are_refused_with_the_wire(points: object) -> None:
    content = json.loads(dump_graph(bent().graph))
    content["layout"]["wires"]["tanh0.x"] = points
    with pytest.raises(FileError, match=r"graph: (wire 'tanh0.x': |.*number)"):
        parse_graph(json.dumps(content).replace("Infinity", "1e999").encode())


def test_bends_change_nothing_that_is_computed() -> None:
    document = bent()
    prints = {id: document.graph.fingerprint(id) for id in document.graph.nodes}
    with document.transaction("Bend") as t:
        t.set_bends("relu0", "x", [(1, 2)])
        t.add_note("text")
    assert t.change is not None
    assert not t.change.semantic
    assert {id: document.graph.fingerprint(id) for id in document.graph.nodes} == prints
    assert document.graph.order() == ("input0", "relu0", "tanh0")


@pytest.mark.parametrize("how", ["disconnect", "remove the target", "remove the source", "another source"])
def test_bends_go_with_their_wire_and_come_back_with_it(how: str) -> None:
    document = bent()
    first = dump_graph(document.graph)
    with document.transaction("Change") as t:
        match how:
            case "disconnect":
                t.disconnect("tanh0", "x")
            case "remove the target":
                t.remove("tanh0")
            case "remove the source":
                t.remove("relu0")
            case _:
                t.connect("input0", "tanh0", "x")
    assert document.graph.bends == {}
    assert undone(document) == first


def test_a_refused_wire_leaves_the_bends_of_the_old_one() -> None:
    document = bent()
    with document.transaction("Loop") as t:
        with pytest.raises(EditError, match="loop"):
            t.connect("tanh0", "tanh0", "x")
        assert t.edits == []
    assert document.graph.bends == {("tanh0", "x"): POINTS}


def test_the_same_wire_drawn_again_keeps_its_bends() -> None:
    document = bent()
    with document.transaction("Again") as t:
        t.connect(Source("relu0", "y"), "tanh0", "x")
    assert t.change is None


def test_bends_need_a_wire() -> None:
    document = bent()
    with document.transaction("Bend") as t, pytest.raises(EditError, match=r"^there is no wire into x.y to bend$"):
        t.set_bends("input0", "y", [(0, 0)])


def test_pasted_wires_are_bent_as_the_originals() -> None:
    document = bent()
    graph = document.graph
    first = dump_graph(graph)
    with document.transaction("Paste") as t:
        wires = graph.consumers("relu0")
        new = t.paste([graph.nodes["relu0"], graph.nodes["tanh0"]], (), wires, bends=graph.bends, offset=(10.0, 20.0))
    assert document.graph.bends[new["tanh0"], "x"] == ((110.0, 60.5), (170.0, 0.0))
    assert undone(document) == first


def test_a_note_is_a_group_that_holds_nothing_but_a_text() -> None:
    document = Document(Graph())
    first = dump_graph(document.graph)
    with document.transaction("Notes") as t:
        note = t.add_note("Why two layers?\nAsk Größe.", position=(3, 4))
        second = t.add_note("")
        t.set_note(second, "other")
    assert [document.graph.groups[id].name for id in (note, second)] == ["note", "note_2"]
    assert document.graph.is_note(note)
    again, _ = parse_graph(dump_graph(document.graph))
    assert again == document.graph
    assert again.groups[note].note == "Why two layers?\nAsk Größe."
    with document.transaction("Into") as t:
        t.add("relu", group=note)
    assert not document.graph.is_note(note)  # a frame with a text
    assert undone(document) == first


def test_notes_count_as_no_group_and_are_no_part_of_a_layer() -> None:
    document = Document()
    with document.transaction("Layer") as t:
        t.add("input", name="x", shape=["N", 4])
        built = build(t, "linear", Source("input0", "y"), in_features=4, out_features=3)
    with document.transaction("Note") as t:
        note = t.add_note("three units", group=built.group)
    assert document.graph.groups[built.group].built_by is not None
    assert info(Session(document)).groups == 1
    with document.transaction("Rebuild") as t:
        rebuild(t, built.group, out_features=5)
    assert document.graph.groups[note].group == built.group
    with document.transaction("Out and in") as t:
        t.set_group(note, None)
        t.set_group(note, built.group)
        t.remove(note)
    assert document.graph.groups[built.group].built_by is not None
