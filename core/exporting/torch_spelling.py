"""How ops are written with PyTorch. Where its conventions differ from ours, a comment beside the line says so.

An op that is not in `SPELLINGS` is written as a line that raises `NotImplementedError` and names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import initial, literals
from .calls import Call, Spelling, function, operator, reductions

# Attributes of every `nn.Module`: a parameter must not bear their names.
_MODULE = """
T_destination add_module apply assigned bfloat16 buffers call_super_init children commit compile cpu cuda
double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half
ipu load_state_dict load_values modules mtia named_buffers named_children named_modules named_parameters parameters
register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty
train training type xpu zero_grad
"""
MODULE_ATTRIBUTES = frozenset(_MODULE.split())

NOTES: Mapping[str, str] = {
    "logsumexp": "where all are -inf the gradient is NaN here and 0 in Gradwire",
    "softplus": "linear above 20, as PyTorch has it: within 1e-8 of the exact value",
}


def dtype(kind: np.dtype[Any] | str) -> str:
    """`torch.float32`."""
    return f"torch.{np.dtype(kind).name}"


def cast(value: str, kind: np.dtype[Any] | str) -> str:
    """`value` as another dtype."""
    return f"{value}.to({dtype(kind)})"


def typed(kind: str) -> str:
    """A further argument that names the dtype, where it is not the one that PyTorch takes by itself."""
    return "" if kind == "float32" else f", dtype={dtype(kind)}"


def _reduce(name: str) -> Spelling:
    def spell(call: Call) -> str:
        axis, keepdims = reductions(call)
        if axis is None and (keepdims or name == "logsumexp"):
            axis = repr(tuple(range(call.ndim)))
        x = call.x
        if axis == "()":  # of a scalar: nothing is reduced, and PyTorch takes () for all axes or for an error
            return x
        return f"{x}.{name}({f'dim={axis}' if axis else ''}{', keepdim=True' * keepdims})"

    return spell


def _argmax(call: Call) -> str:
    axis, keepdims = reductions(call)
    x = cast(call.x, "int64") if call.ins[0].dtype.kind == "b" else call.x
    if axis is None:
        return f"{x}.argmax()" + (f".reshape({literals.shape((1,) * call.ndim)})" if keepdims and call.ndim else "")
    return f"{x}.argmax(dim={axis}{', keepdim=True' * keepdims})"


def _transpose(call: Call) -> str:
    if call.params["axes"] is not None:
        return f"{call.x}.permute({literals.shape(call.params['axes'])})"
    return {0: call.x, 1: call.x, 2: f"{call.x}.T"}.get(call.ndim, f"{call.x}.mT")


def _clip(call: Call) -> str:
    bounds = [(name, call.params[key]) for name, key in (("min", "low"), ("max", "high"))]
    given = [f"{name}={literals.number(value)}" for name, value in bounds if value is not None]
    return f"{call.x}.clamp({', '.join(given)})" if given else call.x


def _slice(call: Call) -> str:
    start, stop, step = (call.params[name] for name in ("start", "stop", "step"))
    if step > 0:
        return f"{call.x}[{literals.cut(call.axis, start, stop, step)}]"
    # PyTorch has no steps backwards: in the flipped tensor element i is element -1 - i.
    start, stop = (None if bound is None else -1 - bound for bound in (start, stop))
    return f"{call.x}.flip({call.axis})[{literals.cut(call.axis, start, stop, -step)}]"


def _place(call: Call) -> str:
    shape = call.params["shape"]
    axis = call.params["axis"] % len(shape)
    found = range(shape[axis])[slice(call.params["start"], call.params["stop"], call.params["step"])]
    zeros = f"{call.x}.new_zeros({literals.shape(shape)})"
    if not found:
        return zeros
    rows = f"torch.arange({found.start}, {found.stop}, {found.step})"  # counts down as Python's range does
    return f"{zeros}.index_copy({axis}, {rows}, {call.x})"


def _long(value: str, kind: np.dtype[Any]) -> str:
    return value if kind == np.int64 else f"{value}.long()"


def _gather(call: Call) -> str:
    return f"{call.x}[{':, ' * call.axis}{_long(call.args[1], call.ins[1].dtype)}]"


def _scatter_add(call: Call) -> str:
    shape, indices = call.params["shape"], call.ins[1]
    axis = call.params["axis"] % len(shape)
    where, x = _long(call.args[1], indices.dtype), call.x
    if indices.ndim != 1:
        where += ".reshape(-1)"
        x += f".unsqueeze({axis})" if indices.ndim == 0 else f".flatten({axis}, {axis + indices.ndim - 1})"
    return f"{call.x}.new_zeros({literals.shape(shape)}).index_add({axis}, {where}, {x})"


def _one_hot(call: Call) -> str:
    rows = f"F.one_hot({_long(call.x, call.ins[0].dtype)}, {call.params['classes']})"
    return cast(rows, call.params["dtype"])


def _rows_loss(name: str) -> Spelling:
    """A loss of rows of classes; PyTorch wants the classes as the second axis, ours are the last."""

    def spell(call: Call) -> str:
        rows, target, reduction = *call.args, call.params["reduction"]
        values, labels = call.ins
        if labels.floating:
            target = target if labels.dtype == values.dtype else cast(target, values.dtype)
        else:
            target = _long(target, labels.dtype)
        if values.ndim <= 2:
            return f"F.{name}({rows}, {target}{_reduction(reduction)})"
        classes = values.shape[-1]
        flat = f"{rows}.reshape(-1, {classes})"
        wanted = f"{target}.reshape(-1, {classes})" if labels.floating else f"{target}.reshape(-1)"
        found = f"F.{name}({flat}, {wanted}{_reduction(reduction)})"
        return f"{found}.reshape({rows}.shape[:-1])" if reduction == "none" else found

    return spell


def _reduction(reduction: str) -> str:
    return "" if reduction == "mean" else f", reduction={literals.text(reduction)}"


def _loss(name: str) -> Spelling:
    return lambda call: f"F.{name}({', '.join(call.args)}{_reduction(call.params['reduction'])})"


def constant(value: Any, kind: str) -> str:
    """A value that is known now."""
    return f"torch.tensor({literals.nested(value)}, dtype={dtype(kind)})"


WORDS = initial.Words("torch", "torch.randn", "torch.rand", typed, constant)

SPELLINGS: Mapping[str, Spelling] = {
    **{name: operator(sign) for name, sign in (("add", "+"), ("subtract", "-"), ("multiply", "*"), ("divide", "/"))},
    **{name: operator(sign) for name, sign in (("equal", "=="), ("not_equal", "!="), ("less", "<"))},
    **{name: operator(sign) for name, sign in (("less_equal", "<="), ("greater", ">"), ("greater_equal", ">="))},
    **{name: function(f"torch.{name}") for name in ("exp", "log", "sqrt", "reciprocal", "sin", "cos", "tanh")},
    **{name: function(f"torch.{name}") for name in ("maximum", "minimum", "abs", "square", "sigmoid")},
    **{name: lambda call: call.x for name in ("identity", "assign")},
    **{name: _reduce(name) for name in ("sum", "mean", "logsumexp")},
    "power": function("torch.pow"),
    "where": lambda call: (
        f"torch.where({call.x if call.ins[0].dtype.kind == 'b' else f'{call.x} != 0'}, {', '.join(call.args[1:])})"
    ),
    "max": _reduce("amax"),
    "argmax": _argmax,
    "matmul": operator("@"),
    "accumulate": operator("+"),
    "negative": lambda call: f"-{call.x}",
    "clip": _clip,
    "cast": lambda call: cast(call.x, call.params["dtype"]),
    "reshape": lambda call: f"{call.x}.reshape({literals.shape(call.params['shape'])})",
    "flatten": lambda call: f"{call.x}.reshape({call.x}.shape[0], -1)",
    "transpose": _transpose,
    "broadcast_to": lambda call: f"{call.x}.broadcast_to({literals.shape(call.params['shape'])})",
    "sum_to": lambda call: f"{call.x}.sum_to_size({literals.shape(call.params['shape'])})",
    "concat": lambda call: f"torch.cat([{', '.join(call.args)}], dim={call.params['axis']})",
    "slice": _slice,
    "place": _place,
    "gather": _gather,
    "scatter_add": _scatter_add,
    "one_hot": _one_hot,
    "relu": function("F.relu"),
    "leaky_relu": lambda call: f"F.leaky_relu({call.x}, {literals.number(call.params['slope'])})",
    "softplus": function("F.softplus"),
    "softmax": lambda call: f"torch.softmax({call.x}, dim={call.params['axis']})",
    "log_softmax": lambda call: f"torch.log_softmax({call.x}, dim={call.params['axis']})",
    "mse": _loss("mse_loss"),
    "cross_entropy": _rows_loss("cross_entropy"),
    "nll": _rows_loss("nll_loss"),
    "binary_cross_entropy": _loss("binary_cross_entropy_with_logits"),
    "detach": lambda call: f"{call.x}.detach()",
    "print": lambda call: f"show({call.x}, {literals.text(call.params['message'])})",
    "constant": lambda call: constant(call.params["value"], call.params["dtype"]),
    "random_normal": lambda call: initial.normal(call.params, WORDS),
    "random_uniform": lambda call: initial.uniform(call.params, WORDS),
    "dropout": lambda call: f"F.dropout({call.x}, {literals.number(call.params['rate'])}, self.training)",
}

HELPERS: Mapping[str, str] = {
    "show": """def show(x, message):
    print(message, tuple(x.shape), x.dtype, x.detach(), file=sys.stderr)
    return x""",
}
