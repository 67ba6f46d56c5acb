"""Ten steps of each optimiser beside PyTorch's, step for step, and settings that hold for some parameters only."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optimiser_cases import CASES, Case, random_problem, regression, steps

from gradwire.core.training.optim import OPTIMISERS

STORED = json.loads(Path(__file__).with_name("optimiser_numbers.json").read_text("utf-8"))
CASE = pytest.mark.parametrize("name", CASES)


def same(found: dict[str, list[Any]], wanted: dict[str, list[Any]], tolerance: float = 1e-12) -> None:
    for name in ("w", "b"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=tolerance, atol=tolerance / 10, err_msg=name)


@CASE
def test_ten_steps_are_pytorchs_in_both_modes_with_the_same_bits(name: str) -> None:
    found = steps(regression(CASES[name]), "static")
    same(found, STORED[name])
    assert found == steps(regression(CASES[name]), "eager")


@CASE
def test_ten_steps_in_float32_have_the_same_bits_in_both_modes(name: str) -> None:
    session = regression(CASES[name], dtype="float32")
    found = steps(session, "static")
    same(found, STORED[name], 5e-5)
    assert found == steps(session, "eager")
    state = session.trainer().state
    others = {slot.partition(":")[2] for slot, array in state.items() if array.dtype != np.float32}
    assert others <= {"step", "correction"}  # of float64, since 1 − β₂ᵗ would lose digits


@CASE
def test_pytorch_makes_the_same_steps_of_other_data(name: str) -> None:
    """Live, where PyTorch is installed; one feature is always 0, and so is a gradient."""
    pytest.importorskip("torch")
    from make_optimiser_numbers import by_pytorch

    problem = random_problem(len(name))
    same(steps(regression(CASES[name], problem), "static"), by_pytorch(CASES[name], problem))


def test_each_optimiser_has_cases_in_which_each_of_its_settings_is_another() -> None:
    for name, rule in OPTIMISERS.items():
        said = {
            setting
            for case in CASES.values()
            if case.optimiser["name"] == name
            for settings in (case.optimiser, *case.groups.values())
            for setting, value in settings.items()
            if setting != "name" and value != rule.settings[setting].default
        }
        assert said == set(rule.settings), name


def test_settings_have_pytorchs_names_and_defaults() -> None:
    torch = pytest.importorskip("torch")
    for name, rule in OPTIMISERS.items():
        if name == "lion":
            continue
        theirs = signature(getattr(torch.optim, rule.title)).parameters
        ours = {setting.name: setting.default for setting in rule.settings.values() if (name, setting.name) != _OWN}
        assert ours == {setting: theirs[setting].default for setting in ours}, name


_OWN = ("sgd", "lr")  # PyTorch had none until 2.1


@pytest.mark.parametrize("mode", ["static", "eager"])
@pytest.mark.parametrize("name", [name for name, rule in OPTIMISERS.items() if "weight_decay" in rule.settings])
def test_weight_decay_leaves_a_group_without_it_alone(name: str, mode: str) -> None:
    """With inputs of 0 no gradient reaches w, so that what moves it is its decay; and b is as without any."""
    problem = random_problem(3)
    problem = problem._replace(x=np.zeros_like(problem.x).tolist())
    settings = {"name": name, "lr": 0.1, "weight_decay": 0.3}
    last = {}
    for decayed in ("both", "w", "b", "none"):
        bare: dict[str, Any] = {"weight_decay": 0.0}
        groups = {each: bare for each in ("w", "b") if decayed not in ("both", each)}
        last[decayed] = {k: v[-1] for k, v in steps(regression(Case(settings, groups), problem), mode).items()}
    assert last["w"]["b"] == last["none"]["b"] != last["both"]["b"] == last["b"]["b"]
    assert last["b"]["w"] == last["none"]["w"] == problem.w != last["both"]["w"] == last["w"]["w"]
    assert (np.abs(last["w"]["w"]) < np.abs(problem.w)).all()
