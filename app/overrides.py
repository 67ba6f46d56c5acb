"""An error in what Qt calls of ours is told, on Python 3.11 too, where PySide would end the program instead.

Until Python 3.12 an error that C raised, `[][0]` say, has its text alone for a value until a Python handler looks at
it. PySide takes that value for an exception where the method that raised it was called from within another call into
Qt, and crashes. So each method that Qt may call gets a handler, which does nothing but look.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

CRASHES = sys.version_info < (3, 12)  # whether PySide would


def make_whole() -> None:
    """From now on, for all classes of Qt that are extended: called before the first of them is."""
    from shiboken6 import Shiboken

    base: Any = Shiboken.Object
    if CRASHES and "__init_subclass__" not in vars(base):

        def extended(cls: type, /, **named: Any) -> None:
            super(base, cls).__init_subclass__(**named)
            for name, own in overrides(cls):
                setattr(cls, name, _whole(own))

        base.__init_subclass__ = classmethod(extended)


def overrides(cls: type) -> list[tuple[str, Callable[..., Any]]]:
    """The methods of a class itself that stand in the place of one of Qt's, by their names."""
    qt = [base for base in cls.__mro__[1:-1] if base.__module__.startswith("PySide6.")]
    return [
        (name, own)
        for name, own in vars(cls).items()
        if isinstance(own, FunctionType) and not name.startswith("__") and any(name in vars(base) for base in qt)
    ]


def _whole(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def called(*args: Any, **named: Any) -> Any:
        try:
            return method(*args, **named)
        except BaseException:
            raise  # whole by now

    return called
