"""How augmentation, which acts in training alone, is written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from ..calls import Spelling, augmenting

SPELLINGS: Mapping[str, Spelling] = {
    **augmenting("self.training"),
    "shift": lambda call: f"moved({call.args[0]}, {call.args[1]})",
}

HELPERS: Mapping[str, str] = {
    "gaussian_noise": '''def gaussian_noise(x, std):
    """A normal random number of deviation `std` is added to each element."""
    return x + torch.randn_like(x) * std''',
    "random_flip": '''def random_flip(x, axis, rate):
    """Each sample is turned around along `axis` with probability `rate`."""
    flipped = torch.rand(len(x), *[1] * (x.ndim - 1), device=x.device) < rate
    return torch.where(flipped, x.flip(axis), x)''',
    "random_shift": '''def random_shift(x, by):
    """Each image moves by up to `by` rows and columns; zeros come in."""
    return moved(x, torch.randint(-by, by + 1, (len(x), 2), device=x.device))''',
    "moved": '''def moved(x, by):
    """Each image of x (N, ..., H, W), moved `by` (N, 2) rows down and columns to the right; zeros come in."""
    height, width = x.shape[-2:]
    down = torch.arange(height, device=x.device) - by[:, :1]
    across = torch.arange(width, device=x.device) - by[:, 1:]
    fits = ((down >= 0) & (down < height))[:, :, None] & ((across >= 0) & (across < width))[:, None, :]
    flat = x.reshape(len(x), -1, height, width)
    samples = torch.arange(len(x), device=x.device)[:, None, None, None]
    channels = torch.arange(flat.shape[1], device=x.device)[:, None, None]
    rows, columns = down.clamp(0, height - 1)[:, None, :, None], across.clamp(0, width - 1)[:, None, None, :]
    return torch.where(fits[:, None], flat[samples, channels, rows, columns], 0).reshape(x.shape)''',
    "cutout": '''def cutout(x, size):
    """A square of `size` pixels at a random place of each image becomes 0."""
    inside = torch.ones((), dtype=torch.bool, device=x.device)
    for axis in (-2, -1):
        length = x.shape[axis]
        first = torch.randint(0, length, (len(x), *[1] * (x.ndim - 1)), device=x.device) - size // 2
        places = torch.arange(length, device=x.device).reshape(-1, *[1] * (-1 - axis)) - first
        inside = inside & (places >= 0) & (places < size)
    return x * ~inside''',
}
