"""Names of other libraries mean the same wherever they are asked for: one table of words through every door."""

from __future__ import annotations

import numpy as np
import pytest

import gradwire as gw
from gradwire.app.search.candidates import Entry, entries, match_entry
from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError, ParameterError
from gradwire.core.layers import LAYERS, build
from gradwire.core.ops import installed
from gradwire.core.other_names import SAME, fitting, same, suggested
from gradwire.core.scripting import names
from gradwire.core.scripting.handles import GroupHandle
from gradwire.core.session import Session
from gradwire.core.training.averaging import AVERAGES
from gradwire.core.training.metrics import METRICS
from gradwire.core.training.named import chosen
from gradwire.core.training.optim import OPTIMISERS
from gradwire.core.training.schedules import SCHEDULES

OPS = {  # a word, and the op that it means
    "nn.ReLU": "relu",
    "torch.cat": "concat",
    "torch.nn.functional.relu": "relu",
    "tf.keras.layers.ReLU": "relu",
    "jnp.concatenate": "concat",
    "CrossEntropyLoss": "cross_entropy",
    "MaxPooling2D": "max_pool2d",
    "nn.Conv2d": "conv2d",
    "KLDivLoss": "kl_divergence",
    "F.mse_loss": "mse",
    "L1Loss": "mae",
    "LeakyReLU": "leaky_relu",
    "BatchNorm2d": "batch_norm",
    "absolute": "abs",
    "unsqueeze": "expand_dims",
    "clamp": "clip",
    "bmm": "matmul",
}
ELSEWISE = {
    "masked_fill": "where",
    "nn.InstanceNorm2d": "group_norm",
    "BCELoss": "binary_cross_entropy",
    "ones": "constant",
    "np.zeros_like": "constant",
    "np.eye": "diag",
    "nn.MultiheadAttention": "scaled_dot_product_attention",
    "MaxPool3d": "max_pool2d",
}
ABSENT = ("lstm", "nn.GRU", "eigh", "np.linalg.svd", "ctc_loss", "nn.CTCLoss", "fft", "unique", "nn.Conv3d")
LAYER = {"Dense": "linear", "keras.layers.Dense": "linear", "nn.Linear": "linear", "FullyConnected": "linear"}
KNOWN = {
    "op": installed().names(),
    "layer": LAYERS.names(),
    "metric": METRICS.names(),
    "optimiser": tuple(OPTIMISERS),
    "schedule": tuple(SCHEDULES),
    "average": tuple(AVERAGES),
}


def entries_of() -> list[Entry]:
    """All that a search goes through."""
    return entries(type("Nothing", (), {"document": Document(), "own_layers": type("None_", (), {"layers": {}})}))


def best(word: str) -> list[str]:
    """What a search shows for a word, the nearest first."""
    found = [(match.rank, entry.name) for entry in entries_of() if (match := match_entry(word, entry)) is not None]
    return [name for _, name in sorted(found)]


def added(word: str) -> str:
    """The op of the node, or the layer of the group, that a phrase adds."""
    session = Session(Document())
    names(session)["say"](f"add {word}")
    groups = [group.built_by.layer for group in session.graph.groups.values() if group.built_by]
    return groups[0] if groups else next(iter(session.graph.nodes.values())).op


@pytest.mark.parametrize("word", [*OPS, *ELSEWISE])
def test_an_op_is_found_by_what_others_call_it(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {**OPS, **ELSEWISE}[word]
    for command in ("ops", "list"):
        assert main([command, word]) == 0
        assert capsys.readouterr().out.splitlines()[0] == wanted
    assert wanted in [name.removeprefix("layer:") for name in best(word)][:2]
    with pytest.raises(AttributeError) as caught:
        getattr(gw.ops, word)
    assert f"gw.ops.{wanted}" in str(caught.value) or f"near: {wanted})" in str(caught.value)
    with pytest.raises(GradwireError) as refused:
        installed()[word]
    assert refused.value.hint == wanted


@pytest.mark.parametrize("word", OPS)
def test_a_phrase_adds_what_others_call_so(word: str) -> None:
    assert added(word) == OPS[word]


@pytest.mark.parametrize("word", ELSEWISE)
def test_a_phrase_names_what_does_it_in_another_way(word: str) -> None:
    with pytest.raises(GradwireError) as caught:
        added(word)
    assert str(caught.value) == f"column 5: no op or layer is called {word!r} (near: {ELSEWISE[word]})"


@pytest.mark.parametrize("word", LAYER)
def test_a_layer_is_found_by_what_others_call_it(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = LAYER[word]
    assert main(["list", word]) == 0
    assert capsys.readouterr().out.splitlines()[0] == wanted
    assert best(word)[0] == f"layer:{wanted}"
    assert added(word) == wanted
    with pytest.raises(AttributeError, match=f'gw.build\\(t, "{wanted}", x, …\\)'):
        getattr(gw.ops, word)
    document = Document()
    with document.transaction("Build") as t, pytest.raises(ParameterError, match=f"there is {wanted}"):
        build(t, word, t.add("input"))


@pytest.mark.parametrize(
    ("kind", "table", "word", "wanted"),
    [
        ("schedule", SCHEDULES, "CosineAnnealingLR", "cosine"),
        ("schedule", SCHEDULES, "StepLR", "step"),
        ("schedule", SCHEDULES, "ReduceLROnPlateau", "reduce_on_plateau"),
        ("optimiser", OPTIMISERS, "torch.optim.AdamW", "adamw"),
        ("average", AVERAGES, "ema", "exponential"),
    ],
)
def test_a_rule_is_found_by_what_others_call_it(kind, table, word, wanted, capsys) -> None:
    with pytest.raises(ParameterError) as caught:
        chosen(table, kind, {"name": word})
    assert str(caught.value) == f"no {kind} is called {word!r} (there is {wanted})"
    assert main(["list", word]) == 0
    assert capsys.readouterr().out.splitlines()[0] == wanted


@pytest.mark.parametrize(
    ("word", "wanted"), [("AUROC", "roc_auc"), ("F1Score", "f1"), ("keras.metrics.AUC", "roc_auc")]
)
def test_a_metric_is_found_by_what_others_call_it(word: str, wanted: str) -> None:
    with pytest.raises(ParameterError) as caught:
        gw.metric(word)
    assert str(caught.value) == f"there is no metric {word!r} (perhaps {wanted})"


@pytest.mark.parametrize("word", ABSENT)
def test_what_there_is_not_leads_to_nothing_else(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert best(word) == []
    for command, told in (
        ("ops", f"no op is called {word!r} (none is called nearly so)"),
        ("list", f"nothing is called {word!r} (gradwire list tells what there is)"),
    ):
        assert main([command, word]) == 1
        assert capsys.readouterr() == ("", f"gradwire: {told}\n")
    with pytest.raises(GradwireError) as refused:
        added(word)
    assert str(refused.value) == f"column 5: no op or layer is called {word!r}"
    with pytest.raises(AttributeError) as caught:
        getattr(gw.ops, word)
    assert str(caught.value) == f"no op is called {word!r}"


def test_a_loss_of_others_is_not_what_its_name_begins_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ops", "log_loss"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "cross_entropy"
    assert best("log_loss") == ["cross_entropy"]
    assert main(["list", "log_loss"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "nll"  # the metric, as scikit-learn's is one
    with pytest.raises(AttributeError, match=r"gw.ops.cross_entropy\(logits, target\), of logits"):
        gw.ops.log_loss  # noqa: B018


def test_where_the_nearest_differs_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    differs = "the result has the sign of y, not that of x"
    for command in ("ops", "list"):
        assert main([command, "fmod"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert (lines[0], lines[-1]) == ("mod", f"not as fmod: {differs}")
        assert main([command, "np.remainder"]) == 0
        assert capsys.readouterr().out.splitlines()[0] == "mod"
    with pytest.raises(GradwireError) as refused:
        added("fmod")
    assert str(refused.value) == f"column 5: no op or layer is called 'fmod' (near: mod; {differs})"
    with pytest.raises(AttributeError) as caught:
        gw.ops.fmod  # noqa: B018
    fits = "gw.ops.mod(x, y) has the sign of y; with that of x it is x - y * gw.ops.trunc(x / y)"
    assert str(caught.value) == f"no op is called 'fmod' ({fits})"
    x, y = np.array([-7.5, 7.5, -7.5]), np.array([2.0, -2.0, -2.0])
    np.testing.assert_array_equal(x - y * gw.ops.trunc(x / y), np.fmod(x, y))
    entry = next(each for each in entries_of() if each.name == "mod")
    assert match_entry("fmod", entry).why == f"fmod: {differs}"


@pytest.mark.parametrize(
    "word", ["ReLU", "nn.ReLU", "torch.cat", "Dense", "nn.Linear", "fmod", "lstm", "reluu", "Relu6"]
)
def test_scripts_know_the_names_that_phrases_know(word: str) -> None:
    script = names(Session(Document()))
    said = added_or_refused(lambda: script["say"](f"add {word}"))
    done = added_or_refused(lambda: script["add"](word, **{"in_features": 16, "units": 16} if said == "linear" else {}))
    assert done == said


def added_or_refused(act) -> str:
    """The op or layer that is added, or the refusal but for its place."""
    try:
        item = act()
    except GradwireError as error:
        return f"{error.message} ({error.hint})"
    return item.layer if isinstance(item, GroupHandle) else item.op


def test_scripts_know_the_parameters_that_phrases_know() -> None:
    script = names(Session(Document()))
    script["add"]("dataset", "data", source="iris")
    script["add"]("dense", "fc1", x="data.x", units=8)
    assert script["g"].fc1.weight.shape == (4, 8)
    with pytest.raises(GradwireError) as caught:
        script["add"]("dense", x="data.x", unitz=8)
    told = "linear has no parameter 'unitz' (its parameters: in_features, out_features, bias, init)"
    assert str(caught.value) == told
    with pytest.raises(GradwireError) as caught:
        script["say"]("add dense unitz=8")
    assert str(caught.value) == f"column 5: {told}"


@pytest.mark.parametrize("word", ["nn"])
def test_of_what_is_far_off_nothing_is_said(word: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(gw.ops, word)
    assert str(caught.value) == f"no op is called {word!r}"


@pytest.mark.parametrize("kind", SAME)
def test_every_other_name_means_something_that_there_is(kind: str) -> None:
    for word, name in SAME[kind].items():
        assert name in KNOWN[kind]
        assert word not in KNOWN[kind]
        assert same(word, kind, KNOWN[kind]) == name


def test_a_node_that_is_called_as_a_library_keeps_its_ports() -> None:
    session = Session(Document())
    say = names(session)["say"]
    say("nn = input(shape=[2])")
    say("y = nn.y * 2")
    assert session.run({"nn": np.ones(2)}, "y")["y"].tolist() == [2, 2]


@pytest.mark.parametrize("name", ["hstack", "np.vstack", "column_stack"])
def test_what_joins_tensors_elsewhere_is_concat(name: str) -> None:
    ops = [op.name for op in installed()]
    assert suggested(name, "op", ops) == ["concat"]
    assert best(name)[0] == "concat"
    assert (fitting(name, ops) or "").startswith("gw.ops.concat(x, y, axis=")
