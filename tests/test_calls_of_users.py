"""What users call from Python, called wrongly: one line that says what is required, and what was found."""

from __future__ import annotations

from typing import Any

import pytest

import gradwire.core as gw
from gradwire.core.errors import GradwireError, UsageError, usage_told

CLASSES_OF_OTHERS = {"Events", "GradwireError", "Source"}  # an enumeration, an exception and a tuple of Python's own
CALLED = [name for name in gw.__all__ if callable(getattr(gw, name)) and name not in CLASSES_OF_OTHERS]
WITHOUT = {"Document", "Session", "Settings"}  # need nothing


@pytest.mark.parametrize("name", CALLED)
def test_a_call_with_nothing_says_what_is_needed(name: str) -> None:
    called = getattr(gw, name)
    if name in WITHOUT:
        called()
        return
    with pytest.raises(UsageError) as caught:
        called()
    assert str(caught.value).startswith(f"{called.__name__} needs ")
    assert f", got nothing ({called.__name__}(" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_takes_any_setting_tells_what_else_it_needs() -> None:
    for call, message in [
        (lambda: gw.build(bogus=1), "build needs t, kind, got bogus"),
        (lambda: gw.build(kind="dense", units=3), "build needs t, got kind, units"),
    ]:
        with pytest.raises(UsageError) as caught:
            call()  # type: ignore[no-untyped-call]
        assert str(caught.value) == f"{message} (build(t, kind, x=…, name=…, group=…, position=…, x_shape=…, **params))"


def test_every_way_in_which_a_call_does_not_fit() -> None:
    @usage_told
    def placed(x: Any, /, y: int = 0) -> Any:
        return x, y

    @usage_told
    def loose(x: Any, /, *rest: Any, y: int, **settings: Any) -> Any:
        return x, rest, y, settings

    for called, args, named, message in [
        (placed, (), {"x": 1}, "placed takes x by place alone, got it by name (placed(x, y=…))"),
        (placed, (1,), {"x": 1}, "placed got x twice, by place and by name (placed(x, y=…))"),
        (placed, (), {"y": 1}, "placed needs x, got y (placed(x, y=…))"),
        (loose, (), {"x": 1, "y": 2}, "loose takes x by place alone, got it by name (loose(x, *rest, y, **settings))"),
        (loose, (1, 2, 3), {"x": 1}, "loose needs y, got x, x (loose(x, *rest, y, **settings))"),
        (loose, (), {"z": 1}, "loose needs x, y, got z (loose(x, *rest, y, **settings))"),
    ]:
        with pytest.raises(UsageError) as caught:
            called(*args, **named)
        assert str(caught.value) == message
    assert placed(1, y=2) == (1, 2)
    assert loose(1, 2, 3, x=4, y=5) == (1, (2, 3), 5, {"x": 4})


@pytest.mark.parametrize("name", [name for name in CALLED if name != "build"])  # which takes any: see above
def test_an_argument_that_is_not_taken_is_told(name: str) -> None:
    called = getattr(gw, name)
    with pytest.raises(UsageError) as caught:
        called(bogus=1)
    assert str(caught.value).startswith(f"{called.__name__} takes no argument 'bogus' (it takes ")


@pytest.mark.parametrize("strange", [3, "x"])
@pytest.mark.parametrize("name", CALLED)
def test_strange_arguments_are_refused_in_one_line(name: str, strange: Any) -> None:
    called = getattr(gw, name)
    for count in range(1, 5):
        if name == "Settings" or (count == 1 and (name == "Training" or (name, strange) == ("Tensor", 3))):
            continue  # what a run is told is held against the graph as the run begins; a tensor may hold 3
        with pytest.raises(GradwireError) as caught:
            called(*[strange] * count)
        assert str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_whole_line_of_a_call() -> None:
    for call, message in [
        (lambda: gw.Engine(), "Engine needs process, got nothing (Engine(process))"),
        (lambda: gw.grad(fun=abs), "grad takes no argument 'fun' (perhaps fn; it takes fn, argnums)"),
        (lambda: gw.grad(abs, 0, 1), "grad takes at most 2 by place, got 3 (grad(fn, argnums=…))"),
        (lambda: gw.grad(abs, fn=abs), "grad got fn twice, by place and by name (grad(fn, argnums=…))"),
        (lambda: gw.jvp(abs, 3), "jvp needs tangents, got fn, primals (jvp(fn, primals, tangents))"),
        (lambda: gw.metric(3), "a metric is told by its name, or by a mapping of that and its settings, got 3"),
        (lambda: gw.Settings(out=3), "the out of a run must be a path, got 3"),
        (lambda: gw.Events("DONE"), "there is no event 'DONE'"),
        (lambda: gw.expand("x", "y"), "expand works on a Session, got 'x' (gw.expand(session, node))"),
        (lambda: gw.Document(None, 3), "a document holds arrays by the ids of nodes, got 3"),
    ]:
        with pytest.raises(GradwireError) as caught:
            call()
        assert str(caught.value).startswith(message)


def test_an_error_of_what_is_called_is_its_own() -> None:
    def wrong(x: Any) -> Any:
        return x + object()

    with pytest.raises((GradwireError, TypeError)) as caught:
        gw.grad(wrong)(2.0)
    assert not isinstance(caught.value, UsageError)


def test_training_is_told_what_it_needs() -> None:
    with pytest.raises(UsageError) as caught:
        gw.Training()  # type: ignore[call-arg]
    assert str(caught.value).startswith("Training needs loss, got nothing (Training(loss, optimiser=…, batch=…, ")
    with pytest.raises(TypeError):  # as Python itself has it
        gw.Training("loss0", epoch=3)  # type: ignore[call-arg]
