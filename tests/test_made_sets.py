"""Made sets: what they look like, that a seed decides them, and which settings they take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradwire.core.data import MADE, describe, make, prepare, source
from gradwire.core.data.datasets import Options
from gradwire.core.errors import ParameterError

each = pytest.mark.parametrize("name", MADE)


def refusal(call, *arguments, error=ParameterError):
    with pytest.raises(error) as caught:
        call(*arguments)
    return str(caught.value)


@each
def test_a_made_set_is_as_it_is_described_before_it_is_drawn(name):
    drawn, told = make(name, Options()), describe({"source": name}, None)
    assert (drawn.feature_shape, drawn.x.dtype) == (told.feature_shape, told.x_dtype)
    assert (drawn.target_shape, drawn.y.dtype) == (told.target_shape, told.y_dtype)
    assert drawn.classes == told.classes == MADE[name].classes
    assert len(drawn) == MADE[name].samples
    assert MADE[name].summary


@each
def test_a_seed_decides_all_and_more_noise_moves_no_true_place(name):
    drawn, again, other = (make(name, Options(data_seed=seed)) for seed in (3, 3, 4))
    assert drawn.x.tobytes() + drawn.y.tobytes() == again.x.tobytes() + again.y.tobytes()
    still = [make(name, Options(data_seed=seed, noise=0)) for seed in (3, 4)]
    if name not in ("blobs", "xor"):  # of which everything but the noise is the same
        assert still[0].x.tobytes() != still[1].x.tobytes()
    assert drawn.x.tobytes() != other.x.tobytes()
    if name != "shapes":  # whose pixels are cut to 0 and 1
        value = "y" if name == "sine" else "x"
        apart = [
            getattr(make(name, Options(data_seed=3, noise=n)), value) - getattr(still[0], value) for n in (0.1, 0.2)
        ]
        assert apart[1] == pytest.approx(2 * apart[0])
        assert 0.08 < apart[0].std() < 0.12


@settings(max_examples=30, deadline=None)
@given(name=st.sampled_from(list(MADE)), samples=st.integers(1, 40), seed=st.integers(0, 2**64 - 1))
def test_any_number_of_samples(name, samples, seed):
    drawn = source(name, None, Options(samples=samples, data_seed=seed, noise=1.5))
    assert len(drawn) == samples
    if drawn.classes is not None:
        assert drawn.y.tolist() == [row % drawn.classes for row in range(samples)]


def test_points_lie_where_the_name_says():
    still = Options(noise=0)
    moons = make("moons", still)
    upper, lower = moons.x[moons.y == 0], moons.x[moons.y == 1]
    assert np.hypot(*upper.T) == pytest.approx(1)
    assert np.hypot(*(lower - [1, 0.5]).T) == pytest.approx(1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    spirals = make("spirals", Options(noise=0, classes=3))
    turned = np.exp(-2j * np.pi * spirals.y / 3) * (spirals.x @ [1, 1j])
    assert np.angle(turned * np.exp(-2.5j * np.pi * abs(turned))) == pytest.approx(0, abs=1e-9)
    assert np.unique(make("blobs", Options(noise=0, classes=5)).x.round(9), axis=0).shape == (5, 2)
    xor = make("xor", still)
    assert np.array_equal(xor.y, (xor.x[:, 0] > 0) != (xor.x[:, 1] > 0))
    sine = make("sine", still)
    assert np.array_equal(sine.y, np.sin(sine.x))
    assert abs(sine.x).max() <= np.pi


def test_shapes_are_images_that_their_area_tells_apart():
    shapes = make("shapes", Options(noise=0, image_size=(24, 40), samples=300))
    assert shapes.x.shape == (300, 1, 24, 40)
    assert shapes.class_names == ("circle", "square", "triangle")
    assert (shapes.x.min(), shapes.x.max()) == (0, 1)
    assert not shapes.x[:, :, [0, -1], [0, -1]].any()  # whole, in their frames
    area = shapes.x.sum(axis=(1, 2, 3))
    inked = shapes.x[:, 0] > 0.5
    box = inked.any(axis=1).sum(axis=1) * inked.any(axis=2).sum(axis=1)
    filled = [np.median((area / box)[shapes.y == label]) for label in range(3)]
    assert filled[0] == pytest.approx(np.pi / 4, abs=0.05)
    assert filled[1] == pytest.approx(1, abs=0.1)
    assert filled[2] == pytest.approx(0.5, abs=0.1)


def test_noise_of_images_stays_within_black_and_white():
    noisy = make("shapes", Options(noise=3.0))
    assert (noisy.x.min(), noisy.x.max()) == (0, 1)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"source": "iris", "samples": 9},
            ("samples must be null for the built-in set iris; found 9 (it is a setting of made sets)"),
        ),
        (
            {"source": "moons", "header": True},
            ("header must be null for the made set moons; found True (it is a setting of tables)"),
        ),
        (
            {"source": "moons", "classes": 3},
            (
                "classes must be null for the made set moons; found 3"
                " (it is a setting of files, and of the made sets spirals and blobs)"
            ),
        ),
        (
            {"source": "xor", "image_size": [8, 8]},
            (
                "image_size must be null for the made set xor; found (8, 8)"
                " (it is a setting of folders of images, and of the made set shapes)"
            ),
        ),
        (
            {"source": "d.csv", "noise": 0.5},
            ("noise must be null for the table d.csv; found 0.5 (it is a setting of made sets)"),
        ),
        ({"source": "moons", "samples": 0}, "samples must be a whole number from 1 to 10,000,000 or null; found 0"),
        ({"source": "moons", "noise": float("nan")}, "noise must be a number from 0 to 1,000,000 or null; found nan"),
        ({"source": "moons", "data_seed": -1}, "data_seed must be a whole number from 0 on or null; found -1"),
        (
            {"source": "shapes", "image_size": [8]},
            "image_size must be a height and a width from 1 to 4,096 or null; found [8]",
        ),
    ],
)
@pytest.mark.parametrize("call", [prepare, describe])
def test_settings_that_a_source_does_not_take(call, params, message):
    assert refusal(call, params, None) == message
