"""The plugin that `gradwire new-plugin` makes: one op, its gradient, and tests that hold it."""

from __future__ import annotations

import keyword
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

from ..errors import FileError, GradwireError
from ..ops import installed
from . import discovery

OWN = ("gradwire", "core", "app", "plugins", "examples", "resources", "tests")  # the program, and its folders
OTHERS = ("numpy", "scipy", "sklearn", "torch", "cupy", "jax", "tensorflow")  # that are not installed everywhere

PROJECT = """\
[build-system]
requires = ["setuptools>=68"]
build-backend = "setuptools.build_meta"

[project]
name = "gradwire-{name}"
version = "0.1.0"
description = "A plugin of Gradwire"
requires-python = ">=3.11"
dependencies = ["gradwire"]

[project.entry-points."gradwire.plugins"]
{name} = "gradwire_{name}"

[tool.setuptools]
packages = ["gradwire_{name}"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
"""

README = """\
# {name}, a plugin of Gradwire

`gradwire_{name}/ops.py` holds its ops, `gradwire_{name}/__init__.py` says what it adds to the program.

- Gradwire loads it from your folder of plugins at its next start, or from anywhere after `pip install -e .` here.
  When you have changed a file, Help > Plugins… > Reload takes it into the window that is open.
- `gradwire plugins` lists it, and tells what is wrong with it; `gradwire ops {op}` shows its op.
- `pytest` in this folder checks the numbers, the shapes and the gradients of each op.

A plugin may import `gradwire.core.extend` of the program, and nothing else: ops, layers, data sets, metrics,
optimisers, schedules, diagnoses, passes, backends, importers, exporters and examples are made with what it offers, and
added by a method of `host` each.

Only a file `gradwire_{name}/ui.py` may import Qt and `gradwire.app.extend` as well: its `register(host)` adds panels,
actions and looks of values to the window. Where there is no window it is not even read.
"""

PACKAGE = '''\
"""What the plugin {name} adds to Gradwire."""

from __future__ import annotations

from gradwire.core.extend import Host

from . import ops

OPS = (ops.{op},)


def register(host: Host) -> None:
    """Add everything; called once when the program starts."""
    for each in OPS:
        host.add_op(each)
'''

OP = '''\
"""The ops of the plugin: forward, shape rule and gradient of each stand together."""

from __future__ import annotations

from typing import Any

from gradwire.core.extend import Aval, op


@op(formula=r"scale\\, x^2", category="{name}", samples=[((2, 3),)])
def {op}(xp: Any, x: Any, *, scale: float = 1.0) -> Any:
    """The square of each element of `x`, `scale` times; any shape."""
    return x * x * xp.asarray(scale, x.dtype)


@{op}.shape
def _(x: Aval, *, scale: float) -> Aval:
    return x


@{op}.vjp
def _(g: Any, y: Any, x: Any, *, scale: float) -> Any:
    return (g * (2.0 * scale * x),)
'''

TESTS = '''\
"""The ops of the plugin: numbers by hand, and for every one its shape rule and its gradients to second order."""

from __future__ import annotations

import numpy as np
import pytest
from gradwire.core.extend import Op, check_op
from gradwire_{name} import OPS
from gradwire_{name}.ops import {op}


def test_its_numbers() -> None:
    assert np.array_equal({op}(np.array([1.0, -2.0, 3.0]), scale=2.0), [2.0, 8.0, 18.0])


@pytest.mark.parametrize("each", OPS, ids=[each.name for each in OPS])
def test_its_shapes_and_gradients(each: Op) -> None:
    check_op(each)
'''


def write(name: str, folder: Path) -> Path:
    """Make the folder of a new plugin in `folder`, and give its path.

    Raises `GradwireError` for a name that does not do or that something else has, `FileError` where nothing can be
    written.
    """
    _refuse(name)
    made, op = folder / name, f"{name}_square"
    if installed().get(op) is not None:
        raise GradwireError(f"an op named {op!r} is there already", hint="choose another name")
    files = {
        "pyproject.toml": PROJECT,
        "README.md": README,
        f"gradwire_{name}/__init__.py": PACKAGE,
        f"gradwire_{name}/ops.py": OP,
        "tests/test_ops.py": TESTS,
    }
    try:
        made.mkdir(parents=True)
        for place, text in files.items():
            file = made / place
            file.parent.mkdir(exist_ok=True)
            file.write_text(text.replace("{name}", name).replace("{op}", op), "utf-8")
    except FileExistsError:
        raise FileError(f"{made} is there already", hint="choose another name or folder") from None
    except OSError as error:
        raise FileError(f"{made} cannot be made: {error.strerror or error}") from error
    return made


def _refuse(name: str) -> None:
    """Raise `GradwireError` for a name that no plugin can have, or that something else has already."""
    if keyword.iskeyword(name):
        raise GradwireError(f"a plugin cannot be called {name!r}, a keyword of Python", hint=f"as in my_{name}")
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        told = f"a plugin is called by small letters, digits and _, got {name!r}"
        raise GradwireError(told, hint="as in my_ops")
    if any(each.name == name for each in discovery.found(None)):
        raise GradwireError(f"a plugin named {name!r} is there already", hint="choose another name")
    if (whose := _module(name)) is not None:
        told = f"a plugin cannot be called {name!r}, {whose}: where both lie, an import could mean either"
        raise GradwireError(told, hint=f"as in my_{name}")


def _module(name: str) -> str | None:
    """What a module of this name is, in words; None where there is none."""
    if name in OWN:
        return "the name of this program" if name == OWN[0] else "the name of a folder of this program"
    if name in sys.stdlib_module_names:
        return "a module of Python"
    found = PathFinder.find_spec(name)
    if found is not None and found.origin is not None:  # a mere folder, as of a plugin beside, hides nothing
        return "the name of a package that is installed"
    return "the name of a package that others import" if name in OTHERS else None
