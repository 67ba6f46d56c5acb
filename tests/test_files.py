from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradwire.core import files
from gradwire.core.collector import hold
from gradwire.core.errors import FileError
from gradwire.core.files import MIGRATIONS, dump_graph, migrate, parse_graph, read_json
from gradwire.core.graph import BuiltBy, Graph, Group, Node, Source, Training


def refusal(call: Callable[[], object]) -> str:
    """The line that a call is refused with."""
    with pytest.raises(FileError) as caught:
        call()
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) < 1000
    return line


def refused(text: str | bytes) -> str:
    """The line that the text of a file is refused with."""
    data = text.encode() if isinstance(text, str) else text
    return refusal(lambda: parse_graph(data, "net.gw"))


def refused_nodes(nodes: object, **more: object) -> str:
    return refused(json.dumps({"format": 1, "nodes": nodes, **more}))


def small() -> Graph:
    """A graph with something of everything."""
    draft = Graph().draft()
    draft.add_group(Group("mlp0", "net", collapsed=True, position=(5, -2.5), extra={"colour": "red"}))
    draft.add_group(Group("linear0", "linear0", "mlp0", BuiltBy("linear", {"units": 2})))
    draft.add_node(Node("input0", "input", "x", {"shape": ("N", 3)}, position=(120, 40)))
    draft.add_node(Node("parameter0", "parameter", "W", {"shape": (3, 2), "init": "he"}, group="linear0"))
    draft.add_node(Node("matmul0", "matmul", "matmul0", group="linear0", flags=frozenset({"freeze"})))
    draft.add_node(Node("dataset0", "dataset", "data", {"name": "δ\u2028"}, extra={"later": [1, {"a": 2.5}]}))
    draft.add_node(Node("unheard0", "unheard_of", "unheard0", {"deep": [1, [2, "inf"]]}))
    draft.set_wire("matmul0", "w", Source("parameter0", "y"))
    draft.set_wire("matmul0", "x", Source("dataset0", "x"))
    draft.set_wire("unheard0", "any", Source("matmul0", "y"))
    draft.training = Training("unheard0", metrics=({"name": "accuracy"},), extra={"precision": "mixed"})
    draft.dtype = "float64"
    draft.extra = {"zoom": 2, "layout": {"view": [1, 2]}}
    return draft.freeze()


SMALL = """\
{
  "dtype": "float64",
  "format": 1,
  "groups": {
    "linear0": {"built_by": {"layer": "linear", "params": {"units": 2}}, "group": "mlp0"},
    "mlp0": {"collapsed": true, "colour": "red", "name": "net"}
  },
  "layout": {
    "groups": {
      "mlp0": [5, -2.5]
    },
    "nodes": {
      "input0": [120, 40]
    },
    "view": [1, 2]
  },
  "nodes": {
    "dataset0": {"later": [1, {"a": 2.5}], "name": "data", "op": "dataset", "params": {"name": "δ\\u2028"}},
    "input0": {"name": "x", "op": "input", "params": {"shape": ["N", 3]}},
    "matmul0": {"flags": ["freeze"], "group": "linear0", "inputs": {"w": "parameter0", "x": "dataset0.x"}, \
"op": "matmul"},
    "parameter0": {"group": "linear0", "name": "W", "op": "parameter", "params": {"init": "he", \
"shape": [3, 2]}},
    "unheard0": {"inputs": {"any": "matmul0"}, "op": "unheard_of", "params": {"deep": [1, [2, "inf"]]}}
  },
  "training": {
    "batch": 32,
    "epochs": 10,
    "loss": "unheard0",
    "metrics": [{"name": "accuracy"}],
    "optimiser": {"lr": 0.001, "name": "adam"},
    "precision": "mixed",
    "seed": 0
  },
  "zoom": 2
}
"""

# --- the text


def test_a_file_reads_well() -> None:
    assert dump_graph(small()).decode() == SMALL


def test_everything_comes_back() -> None:
    graph, values = parse_graph(SMALL.encode(), "net.gw")
    assert (graph, values) == (small(), None)
    assert dump_graph(graph).decode() == SMALL


def test_equal_graphs_give_equal_bytes_whatever_the_order_of_edits() -> None:
    def graph(ids: str) -> Graph:
        draft = Graph().draft()
        for id in ids:
            draft.add_node(Node(id, "add", id, {"b": 1, "a": 2} if ids == "abc" else {"a": 2, "b": 1}))
        for port in ids[:2]:
            draft.set_wire("c", port, Source("a", "y"))
        return draft.freeze()

    assert dump_graph(graph("abc")) == dump_graph(graph("bac"))


def test_an_empty_graph() -> None:
    text = b'{\n  "dtype": "float32",\n  "format": 1,\n  "nodes": {}\n}\n'
    assert dump_graph(Graph()) == text
    assert parse_graph(text) == (Graph(), None)


def test_numbers_keep_every_bit_and_infinities_are_texts() -> None:
    draft = Graph().draft()
    numbers = {"a": 0.1, "b": -0.0, "c": 5e-324, "d": 1e300, "e": 2**63, "f": 1.0, "g": True}
    draft.add_node(Node("n", "op", "n", numbers, position=(-0.0, 1e16)))
    back = parse_graph(dump_graph(draft.freeze()))[0].nodes["n"]
    assert repr(dict(back.params)) == repr(numbers)
    assert repr(back.position) == "(-0.0, 1e+16)"
    draft = Graph().draft()
    draft.add_node(Node("n", "op", "n", {"x": [float("inf"), float("-inf"), float("nan")]}))
    assert b'"params": {"x": ["inf", "-inf", "nan"]}' in dump_graph(draft.freeze())


def test_a_mark_of_utf8_is_accepted() -> None:
    assert parse_graph(b"\xef\xbb\xbf" + SMALL.encode())[0] == small()


def test_an_explicit_default_output_is_the_same_wire() -> None:
    assert parse_graph(SMALL.replace('"any": "matmul0"', '"any": "matmul0.y"').encode())[0] == small()


def test_what_could_not_be_read_is_not_written() -> None:
    draft = Graph().draft()
    draft.add_node(Node("a", "relu", "a"))
    draft.add_node(Node("b", "relu", "b"))
    draft.set_wire("b", "x", Source("a", ""))
    line = "a wire must name the output that it reads, b.x reads a alone"
    assert refusal(lambda: dump_graph(draft.freeze())) == line
    draft = Graph().draft()
    draft.training = Training("loss", batch="32")  # type: ignore[arg-type]
    line = '"batch" of "training" must be an integer, found the text \'32\''
    assert refusal(lambda: dump_graph(draft.freeze())) == line


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
settings_values = st.dictionaries(st.text(), json_values, max_size=2)
unknown = st.dictionaries(st.text().map(lambda text: f"_{text}"), json_values, max_size=2)
names = st.text(min_size=1, max_size=5).filter(
    lambda text: not text.isspace() and text.isprintable() and not set(text) & set("/.:")
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
places = st.tuples(numbers, numbers)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    draft = Graph().draft()
    groups: list[str | None] = [None]
    for _ in range(draw(st.integers(0, 3))):
        parent = draw(st.sampled_from(groups))
        name = draft.free_name(draw(names), parent)
        built_by = draw(st.none() | st.builds(BuiltBy, names, settings_values))
        id = draft.free_id("group")
        note = draw(st.none() | st.text(st.characters(codec="utf-8")))
        draft.add_group(Group(id, name, parent, built_by, draw(st.booleans()), draw(places), draw(unknown), note))
        groups.append(id)
    for _ in range(draw(st.integers(0, 6))):
        op, group = draw(names), draw(st.sampled_from(groups))
        id, earlier = draft.free_id(op), list(draft.nodes)
        flags = draw(st.frozensets(st.sampled_from(["bypass", "detach", "freeze"])))
        name, params = draft.free_name(draw(names), group), draw(settings_values)
        draft.add_node(Node(id, op, name, params, flags, group, draw(places), draw(unknown)))
        for port in draw(st.sets(names, max_size=2)) if earlier else ():
            draft.set_wire(id, port, Source(draw(st.sampled_from(earlier)), draw(st.just("y") | names)))
            draft.set_bends(id, port, tuple(draw(st.lists(places, max_size=2))))
    if draw(st.booleans()):
        metrics = draw(st.lists(settings_values, max_size=2).map(tuple))
        schedule = draw(st.none() | settings_values)
        numbers = st.integers(0, 9) | st.floats(0, 9)
        draft.training = Training(
            draw(st.text()),
            draw(settings_values),
            metrics=metrics,
            schedule=schedule,
            accumulate=draw(st.integers(1, 3)),
            clip_norm=draw(st.none() | numbers),
            l2=draw(numbers),
            penalised=draw(st.none() | st.lists(st.text(), max_size=2).map(tuple)),
            average=draw(st.none() | settings_values),
        )
    draft.extra = draw(unknown)
    return draft.freeze()


@given(graphs())
def test_any_graph_comes_back(graph: Graph) -> None:
    data = dump_graph(graph)
    back, _ = parse_graph(data)
    assert dump_graph(back) == data
    assert back == graph


# --- what is refused


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "net.gw: JSON is required, found an empty file"),
        ("[]", "net.gw: a graph must be an object, found a list"),
        ("3", "net.gw: a graph must be an object, found the number 3"),
        (SMALL[:100], ("net.gw: valid JSON is required, line 5, column 48: Expecting property name enclosed "
         "in double quotes (the file ends before its JSON does: it was cut off)")),
        (SMALL[:17], ("net.gw: valid JSON is required, line 2, column 12: Unterminated string starting at "
         "(the file ends before its JSON does: it was cut off)")),
        ('{"format": 1,\n "nodes" {}}', ("net.gw: valid JSON is required, line 2, column 10: "
         "Expecting ':' delimiter")),
        (b'{"a": 1,\n "\xff\xfe": 2}', ("net.gw: UTF-8 text is required, found the byte 0xff in line 2 "
         "(save it as UTF-8, not compressed)")),
        ("[" * 200_000, "net.gw: JSON may nest 128 levels deep, found more at line 1"),
        ('{"a\\\\": ' + '{"]\\"]": \n[' * 100_000,
         "net.gw: JSON may nest 128 levels deep, found more at line 65"),
        ('{"a": 1' + "0" * 10_000 + "}", ("net.gw: a number may have 1000 digits, this one has 10001, "
         "found at line 1, column 7")),
        ('{"a": "NaN",\n"b": NaN}', ('net.gw: JSON has no NaN (a parameter says "inf", "-inf" or "nan"), '
         "found at line 2, column 6")),
        ('[-Infinity]', ('net.gw: JSON has no -Infinity (a parameter says "inf", "-inf" or "nan"), '
         "found at line 1, column 2")),
        ('{"a": [1,\n 1e999]}', ("net.gw: a number must fit a 64-bit float, 1e999 does not, "
         "found at line 2, column 2")),
        ('{"x": {"x": 1},\n "y": {"x": 1, "x": 2}}', ("net.gw: a key may stand once in an object, 'x' stands "
         "twice, found at line 2, column 16")),
        ('{"nodes": {}}', 'net.gw: "format" must be 1, found none'),
        ('{"format": "1"}', 'net.gw: "format" must be 1, found the text \'1\''),
        ('{"format": true}', 'net.gw: "format" must be 1, found true'),
        ('{"format": 9}', "net.gw: format 9 is newer than this program reads (1) (update Gradwire)"),
        ('{"format": 1}', 'net.gw: "nodes" is required, found none (an empty graph says "nodes": {})'),
    ],
)  # fmt: skip
def test_text_that_is_no_graph(text: str | bytes, line: str) -> None:
    assert refused(text) == line


RELU = {"op": "relu"}


@pytest.mark.parametrize(
    ("nodes", "more", "line"),
    [
        ([], {}, '"nodes" must be an object, found a list'),
        ({"a": 5}, {}, "node 'a': an object is required, found the number 5"),
        ({"a": {}}, {}, "node 'a': \"op\" must be a text, found null (as in \"op\": \"relu\")"),
        ({"a": {"op": 5}}, {},
         "node 'a': \"op\" must be a text, found the number 5 (as in \"op\": \"relu\")"),
        ({"a": RELU | {"params": [1]}}, {}, "node 'a': \"params\" must be an object, found a list"),
        ({"a": RELU | {"inputs": "b"}}, {}, "node 'a': \"inputs\" must be an object, found the text 'b'"),
        ({"a": RELU | {"inputs": {"x": None}}}, {},
         "a.x must be fed by a text, found null (as in \"relu0\")"),
        ({"relu0": RELU | {"inputs": {"x": "nope"}}}, {},
         "dangling wire: relu0.x reads from 'nope', which is no node"),
        ({"relu0": RELU | {"inputs": {"x": "relu"}}}, {},
         "dangling wire: relu0.x reads from 'relu', which is no node (near: relu0)"),
        ({"a": RELU | {"inputs": {"x": "a."}}}, {}, "node 'a': an output's name must not be empty"),
        ({"a": RELU | {"inputs": {"x\n": "a"}}}, {},
         ("node 'a': a port's name must be without '/', '.', ':' and "
         "control characters, found '\\n' in 'x\\n'")),
        ({"a": RELU | {"flags": "freeze"}}, {},
         "node 'a': \"flags\" must be a list of texts, found the text 'freeze' (as in [\"freeze\"])"),
        ({"a": RELU | {"flags": ["hot"]}}, {},
         "node 'a': there is no flag 'hot' (flags: bypass, detach, freeze, keep)"),
        ({"a": RELU | {"group": 3}}, {}, "node 'a': \"group\" must be a text, found the number 3"),
        ({"a": RELU | {"group": "g"}}, {}, "node 'a': there is no group 'g'"),
        ({"a": RELU | {"name": 3}}, {}, "node 'a': a name must be a string, found int"),
        ({"a": RELU | {"name": "b/c"}}, {}, ("node 'a': a name must be without '/', '.', ':' and control "
         "characters, found '/' in 'b/c'")),
        ({"a.b": RELU}, {}, ("node 'a.b': an id must be without '/', '.', ':' and control characters, "
         "found '.' in 'a.b'")),
        ({"a": RELU, "b": RELU | {"name": "a"}}, {},
         "node 'b': the name 'a' is taken at the top (a_2 is free)"),
        ({"a": RELU | {"inputs": {"x": "a"}}}, {}, "the wires close the loop a -> a"),
        ({"a": RELU | {"inputs": {"x": "b"}}, "b": RELU | {"inputs": {"x": "a"}}}, {},
         "the wires close the loop a -> b -> a"),
        ({}, {"groups": []}, '"groups" must be an object, found a list'),
        ({}, {"groups": {"g": 1}}, "group 'g': an object is required, found the number 1"),
        ({}, {"groups": {"g": {"group": "h"}}}, "group 'g': there is no group 'h'"),
        ({}, {"groups": {"g": {"group": "h"}, "h": {"group": "g"}}},
         "groups must lie in one another without a circle, found g -> h -> g"),
        ({}, {"groups": {"g": {"collapsed": 1}}},
         "group 'g': \"collapsed\" must be true or false, found the number 1"),
        ({}, {"groups": {"g": {"built_by": "mlp"}}},
         ("group 'g': \"built_by\" must be an object of \"layer\" and "
         '"params" (as in {"layer": "linear", "params": {"units": 10}})')),
        ({"g": RELU}, {"groups": {"g": {}}}, "node 'g': the id 'g' is taken by g"),
        ({"a": RELU}, {"layout": {"nodes": {"a": [1]}}},
         "node 'a': its layout must be two numbers, found a list (as in [120, 40])"),
        ({"a": RELU}, {"layout": {"nodes": {"a": ["1", 2]}}},
         "node 'a': its layout must be two numbers, found a list (as in [120, 40])"),
        ({}, {"layout": 3}, '"layout" must be an object, found the number 3'),
        ({}, {"lesson": "yes"}, "\"lesson\" must be true or false, found the text 'yes'"),
        ({}, {"lesson": None}, '"lesson" must be true or false, found null'),
        ({}, {"dtype": "float16"}, "\"dtype\" must be float32 or float64, found the text 'float16'"),
        ({}, {"training": []}, '"training" must be an object, found a list'),
        ({}, {"training": {}}, '"training" must name its "loss", found none (as in "loss": "mse0")'),
        ({}, {"training": {"loss": "a", "batch": 1.5}},
         '"batch" of "training" must be an integer, found the number 1.5'),
        ({}, {"training": {"loss": "a", "metrics": [1]}},
         '"metrics" of "training" must be a list of objects, found the number 1'),
        ({}, {"values": "../../etc/passwd"},
         ('"values" must be a SHA-256 hash in hexadecimal, found the text '
         "'../../etc/passwd' (without the line the file opens, and offers the values beside it)")),
    ],
)  # fmt: skip
def test_graphs_that_are_wrong(nodes: object, more: dict[str, object], line: str) -> None:
    assert refused_nodes(nodes, **more) == f"net.gw: {line}"


def test_a_refusal_stays_one_line_whatever_the_file_says() -> None:
    assert len(refused_nodes({"a" * 10**6 + "/": RELU})) < 700
    assert len(refused_nodes({"a": RELU | {"inputs": {"x": "b" * 10**6}}})) < 700
    refused_nodes({"a\n\x1b[2J": RELU})


def test_values_that_nest_too_deep() -> None:
    deep: Any = []
    for _ in range(110):
        deep = [deep]
    line = "net.gw: node 'a': a value may nest 100 levels deep, this one nests deeper"
    assert refused_nodes({"a": RELU | {"params": {"x": deep}}}) == line


def test_a_file_that_is_too_large() -> None:
    line = "net.gw: at most 5 bytes can be read, found 10"
    assert refusal(lambda: read_json(b"[1, 2, 3]\n", "net.gw", largest=5)) == line


def test_damaged_files_give_a_graph_or_a_refusal() -> None:
    draw = random.Random(0)
    data = SMALL.encode()
    junk = [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"null",
        b"-1e9",
        b"NaN",
        b"\xff",
        b"\\",
        b"\n",
        b'"x"',
        b"\x00",
    ]
    for _ in range(3000):
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 4)):
            start = draw.randrange(len(damaged))
            stop = start + draw.choice([0, 0, 1, 1, 5, 50])
            damaged[start:stop] = draw.choice([b"", draw.choice(junk), damaged[: draw.randrange(40)]])
        parse_or_refuse(bytes(damaged))


def test_values_in_wrong_places_give_a_graph_or_a_refusal() -> None:
    draw = random.Random(1)
    junk = [
        None,
        True,
        0,
        -1,
        1.5,
        2**65,
        "",
        "x",
        "matmul0",
        "a.b",
        [],
        [1, 2],
        [[]],
        {},
        {"op": "relu"},
        {"x": {}},
    ]
    for _ in range(3000):
        data = json.loads(SMALL)
        for _ in range(draw.randint(1, 3)):
            place = data
            while True:
                keys = list(place) if isinstance(place, dict) else list(range(len(place)))
                key = draw.choice(keys)
                if not isinstance(place[key], (dict, list)) or not place[key] or draw.random() < 0.2:
                    break
                place = place[key]
            place[key] = deepcopy(draw.choice(junk))
        parse_or_refuse(json.dumps(data).encode())


@given(st.binary() | st.text().map(str.encode) | json_values.map(lambda value: json.dumps(value).encode()))
def test_anything_gives_a_graph_or_a_refusal(data: bytes) -> None:
    parse_or_refuse(data)


def outcome(data: bytes) -> Graph | str:
    try:
        return parse_graph(data, "net.gw")[0]
    except FileError as error:
        return str(error)


def parse_or_refuse(data: bytes) -> None:
    found = outcome(data)
    if isinstance(found, str):
        assert found.startswith("net.gw: ")
        assert found.isprintable()
    else:
        assert parse_graph(dump_graph(found))[0] == found


def test_a_refusal_leaves_the_garbage_collector_as_it_was() -> None:
    hold(False)  # workers of windows in other tests may have held it
    refused("{")
    assert gc.isenabled()
    gc.disable()
    try:
        parse_graph(SMALL.encode())
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_long_chain_and_deep_groups_need_no_recursion() -> None:
    nodes = {f"n{i}": {"op": "relu", "inputs": {"x": f"n{i - 1}"} if i else {}} for i in range(20_000)}
    groups = {f"g{i}": {"group": f"g{i - 1}"} if i else {} for i in reversed(range(5_000))}
    graph, _ = parse_graph(json.dumps({"format": 1, "nodes": nodes, "groups": groups}).encode())
    assert graph.order()[-1] == "n19999"
    assert len(graph.chain("g4999")) == 5_000


# --- migrations


def test_steps_from_older_formats_run_one_after_the_other() -> None:
    def rename_step(old: str, new: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return lambda data: {new if key == old else key: value for key, value in data.items()}

    steps = {1: rename_step("a", "b"), 2: rename_step("b", "c"), 3: rename_step("c", "d")}
    assert migrate({"format": 1, "a": 7}, 4, steps) == {"format": 4, "d": 7}
    assert migrate({"format": 3, "c": 7}, 4, steps) == {"format": 4, "d": 7}
    assert migrate({"format": 4, "a": 7}, 4, steps) == {"format": 4, "a": 7}
    line = refusal(lambda: migrate({"format": 1}, 3, {2: steps[2]}))
    assert line == "graph: there is no way from format 1 to 3"
    assert refusal(lambda: migrate({"format": 0}, 3, steps)) == (
        'graph: "format" must be a number from 1 to 3, found the number 0'
    )


def test_there_is_a_step_from_every_older_format() -> None:
    assert sorted(MIGRATIONS) == list(range(1, files.FORMAT))
