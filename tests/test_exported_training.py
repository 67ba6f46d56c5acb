"""The exported loop trains as this program does: the same values after the same batches from the same start."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch_twin import IDS, alike
from training_graphs import classifier

from gradwire.core.data import batches
from gradwire.core.exporting import torch_source
from gradwire.core.graph import Source
from gradwire.core.layers import build
from gradwire.core.session import Session
from gradwire.core.training.schedules import SCHEDULES

MOMENTUM = {"name": "sgd", "lr": 0.5, "momentum": 0.9}
PLATEAU = {"name": "reduce_on_plateau", "metric": "train_loss", "patience": 0, "threshold": 0.5, "factor": 0.5}
GROUPS = ({"parameters": ["parameter1", "parameter2"], "lr": 0.1},)
AVERAGE = {"name": "exponential", "decay": 0.8}
TABLE: dict[str, dict[str, Any]] = {
    **{f"schedule {name}": {"schedule": {"name": name}} for name in SCHEDULES if name != PLATEAU["name"]},
    "cosine by iteration with a warm-up": {"schedule": {"name": "cosine", "by": "iteration", "warmup": 3}},
    "steps with a warm-up": {"schedule": {"name": "step", "step_size": 1, "gamma": 0.5, "warmup": 1}},
    "plateau": {"schedule": PLATEAU},
    "cosine with groups": {"schedule": {"name": "cosine", "min_lr": 0.05}, "parameter_groups": GROUPS},
    "one cycle with groups": {"schedule": {"name": "one_cycle"}, "parameter_groups": GROUPS},
    "one cycle to a rate with groups": {
        "schedule": {"name": "one_cycle", "max_lr": 0.3},
        "parameter_groups": GROUPS,
    },
    "clip_norm": {"clip_norm": 0.1},
    "clip_value": {"clip_value": 0.05},
    "clip_norm and clip_value": {"clip_norm": 0.1, "clip_value": 0.02},
    "penalty": {"l1": 0.01, "l2": 0.02},
    "penalised": {"l2": 0.02, "penalised": ["parameter1", "parameter2"]},
    "accumulate": {"accumulate": 3},
    "average": {"average": AVERAGE},
    "average by epoch": {"average": {"name": "mean", "start": 1}},
    "average that never begins": {"average": {"name": "mean", "start": 5}},
    "all": {
        "schedule": {"name": "one_cycle"},
        "clip_norm": 0.1,
        "l1": 0.01,
        "l2": 0.02,
        "accumulate": 2,
        "average": AVERAGE,
    },
}


def wide(folder: Path, **training: Any) -> Session:
    """The classifier in float64, without dropout."""
    made = classifier(folder, dropout=False, **{"optimiser": MOMENTUM, **training})
    with made.document.transaction("Wide") as t:
        t.set_dtype("float64")
    return made


def exported(
    session: Session, monkeypatch: pytest.MonkeyPatch, ids: tuple[str, ...] = IDS
) -> dict[str, np.ndarray[Any, Any]]:
    """What the exported `train` comes to, with the initial values and the batches of this program. `ids` are the
    parameters in the order of the exported ones.
    """
    import torch

    trainer = session.trainer()
    training = trainer.training
    orders = [
        np.concatenate(batches(trainer.data.samples, training.batch, training.seed, epoch))
        for epoch in range(1, training.epochs + 1)
    ]
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(torch_source(session.graph, session.registry, folder=session.folder), "exported.py", "exec"), names)
    parts = dict(zip(ids, names["Network"]().state_dict(), strict=True))
    plain = names["Network"].__init__

    def begin(model: Any) -> None:
        plain(model)
        model.load_state_dict({name: torch.tensor(trainer.state[id]) for id, name in parts.items()})

    monkeypatch.setattr(names["Network"], "__init__", begin)
    monkeypatch.setattr(torch, "randperm", lambda count: torch.tensor(orders.pop(0)))
    monkeypatch.chdir(session.path.parent if session.path is not None else ".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's SequentialLR calls what it has deprecated
        state = names["train"]().state_dict()
    return {id: state[name].numpy() for id, name in parts.items()}


@pytest.mark.parametrize("name", TABLE)
def test_the_exported_loop_comes_to_the_same_values(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, **TABLE[name])
    result = session.trainer().run()
    alike(exported(session, monkeypatch), result.kept, rtol=1e-9)
    told = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines()]
    assert told == pytest.approx([row["train_loss"] for row in result.history], rel=1e-3)


@pytest.mark.parametrize("name", ["average", "average by epoch", "average that never begins"])
@pytest.mark.parametrize("groups", [(), ({"parameters": ["parameter0"], "lr": 0.1},)])
def test_running_statistics_are_not_averaged_with_the_weights(
    tmp_path: Path, name: str, groups: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, **TABLE[name], parameter_groups=groups)
    with session.document.transaction("Normalise") as t:
        made = build(t, "batch_norm", Source("tanh0", "y"), name="bn", num_features=4)
        t.connect(made.output, "matmul1", "x")
    statistics = ("parameter6", "parameter7")  # buffers, which PyTorch lists last
    result = session.trainer().run()
    assert not result.averaged.keys() & statistics
    found = exported(session, monkeypatch, (*IDS, "parameter4", "parameter5", *statistics))
    alike(found, result.kept, rtol=1e-9)


def test_a_summed_loss_with_a_penalty_over_several_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    session = wide(tmp_path, accumulate=2, l2=0.5, optimiser={"name": "sgd", "lr": 0.02})
    with session.document.transaction("Sum") as t:
        t.set_param("cross_entropy0", "reduction", "sum")
    alike(exported(session, monkeypatch), session.trainer().run().kept, rtol=1e-9)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"early_stopping": {"patience": 2}}, "early_stopping"),
        ({"schedule": {**PLATEAU, "metric": "validation_loss"}}, "the schedule reduce_on_plateau of validation_loss"),
        ({"schedule": {"name": "cosine", "warmup": 2, "warmup_start": 0.0}}, "a warm-up from 0"),
        ({"schedule": {"name": "one_cycle", "steps": 5}}, "the schedule one_cycle with steps"),
        ({"zero_gradients": False, "clip_norm": 1.0}, "zero_gradients: false with a penalty or clipping"),
    ],
)
def test_what_is_not_spelled_is_named(tmp_path: Path, changes: dict[str, Any], missing: str) -> None:
    session = wide(tmp_path, **changes)
    source = torch_source(session.graph, session.registry, folder=session.folder)
    words = f"training settings that are not spelled in PyTorch: {missing}"
    assert f"def train():\n    raise NotImplementedError({words!r})" in source
