"""Settings of optimisers, and a small regression on which ten steps are taken with each, here and by PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gradwire.core.document import Document
from gradwire.core.graph.elements import Training
from gradwire.core.session import Session
from gradwire.core.training.engine import Events
from gradwire.core.training.trainer import Settings

STEPS = 10
NAMES = {"parameter0": "w", "parameter1": "b"}


class Case(NamedTuple):
    """An optimiser with its settings, and the parameter groups: settings by the name of the only parameter in each."""

    optimiser: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, Any]] = {}


def _case(name: str, groups: Mapping[str, Mapping[str, Any]] | None = None, **settings: Any) -> Case:
    return Case({"name": name, **settings}, groups or {})


CASES = {
    "sgd": _case("sgd", lr=0.1),
    "sgd momentum": _case("sgd", lr=0.1, momentum=0.9),
    "sgd dampening": _case("sgd", lr=0.1, momentum=0.8, dampening=0.3),
    "sgd nesterov": _case("sgd", lr=0.05, momentum=0.9, nesterov=True),
    "sgd weight decay": _case("sgd", lr=0.1, weight_decay=0.2),
    "sgd all": _case("sgd", lr=0.05, momentum=0.7, nesterov=True, weight_decay=0.1),
    "adam": _case("adam", lr=0.05),
    "adam betas": _case("adam", lr=0.05, betas=(0.8, 0.95), eps=1e-3),
    "adam weight decay": _case("adam", lr=0.05, weight_decay=0.3),
    "adam amsgrad": _case("adam", lr=0.4, betas=(0.5, 0.6), amsgrad=True),
    "adamw": _case("adamw", lr=0.05),
    "adamw all": _case("adamw", lr=0.05, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.5),
    "adamw amsgrad": _case("adamw", lr=0.4, betas=(0.5, 0.6), amsgrad=True),
    "nadam": _case("nadam", lr=0.05),
    "nadam all": _case("nadam", lr=0.03, betas=(0.7, 0.9), eps=1e-4, weight_decay=0.2, momentum_decay=0.5),
    "nadam decoupled": _case("nadam", lr=0.03, weight_decay=0.2, decoupled_weight_decay=True),
    "adamax": _case("adamax", lr=0.05),
    "adamax all": _case("adamax", lr=0.05, betas=(0.6, 0.7), eps=1e-2, weight_decay=0.2),
    "radam": _case("radam", lr=0.05),
    "radam weight decay": _case("radam", lr=0.05, betas=(0.8, 0.9), eps=1e-4, weight_decay=0.2),
    "radam decoupled": _case("radam", lr=0.05, betas=(0.8, 0.9), weight_decay=0.2, decoupled_weight_decay=True),
    "radam never rectified": _case("radam", lr=0.05, betas=(0.8, 0.6)),
    "adagrad": _case("adagrad", lr=0.1),
    "adagrad all": _case("adagrad", lr=0.2, lr_decay=0.3, weight_decay=0.2, initial_accumulator_value=0.5, eps=1e-3),
    "rmsprop": _case("rmsprop", lr=0.01),
    "rmsprop momentum": _case("rmsprop", lr=0.01, alpha=0.9, momentum=0.8),
    "rmsprop centered": _case("rmsprop", lr=0.01, alpha=0.8, centered=True),
    "rmsprop all": _case("rmsprop", lr=0.01, alpha=0.7, eps=1e-2, weight_decay=0.2, momentum=0.5, centered=True),
    "adadelta": _case("adadelta"),
    "adadelta all": _case("adadelta", lr=0.5, rho=0.6, eps=1e-2, weight_decay=0.2),
    "lion": _case("lion", lr=0.02),
    "lion all": _case("lion", lr=0.05, betas=(0.5, 0.8), weight_decay=0.5),
    "groups of adamw": _case("adamw", {"b": {"weight_decay": 0.0}}, lr=0.05, weight_decay=0.5),
    "groups of sgd": _case(
        "sgd", {"w": {"lr": 0.01}, "b": {"momentum": 0.5, "nesterov": False}}, lr=0.1, momentum=0.9, nesterov=True
    ),
    "groups of rmsprop": _case("rmsprop", {"b": {"lr": 0.05, "centered": True, "alpha": 0.5}}, lr=0.01),
    "groups of adam": _case("adam", {"w": {"lr": 0.01, "betas": (0.7, 0.9)}}, lr=0.05, weight_decay=0.3),
    "groups of nadam": _case("nadam", {"b": {"lr": 0.01, "momentum_decay": 0.1}}, lr=0.05, weight_decay=0.2),
    "groups of adamax": _case("adamax", {"b": {"lr": 0.2, "weight_decay": 0.3}}, lr=0.05),
    "groups of radam": _case("radam", {"w": {"lr": 0.01, "betas": (0.8, 0.9)}}, lr=0.05),
    "groups of adagrad": _case("adagrad", {"w": {"lr": 0.4, "lr_decay": 0.1}}, lr=0.1, weight_decay=0.1),
    "groups of adadelta": _case("adadelta", {"b": {"lr": 0.3, "rho": 0.5}}, weight_decay=0.2),
    "groups of lion": _case("lion", {"w": {"lr": 0.003, "weight_decay": 0.1}}, lr=0.02),
}


class Problem(NamedTuple):
    """mean((x w + b − target)²), and what w and b begin with."""

    x: Any
    target: Any
    w: Any
    b: Any


SMALL = Problem(
    [[1.0, -2.0, 0.5], [0.3, 0.7, -1.1], [2.0, 0.1, 0.4], [-0.6, 1.5, 0.9]],
    [[1.0], [0.5], [-0.3], [0.8]],
    [[0.1], [0.4], [-0.5]],
    [0.2],
)


def random_problem(seed: int) -> Problem:
    """With a feature that is always 0, so that a gradient is."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(9, 5))
    x[:, 2] = 0.0
    return Problem(*(a.tolist() for a in (x, random.normal(size=(9, 2)), random.normal(size=(5, 2)), np.ones(2))))


def regression(case: Case, problem: Problem = SMALL, dtype: str = "float64", epochs: int = STEPS) -> Session:
    """Each epoch is one step on all the data."""
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype(dtype)
        t.add("constant", name="x", value=problem.x)
        t.add("constant", name="target", value=problem.target)
        for name in ("w", "b"):
            value = getattr(problem, name)
            t.add("parameter", name=name, shape=list(np.shape(value)), init="constant", value=value)
        t.add("matmul", inputs={"x": "constant0", "w": "parameter0"})
        t.add("add", inputs={"x": "matmul0", "y": "parameter1"})
        t.add("mse", name="loss", inputs={"prediction": "add0", "target": "constant1"})
        ids = {name: id for id, name in NAMES.items()}
        groups = tuple({"parameters": [ids[name]], **settings} for name, settings in case.groups.items())
        t.set_training(Training("mse0", case.optimiser, epochs=epochs, parameter_groups=groups))
    return Session(document)


def steps(session: Session, mode: str) -> dict[str, list[Any]]:
    """By name, each parameter after each step."""
    trainer = session.trainer(Settings(mode=mode))
    found: dict[str, list[Any]] = {name: [] for name in NAMES.values()}

    def keep(_: object) -> None:
        for id, name in NAMES.items():
            found[name].append(trainer.state[id].tolist())

    trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, keep)
    trainer.run()
    return found
