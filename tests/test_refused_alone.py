"""What cannot fit at a port is refused while another one is open, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from gradwire.core.check import check
from gradwire.core.document import Document
from gradwire.core.infer import refused_alone
from gradwire.core.infer.partly import _aval
from gradwire.core.op import Op
from gradwire.core.ops import builtin
from gradwire.core.signature import Aval

SEVERAL = [op for op in builtin() if not op.grows and sum(not port.hidden for port in op.ports) > 1]
FLOAT = np.dtype(np.float32)


@pytest.mark.parametrize("op", SEVERAL, ids=lambda op: op.name)
def test_nothing_that_fits_with_the_rest_is_refused_by_itself(op: Op) -> None:
    for sample in op.samples:
        params = {**op.defaults, **sample.params}
        fed = {port.name: _aval(argument, 0) for port, argument in zip(op.ports, sample.args, strict=False)}
        for name, aval in fed.items():
            assert refused_alone(op, {name: aval}, params) is None
            others = {other: each for other, each in fed.items() if other != name}
            assert refused_alone(op, others, params) is None


@pytest.mark.parametrize(
    ("name", "port", "shape", "message", "hint"),
    [
        ("conv2d", "x", (5,), "x must be images (N, C, height, width), got (5,)", "x: (N, C, height, width)"),
        ("conv2d", "w", (3, 3), "w must be weights (O, …, kh, kw), got (3, 3)", None),  # of how many channels is open
        ("matmul", "w", (), "w is a scalar, and matmul needs rows", "w: (…, K, M)"),
        ("embedding", "indices", (4,), "indices must be integers, got float32", "cast indices to int64"),
        ("batch_norm", "x", (8,), "x must be samples of channels (N, C, …), got (8,)", "x: (N, C)"),
    ],
)
def test_what_cannot_fit_is_refused_while_the_rest_is_open(
    name: str, port: str, shape: tuple[int, ...], message: str, hint: str | None
) -> None:
    op = builtin()[name]
    found = refused_alone(op, {port: Aval(shape, FLOAT)}, op.defaults)
    assert found is not None
    assert (found.message, found.port, found.hint, found.others) == (message, port, hint, ())


@pytest.mark.parametrize(("name", "port", "shape"), [("add", "x", (3, 4)), ("matmul", "x", (5,)), ("where", "x", (2,))])
def test_what_depends_on_the_open_port_is_not(name: str, port: str, shape: tuple[int, ...]) -> None:
    op = builtin()[name]
    assert refused_alone(op, {port: Aval(shape, FLOAT)}, op.defaults) is None


def test_a_graph_tells_both_the_open_port_and_what_cannot_fit() -> None:
    document = Document(registry=builtin())
    with document.transaction("Build") as t:
        p = t.add("parameter", name="p", shape=(5,), init="ones")
        t.add("conv2d", name="c", inputs={"x": p})
    told = [problem.text(document.graph) for problem in check(document.graph, document.registry).problems]
    assert told == [
        "c.w: nothing is wired to this port",
        "c.x: x must be images (N, C, height, width), got (5,) (x: (N, C, height, width))",
    ]
