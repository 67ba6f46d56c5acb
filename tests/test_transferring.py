"""Values of other networks: read, matched by name and shape, chosen by hand, loaded; and a new head."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from training_graphs import classifier

from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.errors import EditError, FileError, GradwireError
from gradwire.core.files.importers import read_values
from gradwire.core.files.transferring import (
    Match,
    fitting_sources,
    match,
    parse_choices,
    transfer,
    unused,
)
from gradwire.core.graph import Source
from gradwire.core.graph.elements import Training
from gradwire.core.layers import build, find_head, new_head
from gradwire.core.session import Session

NAMES = ("first/weight", "first/bias", "last/weight", "last/bias")


def arrays(seed: int = 3) -> dict[str, np.ndarray]:
    """What fits the parameters of `classifier`, by their paths."""
    random = np.random.default_rng(seed)
    shapes = ((2, 4), (4,), (4, 3), (3,))
    return {name: random.normal(size=shape) for name, shape in zip(NAMES, shapes, strict=True)}


def by_path(found: list[Match]) -> dict[str, Match]:
    return {each.path: each for each in found}


def load(session: Session, found: list[Match], values: dict[str, np.ndarray], freeze: bool = False) -> int:
    with session.document.transaction("Load values") as t:
        return transfer(t, found, values, freeze)


# Reading.


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".gw", ".gwz"])
def test_every_kind_of_file_gives_the_same_values(tmp_path: Path, suffix: str) -> None:
    session, values = classifier(tmp_path), arrays()
    load(session, match(session.graph, values), values)
    path = tmp_path / f"trained{suffix}"
    if suffix == ".npz":
        np.savez(path, **values)
    else:
        session.save(tmp_path / f"trained{'.gw' if suffix == '.safetensors' else suffix}")
    read = read_values(path)
    assert set(read) == set(NAMES)
    for name in NAMES:
        np.testing.assert_array_equal(read[name].astype(np.float32), values[name].astype(np.float32))


def test_files_that_cannot_be_read_say_why_in_one_line(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    session.save(tmp_path / "fresh.gw")
    (tmp_path / "text.npz").write_text("no archive")
    np.savez(tmp_path / "objects.npz", a=np.array([object()], dtype=object))
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "one.npy").rename(tmp_path / "one.npz")
    (tmp_path / "torn.safetensors").write_bytes(b"\x10")
    for name, line in {
        "fresh.gw": "holds no values: its parameters are as they begin (train it and save it first)",
        "text.npz": "an .npz of numbers is required",
        "objects.npz": "an .npz of numbers is required",
        "one.npz": "an .npz is required, found one array (numpy.savez writes an .npz)",
        "torn.safetensors": "values in safetensors format are required",
        "net.txt": "values are read from .gw, .gwz, .safetensors, .npz; found net.txt",
        "none.npz": "cannot be read: No such file or directory",
    }.items():
        with pytest.raises(FileError) as raised:
            read_values(tmp_path / name)
        assert line in str(raised.value)
        assert "\n" not in str(raised.value)


def test_a_damaged_npz_is_refused_in_one_line_wherever_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "damaged.npz"
    np.savez_compressed(path, a=np.arange(5000.0) % 7)
    whole = path.read_bytes()
    refused = []
    for at in range(0, len(whole), 5):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read_values(path)
        except FileError as error:
            refused.append(str(error))
    assert len(refused) > 20  # dates, for one, may be wrong
    assert {line.split(": ", 1)[1].split(",")[0] for line in refused} == {"an .npz of numbers is required"}
    assert all("\n" not in line and len(line) < 300 for line in refused)


# Matching.


def test_names_match_however_they_are_spelt(tmp_path: Path) -> None:
    values = {"First.weight": np.zeros((2, 4)), "first_bias": np.zeros(4), "last/weight": np.zeros((4, 3))}
    found = by_path(match(classifier(tmp_path).graph, values))
    assert [found[name].source for name in NAMES] == ["First.weight", "first_bias", "last/weight", ""]
    assert found["first/weight"].how == "by name"
    assert found["last/bias"].reason == "nothing of this name, and nothing of this shape"


def test_two_names_that_are_alike_are_left_to_the_user(tmp_path: Path) -> None:
    values = {"FIRST/weight": np.zeros((2, 4)), "First.weight": np.ones((2, 4))}
    found = by_path(match(classifier(tmp_path).graph, values))
    assert found["first/weight"].reason == "nothing of this name; of this shape are FIRST/weight, First.weight"


def test_a_shape_that_only_one_of_each_side_has_matches(tmp_path: Path) -> None:
    values = {"enc.w": np.zeros((2, 4)), "dec.w": np.zeros((4, 3)), "dec.w2": np.ones((4, 3))}
    found = by_path(match(classifier(tmp_path).graph, values))
    assert (found["first/weight"].source, found["first/weight"].how) == ("enc.w", "by shape")
    assert not found["last/weight"].loads


def sequential(*sizes: int) -> dict[str, np.ndarray]:
    """What PyTorch writes of a Sequential of linear layers with an activation behind each."""
    random, found = np.random.default_rng(5), {}
    for number, (before, after) in enumerate(pairwise(sizes)):
        found[f"{2 * number}.bias"] = random.normal(size=(after,))
        found[f"{2 * number}.weight"] = random.normal(size=(after, before))
    return dict(sorted(found.items()))


def of_sizes(*sizes: int) -> Document:
    document = Document()
    with document.transaction("Build") as t:
        t.add("input", name="x", shape=(-1, sizes[0]))
        build(t, "mlp", Source("input0", "y"), name="mlp", sizes=sizes)
    return document


@pytest.mark.parametrize("sizes", [(64, 128, 64, 10), (3, 5, 5, 5, 5, 5, 5, 2)])
def test_the_layers_of_a_pytorch_sequential_are_matched_in_order_and_transposed(sizes: tuple[int, ...]) -> None:
    found = by_path(match(of_sizes(*sizes).graph, sequential(*sizes)))
    for number in range(len(sizes) - 1):
        layer = f"mlp/linear_{number + 1}"
        assert found[f"{layer}/bias"].source == f"{2 * number}.bias"
        assert found[f"{layer}/weight"].source == f"{2 * number}.weight.T"  # the square ones as well


def test_a_shape_never_gives_a_layer_the_weight_of_one_and_the_bias_of_another() -> None:
    found = match(of_sizes(64, 128, 64, 10).graph, sequential(64, 128, 64, 7))  # with another head
    pairs = {(each.path.rpartition("/")[0], each.source.partition(".")[0]) for each in found if each.loads}
    assert len({own for own, _ in pairs}) == len(pairs)
    assert not any(each.loads for each in found if each.path.endswith("weight"))


def test_what_has_the_name_and_another_shape_says_both(tmp_path: Path) -> None:
    values = {"first.weight": np.zeros((4, 2)), "last.bias": np.zeros(5), "first.bias": np.array(["a"] * 4)}
    found = by_path(match(classifier(tmp_path).graph, values))
    assert found["first/weight"].reason == "shape (2, 4) is required, found (4, 2) (transposed it fits)"
    assert found["last/bias"].reason == "shape (3,) is required, found (5,)"
    assert found["first/bias"].reason == "numbers are required, found <U1"
    assert not any(each.loads for each in found.values())


def test_a_square_weight_is_left_to_the_user_where_another_of_its_name_fits_only_transposed() -> None:
    names = {f"mlp.linear_{n + 1}.{part}": (n, part) for n in range(3) for part in ("weight", "bias")}
    values = {name: sequential(3, 5, 5, 2)[f"{2 * n}.{part}"] for name, (n, part) in names.items()}
    graph = of_sizes(3, 5, 5, 2).graph
    found = by_path(match(graph, values))
    assert [name for name, each in found.items() if each.loads] == [f"mlp/linear_{n}/bias" for n in (1, 2, 3)]
    square = found["mlp/linear_2/weight"]
    assert square.reason == (
        "square: mlp.linear_2.weight or mlp.linear_2.weight.T? mlp/linear_1/weight fits only transposed"
    )
    offered = ["mlp.linear_2.weight", "mlp.linear_2.weight.T"]
    assert fitting_sources(square, values) == offered
    assert by_path(match(graph, values, {"mlp/linear_2/weight": offered[1]}))["mlp/linear_2/weight"].loads


def test_choices_by_hand_go_before_all(tmp_path: Path) -> None:
    graph, values = classifier(tmp_path).graph, arrays()
    values["turned"] = np.arange(8.0).reshape(4, 2)
    hand = parse_choices(["first/weight=turned.T", "last/bias="])
    found = by_path(match(graph, values, hand))
    assert (found["first/weight"].source, found["first/weight"].how) == ("turned.T", "by hand")
    assert not found["last/bias"].loads
    assert unused(found.values(), values) == ["first/weight", "last/bias"]
    with pytest.raises(EditError, match="there is no value 'turnd'"):
        match(graph, values, {"first/weight": "turnd"})
    with pytest.raises(EditError, match="values are for parameters, loss is none"):
        match(graph, values, {"loss": "turned"})
    with pytest.raises(GradwireError, match="a choice is PARAMETER=NAME, got 'first'"):
        parse_choices(["first"])


# Loading.


def test_values_are_loaded_in_the_documents_dtype_and_one_undo_takes_them_back(tmp_path: Path) -> None:
    session, values = classifier(tmp_path), arrays()
    document = session.document
    assert load(session, match(session.graph, values, {"first/weight": "first/weight"}), values, freeze=True) == 4
    id = session.graph.resolve("first/weight")
    assert document.values[id].dtype == np.float32
    np.testing.assert_array_equal(document.values[id], values["first/weight"].astype(np.float32))
    assert all("freeze" in session.graph.nodes[session.graph.resolve(name)].flags for name in NAMES)
    document.undo()
    assert not document.values
    assert "freeze" not in session.graph.nodes[id].flags


def test_a_transposed_choice_computes_what_the_other_network_did(tmp_path: Path) -> None:
    session, values = classifier(tmp_path, dropout=False), arrays()
    turned = {f"{name}.x": array.T for name, array in values.items()}
    names = {name: f"{name}.x" + ".T" * (values[name].ndim == 2) for name in NAMES}
    load(session, match(session.graph, turned, names), turned)
    x = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    wanted = np.tanh(x @ values["first/weight"] + values["first/bias"]) @ values["last/weight"] + values["last/bias"]
    target = np.zeros(5, np.int64)
    feeds = {"data.x": x, "data.y": target}
    np.testing.assert_allclose(session.run(feeds, fetch="last/add")["last/add"], wanted, rtol=1e-5)


def test_where_nothing_fits_nothing_is_done(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    values = {"odd": np.zeros((9, 9))}
    with pytest.raises(EditError, match="no value fits a parameter of the graph"):
        load(session, match(session.graph, values), values)
    assert not session.document.values


# A new head.


def test_a_new_head_of_a_layer_begins_anew_and_the_rest_stays(tmp_path: Path) -> None:
    session, values = classifier(tmp_path), arrays()
    load(session, match(session.graph, values), values, freeze=True)
    with session.document.transaction("New head") as t:
        head = new_head(t, 7)
    graph = session.graph
    assert [graph.path(id) for id in head.parameters] == ["last/weight", "last/bias"]
    assert [graph.nodes[id].params["shape"] for id in head.parameters] == [(4, 7), (7,)]
    assert set(session.document.values) == {graph.resolve("first/weight"), graph.resolve("first/bias")}
    assert [("freeze" in graph.nodes[graph.resolve(name)].flags) for name in NAMES] == [True, True, False, False]
    assert graph.groups[head.group].built_by is not None  # it is a layer still
    session.document.undo()
    assert graph.nodes[head.parameters[0]].params["shape"] == (4, 7)
    assert session.graph.nodes[head.parameters[0]].params["shape"] == (4, 3)
    assert len(session.document.values) == 4


def test_the_same_number_of_outputs_begins_anew_as_well(tmp_path: Path) -> None:
    session, values = classifier(tmp_path), arrays()
    load(session, match(session.graph, values), values)
    with session.document.transaction("New head") as t:
        new_head(t, 3)
    assert len(session.document.values) == 2


def test_the_head_of_an_mlp_is_the_last_of_its_sizes(tmp_path: Path) -> None:
    document = Document()
    with document.transaction("Build") as t:
        t.add("input", name="x", shape=(-1, 4))
        t.add("input", name="y", shape=(-1,))
        made = build(t, "mlp", Source("input0", "y"), sizes=(4, 8, 3))
        t.add("mse", name="loss", inputs={"prediction": made.output, "target": "input1"})
        t.set_training(Training("mse0"))
    head = find_head(document.graph, "mse0")
    assert (head.group, head.outputs) == (made.group, 3)
    assert [document.graph.path(id) for id in head.parameters] == ["mlp/linear_2/weight", "mlp/linear_2/bias"]
    with document.transaction("New head") as t:
        new_head(t, 6)
    built = document.graph.groups[made.group].built_by
    assert built is not None
    assert built.params["sizes"] == (4, 8, 6)


def test_a_head_that_was_wired_by_hand(tmp_path: Path) -> None:
    document = Document()
    with document.transaction("Build") as t:
        t.add("input", name="x", shape=(-1, 4))
        t.add("input", name="y", shape=(-1,))
        t.add("parameter", name="w", shape=(4, 3))
        t.add("parameter", name="b", shape=(3,))
        t.add("matmul", inputs={"x": "input0", "w": "parameter0"})
        t.add("add", inputs={"x": "matmul0", "y": "parameter1"})
        t.add("cross_entropy", name="loss", inputs={"logits": "add0", "target": "input1"})
        t.set_training(Training("cross_entropy0"))
    with document.transaction("New head") as t:
        head = new_head(t, 5)
    assert head.group == ""
    assert [document.graph.nodes[id].params["shape"] for id in ("parameter0", "parameter1")] == [(4, 5), (5,)]


def test_where_there_is_no_head_the_reason_is_told(tmp_path: Path) -> None:
    document = Document()
    with document.transaction("Build") as t:
        t.add("input", name="x")
        t.add("sum", name="loss", inputs={"x": "input0"})
        t.set_training(Training("sum0"))
    with pytest.raises(EditError, match="no layer with outputs stands before loss"), document.transaction("H") as t:
        new_head(t, 2)
    with pytest.raises(EditError, match="a head has 1 output or more, got 0"), document.transaction("H") as t:
        new_head(t, 0)


# The command.


def test_the_command_tells_what_matches_and_writes_another_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, values = classifier(tmp_path), arrays()
    session.save(session.path)
    np.savez(tmp_path / "other.npz", **values, odd=np.zeros((9, 9)))
    new = tmp_path / "new.gw"
    argv = ["transfer", str(session.path), "--from", str(tmp_path / "other.npz")]
    assert main([*argv, "--out", str(new), "--head", "5", "--freeze"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["first/weight", "(2,", "4)", "<-", "first/weight", "(by", "name)"]
    assert lines[2].split() == ["last/weight", "(4,", "5)", "stays:", "nothing", "was", "chosen", "for", "it"]
    assert [line.split()[1] for line in lines if line.endswith("not used")] == ["last/weight", "last/bias", "odd"]
    assert lines[-1] == f"2 values loaded, frozen: {new}"
    made = Session.open(new)
    assert made.graph.nodes[made.graph.resolve("last/weight")].params["shape"] == (4, 5)
    id = made.graph.resolve("first/weight")
    np.testing.assert_array_equal(made.document.values[id], values["first/weight"].astype(np.float32))
    assert "freeze" in made.graph.nodes[id].flags
    assert not Session.open(session.path).document.values


def test_the_command_tells_json_and_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = classifier(tmp_path)
    session.save(session.path)
    np.savez(tmp_path / "other.npz", a=np.zeros((4, 2)))
    argv = ["transfer", str(session.path), "--from", str(tmp_path / "other.npz")]
    assert main([*argv, "--map", "first/weight=a.T", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == {
        "parameter": "first/weight",
        "shape": [2, 4],
        "from": "a.T",
        "how": "by hand",
        "reason": "",
    }
    assert main([*argv]) == 1
    assert capsys.readouterr().err.startswith("gradwire: no value fits a parameter of the graph (first/weight: ")
    assert main([*argv, "--map", "first/weight=a.T", "--out", str(session.path)]) == 1
    assert "--out must be another file than net.gw" in capsys.readouterr().err
    assert main(["transfer", str(session.path), "--from", str(tmp_path / "none.npz")]) == 2
