"""Edits that are typed in a line: what they do, what they say where they cannot be read, what fits at the cursor."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradwire.core as gw
from gradwire.core.document import Document
from gradwire.core.graph import Graph
from gradwire.core.scripting import names
from gradwire.core.scripting.phrases import Around, PhraseError, complete, read
from gradwire.core.scripting.phrases.forms import (
    BINARY,
    VERBS,
    Assign,
    Binary,
    Call,
    Chain,
    Deed,
    Form,
    Let,
    Link,
    Negative,
    Number,
    Set,
    Value,
    spelled,
)
from gradwire.core.scripting.phrases.grammar import form_of

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
OF_NUMBERS = "value must be a number or lists of numbers of equal lengths"


def script(*lines: str) -> SimpleNamespace:
    """A document in which these were said, as a script has it."""
    made = SimpleNamespace(**names(gw.Session()))
    for line in lines:
        made.say(line)
    return made


@pytest.fixture(scope="module")
def lesson() -> SimpleNamespace:
    """f = sin(x) + x*y, with a layer behind it; nothing here changes it."""
    return script("f = sin(x) + x*y", "f -> linear units=3 as fc1")


def refusal(made: SimpleNamespace, text: str) -> str:
    with pytest.raises(PhraseError) as refused:
        read(text, made.doc.graph, made.session.registry)
    return str(refused.value)


def fitting(made: SimpleNamespace, text: str) -> list[str]:
    """The line as it would stand with each suggestion in it."""
    found = complete(text, len(text), made.doc.graph, made.session.registry)
    return [text[: each.start] + each.text for each in found]


# The grammar.

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=5)
NAMES = st.sampled_from(["x", "fc1", "ψ", "my node", "add", "as", "true", 'q"\\', "1x", "go"]) | TEXTS.filter(str.strip)
PATHS = NAMES | st.sampled_from(["fc1/weight", "a b/c"])
NUMBERS = st.integers(0, 10**20) | st.floats(0, 1e300)
LITERALS = st.recursive(
    st.integers(-(10**20), 10**20) | st.floats(-1e300, 1e300) | st.booleans() | st.none() | NAMES,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
GIVEN = st.lists(st.tuples(NAMES, LITERALS), max_size=2).map(tuple)
EXPRESSIONS = st.recursive(
    NUMBERS.map(Number) | st.builds(Value, PATHS, NAMES | st.just("")),
    lambda inner: (
        st.builds(Negative, inner)
        | st.builds(Binary, st.sampled_from(list(BINARY)), inner, inner)
        | st.builds(Call, NAMES, st.lists(inner, max_size=2).map(tuple), GIVEN)
    ),
    max_leaves=6,
)
ADDED = st.builds(Link, PATHS, st.just(""), GIVEN, NAMES | st.just(""), st.booleans())
LINKS = ADDED | st.builds(Link, PATHS, NAMES)
STAGES = st.lists(LINKS, min_size=1, max_size=2).map(tuple)
VALUES = st.builds(Value, PATHS)
MANY = st.lists(VALUES, min_size=1, max_size=3).map(tuple)
FORMS = (
    st.builds(lambda first, rest: Chain((first, *rest)), STAGES, st.lists(STAGES, min_size=1, max_size=2))
    | st.builds(Assign, NAMES, EXPRESSIONS.filter(lambda e: not isinstance(e, Number) and not _is_number(e)))
    | st.builds(Let, NAMES, st.lists(NUMBERS, max_size=3) | st.integers(-5, 5))
    | st.builds(Set, PATHS, NAMES, LITERALS)
    | st.builds(Deed, st.sampled_from(["remove", "select"]), MANY)
    | st.builds(Deed, st.just("group"), MANY, NAMES | st.just(""))
    | st.builds(lambda what, name: Deed("rename", (what,), name), VALUES, NAMES)
)


def _is_number(form: Any) -> bool:
    return isinstance(form, Negative) and isinstance(form.of, Number)


@settings(max_examples=150)
@given(FORMS)
def test_what_is_written_is_read_as_the_same(form: Form) -> None:
    assert form_of(spelled(form), lambda _: True) == form


def walked(form: Any) -> float:
    """An expression of numbers by our own tree."""
    if isinstance(form, Number):
        return form.value
    if isinstance(form, Negative):
        return -walked(form.of)
    left, right = walked(form.left), walked(form.right)
    return eval(f"left {form.sign} right", {"left": left, "right": right})  # noqa: S307 - signs of the table alone


@given(st.lists(st.tuples(st.sampled_from(["+", "-", "*", "-  -", "**", "* -"]), st.integers(1, 2)), max_size=4))
def test_signs_bind_as_they_do_in_python(parts: list[tuple[str, int]]) -> None:
    text = "-2 " + " ".join(f"{sign} {number}" for sign, number in parts)
    form = form_of(f"sin({text})", lambda _: False)
    assert isinstance(form, Assign)
    assert isinstance(form.value, Call)
    assert walked(form.value.arguments[0]) == eval(text)  # noqa: S307 - the text is made above


WORDS = [*VERBS, "x", "fc1", "f", "relu", "linear", "sin", "as", "1", "->", *"=()[,./", "**", '"']


@settings(max_examples=150)
@given(st.text(max_size=12) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_any_text_is_done_or_refused_in_a_line(lesson: SimpleNamespace, text: str) -> None:
    graph, registry = lesson.doc.graph, lesson.session.registry
    told, column = "", 1
    try:
        told = read(text, graph, registry).told
    except PhraseError as error:
        told, column = str(error), error.column
    assert told.splitlines() == [told]
    assert 1 <= column <= len(text) + 1
    for at in (len(text), len(text) // 2):
        for each in complete(text, at, graph, registry):
            assert 0 <= each.start <= each.end <= at
    assert lesson.doc.graph is graph


# What is said.


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "column 1: a value, a number or a function must stand here, got the end"),
        ("add rleu", "column 5: no op or layer is called 'rleu' (near: relu, relu6, prelu)"),
        ("f -> argmaxx as m", "column 6: no node, op or layer is called 'argmaxx' (near: argmax, argmin, max)"),
        ("f -> tanh as g -> rellu", "column 19: no node, op or layer is called 'rellu' (near: relu, relu6, prelu)"),
        ("add relu uints=3", "column 5: relu has no parameter 'uints' (its parameters: none)"),
        ("add relu as sin", "column 5: the name 'sin' is taken at the top (sin_2 is free)"),
        ("remove q", "column 8: there is no node or group 'q'"),
        ("remove mutliply", "column 8: there is no node or group 'mutliply' (near: multiply)"),
        ("x -> sin", "column 6: sin has no free port (sin.x takes the place of x, add sin makes a new one)"),
        ("x -> sin.q", "column 6: sin has no port 'q' (its ports: x)"),
        ("x.z -> relu", "column 1: x has no output 'z' (its outputs: y)"),
        ("f -> sin.x", "column 6: a wire from f to sin would close the loop sin -> f -> sin"),
        ("g = sin x", "column 9: a sign must stand between the two, got 'x' (as in 2*x, sin(x))"),
        ("g = x^2", "column 6: nothing more can stand here, got '^' (x**2 is the power)"),
        ("g = (x + 1)(x - 1)", "column 12: a sign must stand between the two, got '(' (as in 2*x, sin(x))"),
        ("g = 2(x + 1)", "column 6: a sign must stand between the two, got '(' (as in 2*x, sin(x))"),
        ("g = sin(x", "column 10: a comma or a bracket must stand here, got the end (as in sin(x))"),
        ("g = sin(x, y)", "column 5: sin takes 1 value, got 2 (its ports: x)"),
        ("g = clip(x, 0, 1)", "column 5: clip takes 1 value, got 3 (its parameters by name: low=…, high=…)"),
        ("g = relu", "column 5: relu is a function, a value must stand here (as in relu(x))"),
        ("g = f", "column 1: f is there already: nothing is computed (as in g = identity(f))"),
        ("f = x + 1", "column 1: the name 'f' is taken (f_2 = … is another one)"),
        ("f = 3", "column 1: f is computed (inputs, constants and parameters have a value)"),
        ("set sin.unts 3", "column 5: sin has no parameter 'unts' (its parameters: none)"),
        ("set fc1.units many", "column 15: linear: out_features must be an integer of 1 or more, got 'many'"),
        ("set x.value hello", f"column 13: input: {OF_NUMBERS}, got 'hello'"),
        ("set x.value [[1, 2], [3]]", f"column 13: input: {OF_NUMBERS}, got [[1, 2], [3]]"),
        ("add constant value=hello", f"column 5: constant: {OF_NUMBERS}, got 'hello'"),
        ("del sin", "column 5: a sign must stand between the two, got 'sin' (or remove sin)"),
        ("g = max(x, y)", "column 5: max takes 1 value, got 2 (maximum is of two)"),
        ("cut x.y", "column 5: there is no wire at x.y"),
        ("rename x f", "column 10: the name 'f' is taken at the top (f_2 is free)"),
        (
            "g = sin('hello')",
            "column 9: sin takes no text, got 'hello' (values alone, as in sin(x))",
        ),
        (
            "g = 'hello' + 2",
            (
                "column 5: a value must stand here, got the text 'hello' (a text says how an op computes, as in"
                ' einsum("ij,jk->ik", a, b); hello without quotes makes an input)'
            ),
        ),
        (
            "g = sin('a b' * x)",
            (
                "column 9: a value must stand here, got the text 'a b' (a text says how an op computes, as in"
                ' einsum("ij,jk->ik", a, b))'
            ),
        ),
        (
            "g = einsum('i->', 'j->', x)",
            "column 19: einsum takes no further text, got 'j->' (its parameters by name: equation=…)",
        ),
        (
            "g = einsum('i->', x, equation='j->')",
            "column 12: einsum takes no further text, got 'i->' (its parameters by name: equation=…)",
        ),
        (
            "g = cast(x, 'int65')",
            "column 5: cast: dtype must be one of float32, float64, int64, int32, bool, got 'int65'",
        ),
        (
            "g = pad(x, 1)",
            "column 5: pad takes 1 value, got 2 (its parameters by name: pad_width=…, mode=…, value=…)",
        ),
        (
            "g = fmod(x, y)",
            "column 5: no op or layer is called 'fmod' (near: mod; the result has the sign of y, not that of x)",
        ),
        ("add lstm", "column 5: no op or layer is called 'lstm'"),
        ('add "relu', "column 5: the text that begins here has no end (it ends with \")"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_with_its_place(lesson: SimpleNamespace, text: str, told: str) -> None:
    assert refusal(lesson, text) == told


def test_an_expression_in_an_empty_graph_makes_its_inputs_and_computes() -> None:
    made = script("f = sin(x) + x*y", "x = 0.5", "y = [1, 2]")
    np.testing.assert_allclose(made.g.f.value, np.sin(0.5) + 0.5 * np.array([1, 2]), rtol=1e-6)
    assert [entry.label for entry in made.doc.history.entries] == [
        "f = sin(x) + x * y",
        "Edit the value of x",
        "Edit the value of y",
    ]
    made.say("h = relu(f @ W) ** 2 - 2*pi")
    made.say("y = x + 1")  # what was an input is computed from now on
    assert made.g.multiply.inputs == {"x": "x", "y": "y"}
    assert made.g.y.op == "add"
    made.undo()
    assert made.g.y.op == "input"
    places = [node.position for node in made.doc.graph.nodes.values()]
    assert all(abs(a[0] - b[0]) >= 200 or abs(a[1] - b[1]) >= 100 for i, a in enumerate(places) for b in places[:i]), (
        "two nodes lie on each other"
    )
    assert all(made.doc.graph.nodes[wire.source.node].position[0] < made.doc.graph.nodes[wire.target].position[0]
               for wire in made.doc.graph.wires())  # fmt: skip


def test_a_text_in_quotes_is_what_an_op_says_of_itself() -> None:
    made = script("f = einsum('ij,kj->ik', a, b)", "a = [[1, 2]]", "b = [[3, 4], [5, 6]]")
    assert made.g.f.value.tolist() == [[11, 17]]
    assert sorted(item.name for item in made.g) == ["a", "b", "f"]
    assert made.doc.history.entries[0].label == 'f = einsum("ij,kj->ik", a, b)'
    made.say('whole = cast(f, "int64")')
    made.say("framed = pad(a, 'edge', pad_width=1)")
    made.say("loss = mse(a, a, 'none')")  # a word that is a constant elsewhere
    assert (made.g.whole.parameters["dtype"], made.g.framed.parameters["mode"]) == ("int64", "edge")
    assert made.g.loss.parameters["reduction"] == "none"
    made.say('rename a "my a"')
    made.say('g = sin("my a")')  # what is called so is meant
    assert made.g.g.inputs == {"x": "my a"}


def test_digits_are_built_by_phrases_alone() -> None:
    made = script(
        "add dataset source=digits split_seed=1 as data",
        "data.x -> mlp sizes=[64, 128, 64, 10]",
        "mlp -> softmax as probabilities",
        "mlp, data.y -> cross_entropy -> loss",
    )
    by_hand = gw.Session.open(EXAMPLES / "digits_mlp.gw").document.graph
    assert described(made.doc.graph) == described(by_hand)


def described(graph: gw.Graph) -> dict[str, Any]:
    """What a graph computes, by paths; not where it stands."""

    def value(source: Any) -> str:
        return f"{graph.path(source.node)}.{source.output}"

    nodes = {
        graph.path(id): (node.op, dict(node.params), {port: value(s) for port, s in graph.inputs(id).items()})
        for id, node in graph.nodes.items()
    }
    groups = {graph.path(id): group.built_by for id, group in graph.groups.items()}
    return {**nodes, **groups}


def test_a_chain_wires_what_is_there_adds_what_is_not_and_fits_layers_to_what_they_read() -> None:
    made = script("add dataset source=iris as data", "data.x -> Linear units=8 as fc1 -> ReLU -> dense units=3 -> fc2")
    assert made.g.fc1.weight.shape == (4, 8)
    assert made.g.fc2.weight.shape == (8, 3)
    made.say("fc1 -> sin, cos -> multiply as m")
    assert made.g.m.inputs == {"x": "sin", "y": "cos"}
    assert made.say("m -> relu.x") == made.g.relu  # in the place of fc1
    assert made.g.relu.inputs == {"x": "m"}
    made.say("set fc1.units 16")
    assert made.g.fc1.weight.shape == (4, 16)
    made.say("cut relu.x")
    assert made.g.relu.inputs == {}
    made.say("group sin cos m as waves")
    made.say("rename waves/m product")
    assert made.say("go product") == made.g.waves.product
    made.say("remove waves")
    assert "waves" not in made.g
    made.undo()
    assert made.g.waves.product.inputs == {"x": "waves/sin", "y": "waves/cos"}


def test_what_fits_at_the_cursor_is_offered(lesson: SimpleNamespace) -> None:
    assert fitting(lesson, "ad")[0] == "add "
    assert fitting(lesson, "add rel")[0] == "add relu"
    assert fitting(lesson, "add linear un") == ["add linear units="]
    assert fitting(lesson, "add linear init=h") == ["add linear init=he"]
    assert fitting(lesson, "fc1 -> multiply.") == ["fc1 -> multiply.x", "fc1 -> multiply.y", ]  # fmt: skip
    assert fitting(lesson, "set fc1.") == [f"set fc1.{key} " for key in ("in_features", "out_features", "bias", "init")]
    assert fitting(lesson, "g = fc1/w") == ["g = fc1/weight"]
    assert fitting(lesson, "g = si")[:2] == ["g = sin", "g = sin("]
    assert fitting(lesson, "group x y a") == ["group x y as "]


def test_what_is_offered_is_found_in_one_look_at_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    made, looks, members = script("f = sin(x) + sin(y) + sin(z)"), list[int](), Graph.members

    class Counted(dict[str, str]):
        def values(self) -> Any:
            looks.append(len(self))
            return super().values()

    monkeypatch.setattr(Graph, "members", lambda self, group: Counted(members(self, group)))
    assert fitting(made, "remove x") == []
    assert fitting(made, "remove s") == ["remove sin", "remove sin_2", "remove sin_3"]
    assert len(looks) <= 2, "not once for each node"


def test_phrases_are_for_the_group_that_is_entered() -> None:
    made = script("f = sin(x)", "group f as block")
    graph, registry = made.doc.graph, made.session.registry
    phrase = read("f -> relu as r", graph, registry, Around(group=made.g.block.id))
    document = Document(graph, registry=registry)
    assert phrase.act is not None
    with document.transaction(phrase.label) as t:
        phrase.act(t)
    assert document.graph.path(document.graph.resolve("r")) == "block/r"
