"""Random numbers as a pure function of (seed, node, iteration, micro-batch, turn, element).

Source: Philox 4x64-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), word for word
as `numpy.random.Philox.random_raw` gives it. No generator is ever kept, so a replay, a resumed run and
every backend see the same numbers, and adding a node changes no other node's numbers.

The key is (seed, stream of the node), the counter (block, iteration, micro-batch, turn): element k of a
draw is word k % 4 of block k // 4 + 1, since NumPy steps the counter before its first block.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .errors import ParameterError, ShapeError

WORD = 2**64
STATE_FIELDS = ("seed", "iteration", "micro_batch", "turn")


def stream(node_id: str) -> int:
    """The stream of a node: the 64-bit BLAKE2b hash of its id, read as a little-endian number."""
    # A lone surrogate may come out of a JSON file; it must hash rather than fail.
    text = node_id.encode("utf-8", errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def state(seed: int, iteration: int = 0, micro_batch: int = 0, turn: int = 0) -> NDArray[np.uint64]:
    """The random state, an ordinary input of a plan: (seed, iteration, micro-batch, turn), uint64 (4,).

    Each must be a whole number from 0 to 2**64 - 1, else ParameterError.
    """
    values = (seed, iteration, micro_batch, turn)
    for name, value in zip(STATE_FIELDS, values, strict=True):
        if not isinstance(value, int | np.integer) or not 0 <= value < WORD:
            raise ParameterError(
                f"{name} must be a whole number from 0 to 2**64 - 1; found {value!r}",
                hint=f"{name}: 0",
            )
    return np.array(values, dtype=np.uint64)


def raw(state: NDArray[np.uint64], stream: int, count: int) -> NDArray[np.uint64]:
    """The first `count` words of one draw, uint64 (count,); a shorter draw is a prefix of a longer one."""
    if state.shape != (4,) or state.dtype != np.uint64:
        raise ShapeError(
            f"a random state must be uint64 of shape (4,); found {state.dtype} of shape {state.shape}",
            hint="random.state(seed, iteration)",
        )
    if not 0 <= stream < WORD:
        raise ParameterError(f"stream must be a whole number from 0 to 2**64 - 1; found {stream!r}", hint="stream: 0")
    key = np.array([state[0], stream], dtype=np.uint64)
    counter = np.array([0, state[1], state[2], state[3]], dtype=np.uint64)
    return np.random.Philox(key=key, counter=counter).random_raw(count)


def uniform(
    state: NDArray[np.uint64], stream: int, shape: tuple[int, ...], dtype: DTypeLike = np.float64
) -> NDArray[Any]:
    """Uniform numbers in [0, 1) of `shape`; element k comes from word k.

    The top 53 bits of a word times 2**-53 in float64, the top 24 times 2**-24 in float32, the top 11 times
    2**-11 in float16: as many bits as the type holds exactly, so that rounding never reaches 1.
    """
    kind = _float_type(dtype)
    bits = np.finfo(kind).nmant + 1
    words = raw(state, stream, math.prod(shape))
    words >>= np.uint64(64 - bits)
    values = words.astype(kind)
    values *= kind.type(2.0**-bits)
    return values.reshape(shape)


def normal(
    state: NDArray[np.uint64], stream: int, shape: tuple[int, ...], dtype: DTypeLike = np.float64
) -> NDArray[Any]:
    """Numbers of mean 0 and variance 1 of `shape`, by Box and Muller (1958) in float64, then cast to `dtype`.

    Words 2i and 2i + 1 make elements 2i and 2i + 1: with u = ((word 2i >> 11) + 1) 2**-53 in (0, 1], whose
    logarithm is finite, and v = (word 2i+1 >> 11) 2**-53 in [0, 1), they are sqrt(-2 ln u) times cos(2 pi v)
    and sin(2 pi v). An odd draw takes one word more and drops its last element. No element is beyond 8.58.
    """
    kind = _float_type(dtype)
    count = math.prod(shape)
    pairs = (count + 1) // 2
    words = raw(state, stream, 2 * pairs) >> np.uint64(11)
    # Fresh contiguous arrays: NumPy may take another code path, with other last bits, for strided ones.
    radius = np.sqrt(-2.0 * np.log((words[0::2] + np.uint64(1)) * 2.0**-53))
    angle = (2.0 * math.pi) * (words[1::2] * 2.0**-53)
    values = np.empty(2 * pairs, dtype=np.float64)
    values[0::2] = radius * np.cos(angle)
    values[1::2] = radius * np.sin(angle)
    return values[:count].astype(kind).reshape(shape)


def permutation(seed: int, epoch: int, count: int, purpose: str = "shuffle") -> NDArray[np.int64]:
    """An order of 0 … count - 1, int64 (count,), as a pure function of (seed, epoch, count, purpose).

    The stable argsort of `count` raw words. The stream begins with a colon, which no node's id may hold, so
    that no node shares its numbers with an order.
    """
    words = raw(state(seed, iteration=epoch), stream(f":{purpose}"), count)
    return np.argsort(words, kind="stable").astype(np.int64, copy=False)


def _float_type(dtype: DTypeLike) -> np.dtype[Any]:
    kind = np.dtype(dtype)
    if kind not in (np.float16, np.float32, np.float64):
        raise ParameterError(f"random numbers are float16, float32 or float64; found {kind}", hint='dtype: "float32"')
    return kind
