"""Python's collector of cycles: paused within, given back after, and left alone where somebody else holds it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gradwire.core.collector import hold, paused


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    hold(False)  # workers of windows in other tests may have held it
    yield
    hold(False)


def test_it_is_paused_within_and_given_back_after() -> None:
    with paused():
        assert not gc.isenabled()
        with paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_pause_that_ends_does_not_let_go_of_what_is_held() -> None:
    with paused():
        hold(True)
    assert not gc.isenabled()
    with paused():
        pass
    assert not gc.isenabled()
    hold(False)
    assert gc.isenabled()
