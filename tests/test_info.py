"""What a graph costs: parameters, floating-point operations and bytes, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from training_graphs import classifier

from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.graph.elements import Source, Training
from gradwire.core.info import Info, flops, info
from gradwire.core.layers import build
from gradwire.core.op import Aval
from gradwire.core.ops import builtin
from gradwire.core.session import Session


def network(kind: str, dtype: str = "float32", batch: int | None = None, **params: object) -> Session:
    """x (N, features) -> the layer; with `batch` it is trained on the mean of all outputs."""
    features = params["in_features"] if kind == "linear" else params["sizes"][0]  # type: ignore[index]
    doc = Document()
    with doc.transaction("Build") as t:
        t.set_dtype(dtype)
        t.add("input", name="x", shape=["N", features])
        made = build(t, kind, Source("input0", "y"), **params)
        if batch is not None:
            t.add("mean", name="loss", inputs={"x": made.output})
            t.set_training(Training("mean0", {"name": "sgd", "lr": 0.1}, batch=batch))
    return Session(doc)


def test_a_linear_layer() -> None:
    """A product of (N, I) and (I, O) takes 2 N I O operations, the bias N O more; here N is 1."""
    assert info(network("linear", in_features=7, out_features=5)) == Info(
        nodes=5,
        groups=1,
        wires=4,
        parameters=7 * 5 + 5,
        trained_parameters=0,
        batch=1,
        forward_flops=2 * 7 * 5 + 5,
        training_flops=0,
        parameter_bytes=4 * (7 * 5 + 5),
        value_bytes=4 * (5 + 5),
    )


def test_a_step_of_training() -> None:
    """The product forward and once backward (the input has no gradient), the mean, and w − rate · g."""
    n, i, o = 3, 7, 5
    found = info(network("linear", "float64", batch=n, in_features=i, out_features=o, bias=False))
    assert (found.batch, found.parameters, found.trained_parameters) == (n, i * o, i * o)
    assert found.forward_flops == 2 * n * i * o + n * o
    assert found.parameter_bytes == 8 * i * o
    assert found.value_bytes == 8 * (n * o + 1)
    products = 2 * (2 * n * i * o)
    rest = found.training_flops - products
    # The mean and its gradient over N O elements; two operations for each weight; a few single numbers.
    assert n * o + 2 * i * o <= rest <= 3 * n * o + 2 * i * o + 5


@pytest.mark.parametrize(("sizes", "parameters"), [([1000, 100, 10], 101_110), ([784, 256, 10], 203_530)])
def test_parameters_of_networks(sizes: list[int], parameters: int) -> None:
    found = info(network("mlp", sizes=sizes, batch=64))
    assert found.parameters == found.trained_parameters == parameters
    assert found.parameter_bytes == 4 * parameters
    a, b, c = sizes
    products = 2 * 64 * (a * b + b * c)
    assert found.forward_flops == products + 64 * (2 * b + 2 * c)  # biases, relu, and the mean of the outputs
    # Backward twice the products, but for the gradient of the data, which nobody asks for.
    assert found.training_flops >= 3 * products - 2 * 64 * a * b


def test_frozen_parameters_count_but_are_not_trained(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    before = info(session)
    with session.document.transaction("Freeze") as t:
        t.set_flags("parameter0", ["freeze"])
    after = info(session)
    assert after.parameters == before.parameters == 2 * 4 + 4 + 4 * 3 + 3
    assert before.trained_parameters - after.trained_parameters == 8
    assert after.training_flops < before.training_flops


def test_the_dtype_of_a_session_counts() -> None:
    doc = network("linear", in_features=7, out_features=5).document
    assert info(Session(doc, dtype="float64")).parameter_bytes == 8 * 40


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"source": "iris"}, "the built-in set iris: x (N, 4), 3 classes"),
        ({"source": "shapes", "image_size": [8, 8]}, "the made set shapes: x (N, 1, 8, 8), 3 classes"),
        ({"source": "sine"}, "the made set sine: x (N, 1), y (N, 1)"),
        ({"source": "t.txt", "window": 3}, "the text t.txt: x (N, 3), 4 classes"),
        ({"source": "t.txt", "target": 0}, "the table t.txt: x (N, 1), 2 classes"),
    ],
)
def test_what_a_source_is(tmp_path: Path, params: dict[str, object], told: str) -> None:
    (tmp_path / "t.txt").write_text("1,0\n0,1\n")
    session = Session(path=tmp_path / "graph.gw")
    with session.document.transaction("Build") as t:
        t.add("dataset", name="data", params=params)
    assert info(session).data == {"data": told}


def test_an_empty_graph_costs_nothing() -> None:
    assert info(Session()).to_json() == {
        "nodes": 0,
        "groups": 0,
        "wires": 0,
        "parameters": 0,
        "trained_parameters": 0,
        "batch": 1,
        "forward_flops": 0,
        "training_flops": 0,
        "parameter_bytes": 0,
        "value_bytes": 0,
        "data": {},
    }


def test_a_graph_with_problems_is_refused(tmp_path: Path) -> None:
    session = classifier(tmp_path)
    with session.document.transaction("Break") as t:
        t.set_param("parameter0", "shape", [5, 4])
    with pytest.raises(GradwireError) as caught:
        info(session)
    assert str(caught.value) == "first/matmul.w: x has 2 columns but w has 5 rows (w: (2, …))"


def test_operations_of_single_ops() -> None:
    def count(name: str, *shapes: tuple[int, ...], **params: object) -> int:
        op = builtin()[name]
        avals = [Aval(shape, np.dtype(np.float64)) for shape in shapes]
        complete = op.check_parameters(params)
        return flops(op, [*avals], complete, list(op.infer(avals, complete)))

    assert count("add", (4, 3), (3,)) == 12
    assert count("sum", (4, 3)) == 12
    assert count("mse", (4, 3), (4, 3)) == 12
    assert count("transpose", (4, 3)) == 0
    assert count("identity", (4, 3)) == 0
    assert count("matmul", (4, 3), (3, 2)) == 48
