"""Rules that plugins bring: what they raise is told in one line that names them, and what they print is kept.

Built-in rules never come here. An op of a plugin is also held to its own shape rule at each call, and it and its rules
are given arrays that cannot be written: what it does wrong changes no other number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import wraps
from threading import get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .cancelling import Ended
from .errors import GradwireError, RunError, ShapeError
from .overheard import overheard, overhearing
from .parameters import NUMBERS, shown
from .refusing import FAILURES, place, refusal
from .signature import Aval

if TYPE_CHECKING:
    from .op import Op

PASSED_ON = (KeyboardInterrupt, GeneratorExit, Ended)  # no faults: somebody ends what is at work
WRITTEN = "read-only", "WRITEABLE"  # of these one stands in NumPy's refusals to write an array that is lent


class HangError(RunError):
    """An op of a plugin has not returned for so long that its thread was given up."""


class Working(NamedTuple):
    """What of a plugin a thread is computing, of which op if it is of one, and since when by `perf_counter`."""

    what: str
    op: Op | None
    since: float
    drop: Callable[[float], HangError] | None = None  # gives up a plugin that is being loaded, after so many seconds

    @property
    def ends(self) -> bool:
        """Whether it can be given up."""
        return self.op is not None or self.drop is not None


_working: dict[int, Working] = {}  # by thread


def working(thread: int | None) -> Working | None:
    """What of a plugin a thread is computing just now."""
    return _working.get(thread or 0)


@contextmanager
def loading(plugin: str, drop: Callable[[float], HangError]) -> Iterator[None]:
    """Within it a plugin is being loaded, and `drop` gives that up from another thread. What it prints is kept."""
    thread = get_ident()
    _working[thread] = Working(f"the plugin {plugin}", None, perf_counter(), drop)
    try:
        with overhearing(plugin):
            yield
    finally:
        _working.pop(thread, None)


def give_up(work: Working, seconds: float) -> HangError:
    """Have what does not return given up; what tells it. An op is computed no more: reloaded it is another one."""
    if work.drop is not None:
        return work.drop(seconds)
    assert work.op is not None
    work.op.hung = f"{work.what} has not returned for {seconds:g} s"
    overheard(work.op.plugin).fault(work.op.hung)
    return HangError(work.op.hung, hint=UNTIL)


UNTIL = "it is not computed again until the plugin is reloaded"


def line(error: BaseException) -> str:
    """What was raised, in one line."""
    if isinstance(error, GradwireError):
        return str(error)
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


@contextmanager
def containing(
    plugin: str, what: str, passes: tuple[type[Exception], ...] = (GradwireError,), op: Op | None = None
) -> Iterator[None]:
    """Within it whatever a plugin raises becomes a `RunError` that says that `what` failed, and at which line.

    What it prints is kept.
    `passes` are raised as they are, by themselves refusals. (SystemExit, asyncio.CancelledError and whatever else is
    no `Exception` are more ways to fail.) Ctrl+C says where it came. `op` is that of which it is a rule.
    """
    thread = get_ident()
    before = _working.get(thread)
    with overhearing(plugin):
        if before is None or before.drop is None:  # else it is a part of what is being loaded
            _working[thread] = Working(what, op, perf_counter())
        try:
            yield
        except KeyboardInterrupt as stop:
            stop.args = stop.args or (f"in {what}",)
            raise
        except PASSED_ON:
            raise
        except passes:
            raise
        except BaseException as error:
            written = op is not None and _writes(error)
            told = _told_of_writing(what, error) if written else f"{what} failed: {place(error)}{line(error)}"
            overheard(plugin).fault(told)
            raise RunError(told, hint=COPY if written else None) from error
        finally:
            if before is None:
                _working.pop(thread, None)
            else:
                _working[thread] = before


def contained(
    plugin: str, what: str, rule: Callable[..., Any], refuses: bool = True, op: Op | None = None
) -> Callable[..., Any]:
    """`rule`, a function of a plugin, contained. Where it `refuses` a `GradwireError` is passed on as it is."""
    passes = (GradwireError,) if refuses else ()

    @wraps(rule)
    def call(*args: Any, **kwargs: Any) -> Any:
        with containing(plugin, what, passes, op):
            return rule(*args, **kwargs)

    return call


def contain(op: Op, plugin: str) -> None:
    """Contain the rules of an op, which is the plugin's from now on."""
    op.plugin, op.called = plugin, f"{op.name} of the plugin {plugin}"
    for name, what in RULES.items():
        rule = getattr(op, name)
        if rule is not None:
            refuses = name == "shape_rule"  # the others are asked of values that fit
            setattr(op, name, contained(plugin, f"{what} of {op.called}", rule, refuses, op))
    if op.vjp_rule is not None:
        op.vjp_rule = _later(op, op.vjp_rule)


RULES = {
    "shape_rule": "the shape rule",
    "vjp_rule": "the gradient",
    "jvp_rule": "the tangent",
    "flops_rule": "the cost rule",
    "composition_rule": "the composition",
    "writing": "the composition",
    "element": "the rule of one element",
    "corrections": "the rule of corrections",
    "centres": "the rule of centres",
}


def asked(op: Op, what: str, rule: Callable[..., Any], *args: Any, **params: Any) -> Any:
    """What a rule of gradients or tangents gives; of an op that no test has proven, of arrays that cannot be written.

    Raises `RunError` where it writes into one.
    """
    if op.proven:
        return rule(*args, **params)
    given = [tuple(map(lent, arg)) if isinstance(arg, tuple) else lent(arg) for arg in args]
    try:
        return rule(*given, **params)
    except ValueError as error:
        if not _writes(error):
            raise
        raise RunError(_told_of_writing(f"{what} of {op.called}", error), hint=COPY) from error


COPY = "x = x.copy() before it is changed"


def _writes(error: BaseException) -> bool:
    """Whether NumPy has refused to write an array that is lent."""
    return isinstance(error, ValueError) and any(word in str(error) for word in WRITTEN)


def _told_of_writing(what: str, error: BaseException) -> str:
    return f"{what} must leave its arguments as they are, it writes into one ({place(error)}{error})"


def _later(op: Op, rule: Callable[..., Any]) -> Callable[..., Any]:
    """A gradient rule whose entries that are computed only when they are wanted are contained as well."""

    @wraps(rule)
    def call(*args: Any, **params: Any) -> Any:
        entries = rule(*args, **params)
        if not isinstance(entries, (tuple, list)):
            return entries  # told where it is used
        what = f"the gradient of {op.called}"
        return tuple(
            contained(op.plugin, what, entry, refuses=False, op=op) if _is_later(entry) else entry for entry in entries
        )

    return call


def _is_later(entry: Any) -> bool:
    return callable(entry) and not hasattr(entry, "dtype")


def inferred(op: Op, avals: Sequence[Aval | None], params: Mapping[str, Any]) -> tuple[Aval, ...]:
    """What the shape rule of an op gives, if it is an `Aval` for each output. Raises `ShapeError`."""
    if op.shape_rule is None:
        raise ShapeError(f"{op.called} has no shape rule")
    result = op.shape_rule(*avals, **params)
    made = (result,) if isinstance(result, Aval) else result
    if not isinstance(made, (tuple, list)) or len(made) != len(op.outputs) or not all(map(_is_aval, made)):
        each = "an Aval" if op.single else f"an Aval for each of its {len(op.outputs)} outputs"
        raise ShapeError(
            f"the shape rule of {op.called} must give {each}, got {shown(result)}", hint="Aval(shape, dtype)"
        )
    return tuple(Aval(tuple(map(int, aval.shape)), aval.dtype) for aval in made)


def _is_aval(made: Any) -> bool:
    """Whether what a rule gave is a shape of lengths and a dtype of numbers."""
    if not isinstance(made, Aval) or not isinstance(made.dtype, np.dtype) or made.dtype.kind not in NUMBERS:
        return False
    lengths = made.shape if isinstance(made.shape, tuple) else (-1,)
    return all(isinstance(n, (int, np.integer)) and n >= 0 for n in lengths)


def checked(op: Op, xp: Any, *args: Any, **params: Any) -> Any:
    """`forward`, whose results must be as the shape rule says and share no memory unless the op is a view.

    Raises `ShapeError` where shape or dtype differ. A result that is an argument, or lies in memory otherwise
    than in C order, is copied: plans reuse memory and rely on it.
    """
    result = _computed(op, xp, args, params)
    if op.shape_rule is None:
        return result
    avals = [None if a is None else Aval(xp.shape(a), xp.asarray(a).dtype) for a in args]
    wanted = op.infer(avals, params)
    values = (result,) if op.single else result
    if not isinstance(values, (tuple, list)) or len(values) != len(op.outputs):
        found = len(values) if isinstance(values, (tuple, list)) else shown(values)
        raise ShapeError(f"{op.called} must give {len(op.outputs)} outputs, as a tuple, got {found}")
    made: list[Any] = []
    for output, value, aval in zip(op.outputs, values, wanted, strict=True):
        array = _array(op, xp, output.name, value, aval)
        shared = any(hasattr(a, "dtype") and xp.may_share_memory(array, a) for a in args)
        fresh = not shared and array.flags.c_contiguous
        made.append(array if fresh or (op.view and not made) else array.copy(order="C"))
    return made[0] if op.single else tuple(made)


def _computed(op: Op, xp: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """What `forward` gives of arrays that cannot be written."""
    if op.hung:
        raise HangError(op.hung, hint=UNTIL)
    given = [lent(arg) for arg in args]
    try:
        with containing(op.plugin, op.called, (GradwireError, *FAILURES), op) if op.plugin else nullcontext():
            return op.forward(xp, *given, **params)
    except FAILURES as error:
        if _writes(error):
            told = _told_of_writing(op.called, error)
            if op.plugin:
                overheard(op.plugin).fault(told)
            raise RunError(told, hint=COPY) from error
        if any(not (arg is None or hasattr(arg, "dtype")) for arg in args):
            raise  # with arrays in the place of numbers and lists it is tried once more
        raise refusal(op, [_aval(arg) for arg in args], params, error) from error


def _aval(arg: Any) -> Aval | None:
    return None if arg is None else Aval(tuple(arg.shape), arg.dtype)


def lent(value: Any) -> Any:
    """A value as it is lent to a plugin: an array of NumPy that cannot be written, and cannot be made so."""
    if not isinstance(value, np.ndarray):
        return value
    return np.asarray(memoryview(value).toreadonly())  # type: ignore[arg-type]  # of Python 3.12 on it is a Buffer


def _array(op: Op, xp: Any, output: str, value: Any, wanted: Aval) -> Any:
    """What an op gave as an array of the shape and dtype that its shape rule says. Raises `ShapeError`."""
    try:
        array = xp.asarray(value)
    except FAILURES:
        array = None
    if array is None or array.dtype.kind not in NUMBERS:
        raise ShapeError(f"{op.called} must give {output} {wanted}, as its shape rule says, got {shown(value)}")
    found = Aval(array.shape, array.dtype)
    if found != wanted:
        raise ShapeError(f"{op.called} must give {output} {wanted}, as its shape rule says, got {found}")
    return array
