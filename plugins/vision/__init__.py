"""Ops of images: filters, colours and the middle of a picture; and an example of them."""

from __future__ import annotations

from pathlib import Path

from gradwire.core.extend import Host

from . import ops

OPS = (ops.rgb_to_gray, ops.normalize_image, ops.crop_center, ops.gaussian_blur, ops.sobel)


def register(host: Host) -> None:
    """Add them."""
    for each in OPS:
        host.add_op(each)
    host.add_example(Path(__file__).parent / "examples" / "edges_of_digits.gw")
