"""What every test shares: how hypothesis draws, and where modules that several tests use are found."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Windows are drawn in memory, unless the caller names a platform (`QT_QPA_PLATFORM=xcb` under Xvfb).
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Settings, recent files and journals go where they end with the tests: never into the user's own folders.
_PLACES = tempfile.TemporaryDirectory(prefix="gradwire-tests-")
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
    os.environ[_name] = str(Path(_PLACES.name, _name.lower()))

# Each process that a test starts would compile all of Gradwire anew, a third of the time of its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Tests are imported by their paths, so that they do not find each other by name.
sys.path.append(str(Path(__file__).parent))

# No deadline: a first call that compiles or imports is slow once, which says nothing about what is tested.
settings.register_profile("local", deadline=None)
# The same draws each time: a check that judges a change must not fail by luck.
settings.register_profile("check", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("check" if os.environ.get("CI") == "true" else "local")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[object]:
    """Collect tests without Python's collector: it would walk the many thousands of tests again and again, for nothing.

    They last as long as the process, so no collection of a test has to look at them either.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
