"""The graph: order, fingerprints, paths, names; networkx says what is right."""

from __future__ import annotations

import random

import networkx
import pytest

from gradwire.core.errors import EditError
from gradwire.core.graph import Graph, Group, Node, Source, Wire, boundary, closes_loop
from gradwire.core.graph.draft import Draft
from gradwire.core.graph.elements import natural_key


def graph_of(wires: str, nodes: str = "") -> Graph:
    """`graph_of("a-b b-c")`: nodes a, b, c with wires from a to b and b to c, into ports x0, x1, …"""
    draft = Graph().draft()
    pairs = [pair.split("-") for pair in wires.split()]
    for id in dict.fromkeys([*nodes.split(), *(end for pair in pairs for end in pair)]):
        draft.add_node(Node(id, "op", id))
    for source, target in pairs:
        draft.set_wire(target, f"x{len(draft.inputs(target))}", Source(source, "y"))
    return draft.freeze()


def random_graph(size: int, seed: int) -> Graph:
    """A random graph without loops, with ids in an order that says nothing."""
    rng = random.Random(seed)
    ids = [f"n{i}" for i in range(size)]
    rng.shuffle(ids)
    draft = Graph().draft()
    for id in ids:
        draft.add_node(Node(id, "op", id))
    for index in range(1, size):
        for port in range(rng.randrange(4)):
            draft.set_wire(ids[index], f"x{port}", Source(ids[rng.randrange(index)], "y"))
    return draft.freeze()


def as_networkx(graph: Graph) -> networkx.MultiDiGraph[str]:
    """The same nodes and wires for networkx."""
    result: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    result.add_nodes_from(graph.nodes)
    result.add_edges_from((wire.source.node, wire.target, wire.port) for wire in graph.wires())
    return result


@pytest.mark.parametrize("seed", range(20))
def test_order_is_the_topological_order_with_ties_by_natural_id(seed: int) -> None:
    graph = random_graph(40, seed)
    wanted = networkx.lexicographical_topological_sort(as_networkx(graph), key=natural_key)
    assert graph.order() == tuple(wanted)


@pytest.mark.parametrize("seed", range(5))
def test_ancestors_and_descendants(seed: int) -> None:
    graph = random_graph(40, seed)
    drawn = as_networkx(graph)
    for id in graph.nodes:
        assert graph.ancestors([id]) == networkx.ancestors(drawn, id) | {id}
        assert graph.descendants(id) == networkx.descendants(drawn, id) | {id}


@pytest.mark.parametrize("seed", range(5))
def test_closes_loop_as_networkx_says(seed: int) -> None:
    graph = random_graph(25, seed)
    drawn = as_networkx(graph)
    for source in graph.nodes:
        for target in graph.nodes:
            assert closes_loop(graph, source, target) == networkx.has_path(drawn, target, source)


def test_natural_order() -> None:
    ids = ["relu10", "relu2", "relu", "add1", "relu1x10", "relu1x9", "relu01", "relu1"]
    assert sorted(ids, key=natural_key) == [
        "add1", "relu", "relu1", "relu1x9", "relu1x10", "relu2", "relu01", "relu10",
    ]  # fmt: skip
    assert natural_key("n" + "9" * 100_000) != natural_key("n" + "9" * 99_999)


def test_wires_and_consumers_are_in_canonical_order_whatever_the_order_of_edits() -> None:
    draft = Graph().draft()
    for id in ("a", "n10", "n2"):
        draft.add_node(Node(id, "op", id))
    for target, port in (("n10", "x10"), ("n10", "x9"), ("n2", "x")):
        draft.set_wire(target, port, Source("a", "y"))
    graph = draft.freeze()
    source = Source("a", "y")
    wanted = (Wire(source, "n2", "x"), Wire(source, "n10", "x9"), Wire(source, "n10", "x10"))
    assert tuple(graph.wires()) == wanted
    assert graph.consumers("a") == wanted
    assert list(graph.inputs("n10")) == ["x9", "x10"]


def test_a_loop_is_named_by_order() -> None:
    with pytest.raises(EditError, match=r"^the wires close the loop a -> b -> c -> a$"):
        graph_of("a-b b-c c-a c-d z-a").order()


def test_a_long_loop_is_named_in_one_line() -> None:
    wires = " ".join(f"n{i}-n{(i + 1) % 5000}" for i in range(5000))
    with pytest.raises(EditError) as caught:
        graph_of(wires).order()
    assert str(caught.value) == (
        "the wires close the loop n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> ... 4989 more ... "
        "-> n4995 -> n4996 -> n4997 -> n4998 -> n4999 -> n0"
    )


def test_a_chain_of_20_000_needs_no_recursion() -> None:
    graph = graph_of(" ".join(f"n{i}-n{i + 1}" for i in range(20_000)))
    assert graph.order()[-1] == "n20000"
    assert len(graph.fingerprint("n20000")) == 32
    assert len(graph.ancestors(["n20000"])) == 20_001
    assert closes_loop(graph, "n20000", "n0")


# --- fingerprints


def test_fingerprints_say_what_is_computed_and_nothing_else() -> None:
    graph = graph_of("a-b b-c")
    renamed = graph.draft()
    renamed.update("b", name="other", position=(3, 4), extra={"note": 1})
    assert renamed.freeze().fingerprint("c") == graph.fingerprint("c")
    assert graph_of("p-q q-r").fingerprint("r") == graph.fingerprint("c")
    seen = {graph.fingerprint("c")}
    for changes in ({"params": {"a": 1}}, {"params": {"a": 1.0}}, {"flags": {"freeze"}}):
        draft = graph.draft()
        draft.update("b", **changes)
        seen.add(draft.freeze().fingerprint("c"))
    for source in (None, Source("a", "z"), Source("b", "y")):
        draft = graph.draft()
        draft.set_wire("c", "x0", source)
        draft.set_wire("c", "x1", Source("a", "y"))
        seen.add(draft.freeze().fingerprint("c"))
    assert len(seen) == 7


@pytest.mark.parametrize("seed", range(10))
def test_fingerprints_are_kept_except_downstream(seed: int) -> None:
    graph = random_graph(30, seed)
    for id in graph.nodes:
        graph.fingerprint(id)
    rng = random.Random(seed)
    for _ in range(10):
        draft, id = graph.draft(), rng.choice(list(graph.nodes))
        draft.update(id, params={"a": rng.random()})
        after = draft.freeze()
        assert set(after._fingerprints) == set(graph.nodes) - graph.descendants(id)
        afresh = Draft(after)
        afresh._base = Graph()  # nothing to carry over
        fresh = afresh.freeze()
        assert {id: after.fingerprint(id) for id in graph.nodes} == {id: fresh.fingerprint(id) for id in graph.nodes}
        graph = after


def test_order_and_fingerprints_survive_what_does_not_touch_them() -> None:
    graph = graph_of("a-b b-c")
    order, fingerprint = graph.order(), graph.fingerprint("c")
    draft = graph.draft()
    draft.update("a", position=(1, 1))
    after = draft.freeze()
    assert after.order() is order
    assert after._fingerprints["c"] == fingerprint


def test_a_draft_leaves_its_graph_alone() -> None:
    graph = graph_of("a-b a-c b-c")
    text = graph.dump()
    draft = graph.draft()
    draft.set_wire("c", "x0", None)
    draft.set_wire("c", "x1", None)
    draft.set_wire("b", "x0", None)
    draft.remove_node("c")
    draft.update("a", name="first")
    draft.add_node(Node("d", "op", "d"))
    assert graph.dump() == text
    assert draft.freeze() != graph
    assert graph == graph_of("a-b a-c b-c")


# --- names and paths


def nested() -> Graph:
    """Groups outer/inner with a node in each, and one at the top."""
    draft = Graph().draft()
    draft.add_group(Group("group0", "outer"))
    draft.add_group(Group("group1", "inner", "group0"))
    draft.add_node(Node("relu0", "relu", "relu", group="group1"))
    draft.add_node(Node("relu1", "relu", "relu", group="group0"))
    draft.add_node(Node("data0", "dataset", "data"))
    draft.add_node(Node("add0", "add", "sum", group="group0"))
    draft.set_wire("relu0", "x", Source("data0", "x"))
    draft.set_wire("relu1", "x", Source("relu0", "y"))
    draft.set_wire("add0", "x", Source("relu0", "y"))
    draft.set_wire("add0", "y", Source("data0", "y"))
    return draft.freeze()


def test_paths_and_what_they_mean() -> None:
    graph = nested()
    assert [graph.path(id) for id in ("relu0", "relu1", "data0", "group1")] == [
        "outer/inner/relu", "outer/relu", "data", "outer/inner",
    ]  # fmt: skip
    for text, id in (("outer/inner/relu", "relu0"), ("relu1", "relu1"), ("sum", "add0"), ("data", "data0")):
        assert graph.resolve(text) == id
    assert graph.resolve_source("data.x") == Source("data0", "x")
    assert graph.resolve_source("outer/relu") == Source("relu1", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("relu", "2 nodes are called 'relu' (say which: outer/inner/relu, outer/relu)"),
        ("outer/inner", "'outer/inner' is a group, a node is wanted (a node in it is GROUP/NODE)"),
        ("outer/iner/relu", "there is no node 'outer/iner/relu' (near: outer/inner/relu, outer/relu)"),
        ("dta", "there is no node 'dta' (near: data, data0)"),
        ("", "there is no node ''"),
    ],
)
def test_what_no_path_means(text: str, message: str) -> None:
    with pytest.raises(EditError) as caught:
        nested().resolve(text)
    assert str(caught.value) == message


def test_groups_and_what_crosses_them() -> None:
    graph = nested()
    assert graph.chain("group1") == ["group1", "group0"]
    assert graph.members("group0") == {"inner": "group1", "relu": "relu1", "sum": "add0"}
    assert graph.interior("group0") == (["relu1", "add0", "relu0"], ["group1"])
    data_x, data_y, relu = Source("data0", "x"), Source("data0", "y"), Source("relu0", "y")
    assert boundary(graph, "group1") == (
        [Wire(data_x, "relu0", "x")],
        [Wire(relu, "add0", "x"), Wire(relu, "relu1", "x")],
    )
    assert boundary(graph, "group0") == ([Wire(data_y, "add0", "y"), Wire(data_x, "relu0", "x")], [])


@pytest.mark.parametrize("name", ["a/b", "a.b", "a:b", "tab\t", "line\n", "\x7f", "a\u2028", "\ud800"])
def test_names_that_paths_cannot_hold(name: str) -> None:
    found = next(char for char in name if char in "/.:" or not char.isprintable())
    with pytest.raises(EditError) as caught:
        Graph().draft().add_node(Node("op0", "op", name))
    assert str(caught.value) == (
        f"a name must be without '/', '.', ':' and control characters, found {found!r} in {name!a}"
    )


@pytest.mark.parametrize("name", ["", "  "])
def test_empty_names(name: str) -> None:
    with pytest.raises(EditError, match=r"^a name must not be empty$"):
        Graph().draft().add_node(Node("op0", "op", name))


def test_names_in_all_scripts_are_welcome() -> None:
    draft = Graph().draft()
    for index, name in enumerate(("Größe", "∂loss", "层 1", "W[0]", "👩‍🔬", "a b")):
        draft.add_node(Node(f"op{index}", "op", name))
    assert len(draft.freeze().nodes) == 6


def test_duplicate_ids_and_names() -> None:
    draft = Draft(nested())
    with pytest.raises(EditError, match=r"^the id 'relu0' is taken by outer/inner/relu$"):
        draft.add_node(Node("relu0", "relu", "new"))
    with pytest.raises(EditError, match=r"^the id 'group1' is taken by outer/inner$"):
        draft.add_node(Node("group1", "relu", "new"))
    with pytest.raises(EditError) as caught:
        draft.add_node(Node("relu2", "relu", "relu", group="group0"))
    assert str(caught.value) == "the name 'relu' is taken in outer (relu_2 is free)"
    with pytest.raises(EditError) as caught:
        draft.update("data0", name="outer")
    assert str(caught.value) == "the name 'outer' is taken at the top (outer_2 is free)"
    with pytest.raises(EditError, match=r"^a group cannot lie within itself, outer would$"):
        draft.update("group0", group="group1")
    with pytest.raises(EditError) as caught:
        draft.update("data0", group="group7")
    assert str(caught.value) == "there is no group 'group7' (near: group1, group0)"
    assert draft.freeze() == nested()


def test_free_ids_are_the_smallest_and_become_free_again() -> None:
    draft = Graph().draft()
    ids = []
    for _ in range(12):
        ids.append(draft.free_id("relu"))
        draft.add_node(Node(ids[-1], "relu", ids[-1]))
    assert ids == [f"relu{i}" for i in range(12)]
    draft.remove_node("relu11")
    draft.remove_node("relu3")
    later = draft.freeze().draft()
    assert later.free_id("relu") == "relu3"
    later.add_node(Node("relu3", "relu", "relu3"))
    assert later.free_id("relu") == "relu11"


def test_free_names_count_from_2_and_become_free_again() -> None:
    draft = Graph().draft()
    names = []
    for index in range(4):
        names.append(draft.free_name("relu", None))
        draft.add_node(Node(f"relu{index}", "relu", names[-1]))
    assert names == ["relu", "relu_2", "relu_3", "relu_4"]
    assert draft.free_name("relu_2", None) == "relu_5"
    draft.remove_node("relu2")
    assert draft.freeze().draft().free_name("relu_4", None) == "relu_3"


def test_flags() -> None:
    with pytest.raises(EditError) as caught:
        Graph().draft().add_node(Node("op0", "op", "op", flags=frozenset({"freese"})))
    assert str(caught.value) == "there is no flag 'freese' (flags: bypass, detach, freeze, keep)"


def test_a_wire_that_is_not_removed_for_its_bends_stays_and_is_counted() -> None:
    draft = graph_of("a-b b-c").draft()
    draft.set_bends("b", "x0", ((1.0, 2.0),))
    with pytest.raises(EditError, match="a wire is removed after its bends"):
        draft.set_wire("b", "x0", None)
    graph = draft.freeze()
    assert graph.wire_count == 2
    assert graph.fed("b", "x0") == Source("a", "y")
    assert graph.consumers("a") == (Wire(Source("a", "y"), "b", "x0"),)
