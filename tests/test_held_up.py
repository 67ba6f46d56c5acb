"""A run that waits for an op of a plugin which does not return says so, and ends when it is told to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_runs import until

from gradwire.core import plugins as package
from gradwire.core.graph import Training
from gradwire.core.plugins import loading
from gradwire.core.runs import Run, RunRecord
from gradwire.core.session import Session

HANGS = '''
import time
from gradwire.core.extend import op

@op(formula="x", category="lab", samples=[((2,),)])
def stuck(xp, x):
    """Returns when it likes."""
    while x.sum() > 5.0:
        time.sleep(0.01)
    return x * 1.0

@stuck.shape
def _(x):
    return x

@stuck.vjp
def _(g, y, x):
    return (g,)

def register(host):
    host.add_op(stuck)
'''
pytestmark = pytest.mark.slow  # it is told after 5 s


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A graph whose loss is of an op that does not return for values above."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "lab.py").write_text(HANGS, "utf-8")
    monkeypatch.setenv("GRADWIRE_PLUGINS", str(tmp_path / "plugins"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    loading._of_process.cache_clear()
    package.plugins().discover()
    package.plugins().load()
    made = Session()
    with made.document.transaction("Build") as t:
        x = t.add("parameter", shape=(2,), init="constant", value=4.0)
        loss = t.add("sum", name="loss", inputs={"x": t.add("stuck", inputs={"x": x})})
        t.set_training(Training(loss, epochs=3))
    yield made
    package.plugins().disable("lab")
    loading._of_process.cache_clear()


def test_it_says_what_it_waits_for_and_stops(session: Session, tmp_path: Path) -> None:
    run = Run.start(session, tmp_path / "run")
    until(run, lambda: bool(run.process.held))
    assert run.state == "running"
    assert run.process.held == "stuck of the plugin lab has not returned for 5 s"
    begun = time.monotonic()
    run.stop()
    until(run, lambda: run.ended)
    assert time.monotonic() - begun < 5.0
    assert run.state == "failed"
    assert run.message.startswith("stuck of the plugin lab has not returned for ")
    assert run.message.endswith(" s, so the run was ended within it")
    assert list(RunRecord(tmp_path / "run").events())[-1]["message"] == run.message
    run.close()


def test_it_does_not_outlive_the_one_who_started_it(session: Session, tmp_path: Path) -> None:
    run = Run.start(session, tmp_path / "run")
    until(run, lambda: bool(run.process.held))
    begun = time.monotonic()
    run.close()
    assert time.monotonic() - begun < 5.0
