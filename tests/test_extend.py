"""The extension surface: what built-ins use of it, and an op and a layer of one's own, start to end."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core import extend, info
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.extend import (
    Aval,
    Interior,
    ParameterError,
    Registry,
    ShapeError,
    Source,
    builtin,
    layer,
    op,
)
from gradwire.core.graph.elements import Training
from gradwire.core.layers import building
from gradwire.core.session import Session

CORE = Path(extend.__file__).parent
# What makes ops and layers work: everything else in these folders is written as a plugin would be.
MECHANISM = {
    *(CORE / "ops" / f"{name}.py" for name in ("__init__", "describing", "formulas")),
    *(CORE / "layers" / f"{name}.py" for name in ("__init__", "building", "heads")),
}
BUILT_INS = sorted({*(CORE / "ops").glob("*.py"), *(CORE / "layers").glob("*.py")} - MECHANISM)
LIBRARIES = {"numpy"}
OUTSIDE = LIBRARIES | {"math", "operator", "sys", "itertools", "functools", "typing", "collections.abc", "__future__"}


def imports(path: Path) -> list[tuple[str, str]]:
    """(module, name) of each import of a file; "." is its own folder, ".." core."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [("." * node.level + (node.module or ""), alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("path", BUILT_INS, ids=[f"{path.parent.name}/{path.stem}" for path in BUILT_INS])
def test_built_ins_use_what_a_plugin_may_use(path: Path) -> None:
    for module, name in imports(path):
        if module.startswith("..") or module == ".building":
            assert name in extend.__all__, f"{path.name} imports {name} from {module}"
            origin = ast.parse((CORE / "extend.py").read_text("utf-8"))
            assert name in {a.name for n in ast.walk(origin) if isinstance(n, ast.ImportFrom) for a in n.names}
        elif not module.startswith("."):
            assert module in OUTSIDE, f"{path.name} imports {module}"


def test_there_are_built_ins() -> None:
    assert {"ops/arithmetic", "layers/dense"} <= {f"{path.parent.name}/{path.stem}" for path in BUILT_INS}


def test_what_is_offered_is_there_in_order() -> None:
    assert extend.__all__ == sorted(extend.__all__)
    assert all(hasattr(extend, name) for name in extend.__all__)


# --- an op of one's own


@op(formula=r"x^3 \cdot s", category="math", samples=[((2, 3),)], promote="all", floating=True)
def scaled_cube(xp: Any, x: Any, *, scale: float = 1.0) -> Any:
    """The cube of `x`, times `scale`."""
    return x * x * x * scale


@scaled_cube.shape
def _(x: Aval, *, scale: float) -> Aval:
    if scale == 0:
        raise ShapeError("scale must not be 0", hint="scale: 1.0")
    return x


@scaled_cube.vjp
def _(g: Any, y: Any, x: Any, *, scale: float) -> Any:
    return (g * (3.0 * scale) * x * x,)


@op(
    formula="(x, -x)",
    category="math",
    samples=[((2,),)],
    outputs=("plus", "minus"),
    promote="all",
    floating=True,
)
def both_signs(xp: Any, x: Any) -> Any:
    """`x`, and its negative."""
    return x + 0.0, -x


@both_signs.shape
def _(x: Aval) -> tuple[Aval, Aval]:
    return x, x


@both_signs.vjp
def _(g: Any, y: Any, x: Any) -> Any:
    return (g[0] - g[1],)


def registry() -> Registry:
    made = Registry(builtin())
    made.add(scaled_cube)
    made.add(both_signs)
    return made


def cubic(ops: Registry) -> Document:
    """loss = mean((2 w³ − 16)² + 1 · …): its smallest value is where w is 2."""
    doc = Document(registry=ops)
    with doc.transaction("Build") as t:
        t.set_dtype("float64")
        t.add("parameter", name="w", shape=[3], init="constant", value=[1.5, 1.8, 2.4])
        t.add("scaled_cube", name="cube", scale=2, inputs={"x": "parameter0"})
        t.add("both_signs", inputs={"x": "scaled_cube0"})
        t.add("constant", value=[16.0, 16.0, 16.0])
        t.add("add", inputs={"x": "both_signs0.minus", "y": "constant0"})
        t.add("square", inputs={"x": "add0"})
        t.add("mean", name="loss", inputs={"x": "square0"})
        t.set_training(Training("mean0", {"name": "sgd", "lr": 1e-3}, epochs=200))
    return doc


def test_an_op_of_ones_own_runs_and_is_differentiated() -> None:
    session = Session(cubic(registry()))
    assert session.check().problems == ()
    w = np.array([1.5, 1.8, 2.4])
    for mode in ("static", "eager"):
        np.testing.assert_allclose(session.run(fetch="cube", mode=mode)["cube"], 2 * w**3)
        found = session.gradients("loss", "w", mode=mode)["w"]
        np.testing.assert_allclose(found, 2 * (2 * w**3 - 16) * 6 * w**2 / 3)
        assert [part[:2] for part in session.contributions("loss", "w", mode=mode)] == [("cube", "x")]
    gw.check_grads(lambda x: scaled_cube(x, scale=2.0), (w,), modes=("fwd", "rev"), order=2)
    gw.check_grads(lambda x: both_signs(x)[1] * x, (w,), modes=("fwd", "rev"), order=2)
    assert scaled_cube(2.0) == 8.0


def test_an_op_of_ones_own_is_trained_with() -> None:
    results = [Session(cubic(registry())).train(mode=mode) for mode in ("static", "eager")]
    for result in results:
        np.testing.assert_allclose(result.values["parameter0"], 2.0, atol=1e-3)
    assert results[0].values["parameter0"].tobytes() == results[1].values["parameter0"].tobytes()
    assert repr(results[0].history) == repr(results[1].history)


def test_an_op_of_ones_own_is_saved_and_opened(tmp_path: Path) -> None:
    session = Session(cubic(registry()))
    expected = session.run(fetch="loss")["loss"]
    path = session.save(tmp_path / "cubic.gw")
    assert gw.Session.open(path, registry()).run(fetch="loss")["loss"] == expected
    assert info.info(gw.Session.open(path, registry())).parameters == 3
    without = gw.open(path)  # as a placeholder that keeps what it was given
    assert [problem.message for problem in without.check().problems] == [
        "unknown op 'scaled_cube'",
        "unknown op 'both_signs'",
    ]
    with pytest.raises(GradwireError):
        without.run(fetch="loss")
    again = without.save(tmp_path / "again.gw")
    assert again.read_bytes() == path.read_bytes()


def test_an_op_of_ones_own_is_refused_as_a_built_in_is() -> None:
    doc = cubic(registry())
    with pytest.raises(ParameterError) as caught, doc.transaction("Wrong") as t:
        t.set_param("scaled_cube0", "scale", "large")
    assert str(caught.value) == "scaled_cube: scale must be a number, got 'large'"
    with doc.transaction("Zero") as t:
        t.set_param("scaled_cube0", "scale", 0)
    problems = [problem.text(doc.graph) for problem in Session(doc).check().problems]
    assert problems == ["cube: scale must not be 0 (scale: 1.0)"]


def test_a_wrong_gradient_of_ones_own_is_caught() -> None:
    """Of a shape that is not its value's, at once; of wrong numbers, by the checker."""

    @op(formula="2 x", category="math", samples=[((2,),)], promote="all", floating=True)
    def twice(xp: Any, x: Any) -> Any:
        """Twice `x`."""
        return x + x

    twice.shape(lambda x: x)
    twice.vjp(lambda g, y, x: (g[0] * 2.0,))
    doc = Document(registry=Registry([*builtin(), twice]))
    with doc.transaction("Build") as t:
        t.add("parameter", name="w", shape=[3], init="ones")
        t.add("twice", inputs={"x": "parameter0"})
        t.add("sum", name="loss", inputs={"x": "twice0"})
    for mode in ("static", "eager"):
        with pytest.raises(GradwireError) as caught:
            Session(doc).gradients("loss", "w", mode=mode)
        assert str(caught.value) == (
            "the gradient that twice gives for x must be (3,) f32, got () f32"
            " (sum_to(g, shape) adds up what was broadcast)"
        )
    twice.vjp(lambda g, y, x: (g * 2.001,))
    with pytest.raises(GradwireError):
        gw.check_grads(twice, (np.array([1.0, 2.0]),), modes=("rev",), order=1)


def test_a_name_that_is_taken_is_refused() -> None:
    @op(formula="x", category="math", samples=[((2,),)])
    def relu(xp: Any, x: Any) -> Any:
        """Another one."""
        return x

    with pytest.raises(GradwireError) as caught:
        Registry(builtin()).add(relu)
    assert str(caught.value) == "an op named 'relu' is there already (choose another name)"
    assert builtin().get("scaled_cube") is None  # declaring an op changes nothing


# --- a layer of one's own


@layer
def cubed_linear(interior: Interior, x: Source | None, *, features: int, scale: float = 0.1) -> Source:
    """A linear layer without a bias, cubed."""
    if features < 1:
        raise ParameterError(f"cubed_linear: features must be 1 or more, got {features}")
    value = interior.layer("linear", "linear", x, in_features=features, out_features=features, bias=False)
    return interior.add("scaled_cube", "cube", {"x": value}, scale=scale)


def test_a_layer_of_ones_own(request: pytest.FixtureRequest) -> None:
    extend.add_layers(cubed_linear)
    request.addfinalizer(lambda: building.LAYERS.remove("cubed_linear"))
    doc = Document(registry=registry())
    with doc.transaction("Build") as t:
        t.add("input", name="x", shape=["N", 2])
        made = extend.build(t, "cubed_linear", Source("input0", "y"), features=2)
        t.add("mean", name="loss", inputs={"x": made.output})
    session = Session(doc)
    found = session.run({"x": np.eye(2)}, ["weight", "cube"])
    np.testing.assert_allclose(found["cube"], 0.1 * found["weight"] ** 3, rtol=1e-6)
    with doc.transaction("Rebuild") as t:
        extend.rebuild(t, made.group, scale=0.5)
    assert doc.graph.node("scaled_cube0").params == {"scale": 0.5}
    np.testing.assert_allclose(session.run({"x": np.eye(2)}, "cube")["cube"], 0.5 * found["weight"] ** 3, rtol=1e-6)
    before = doc.graph
    with pytest.raises(ParameterError) as caught, doc.transaction("Rebuild") as t:
        extend.rebuild(t, made.group, features=0)
    assert str(caught.value) == "cubed_linear: features must be 1 or more, got 0"
    assert doc.graph is before
