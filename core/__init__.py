"""Gradwire's engine: computational graphs that can be drawn, run, differentiated and trained, without a window.

import gradwire.core as gw

s = gw.open("fork.gw")
s.run(fetch="y")
s.contributions("y", "h")        # the gradients that meet at h, before they are summed
gw.grad(lambda x: np.sin(x) * x)(2.0)

Each name is loaded when it is first used: whoever needs one module of this package waits for no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import ops as ops
    from . import random as random
    from .attaching import attach
    from .differences import check_grads
    from .differentiate import backward
    from .document import Document
    from .errors import GradwireError
    from .graph import Source, Training
    from .layers import build
    from .session import Session
    from .tape import Tensor
    from .tracing import expand, fuse, trace
    from .training import metrics as metrics
    from .training.engine import Engine, Events
    from .training.measuring import measure
    from .training.metrics import metric
    from .training.trainer import Settings, Trainer
    from .transform import grad, jvp, value_and_grad, vjp

    open = Session.open

_MODULES = {"metrics": ".training.metrics", "ops": ".ops", "random": ".random"}
_HOMES = {
    "Document": "document",
    "Engine": "training.engine",
    "Events": "training.engine",
    "GradwireError": "errors",
    "Session": "session",
    "Settings": "training.trainer",
    "Source": "graph",
    "Tensor": "tape",
    "Trainer": "training.trainer",
    "Training": "graph",
    "attach": "attaching",
    "backward": "differentiate",
    "build": "layers",
    "check_grads": "differences",
    "expand": "tracing",
    "fuse": "tracing",
    "grad": "transform",
    "jvp": "transform",
    "measure": "training.measuring",
    "metric": "training.metrics",
    "trace": "tracing",
    "value_and_grad": "transform",
    "vjp": "transform",
}

# What other libraries have under other names, or elsewhere.
_ELSEWHERE = {
    **dict.fromkeys(("tensor", "array", "asarray", "from_numpy", "Variable", "Parameter"), "gw.Tensor(x)"),
    **dict.fromkeys(("zeros", "ones", "full", "arange", "linspace", "eye"), "gw.Tensor(np.…)"),
    **dict.fromkeys(("rand", "randn", "manual_seed"), "gw.Tensor(np.random.default_rng(seed).normal(size=…))"),
    **dict.fromkeys(("nn", "functional"), 'gw.ops.relu(x) and others, and gw.build(t, "linear", …) in a document'),
    **dict.fromkeys(("optim", "SGD", "Adam"), 'gw.Training(loss, optimiser={"name": "adam"}) in a document'),
    **dict.fromkeys(("no_grad", "stop_gradient"), "x.detach()"),
    "jit": "gw.trace(function, …), whose graph a session compiles",
    "hessian": "gw.jvp of gw.grad(function), with each direction",
    **dict.fromkeys(("jacobian", "jacrev", "jacfwd"), "gw.vjp, or gw.jvp, with each seed"),
}

__all__ = [
    "Document",
    "Engine",
    "Events",
    "GradwireError",
    "Session",
    "Settings",
    "Source",
    "Tensor",
    "Trainer",
    "Training",
    "attach",
    "backward",
    "build",
    "check_grads",
    "expand",
    "fuse",
    "grad",
    "jvp",
    "measure",
    "metric",
    "metrics",
    "open",
    "ops",
    "random",
    "trace",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(_MODULES[name], __name__)
    if name == "open":
        value = __getattr__("Session").open
    elif name in _HOMES:
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    else:
        perhaps = f"; perhaps {_ELSEWHERE[name]}" if name in _ELSEWHERE else ""
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{perhaps}")
    globals()[name] = value  # found at once from now on
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
