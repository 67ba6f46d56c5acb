"""What every test shares: how hypothesis draws, and where modules that several tests use are found."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gradwire.app.overrides import make_whole

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

# As the program does, before a class of Qt is extended: an error in one fails its test, and ends no process.
make_whole()

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


# What a test may take, in seconds, on the slowest machine that is thought of: five minutes, twenty where it is slow.
_PATIENCE, _PATIENCE_WITH_SLOW = 300, 1200
_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the real standard error: while a test runs, pytest has put a file in its place."""
    config.stash[_STDERR] = os.dup(2)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of it."""
    os.close(config.stash[_STDERR])


def _ended_when_it_hangs(item: pytest.Item) -> Iterator[object]:
    """End the process of a test that hangs, with the stacks of all threads on standard error: the others then go on.

    By a timer of the operating system, which needs neither Python's lock nor Qt's loop. pytest's own option of this
    kind is off as soon as something failed, which is when a teardown is most likely to wait for ever.
    """
    patience = _PATIENCE_WITH_SLOW if item.get_closest_marker("slow") else _PATIENCE
    faulthandler.dump_traceback_later(patience, exit=True, file=item.config.stash[_STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


pytest_runtest_setup = pytest.hookimpl(wrapper=True, tryfirst=True)(_ended_when_it_hangs)
pytest_runtest_call = pytest.hookimpl(wrapper=True, tryfirst=True)(_ended_when_it_hangs)
pytest_runtest_teardown = pytest.hookimpl(wrapper=True, tryfirst=True)(_ended_when_it_hangs)
