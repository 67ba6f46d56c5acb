"""Gradwire's engine: computational graphs that can be drawn, run, differentiated and trained, without a window.

import gradwire.core as gw

s = gw.open("fork.gw")
s.run(fetch="y")
s.contributions("y", "h")        # the gradients that meet at h, before they are summed
gw.grad(lambda x: np.sin(x) * x)(2.0)
"""

from __future__ import annotations

from . import ops as ops
from .differences import check_grads
from .differentiate import backward
from .document import Document
from .errors import GradwireError
from .session import Session
from .tape import Tensor
from .tracing import trace
from .training.trainer import Settings, Trainer
from .transform import grad, jvp, value_and_grad, vjp

open = Session.open

__all__ = [
    "Document",
    "GradwireError",
    "Session",
    "Settings",
    "Tensor",
    "Trainer",
    "backward",
    "check_grads",
    "grad",
    "jvp",
    "open",
    "ops",
    "trace",
    "value_and_grad",
    "vjp",
]
