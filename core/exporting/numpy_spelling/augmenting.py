"""How augmentation, which acts in training alone, is written with NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Spelling, augmenting

SPELLINGS: Mapping[str, Spelling] = {
    **augmenting("training", more=", rng"),
    "shift": lambda call: f"moved({call.args[0]}, {call.args[1]})",
}

HELPERS: Mapping[str, str] = {
    "gaussian_noise": '''def gaussian_noise(x, std, rng):
    """A normal random number of deviation `std` is added to each element."""
    return x + rng.standard_normal(x.shape, dtype=x.dtype) * x.dtype.type(std)''',
    "random_flip": '''def random_flip(x, axis, rate, rng):
    """Each sample is turned around along `axis` with probability `rate`."""
    flipped = rng.random((len(x),), dtype=np.float64) < rate
    return np.where(flipped.reshape(-1, *[1] * (x.ndim - 1)), np.flip(x, axis), x)''',
    "random_shift": '''def random_shift(x, by, rng):
    """Each image moves by up to `by` rows and columns; zeros come in."""
    return moved(x, np.floor(rng.random((len(x), 2), dtype=np.float64) * (2 * by + 1)).astype(np.int64) - by)''',
    "moved": '''def moved(x, by):
    """Each image of x (N, ..., H, W), moved `by` (N, 2) rows down and columns to the right; zeros come in."""
    height, width = x.shape[-2:]
    down, across = np.arange(height) - by[:, :1], np.arange(width) - by[:, 1:]
    fits = ((down >= 0) & (down < height))[:, :, None] & ((across >= 0) & (across < width))[:, None, :]
    flat = x.reshape(len(x), -1, height, width)
    samples, channels = np.arange(len(x))[:, None, None, None], np.arange(flat.shape[1])[:, None, None]
    rows, columns = down.clip(0, height - 1)[:, None, :, None], across.clip(0, width - 1)[:, None, None, :]
    return np.where(fits[:, None], flat[samples, channels, rows, columns], x.dtype.type(0)).reshape(x.shape)''',
    "cutout": '''def cutout(x, size, rng):
    """A square of `size` pixels at a random place of each image becomes 0."""
    first = np.floor(rng.random((len(x), 2), dtype=np.float64) * x.shape[-2:]).astype(np.int64) - size // 2
    rows, columns = (np.arange(length) - first[:, i : i + 1] for i, length in enumerate(x.shape[-2:]))
    inside = ((rows >= 0) & (rows < size))[:, :, None] & ((columns >= 0) & (columns < size))[:, None, :]
    return x * ~inside.reshape(len(x), *[1] * (x.ndim - 3), *x.shape[-2:])''',
}
