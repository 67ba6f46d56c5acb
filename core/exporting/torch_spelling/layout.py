"""How ops that move, repeat and pad elements are written with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from ...ops.axes import new_axes, several
from ...ops.padding import VALUES, is_computed, pairs_of
from .. import literals
from ..calls import Call, Spelling

# F.pad's name, and up to how many elements, from the length of an axis, it can add.
_MODES = {"edge": ("replicate", None), "reflect": ("reflect", -1), "wrap": ("circular", 0)}


def _expand_dims(call: Call) -> str:
    return call.x + "".join(f".unsqueeze({axis})" for axis in new_axes(call.params["axis"], call.ndim))


def _squeeze(call: Call) -> str:
    axis = call.params["axis"]
    return f"{call.x}.squeeze({'' if axis is None else literals.plain(axis)})"


def _flip(call: Call) -> str:
    axis = call.params["axis"]
    return f"{call.x}.flip({literals.plain(tuple(range(call.ndim)) if axis is None else several(axis))})"


def _roll(call: Call) -> str:
    shift, axis = call.params["shift"], call.params["axis"]
    if axis is None:
        return f"{call.x}.roll({shift})"
    shift = (shift,) * len(several(axis)) if isinstance(shift, int) else shift
    return f"{call.x}.roll({literals.plain(shift)}, {literals.plain(several(axis))})"


def _split(call: Call) -> str:
    sections, axis = literals.plain(call.params["sections"]), call.params["axis"]
    return f"{call.x}.tensor_split({sections}, dim={axis})[{call.params['index']}]"


def _repeat(call: Call) -> str:
    axis = call.params["axis"]
    return f"{call.x}.repeat_interleave({call.params['repeats']}{'' if axis is None else f', dim={axis}'})"


def _meshgrid(call: Call) -> str:
    x, y = call.args
    indexing = call.params["indexing"]
    if call.ins[0].dtype == call.ins[1].dtype:
        return f"torch.meshgrid({x}, {y}, indexing={literals.text(indexing)})"
    # PyTorch's meshgrid wants one dtype.
    return f"torch.broadcast_tensors({f'{x}, {y}[:, None]' if indexing == 'xy' else f'{x}[:, None], {y}'})"


def _pad(call: Call) -> str:
    pairs, mode = pairs_of(call.params["pad_width"], call.ndim), call.params["mode"]
    padded = [i for i, pair in enumerate(pairs) if any(pair)]
    if not padded:
        return f"{call.x}.clone()"
    first = padded[0]
    widths = literals.plain(tuple(n for pair in reversed(pairs[first:]) for n in pair))
    if mode == "constant":
        value = call.params["value"]
        more = f", value={literals.number(value)}" if value else ""
        return f"F.pad({call.x}, {widths}{more})"
    if is_computed(mode):
        more = f", {literals.number(call.params['value'])}" if mode in VALUES and call.params["value"] else ""
        return f"pad_by_axis({call.x}, {literals.plain(pairs)}, {literals.text(mode)}{more})"
    name, beyond = _MODES.get(mode, (None, 0))
    lengths = call.ins[0].shape
    too_far = beyond is not None and any(max(pair) > n + beyond for n, pair in zip(lengths, pairs, strict=True))
    axes = call.ndim - first
    if name is None or too_far or axes > 3 or not call.ins[0].floating:
        return f"pad_by_index({call.x}, {literals.plain(pairs)}, {literals.text(mode)})"
    # F.pad takes one or two axes more than it pads.
    missing = max(0, axes + 1 - call.ndim)
    whole = call.x + ".unsqueeze(0)" * missing
    if call.ndim > axes + 2:
        whole = f"{call.x}.flatten(0, {first - 1})"
        back = f".unflatten(0, {call.x}.shape[:{first}])"
    else:
        back = ".squeeze(0)" * missing
    return f"F.pad({whole}, {widths}, mode={literals.text(name)}){back}"


SPELLINGS: Mapping[str, Spelling] = {
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
    "swapaxes": lambda call: f"{call.x}.swapaxes({call.params['axis1']}, {call.params['axis2']})",
    "moveaxis": lambda call: (
        f"{call.x}.movedim({literals.plain(call.params['source'])}, {literals.plain(call.params['destination'])})"
    ),
    "flip": _flip,
    "roll": _roll,
    "stack": lambda call: f"torch.stack([{', '.join(call.args)}], dim={call.params['axis']})",
    "split": _split,
    "tile": lambda call: f"{call.x}.tile({literals.plain(several(call.params['reps']))})",
    "repeat": _repeat,
    "meshgrid": _meshgrid,
    "pad": _pad,
}

HELPERS: Mapping[str, str] = {
    "pad_by_index": '''def pad_by_index(x, pairs, mode):
    """x with copies of its elements around it, in the modes of NumPy and as far as wanted."""
    for axis, (before, after) in enumerate(pairs):
        n = x.shape[axis]
        i = torch.arange(-before, n + after)
        if mode == "edge":
            i = i.clamp(0, n - 1)
        elif mode == "wrap":
            i = i % n
        elif mode == "symmetric":
            i = i % (2 * n)
            i = torch.minimum(i, 2 * n - 1 - i)
        else:
            i = i % max(1, 2 * n - 2)
            i = torch.minimum(i, (2 * n - 2 - i).clamp(min=0))
        x = x.index_select(axis, i)
    return x''',
    "pad_by_axis": '''def pad_by_axis(x, pairs, mode, end=0.0):
    """x with what is computed of it around it, axis after axis, in the modes of NumPy: ramps to end, or a statistic."""
    for axis, (before, after) in enumerate(pairs):
        if not before + after:
            continue
        n = x.shape[axis]
        if mode == "linear_ramp":
            steps = torch.arange(max(before, after), device=x.device).reshape(-1, *[1] * (x.ndim - axis - 1))
            first, last = x.narrow(axis, 0, 1).double(), x.narrow(axis, n - 1, 1).double()
            left = steps[:before] * ((first - end) / max(before, 1)) + end
            right = (steps[:after] * ((last - end) / max(after, 1)) + end).flip(axis)
            if not x.is_floating_point() and x.dtype != torch.bool:
                left, right = left.floor(), right.floor()
        else:
            if mode == "maximum":
                y = x.amax(axis, keepdim=True)
            elif mode == "minimum":
                y = x.amin(axis, keepdim=True)
            else:
                whole = x if x.is_floating_point() else x.double()
                if mode == "mean":
                    y = whole.mean(axis, keepdim=True)
                else:
                    rows = whole.sort(dim=axis, stable=True).values
                    low, high, top = (rows.narrow(axis, i, 1) for i in ((n - 1) // 2, n // 2, n - 1))
                    y = torch.where(top.isnan(), top, (low + high) / 2)
                if not x.is_floating_point() and x.dtype != torch.bool:
                    y = y.round()
            left, right = (y.expand(*x.shape[:axis], w, *x.shape[axis + 1 :]) for w in (before, after))
        x = torch.cat((left.to(x.dtype), x, right.to(x.dtype)), axis)
    return x''',
}
