"""Plans on an NVIDIA GPU through CuPy: the ops' own forwards over its arrays, step by step.

Constants and state are moved once and stay there; kernels are queued, and what is made is fetched when it is read.
Sums and products are taken in another order than NumPy's, so numbers agree to rounding, not to the bit.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from ..errors import RunError
from ..plan import Plan
from .device import Device, Executable

INSTALL = 'pip install "gradwire[cuda]"'
UNITS = ("B", "kB", "MB", "GB", "TB")


@cache
def unavailable() -> RunError | None:
    """Why no plan can run on a GPU here, None where one can. Looked for once, by computing one sum there."""
    try:
        import cupy

        cupy.cuda.runtime.getDeviceCount()
        cupy.asnumpy(cupy.ones(2) + 1)
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            raise
        return RunError("a run on cuda needs CuPy, which is not installed", hint=INSTALL)
    except Exception as error:  # whatever CuPy, a driver or a compiler has to say
        lines = str(error).strip("=\n ").splitlines() or [type(error).__name__]
        return RunError(f"a run on cuda needs a GPU that CuPy can use: {lines[0].strip()}", hint="device cpu")
    return None


def source(plan: Plan) -> str:
    """The plan as it is printed: its steps are run as they stand, each as the forward of its op."""
    return str(plan)


def compile(plan: Plan, record: bool = False) -> Executable:
    """An executable of `plan`. With `record` each value can be seen as it is made."""
    return Executable(plan, _device(), record)


def put(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays on the GPU by name. Raises `RunError` where its memory ends."""
    return _device().put_all(arrays)


def fetch(values: Mapping[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Values in the memory of the processor by name. Waits for the GPU."""
    return _device().fetch_all(values)


def room() -> int:
    """The bytes of GPU memory that nobody holds."""
    import cupy

    free, _ = cupy.cuda.runtime.memGetInfo()
    return int(free) + int(cupy.get_default_memory_pool().free_bytes())


@cache
def _device() -> Device:
    import cupy

    return Device("cuda", cupy, cupy.asarray, cupy.asnumpy, _within)


@contextmanager
def _within(needed: int) -> Iterator[None]:
    """Within it, memory of the GPU that ends is told in a line: what is needed at once, and what there is."""
    told = ""
    try:
        yield
    except Exception as error:
        if not _out_of_memory(error):
            raise
        told = str(error).strip().rstrip(".")
        traceback.clear_frames(error.__traceback__)  # they hold the values of the run
    if told:
        import cupy

        cupy.get_default_memory_pool().free_all_blocks()
        _, total = cupy.cuda.runtime.memGetInfo()
        wanted = f"about {_size(needed)} at once" if needed else "more"
        raise RunError(
            f"the run needs {wanted} of GPU memory, of {_size(total)} there are {_size(room())} free: {told}",
            hint="a smaller batch, or device cpu",
        )


def _out_of_memory(error: Exception) -> bool:
    """Whether memory of the GPU has ended, by whichever of its libraries."""
    import cupy

    return isinstance(error, cupy.cuda.memory.OutOfMemoryError) or any(
        name in str(error) for name in ("cudaErrorMemoryAllocation", "STATUS_ALLOC_FAILED")
    )


def _size(count: int) -> str:
    size, units = float(count), [*UNITS]
    while size >= 999.95 and len(units) > 1:
        size, units = size / 1000, units[1:]
    return f"{count} B" if units[0] == "B" else f"{size:.1f} {units[0]}"
