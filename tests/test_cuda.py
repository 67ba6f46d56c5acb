"""What a GPU computes, beside the processor: every op, every gradient, and the first iterations of every example.

Marked `cuda`, and skipped with the reason where there is none. Only the list of CuPy's names needs no GPU.
"""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest
from device_arrays import ATTRIBUTES, FUNCTIONS, METHODS, UFUNCS
from device_cases import FOLDER, answers, planned, trained
from peers import with_gpu
from test_examples import EXAMPLES, TRAINED
from test_ops import CASES, DIFFERENTIABLE

from gradwire.core.backends import backend
from gradwire.core.backends import cupy as cupy_backend
from gradwire.core.op import Op, Sample
from gradwire.core.session import Session
from gradwire.core.training.trainer import Settings

# In float64 functions differ by a few units in the last place, and sums by their order.
OP = {"rtol": 1e-9, "atol": 1e-11}
# Examples are of float32, and after some iterations differences have gone through several updates.
VALUE, LOSS, WEIGHT = {"rtol": 1e-3, "atol": 1e-5}, {"rtol": 1e-3}, {"rtol": 1e-2, "atol": 1e-4}


@pytest.fixture
def gpu() -> None:
    """Skips where no GPU is, and says why."""
    if (reason := cupy_backend.unavailable()) is not None:
        pytest.skip(str(reason))


def compare(found: Op, sample: Sample, gradients: bool) -> None:
    plan, feeds = planned(found, sample, gradients)
    wanted, made = backend("numpy").compile(plan)(feeds), cupy_backend.compile(plan)(feeds)
    for name, value in wanted.items():
        assert made[name].dtype == value.dtype
        np.testing.assert_allclose(made[name], value, err_msg=name, **OP)


@pytest.mark.cuda
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("found", "sample"), with_gpu(CASES, 2))
def test_every_op_computes_as_on_the_processor(found: Op, sample: Sample) -> None:
    compare(found, sample, gradients=False)


@pytest.mark.cuda
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize(("found", "sample"), with_gpu(DIFFERENTIABLE, 2))
def test_every_gradient_is_as_on_the_processor(found: Op, sample: Sample) -> None:
    compare(found, sample, gradients=True)


@pytest.mark.cuda
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("name", with_gpu(EXAMPLES))
def test_every_example_computes_as_on_the_processor(name: str) -> None:
    wanted, found = answers(name, "cpu"), answers(name, "cuda")
    for key, value in wanted.items():
        np.testing.assert_allclose(found[key], value, err_msg=key, **VALUE)


@pytest.mark.cuda
@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("name", with_gpu(TRAINED))
def test_every_example_trains_as_on_the_processor(name: str) -> None:
    (wanted, values), (found, moved) = trained(name, "cpu"), trained(name, "cuda")
    np.testing.assert_allclose(found, wanted, **LOSS)
    for id, value in values.items():
        np.testing.assert_allclose(moved[id], value, err_msg=id, **WEIGHT)


@pytest.mark.cuda
@pytest.mark.usefixtures("gpu")
def test_iterations_wait_for_nothing() -> None:
    """CuPy itself says where something would be waited for."""
    from cupyx import allow_synchronize

    trainer = Session.open(FOLDER / "iris_mlp.gw", device="cuda").trainer(Settings(epochs=2))
    run = trainer.step.run

    def watched(*args: Any) -> Any:
        if trainer.engine.state.iteration == 1:  # in which kernels are compiled
            return run(*args)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            with allow_synchronize(False):
                return run(*args)

    trainer.step.run = watched  # type: ignore[method-assign]
    assert np.isfinite(trainer.run().last["train_loss"])


def test_the_stand_in_has_names_that_cupy_has() -> None:
    """`device_arrays` says what CuPy takes, without a GPU; here CuPy says it, where it is installed."""
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed", exc_type=ImportError)
    for name, names in FUNCTIONS.items():
        found = inspect.signature(getattr(cupy, name)).parameters.values()
        marks = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
        assert names == " ".join(marks.get(each.kind, "") + each.name for each in found), name
    assert all(isinstance(getattr(cupy, name), cupy.ufunc) for name in UFUNCS)
    assert all(hasattr(cupy.ndarray, name) for name in (*METHODS, *ATTRIBUTES))
