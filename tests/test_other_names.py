"""Names of other libraries mean the same wherever they are asked for: one table of words through every door."""

from __future__ import annotations

import numpy as np
import pytest

import gradwire as gw
from gradwire.app.search.candidates import entries, match_entry
from gradwire.core.cli import main
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError, ParameterError
from gradwire.core.layers import LAYERS, build
from gradwire.core.ops import installed
from gradwire.core.other_names import SAME, fitting, same, suggested
from gradwire.core.scripting import names
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
ELSEWISE = {"masked_fill": "where", "nn.InstanceNorm2d": "group_norm", "BCELoss": "binary_cross_entropy"}
LAYER = {"Dense": "linear", "keras.layers.Dense": "linear", "nn.Linear": "linear", "FullyConnected": "linear"}
KNOWN = {
    "op": installed().names(),
    "layer": LAYERS.names(),
    "metric": METRICS.names(),
    "optimiser": tuple(OPTIMISERS),
    "schedule": tuple(SCHEDULES),
    "average": tuple(AVERAGES),
}


def best(word: str) -> list[str]:
    """What a search shows for a word, the nearest first."""
    editor = type("Nothing", (), {"document": Document(), "own_layers": type("None_", (), {"layers": {}})})
    found = [(match.rank, entry.name) for entry in entries(editor) if (match := match_entry(word, entry)) is not None]
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


@pytest.mark.parametrize("word", ["nn", "det", "inv"])
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
