"""The pack of images: its numbers against SciPy's, its gradients, what does not fit, and its ops in a document."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

import gradwire.core as gw
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.files import dump_graph, parse_graph
from gradwire.core.files.examples import EXAMPLES
from gradwire.core.graph import Training
from gradwire.core.ops import installed
from gradwire.core.plugins import plugins
from gradwire.core.plugins.op_check import check_op
from gradwire.core.session import Session

ROWS = np.array([[1.0, 2.0, 4.0, 8.0], [0.0, 3.0, 1.0, 5.0], [7.0, 7.0, 2.0, 0.0]])
OPS = ("rgb_to_gray", "normalize_image", "crop_center", "gaussian_blur", "sobel")


@pytest.mark.parametrize("name", OPS)
def test_shapes_and_gradients(name: str) -> None:
    check_op(installed()[name])


def test_numbers() -> None:
    image = ROWS[None, None]
    for axis, place in (("x", 1), ("y", 0)):
        wanted = ndimage.sobel(ROWS, place, mode="nearest")
        np.testing.assert_allclose(gw.ops.sobel(image, axis=axis)[0, 0], wanted)
    wanted = ndimage.gaussian_filter(ROWS, 0.8, mode="nearest", radius=3)
    np.testing.assert_allclose(gw.ops.gaussian_blur(image, sigma=0.8)[0, 0], wanted)
    colours = np.stack([ROWS, 2 * ROWS, 0 * ROWS])[None]
    np.testing.assert_allclose(gw.ops.rgb_to_gray(colours)[0], (0.299 + 2 * 0.587) * ROWS[None])
    made = gw.ops.normalize_image(colours, mean=(1.0, 2.0, 0.0), std=(2.0, 1.0, 4.0))
    np.testing.assert_allclose(made[0], [(ROWS - 1) / 2, 2 * ROWS - 2, 0 * ROWS])
    assert gw.ops.crop_center(image, height=2, width=1)[0, 0].tolist() == [[2.0], [3.0]]


@pytest.mark.parametrize(
    ("name", "shape", "params", "message"),
    [
        ("sobel", (4, 4), {}, "x (4, 4) holds no images: (N, C, H, W) is required (reshape)"),
        ("rgb_to_gray", (1, 2, 4, 4), {}, "x (1, 2, 4, 4) must have 3 channels, red, green and blue, found 2"),
        (
            "normalize_image",
            (1, 2, 4, 4),
            {"std": (1.0, 1.0, 1.0)},
            "std must be 2 numbers, one for each channel of x, or one for all, got 3",
        ),
        ("normalize_image", (1, 2, 4, 4), {"std": (0.0,)}, "std must be above 0, got 0"),
        (
            "crop_center",
            (1, 1, 3, 4),
            {"height": 4},
            "images of (3, 4) have no (4, 1) pixels in their middle (height up to 3, width up to 4)",
        ),
    ],
)
def test_what_does_not_fit(name: str, shape: tuple[int, ...], params: dict[str, Any], message: str) -> None:
    with pytest.raises(GradwireError) as told:
        gw.ops.__getattr__(name)(np.zeros(shape), **params)
    assert str(told.value) == message


def test_a_document_runs_differentiates_saves_and_trains_them() -> None:
    document = Document()
    with document.transaction("Draw") as t:
        w = t.add("parameter", id="w", name="w", shape=(1, 3, 6, 6), init="normal")
        gray = t.add("rgb_to_gray", id="gray", inputs={"x": w})
        blurred = t.add("gaussian_blur", id="blurred", inputs={"x": gray}, sigma=0.7)
        edges = t.add("sobel", id="edges", inputs={"x": blurred})
        middle = t.add("crop_center", id="middle", inputs={"x": edges}, height=4, width=4)
        square = t.add("square", id="square", inputs={"x": middle})
        t.add("mean", id="loss", name="loss", inputs={"x": square})
        t.set_training(Training("loss", optimiser={"name": "sgd", "lr": 0.05}, batch=1, epochs=5))
    text = dump_graph(document.graph)
    session = Session(parse_graph(text)[0])
    assert dump_graph(session.graph) == text
    assert session.graph.nodes["edges"].extra == {"plugin": "vision"}
    values = [session.run(fetch="loss", mode=mode)["loss"] for mode in ("static", "eager")]
    assert values[0] == values[1] > 0
    session.train()
    assert session.run(fetch="loss")["loss"] < values[0]


def test_its_example_tells_edges_of_digits() -> None:
    example = EXAMPLES["edges_of_digits"]
    assert EXAMPLES.owner(example.name) == "vision"
    session = gw.open(example.path)
    assert session.check().problems == ()
    told = session.run(fetch=["images", "edges"])
    image, edges = told["images"][0, 0], told["edges"][0, 0]
    blurred = ndimage.gaussian_filter(image, 0.7, mode="nearest", radius=3)
    wanted = sum(ndimage.sobel(blurred, axis, mode="nearest") ** 2 for axis in (0, 1))
    np.testing.assert_allclose(edges, wanted, rtol=1e-4, atol=1e-5)


def test_what_ships_can_be_disabled_and_enabled_while_the_program_runs() -> None:
    try:
        plugins().disable("vision")
        with pytest.raises(AttributeError, match="no op is called 'sobel'"):
            gw.ops.__getattr__("sobel")
    finally:
        plugins().enable("vision")
    assert gw.ops.sobel(np.ones((1, 1, 2, 2))).tolist() == [[[[0.0, 0.0], [0.0, 0.0]]]]
