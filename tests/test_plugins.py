"""Plugins: found, loaded, disabled, reloaded; and each way in which one can be faulty, while the rest works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradwire.core as gw
from gradwire.core import plugins as package
from gradwire.core.backends import BACKENDS
from gradwire.core.cli import main
from gradwire.core.cli import plugins as command
from gradwire.core.data import prepare
from gradwire.core.diagnosing import RULES, diagnose
from gradwire.core.document import Document
from gradwire.core.errors import GradwireError
from gradwire.core.evaluating import Asked, Evaluator
from gradwire.core.exporting import EXPORTERS
from gradwire.core.files import dump_graph, parse_graph
from gradwire.core.files.examples import EXAMPLES
from gradwire.core.files.importers import IMPORTERS, read_values
from gradwire.core.files.run_exporters import RUN_EXPORTERS
from gradwire.core.graph import Source, Training
from gradwire.core.layers import LAYERS
from gradwire.core.locking import Lock
from gradwire.core.ops import installed
from gradwire.core.passes import PASSES
from gradwire.core.plugins import DISABLED, FAILED, FOUND, LOADED, Plugin, Plugins, choices, crashes, loading
from gradwire.core.plugins.choices import Choices
from gradwire.core.plugins.op_check import check_op
from gradwire.core.runs import Run
from gradwire.core.scripting import names
from gradwire.core.session import Session
from gradwire.core.training.metrics import METRICS
from gradwire.core.training.optim.updating import OPTIMISERS
from gradwire.core.training.schedules import SCHEDULES

HEAD = """
import numpy as np
from dataclasses import dataclass
from gradwire.core.extend import *
from gradwire.core.extend import op
"""
OP = """
@op(formula="x", category="test", samples=[((2,),)])
def {name}(xp, x):
    "A test."
    {forward}
@{name}.shape
def _(x):
    {shape}
@{name}.vjp
def _(g, y, x):
    {vjp}
"""
REGISTER = """
def register(host):
    host.add_op({name})
"""

Make = Callable[..., Plugins]


def own(plugins: Plugins) -> list[Plugin]:
    """Those that do not ship: what ships is there for the whole process."""
    return [each for each in plugins if each.origin != "shipped"]


def an_op(name: str, forward: str = "return x * x", shape: str = "return x", vjp: str = "return (2.0 * x * g,)") -> str:
    return HEAD + OP.format(name=name, forward=forward, shape=shape, vjp=vjp) + REGISTER.format(name=name)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Writes plugins, text by name, and loads them; at the end nothing of them stays."""
    made: list[Plugins] = []

    def write(**texts: str) -> Plugins:
        folder = tmp_path / "plugins"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / f"{name}.py").write_text(text, "utf-8")
        found = Plugins(folder, tmp_path / "settings")
        made.append(found)
        found.discover()
        found.load()
        return found

    yield write
    for each in made:
        for plugin in own(each):
            if plugin.host is not None:
                plugin.host.withdraw()


def drawn(op: str, **training: Any) -> Session:
    """A document with y = op(w) of a parameter of three numbers, and the mean of it."""
    document = Document()
    with document.transaction("Draw") as t:
        w = t.add("parameter", id="w", name="w", shape=(3,), init="ones")
        y = t.add(op, id="y", name="y", inputs={"x": w})
        t.add("mean", id="loss", name="loss", inputs={"x": y})
        t.add("exp", id="other", name="other", inputs={"x": w})
        if training:
            t.set_training(Training("loss", **training))
    return Session(document)


# What a sound plugin does.


def test_an_op_of_a_plugin_is_an_op_until_it_is_disabled_and_again_once_it_is_enabled(make: Make) -> None:
    plugins = make(squares=an_op("own_square"))
    plugin = plugins["squares"]
    assert (plugin.state, plugin.error, plugin.origin) == (LOADED, "", "folder")
    assert [*map(tuple, plugin.brought)] == [("op", "own_square")]
    session = drawn("own_square", optimiser={"name": "sgd", "lr": 0.1}, batch=1, epochs=2)
    assert session.run(fetch="loss")["loss"] == session.run(fetch="loss", mode="eager")["loss"] == 1.0
    session.train()
    np.testing.assert_allclose(session.run(fetch="w")["w"], (1 - 0.2 / 3) ** 2 * np.ones(3), rtol=1e-6)
    gw.check_grads(gw.ops.own_square, (np.array([0.5, 2.0]),), order=2)
    plugins.disable("squares")
    assert (plugin.state, installed().get("own_square")) == (DISABLED, None)
    told = "unknown op 'own_square'", "the plugin 'squares' brings it, which is not loaded"
    assert [(p.message, p.hint) for p in session.check().problems if p.node == "y"] == [told]
    assert session.run(fetch="other")["other"].shape == (3,)
    assert plugins.enable("squares").state == LOADED
    assert session.check().problems == ()


def test_a_plugin_that_is_edited_is_reloaded_and_computed_anew(make: Make, tmp_path: Path) -> None:
    plugins = make(edited=an_op("edited_op", "return x * 2"))
    session = drawn("edited_op")
    assert session.run(fetch="loss")["loss"] == 2.0
    (tmp_path / "plugins" / "edited.py").write_text(an_op("edited_op", "return x * 3"), "utf-8")  # as long, as new
    plugins.reload("edited")
    assert session.run(fetch="loss")["loss"] == 3.0
    (tmp_path / "plugins" / "edited.py").write_text("def register(host:\n", "utf-8")
    assert plugins.reload("edited").error == "edited.py, line 1: SyntaxError: '(' was never closed"
    assert installed().get("edited_op") is None
    (tmp_path / "plugins" / "edited.py").write_text(an_op("edited_op", "return x * 4"), "utf-8")
    plugins.reload("edited")
    assert session.run(fetch="loss")["loss"] == 4.0


def test_a_script_reads_what_a_plugin_computes_now(make: Make, tmp_path: Path) -> None:
    plugins = make(edited=an_op("edited_op", "return x * 2"))
    g = names(drawn("edited_op"))["g"]
    assert (float(g.loss.value), g.loss.shape) == (2.0, ())
    (tmp_path / "plugins" / "edited.py").write_text(an_op("edited_op", "return x * 3"), "utf-8")
    plugins.reload("edited")
    assert float(g.loss.value) == 3.0
    plugins.disable("edited")
    for read in (lambda: g.y.shape, lambda: g.y.value):
        with pytest.raises(GradwireError, match="unknown op 'edited_op'"):
            read()
    plugins.enable("edited")
    assert (float(g.loss.value), g.y.shape) == (3.0, (3,))


def test_what_is_missing_survives_saving_and_says_which_plugin_brings_it(make: Make) -> None:
    plugins = make(kept=an_op("kept_op"))
    before = dump_graph(drawn("kept_op").graph)
    plugins.disable("kept")
    graph, _ = parse_graph(before)
    assert dump_graph(graph) == before
    assert graph.nodes["y"].extra == {"plugin": "kept"}
    (problem,) = (p for p in Session(graph).check().problems if p.node == "y")
    assert problem.hint == "the plugin 'kept' brings it, which is not loaded"
    assert plugins["kept"].state == DISABLED  # opening has loaded nothing
    plugins.enable("kept")
    assert Session(graph).run(fetch="loss")["loss"] == 1.0


def test_where_plugins_are_found_and_that_none_hides_a_module(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, project = tmp_path / "packages", tmp_path / "plugins" / "project"
    for place, name in ((packages / "packed-1.5.dist-info", "packed"), (project, "drawn")):
        place.mkdir(parents=True)
        (place.parent / f"{name}.py").write_text(an_op(f"{name}_op"), "utf-8")
    (packages / "packed-1.5.dist-info" / "METADATA").write_text("Name: packed\nVersion: 1.5\n", "utf-8")
    points = "[gradwire.plugins]\npacked = packed:register\n"
    (packages / "packed-1.5.dist-info" / "entry_points.txt").write_text(points, "utf-8")
    monkeypatch.syspath_prepend(packages)
    points = '[project]\nversion = "2"\n[project.entry-points."gradwire.plugins"]\nproject = "inner:add"\n'
    (project / "pyproject.toml").write_text(points, "utf-8")
    (project / "src").mkdir()
    (project / "src" / "inner.py").write_text(an_op("inner_op").replace("def register", "def add"), "utf-8")
    (tmp_path / "plugins" / "_hidden.py").write_text("1 / 0", "utf-8")
    plugins = make(json=an_op("json_op"))
    told = {each.name: (each.state, each.origin, each.version) for each in own(plugins)}
    assert told == {
        "packed": (LOADED, "package", "1.5"),
        "drawn": (LOADED, "folder", ""),
        "json": (LOADED, "folder", ""),
        "project": (LOADED, "folder", "2"),
    }
    assert sys.modules["json"] is json
    assert installed().owner("packed_op") == "packed"
    plugins.disable("packed")
    assert "packed" not in sys.modules


def test_an_entry_point_names_a_module_in_a_package_and_a_name_in_a_name(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, project = tmp_path / "packages", tmp_path / "plugins" / "project"
    for place, op in ((packages / "outer", "packed_op"), (project / "src" / "outer", "own_op")):
        place.mkdir(parents=True)
        (place / "__init__.py").write_text("from .beside import NAME\n", "utf-8")
        (place / "beside.py").write_text(f"NAME = {op!r}\n", "utf-8")
        text = an_op(op).replace("def register(host):", "class Plugin:\n  @staticmethod\n  def register(host):")
        (place / "inner.py").write_text(f"from . import NAME\nassert NAME == {op!r}\n{text}", "utf-8")
    points = {"good": "outer.inner:Plugin.register", "bad": "my-pack:register", "gone": "outer.gone:register"}
    dist = packages / "outer-1.5.dist-info"
    dist.mkdir()
    (dist / "METADATA").write_text("Name: outer\nVersion: 1.5\n", "utf-8")
    lines = [f"packed_{name} = {value}" for name, value in points.items()]
    (dist / "entry_points.txt").write_text("\n".join(["[gradwire.plugins]", *lines]), "utf-8")
    monkeypatch.syspath_prepend(packages)
    lines = [f"own_{name} = {value!r}" for name, value in points.items()]
    text = "\n".join(['[project]\n[project.entry-points."gradwire.plugins"]', *lines])
    (project / "pyproject.toml").write_text(text, "utf-8")
    plugins = make(sound=an_op("sound_op"))
    bad = "an entry point is as in \"package.module:register\", got 'my-pack:register'"
    assert {each.name: (each.state, each.error) for each in own(plugins)} == {
        "packed_good": (LOADED, ""),
        "packed_bad": (FAILED, bad),
        "packed_gone": (FAILED, "ModuleNotFoundError: No module named 'outer.gone'"),
        "own_good": (LOADED, ""),
        "own_bad": (FAILED, bad),
        "own_gone": (FAILED, f"there is no module outer.gone in {project}"),
        "sound": (LOADED, ""),
    }
    assert [installed().owner(op) for op in ("packed_op", "own_op")] == ["packed_good", "own_good"]
    assert plugins["own_good"].folder == str(project / "src" / "outer")
    assert plugins["own_bad"].folder == ""
    (project / "src" / "outer" / "beside.py").write_text("NAME = 'new_op'\n", "utf-8")
    assert plugins.reload("own_good").error == "inner.py, line 2: AssertionError"  # the whole package is read anew
    assert sys.modules["outer"].NAME == "packed_op"
    plugins.disable("packed_good")


def test_what_ships_is_loaded_by_whoever_asks_after_ctrl_c(tmp_path: Path) -> None:
    code = """
from gradwire.core.ops import installed
from gradwire.core.plugins import discovery, plugins
found, calls = discovery.imported, []
def interrupted(plugin):
    calls.append(plugin.name)
    if len(calls) == 2:
        raise KeyboardInterrupt
    return found(plugin)
discovery.imported = interrupted
try:
    len(installed())
except KeyboardInterrupt:
    print("ended")
len(installed())
print(*(f"{each.name} {each.state}" for each in plugins()))
print(calls)
"""
    there = {**os.environ, "GRADWIRE_PLUGINS": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", code], env=there, capture_output=True, text=True, timeout=60)
    assert found.stdout.splitlines() == [
        "ended",
        "datasets loaded tensorboard loaded vision loaded",
        "['datasets', 'tensorboard', 'tensorboard', 'vision']",
    ], found.stderr


def test_names_that_differ_in_a_sign_alone_are_two_plugins_with_files_of_their_own(make: Make, tmp_path: Path) -> None:
    names = {"x-y": "of_x_minus_y", "x_y": "of_x_y", "x.y": "of_x_dot_y"}
    for name, op in names.items():
        place = tmp_path / "plugins" / name
        place.mkdir(parents=True)
        (place / "ops.py").write_text(an_op(op).split("def register")[0], "utf-8")
        register = f"from . import ops\ndef register(host):\n    host.add_op(ops.{op})\n"
        (place / "__init__.py").write_text(register, "utf-8")
    plugins = make()
    assert {each.name: (each.error, *map(tuple, each.brought)) for each in own(plugins)} == {
        name: ("", ("op", op)) for name, op in names.items()
    }
    plugins.disable("x-y")
    assert plugins["x_y"].found.module in sys.modules


def test_all_threads_see_the_same_plugins_and_none_undoes_what_another_disables(
    of_a_user: Path, tmp_path: Path
) -> None:
    at_once = threading.Barrier(4)
    seen: list[Plugins] = []

    def work(thread: int) -> None:
        at_once.wait()
        seen.append(package.plugins())
        for i in range(10):
            Choices(tmp_path).disable(f"{thread} {i}")

    threads = [threading.Thread(target=work, args=(each,)) for each in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert {id(each) for each in seen} == {id(package.plugins())}
    assert len(Choices(tmp_path).disabled()) == 40
    lock = Lock(tmp_path / "plugins.lock")  # as another process has it, which is at the same file
    assert lock.take()
    late = threading.Thread(target=lambda: Choices(tmp_path).enable("0 0"))
    late.start()
    time.sleep(0.05)
    (tmp_path / "plugins.json").write_text('{"disabled": {"0 0": "x", "beside": "y"}}')
    lock.release()
    late.join()
    assert Choices(tmp_path).disabled() == {"beside": "y"}
    assert sorted(each.name for each in tmp_path.glob("plugins.*")) == ["plugins.json", "plugins.lock"]


EVERYTHING = (
    HEAD
    + """
@layer
def twice_linear(interior, x, *, features: int = 2):
    "Two layers."
    y = interior.layer("linear", "one", x, in_features=features, out_features=features)
    return interior.layer("linear", "two", y, in_features=features, out_features=features)

@update_rule("Half step", formula="w - lr g / 2")
def half_step(w, g, rate, slots, *, lr: float = 0.1):
    "Half of a step of SGD."
    return w - 0.5 * lr * g

@schedule_rule(formula="lr / (1 + t / steps)")
def harmonic(lr, t, total, *, steps: int = 3, metric: str = "none", end: float = 0.0):
    "lr / (1 + t / steps)."
    return lr / (1 + t / steps)

@dataclass(frozen=True, eq=False)
class Largest(Metric):
    "The largest prediction."
    name, title, counts = "largest", "Largest", "predictions"
    seen: float = 0.0
    def check(self, prediction, target): pass
    def limits(self, prediction, target): return None
    def with_batch(self, prediction, target): return Largest(max(self.seen, float(prediction.max())))
    def compute(self): return self.seen

from pathlib import Path

class Kept:
    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.file, self.lines = folder / "kept.txt", []
    def add(self, name, iterations, values, times):
        self.lines += [f"{name} {each}\\n" for each in iterations]
    def close(self):
        self.file.write_text("".join(self.lines))

def ramp(name):
    x = np.linspace(-1, 1, 8).reshape(4, 1, 1, 2)
    return Dataset(name, x, np.array([0, 1, 0, 1]), (), ("no", "yes"))

def always(timeline):
    yield Finding("always", "hint", "loss", "It is there.")

def as_it_is(plan):
    return plan

def names_of(graph, registry, ids, folder, trained, fetch):
    return "\\n".join(sorted(graph.nodes)) + "\\n"

def lines_of(path):
    return {"name": np.array(numbers.split(), float) for numbers in [path.read_text()]}

from contextlib import nullcontext
class There:
    device = Device("there", np, np.copy, np.copy, lambda needed: nullcontext())
    put, fetch = device.put_all, device.fetch_all
    room = staticmethod(lambda: 0)
    source = staticmethod(str)
    unavailable = staticmethod(lambda: None)
    @staticmethod
    def compile(plan, record=False):
        return Executable(plan, There.device, record)

def register(host):
    host.add_layer(twice_linear)
    host.add_optimiser(half_step)
    host.add_schedule(harmonic)
    host.add_metric(Largest)
    host.add_dataset(Bundled("ramp", 2, 2, 4, "a ramp", load=ramp, shape=(1, 1, 2)))
    host.add_diagnostic(Rule("always", "A test", always))
    host.add_pass(as_it_is)
    host.add_exporter(Exporter("names", "Names", names_of))
    host.add_importer(Importer("words", (".words",), lines_of))
    host.add_run_exporter(RunExporter("kept", "A list", Kept))
    host.add_example(Path(__file__).parent / "drawn.gw")
    host.add_backend(Backend("loop", "there", lambda: There))
"""
)


def test_a_plugin_may_bring_every_kind_that_host_knows(make: Make, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    drawn("square").save(tmp_path / "plugins" / "drawn.gw")
    plugins = make(everything=EVERYTHING)
    assert plugins["everything"].error == ""
    kinds = ["layer", "optimiser", "schedule", "metric", "data set", "diagnostic", "pass", "exporter", "importer"]
    kinds += ["run exporter", "example", "backend"]
    assert [each.kind for each in plugins["everything"].brought] == kinds
    document = Document()
    with document.transaction("Draw") as t:
        made = gw.build(t, "twice_linear", t.add("input", name="x", shape=("N", 2)))
        t.add("mean", id="loss", name="loss", inputs={"x": made.output})
    assert Session(document).run({"x": np.ones((5, 2))}, "loss")["loss"].shape == ()
    session = drawn("square", optimiser={"name": "half_step"}, schedule={"name": "harmonic"}, batch=1, epochs=1)
    assert [f.rule for f in diagnose(session.timeline()) if f.rule == "always"] == ["always"]
    session.train()
    np.testing.assert_allclose(session.run(fetch="w")["w"], 1 - 0.5 * 0.1 * 2 / 3, rtol=1e-6)
    assert gw.metric("largest").update([1.0, 4.0], [0.0, 0.0]).number() == 4.0
    found = prepare({"source": "ramp", "validation": 0.0}, None)
    assert found.train.feature_shape == (1, 1, 2)
    (tmp_path / "two.words").write_text("1 2.5", "utf-8")
    assert read_values(tmp_path / "two.words")["name"].tolist() == [1.0, 2.5]
    assert session.source("names") == "loss\nother\nw\ny\n"
    session.save(tmp_path / "net.gw")
    assert main(["export", str(tmp_path / "net.gw"), "--to", "names"]) == 0
    assert main(["train", str(tmp_path / "net.gw"), "--out", str(tmp_path / "run"), "--quiet"]) == 0
    assert main(["runs", "kept", str(tmp_path / "run"), str(tmp_path / "kept")]) == 0
    assert "train_loss 1\n" in (tmp_path / "kept" / "run" / "kept.txt").read_text("utf-8")
    assert main(["list", "examples", "drawn"]) == 0
    there = ["--device", "there"]
    assert main(["train", str(tmp_path / "net.gw"), *there, "--out", str(tmp_path / "beside"), "--quiet"]) == 0
    weights = [gw.open(tmp_path / run / "net.gw").run(fetch="w")["w"] for run in ("run", "beside")]
    assert np.array_equal(*weights)
    plugins.disable("everything")
    tables = LAYERS.table, OPTIMISERS, SCHEDULES, METRICS.table, RULES.table, PASSES.table, EXPORTERS.table
    tables += (IMPORTERS.table, RUN_EXPORTERS.table, EXAMPLES.table, BACKENDS.table)
    names = "twice_linear", "half_step", "harmonic", "largest", "always", "as_it_is", "names", "words", "kept", "drawn"
    names += ("loop",)
    assert not any(name in table for name, table in zip(names, tables, strict=True))


# What a faulty one does: it is told in one line, and the rest works.

AT_LOADING = {
    "raises at import": ("1 / 0", "plugin.py, line 1: ZeroDivisionError: division by zero"),
    "no Python": ("def f(:", "plugin.py, line 1: SyntaxError: invalid syntax"),
    "imports what is missing": (
        "import nothing_called_so",
        "plugin.py, line 1: ModuleNotFoundError: No module named 'nothing_called_so'",
    ),
    "ends Python": ("import sys\nsys.exit(3)", "plugin.py, line 2: SystemExit: 3"),
    "is cancelled": (
        "import asyncio\ndef register(host):\n    raise asyncio.CancelledError",
        "plugin.py, line 3: CancelledError",
    ),
    "registers nothing": ("x = 1", "a plugin needs a function register(host), found none"),
    "raises at registration": (
        "def register(host):\n    raise RuntimeError('first\\nsecond')",
        "plugin.py, line 2: RuntimeError: first second",
    ),
    "takes a name": (
        an_op("own_first").replace("host.add_op(own_first)", "host.add_op(own_first)\n    own_first.name = 'relu'")
        + "    own_first.plugin = ''\n    host.add_op(own_first)",
        "plugin.py, line 22: an op named 'relu' is there already (choose another name)",
    ),
    "has no learning rate": (
        HEAD
        + "@update_rule('Fixed')\ndef fixed(w, g, rate, slots, *, size: float = 0.1):\n    return w - size * g\n"
        + "def register(host):\n    host.add_optimiser(fixed)",
        ("plugin.py, line 10: the optimiser fixed needs a setting lr whose default is a number (lr: float = 0.01)"),
    ),
    "takes a suffix": (
        HEAD + "def register(host):\n    host.add_importer(Importer('mine', ('.npz',), len))",
        (
            "plugin.py, line 7: a suffix of the importer mine must be in small letters and no other importer's,"
            " got '.npz' (.npy)"
        ),
    ),
    "adds no op": (
        "def register(host):\n    host.add_op(len)",
        "plugin.py, line 2: an op, as @op makes one, is needed here, got <built-in function len>",
    ),
}


@pytest.mark.parametrize("fault", AT_LOADING)
def test_one_that_cannot_be_loaded_is_told_in_a_line_and_leaves_nothing(make: Make, fault: str) -> None:
    text, told = AT_LOADING[fault]
    names = installed().names()
    plugins = make(plugin=text, sound=an_op("sound_op"))
    assert (plugins["plugin"].state, plugins["plugin"].error) == (FAILED, told)
    assert plugins["plugin"].brought == ()
    assert plugins["sound"].state == LOADED
    assert installed().names() == (*names, "sound_op")


def test_ctrl_c_ends_the_loading_and_the_computing_of_a_plugin(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = make(p=an_op("interrupted", "raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt, match="in interrupted of the plugin p"):
        drawn("interrupted").run(fetch="loss")
    (tmp_path / "plugins" / "p.py").write_text("raise KeyboardInterrupt", "utf-8")
    with pytest.raises(KeyboardInterrupt, match="while the plugin p was loaded"):
        plugins.reload("p")
    assert installed().get("interrupted") is None
    assert plugins.choices.disabled() == {}
    monkeypatch.setattr(loading, "HANGS", 0.0)  # it hung until then
    with pytest.raises(KeyboardInterrupt):
        plugins.reload("p")
    assert plugins.choices.disabled() == {"p": "the program crashed or hung while it was loaded"}


WHERE = "bad of the plugin p"
AT_COMPUTING = {
    "raises in forward": ({"forward": "raise RuntimeError('no')"}, f"{WHERE} failed: p.py, line 10: RuntimeError: no"),
    "ends Python in forward": ({"forward": "raise SystemExit(1)"}, f"{WHERE} failed: p.py, line 10: SystemExit: 1"),
    "is cancelled in forward": (
        {"forward": "import asyncio; raise asyncio.CancelledError"},
        f"{WHERE} failed: p.py, line 10: CancelledError",
    ),
    "cannot compute": (
        {"forward": "return x[7]"},
        f"{WHERE} cannot be computed of (3,) f32: p.py, line 10: IndexError: index 7",
    ),
    "misses a key": (
        {"forward": "raise KeyError('n')"},
        f"{WHERE} cannot be computed of (3,) f32: p.py, line 10: KeyError: 'n'",
    ),
    "says nothing": (
        {"forward": "raise ValueError"},
        f"{WHERE} cannot be computed of (3,) f32: p.py, line 10: ValueError",
    ),
    "wrong shape": (
        {"forward": "return x[:2]"},
        f"{WHERE} must give y (3,) f32, as its shape rule says, got (2,) f32",
    ),
    "wrong dtype": (
        {"forward": "return x.astype(np.float64)"},
        f"{WHERE} must give y (3,) f32, as its shape rule says, got (3,) f64",
    ),
    "wrong type": ({"forward": "return 'x'"}, f"{WHERE} must give y (3,) f32, as its shape rule says, got 'x'"),
    "nothing": ({"forward": "pass"}, f"{WHERE} must give y (3,) f32, as its shape rule says, got None"),
    "ragged": ({"forward": "return [[1], [1, 2]]"}, f"{WHERE} must give y (3,) f32, as its shape rule says, got [[1],"),
    "writes its input": (
        {"forward": "x += 1; return x"},
        f"{WHERE} must leave its arguments as they are, it writes into one (p.py, line 10: output array is read-only)",
    ),
    "writes past the mark of its input": (
        {"forward": "x.flags.writeable = True; x += 1; return x"},
        f"{WHERE} must leave its arguments as they are, it writes into one (p.py, line 10: cannot set WRITEABLE flag",
    ),
    "raises in its shape rule": (
        {"shape": "raise KeyError('n')"},
        f"the shape rule of {WHERE} failed: p.py, line 13: KeyError: 'n'",
    ),
    "its shape rule gives no shape": (
        {"shape": "return (3,)"},
        f"the shape rule of {WHERE} must give an Aval, got (3,) (Aval(shape, dtype))",
    ),
}
AT_GRADIENTS = {
    "raises": ("raise ValueError('n')", f"the gradient of {WHERE} failed: p.py, line 16: ValueError: n"),
    "raises later": (
        "return (lambda: 1 / 0,)",
        f"the gradient of {WHERE} failed: p.py, line 16: ZeroDivisionError: division by zero",
    ),
    "refuses": ("return (g @ g @ g,)", f"the gradient of {WHERE} failed: p.py, line 16: x is a scalar, and matmul"),
    "no tuple": ("return g", f"the vjp rule of {WHERE} must give an entry for each of its 1 arguments, got "),
    "too many": ("return (g, g)", f"the vjp rule of {WHERE} must give an entry for each of its 1 arguments, got 2"),
    "wrong shape": ("return (g[:2],)", f"the gradient that {WHERE} gives for x must be (3,) f32, got (2,) f32"),
}


@pytest.mark.parametrize("fault", AT_COMPUTING)
def test_an_op_that_fails_is_named_with_its_plugin_and_the_rest_is_computed(make: Make, fault: str) -> None:
    rules, told = AT_COMPUTING[fault]
    plugins = make(p=an_op("bad", **rules))
    assert plugins["p"].error == ""
    session = drawn("bad")
    for mode in ("static", "eager"):
        with pytest.raises(GradwireError) as caught:
            session.run(fetch="loss", mode=mode)
        assert told in str(caught.value)
        assert "\n" not in str(caught.value)
        found = session.run(fetch=["other", "w"], mode=mode)
        assert np.array_equal(found["other"], np.exp(np.ones(3, np.float32)))
        assert np.array_equal(found["w"], np.ones(3))
    plugins.disable("p")
    assert session.run(fetch="other")["other"].shape == (3,)


@pytest.mark.parametrize("fault", AT_GRADIENTS)
def test_a_gradient_that_fails_is_named_with_its_plugin(make: Make, fault: str) -> None:
    vjp, told = AT_GRADIENTS[fault]
    plugins = make(p=an_op("bad", vjp=vjp))
    session = drawn("bad", optimiser={"name": "sgd", "lr": 0.1}, batch=1, epochs=1)
    with pytest.raises(GradwireError) as caught:
        session.train()
    assert told in str(caught.value)
    assert session.run(fetch="loss")["loss"] == 1.0
    if "failed" in told:
        assert told in plugins["p"].faults[-1]


WRITES = {
    "its argument": "x *= 2; return (g * x,)",
    "its result": "y *= 0; return (2 * x * g,)",
    "what it is given": "g *= 2; return (g * x,)",
    "its argument, later": "def later():\n        x[:] = 0\n        return g * x\n    return (later,)",
    "its argument, by out": "np.multiply(x, 2, out=x); return (g * x,)",
}


@pytest.mark.parametrize("written", WRITES)
def test_a_gradient_that_writes_into_what_it_is_given_is_named_and_changes_no_number(make: Make, written: str) -> None:
    plugins = make(p=an_op("bad", vjp=WRITES[written]))
    session = drawn("bad")
    told = f"the gradient of {WHERE} must leave its arguments as they are, it writes into one (p.py, line 1"
    with pytest.raises(GradwireError, match="must leave its arguments as they are"):
        check_op(installed()["bad"])
    run = Evaluator(session.registry).evaluate(Asked.of(session))
    assert run is not None
    assert run.gradients.error is not None
    assert run.gradients.error.startswith(told)
    assert run.gradients.error.endswith(" (x = x.copy() before it is changed)")
    assert run.gradients.node == "y"
    assert plugins["p"].faults[-1].startswith(told)
    for node in ("w", "y"):
        assert np.array_equal(run.value(Source(node, "y")), np.ones(3))


def test_a_tangent_that_writes_into_what_it_is_given_is_named(make: Make) -> None:
    text = an_op("bad").replace(
        "def register", "@bad.jvp\ndef _(t, y, x):\n    t[0][:] = 7\n    return t[0]\ndef register"
    )
    make(p=text)
    x, t = np.ones(3), np.ones(3)
    with pytest.raises(GradwireError) as caught:
        gw.jvp(lambda x: installed()["bad"](x), (x,), (t,))
    assert str(caught.value).startswith(f"the tangent of {WHERE} must leave its arguments as they are, it writes into")
    assert np.array_equal(t, np.ones(3))


def test_what_a_plugin_prints_is_kept_up_to_a_bound(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    loads = make(loud="print('x' * 9)\nprint('again\\n' * 1_000_000)\n" + an_op("loud", "print('c'); return x"))
    plugin = loads["loud"]
    assert plugin.printed.startswith("xxxxxxxxx\nagain\n")
    assert plugin.printed.endswith("again\n... 1,000,002 lines were printed in all\n")
    assert len(plugin.printed) < 2_000
    drawn("loud").run(fetch="loss")
    assert plugin.printed.endswith("... 1,000,003 lines were printed in all\n")
    print("mine")
    assert capsys.readouterr() == ("mine\n", "")


@pytest.mark.parametrize(
    ("gives", "required"),
    [
        ("5", "must load as a Dataset, got int"),
        ("Dataset(name, np.ones((4, 3)), np.array([0, 1, 0, 1]), (), ('no', 'yes'))", "must have samples of shape"),
    ],
)
def test_a_data_set_that_is_another_than_its_plugin_says_is_named_with_it(
    make: Make, gives: str, required: str
) -> None:
    text = EVERYTHING.replace('    host.add_example(Path(__file__).parent / "drawn.gw")', "")
    make(faulty=text.replace("    return Dataset(name", f"    return {gives}\n    return Dataset(name"))
    with pytest.raises(GradwireError) as refused:
        prepare({"source": "ramp", "validation": 0.0}, None)
    assert f"the data set ramp of the plugin faulty {required}" in str(refused.value)


def test_other_kinds_that_fail_are_named_with_their_plugin(make: Make, tmp_path: Path) -> None:
    text = EVERYTHING
    for sound, faulty in (
        ("return w - 0.5", "return w[9] - 0.5"),
        ("yield Finding(", "1 / 0; yield Finding("),
        ("return plan", "return None"),
        ("return Dataset(", "raise OSError('no disk'); return Dataset("),
        ("return Largest(max", "1 / 0; return Largest(max"),
        ("    y = interior", "    1 / 0; y = interior"),
        ('return "\\n".join(sorted(graph.nodes)) + "\\n"', "return b''"),
        ('"name": np.array(numbers.split(), float)', '"name": np.array([None])'),
        ("        return Executable(", "        return 1 / 0; Executable("),
        ("        self.lines += ", "        1 / 0; self.lines += "),
        ('    host.add_example(Path(__file__).parent / "drawn.gw")', ""),
    ):
        assert sound in text
        text = text.replace(sound, faulty)
    plugins = make(faulty=text)

    def at(rule: str) -> str:
        return f"plugin faulty failed: faulty.py, line {text[: text.index(rule)].count(chr(10)) + 1}"

    def told(work: Callable[[], Any]) -> str:
        with pytest.raises(GradwireError) as caught:
            work()
        return str(caught.value)

    session = drawn("square", optimiser={"name": "half_step"}, batch=1, epochs=1)
    assert told(session.train).startswith("the optimiser half_step of the plugin faulty failed: ")
    assert session.run(fetch="loss")["loss"] == 1.0  # the pass gave no plan, and the plan stayed as it was
    session = drawn("square")
    assert "always" not in [finding.rule for finding in diagnose(session.timeline())]
    assert told(lambda: prepare({"source": "ramp", "validation": 0.0}, None)) == (
        f"the data set ramp of the {at('no disk')}: OSError: no disk"
    )
    assert told(lambda: gw.metric("largest").update([1.0], [0.0])) == (
        f"the metric largest of the {at('return Largest(max')}: ZeroDivisionError: division by zero"
    )
    with session.document.transaction("Build") as t:
        assert told(lambda: gw.build(t, "twice_linear")).startswith(
            "the layer twice_linear of the plugin faulty failed"
        )
    assert told(lambda: session.source("names")) == (
        "the exporter names of the plugin faulty failed: TypeError: a text is needed, got b''"
    )
    (tmp_path / "two.words").write_text("1", "utf-8")
    assert told(lambda: read_values(tmp_path / "two.words")) == (
        "the importer words of the plugin faulty failed: TypeError: numbers are needed, name holds object"
    )
    assert told(lambda: RUN_EXPORTERS["kept"].open(tmp_path / "kept").add("loss", [1], [2.0], None)) == (
        f"the run exporter kept of the {at('self.lines += ')}: ZeroDivisionError: division by zero"
    )
    assert told(lambda: Session(session.document, device="there").run(fetch="loss")) == (
        f"the backend loop of the {at('return 1 / 0; Executable')}: ZeroDivisionError: division by zero"
    )
    faults = " | ".join(plugins["faulty"].faults)
    assert "the pass as_it_is of the plugin faulty failed: TypeError: a plan is needed, got None" in faults
    assert f"the diagnostic always of the {at('yield Finding')}: ZeroDivisionError" in faults


SHARED = """
from gradwire.core.extend import Metric
from dataclasses import dataclass

class Base(Metric):
    counts = "predictions"
    seen: int = 0
    def check(self, prediction, target): pass
    def limits(self, prediction, target): return None
    def with_batch(self, prediction, target): return type(self).of(self.seen + len(prediction))
    def compute(self): return 1 / (self.seen - 3)
    @property
    def label(self): return {}[self.name]

@dataclass(frozen=True, eq=False, slots=True)
class First(Base):
    "The first."
    name, title = "first", "First"
    seen: int = 0
    @staticmethod
    def of(seen): return First(seen)

@dataclass(frozen=True, eq=False)
class Second(First):
    "The second."
    name, title = "second", "Second"
    @staticmethod
    def of(seen): return seen

def register(host):
    host.add_metric(First)
    host.add_metric(Second)
"""


def test_a_metric_is_contained_wherever_the_plugin_says_what_it_does(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins = make(shared=SHARED)
    assert plugins["shared"].error == ""
    first, second = gw.metric("first"), gw.metric("second")
    grown = first.update([1.0, 2.0], [0.0, 0.0])
    assert grown.number() == -1.0
    failed = {
        "the metric first of the plugin shared failed: shared.py, line 11: ZeroDivisionError: ": (
            lambda: grown.update([1], [0]).number()
        ),
        "the metric first of the plugin shared failed: shared.py, line 13: KeyError: 'first'": lambda: first.label,
        "the metric second of the plugin shared failed: shared.py, line 13: KeyError: 'second'": lambda: second.label,
        "the metric second of the plugin shared failed: TypeError: a Second is needed, got 1": (
            lambda: second.update([1.0], [0.0])
        ),
    }
    for told, act in failed.items():
        with pytest.raises(GradwireError) as caught:
            act()
        assert str(caught.value).startswith(told)
    assert main(["list", "metrics", "first"]) == 0
    assert capsys.readouterr().out.count("The first.") == 1


def test_an_op_is_held_against_what_it_says_of_itself(make: Make) -> None:
    make(
        right=an_op("right_op"),
        slope=an_op("slope_op", vjp="return (2.001 * x * g,)"),
        shape=an_op("shape_op", "return x.sum()"),
    )
    check_op(installed()["right_op"])
    with pytest.raises(GradwireError, match="the gradient of slope_op at its output y: fwd: the derivative is"):
        check_op(installed()["slope_op"])
    with pytest.raises(GradwireError, match="shape_op of the plugin shape must give y"):
        check_op(installed()["shape_op"])


# In processes of their own: what ends a program, what starts one.

LOAD = """
import sys
from pathlib import Path
from gradwire.core.plugins import Plugins
plugins = Plugins(Path(sys.argv[1]), Path(sys.argv[2]))
plugins.discover()
plugins.load()
"""


def test_one_that_crashes_or_hangs_the_program_is_disabled_at_the_next_start(make: Make, tmp_path: Path) -> None:
    folder, begun = tmp_path / "plugins", tmp_path / "begun"
    folder.mkdir()
    program = [sys.executable, "-c", LOAD, str(folder), str(tmp_path / "settings")]
    crashing, hanging = folder / "crashing.py", folder / "hanging.py"
    crashing.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "utf-8")
    assert subprocess.run(program).returncode == -signal.SIGSEGV
    hanging.write_text(f"import time\nopen({str(begun)!r}, 'w').close()\nwhile True: time.sleep(1)\n", "utf-8")
    hung = subprocess.Popen(program)  # the one that crashed is left out by now
    while not begun.exists():
        assert hung.poll() is None
        time.sleep(0.01)
    beside = Plugins(folder, tmp_path / "settings")
    beside.discover()
    assert beside["hanging"].state == FOUND  # it may still be loaded
    hung.kill()
    hung.wait()
    plugins = make(sound=an_op("sound_op"))
    states = {each.name: each.state for each in own(plugins)}
    assert states == {"crashing": DISABLED, "hanging": DISABLED, "sound": LOADED}
    assert plugins["crashing"].error == "the program crashed or hung while it was loaded"
    hanging.write_text(an_op("mended"), "utf-8")
    assert plugins.enable("hanging").state == LOADED
    again = Plugins(folder, tmp_path / "settings")
    again.discover()
    assert {each.name: each.state for each in again}["hanging"] == FOUND


LOADED_ALL_THE_TIME = """
import sys, time
from pathlib import Path
from gradwire.core.plugins.choices import Choices
choices, end = Choices(Path(sys.argv[1])), time.monotonic() + 1.5
while time.monotonic() < end:
    with choices.marked("sound"):
        pass
"""


def test_processes_that_start_together_blame_no_plugin_that_is_sound(tmp_path: Path) -> None:
    choices = Choices(tmp_path)
    begun = [subprocess.Popen([sys.executable, "-c", LOADED_ALL_THE_TIME, str(tmp_path)]) for _ in range(2)]
    while any(each.poll() is None for each in begun):
        assert choices.take_crashed() == []
    assert [each.returncode for each in begun] == [0, 0]
    assert choices.disabled() == {}
    assert [*choices.marks.iterdir()] == []


def test_a_mark_is_taken_away_where_no_open_file_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:  # as Windows has it
        for number in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                if os.readlink(f"/proc/self/fd/{number}") == str(path):
                    raise RuntimeError(f"{path} is open")
        really(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    choices = Choices(tmp_path)
    with choices.marked("sound"):
        (mark,) = choices.marks.iterdir()
        assert choices.take_crashed() == []  # somebody has it
    assert [*choices.marks.iterdir()] == []
    for name in ("left", "made"):  # of one a process has ended, of the other it may be about to begin
        lock = Lock(mark.with_name(f"1 {name}.lock"))
        if name == "left":
            assert lock.take()
            lock.mark()
        lock.release()
    assert (choices.take_crashed(), choices.take_crashed()) == (["left"], [])
    assert [*choices.disabled()] == ["left"]


def test_of_what_ships_no_mark_is_made(of_a_user: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(choices, "_marked", lambda file: made.append(file.name))
    of_a_user.mkdir()
    (of_a_user / "sound.py").write_text(an_op("sound_op"), "utf-8")
    plugins = package.plugins()
    plugins.load()
    plugins.reload("vision")
    assert plugins["vision"].state == LOADED
    assert made == [f"{os.getpid()} sound.lock"]


@pytest.mark.parametrize(
    ("folder", "written"),
    [("Ünï", "\\xdcn\\xef"), ("图", "\\u56fe"), ("🙂", "\\U0001f642"), ("\\xdc", "\\xdc")],
)
def test_a_crash_is_read_also_where_the_path_is_not_ascii_and_on_windows(
    tmp_path: Path, folder: str, written: str
) -> None:
    file = tmp_path / folder / "ops.py"
    file.parent.mkdir()
    file.touch()
    (tmp_path / "1.log").write_text(
        "Windows fatal exception: code 0xc0000092\n\nCurrent thread 0x01 (most recent call first):\n"
        '  File "caught.py", line 1 in f\n\n'
        "Windows fatal exception: access violation\n\nThread 0x02 (most recent call first):\n"
        '  File "other.py", line 2 in f\n\nCurrent thread 0x01 (most recent call first):\n'
        f'  File "{tmp_path}/{written}/ops.py", line 3 in forward\n'
    )
    assert [*crashes.taken(tmp_path)] == [crashes.Crash("access violation", ((str(file), 3),))]
    assert [*tmp_path.glob("*.log")] == []


def test_one_that_crashes_the_program_while_it_computes_is_disabled_at_the_next_start(
    make: Make, tmp_path: Path
) -> None:
    make(sound=an_op("sound_op"))
    text = an_op("crashing_op", "import ctypes; ctypes.string_at(0)")
    (tmp_path / "plugins" / "crashing.py").write_text(text, "utf-8")
    program = LOAD.replace("load()", "begin()") + "import gradwire.core as gw\ngw.ops.sound_op(1.0)\n"
    arguments = [str(tmp_path / "plugins"), str(tmp_path / "settings")]
    assert subprocess.run([sys.executable, "-c", program, *arguments]).returncode == 0
    program += "gw.ops.crashing_op(1.0)\n"
    crashed = subprocess.run([sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE, text=True)
    assert crashed.returncode == -signal.SIGSEGV
    assert crashed.stderr == (
        "gradwire: the plugin crashing crashed the program (crashing.py, line 10: Segmentation fault); "
        "it is disabled at the next start\n"
    )
    again = Plugins(tmp_path / "plugins", tmp_path / "settings")
    again.discover()
    assert {each.name: each.state for each in own(again)} == {"crashing": DISABLED, "sound": FOUND}
    where = "crashing.py, line 10: Segmentation fault"
    assert again["crashing"].error == f"the program crashed while it computed ({where})"
    again.disable("sound")  # so that none is loaded at the start
    program = program.replace("begin()\n", "begin()\nplugins.enable('crashing')\nplugins.enable('sound')\n")
    assert subprocess.run([sys.executable, "-c", program, *arguments]).returncode == -signal.SIGSEGV
    later = Plugins(tmp_path / "plugins", tmp_path / "settings")
    later.discover()
    assert {each.name: each.error for each in own(later)} == {"crashing": again["crashing"].error, "sound": ""}


@pytest.mark.parametrize(
    ("init", "told"),
    [
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
            "the plugin bad crashed the program (bad.py, line 2: ",
        ),
        ("def register(host): pass\n", "the program crashed: "),
    ],
    ids=["at its import", "elsewhere"],
)
def test_a_crash_is_told_on_the_terminal_once(tmp_path: Path, init: str, told: str) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "bad.py").write_text(init, "utf-8")
    program = LOAD.replace("load()", "begin()") + "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    arguments = [str(tmp_path / "plugins"), str(tmp_path / "settings")]
    crashed = subprocess.run([sys.executable, "-c", program, *arguments], stderr=subprocess.PIPE, text=True)
    assert crashed.returncode == -signal.SIGSEGV
    (line,) = crashed.stderr.splitlines()
    assert line.startswith(f"gradwire: {told}")
    assert "Segmentation fault" in line


def test_a_crash_is_told_of_the_plugin_whose_file_it_was_in_and_of_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, settings, packages = tmp_path / "plugins", tmp_path / "settings", tmp_path / "packages"
    for place in (folder / "edge", folder / "edge_extra", packages / "wide" / "inner", packages / "lone"):
        place.mkdir(parents=True)
        (place / "__init__.py").write_text("def register(host): pass\n", "utf-8")
    for place in (packages / "wide" / "__init__.py", packages / "lone" / "entry.py"):
        place.write_text("raise RuntimeError('nothing of it is run before it is loaded')", "utf-8")
    points = "[gradwire.plugins]\ninner = wide.inner\nlone = lone.entry\ngone = wide.gone\nlost = lost.gone\n"
    (packages / "wide-1.dist-info").mkdir()
    (packages / "wide-1.dist-info" / "METADATA").write_text("Name: wide\nVersion: 1\n", "utf-8")
    (packages / "wide-1.dist-info" / "entry_points.txt").write_text(points, "utf-8")
    monkeypatch.syspath_prepend(packages)
    crashed = {
        "edge_extra": [folder / "edge_extra" / "ops.py"],
        "inner": [packages / "lone" / "kernels.py", packages / "wide" / "inner" / "ops.py"],
        "lone": [packages / "other.py", packages / "lone" / "kernels.py"],
    }
    (settings / "crashes").mkdir(parents=True)
    for number, files in enumerate(crashed.values()):
        frames = "".join(f'  File "{file}", line 3 in forward\n' for file in files)
        (settings / "crashes" / f"{number}.lock").touch()
        text = f"Fatal Python error: Aborted\n\nCurrent thread 0x00 (most recent call first):\n{frames}"
        (settings / "crashes" / f"{number}.log").write_text(text)
    plugins = Plugins(folder, settings)
    plugins.discover()
    told = {
        name: f"the program crashed while it computed ({files[-1].name}, line 3: Aborted)"
        for name, files in crashed.items()
    }
    assert {each.name: each.error for each in own(plugins)} == {**told, "edge": "", "gone": "", "lost": ""}
    assert plugins["inner"].folder == str(packages / "wide" / "inner")
    assert not {"wide", "lone"} & {*sys.modules}


@pytest.fixture
def of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of plugins of a user who has none, for this process and those that it starts."""
    monkeypatch.setenv("GRADWIRE_PLUGINS", str(tmp_path / "plugins"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    loading._of_process.cache_clear()
    yield tmp_path / "plugins"
    for plugin in own(package.plugins()):
        if plugin.host is not None:
            plugin.host.withdraw()
    loading._of_process.cache_clear()


@pytest.mark.slow
def test_a_new_plugin_passes_its_own_tests_is_loaded_and_trains_in_a_run(
    of_a_user: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-plugin", "mine"]) == 0
    made = of_a_user / "mine"
    assert capsys.readouterr().out.splitlines()[0] == str(made)
    own = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    tests = subprocess.run(own, cwd=made, capture_output=True, text=True, timeout=60)
    assert tests.stdout.splitlines()[-1].startswith("2 passed"), tests.stdout
    loading._of_process.cache_clear()  # a program that begins
    package.plugins().load()
    assert package.plugins()["mine"].version == "0.1.0"
    session = drawn("mine_square", optimiser={"name": "sgd", "lr": 0.1}, batch=1, epochs=2)
    run = Run.start(session, tmp_path / "run")
    run.wait()
    assert run.state == "completed", run.message
    session.save(tmp_path / "graph.gw")
    capsys.readouterr()
    assert main(["train", str(tmp_path / "graph.gw")]) == 0
    told = capsys.readouterr()
    assert told.out.endswith("trained 2 epochs, 2 iterations: train_loss 0.871111\n")
    assert told.err == "note: the trained values are not kept (--out DIR keeps them)\n"


def test_the_command_lists_disables_and_enables(of_a_user: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_a_user.mkdir()
    (of_a_user / "sound.py").write_text(an_op("sound_op"), "utf-8")
    (of_a_user / "faulty.py").write_text("1 / 0", "utf-8")
    assert main(["plugins"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines[:-3]] == [
        ["NAME", "STATE", "VERSION", "ORIGIN"],
        *([name, "loaded", version("gradwire"), "shipped"] for name in ("datasets", "tensorboard", "vision")),
    ]
    assert lines[-3].split()[:2] == ["faulty", "failed"]
    assert lines[-2] == "  faulty.py, line 1: ZeroDivisionError: division by zero"
    assert lines[-1].split()[:2] == ["sound", "loaded"]
    assert lines[-1].endswith("op sound_op")
    assert main(["ops", "sound_op"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("sound_op\n\nA test.")
    assert told.err == (
        "note: the plugin faulty is not loaded: faulty.py, line 1: ZeroDivisionError: division by zero\n"
    )
    assert main(["plugins", "--disable", "sound", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["error"] == "disabled by you"
    loading._of_process.cache_clear()
    capsys.readouterr()
    assert main(["ops", "sound_op"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "gradwire: no op is called 'sound_op'; the plugin sound has it, which is disabled "
        "(gradwire plugins --enable sound)"
    )
    assert main(["plugins", "--enable", "sound"]) == 0
    assert main(["plugins", "--enable", "faulty"]) == 1
    assert main(["plugins", "--enable", "sond"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "gradwire: no plugin is called 'sond' (sound, vision)"
    assert main(["new-plugin", "relu op"]) == 1
    assert capsys.readouterr().err == (
        "gradwire: a plugin is called by small letters, digits and _, got 'relu op' (as in my_ops)\n"
    )
    assert main(["new-plugin", "class"]) == 1
    assert capsys.readouterr().err == (
        "gradwire: a plugin cannot be called 'class', a keyword of Python (as in my_class)\n"
    )


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("gradwire", "the name of this program"),
        ("core", "the name of a folder of this program"),
        ("plugins", "the name of a folder of this program"),
        ("random", "a module of Python"),
        ("numpy", "the name of a package that is installed"),
        ("tensorflow", "the name of a package that others import"),
    ],
)
def test_a_new_plugin_is_not_called_as_a_module_that_others_import(
    of_a_user: Path, capsys: pytest.CaptureFixture[str], name: str, whose: str
) -> None:
    assert main(["new-plugin", name]) == 1
    assert capsys.readouterr().err == (
        f"gradwire: a plugin cannot be called '{name}', {whose}: where both lie, an import could mean either "
        f"(as in my_{name})\n"
    )
    assert not (of_a_user / name).exists()


def test_a_new_plugin_has_a_name_of_its_own_and_what_ops_print_is_noted(
    of_a_user: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-plugin", "datasets"]) == 1
    assert capsys.readouterr().err == "gradwire: a plugin named 'datasets' is there already (choose another name)\n"
    of_a_user.mkdir(exist_ok=True)
    (of_a_user / "loud.py").write_text(an_op("loud_op", "print('ab\\n' * 1999); return x"), "utf-8")
    file = tmp_path / "loud.gw"
    package.plugins().discover()
    package.plugins().load()
    file.write_bytes(dump_graph(drawn("loud_op").graph))
    assert main(["run", str(file), "--fetch", "loss"]) == 0
    told = "note: the plugin loud printed 2,000 lines (kept 100), the first: ab\n"
    assert capsys.readouterr() == ("loss = 1.0\n", told)


def test_a_pass_that_fails_is_told_by_the_command_that_does_without_it(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make(broken="def spoil(plan):\n    return 5\n\ndef register(host):\n    host.add_pass(spoil)\n")
    monkeypatch.setattr(command, "plugins", lambda: made)
    drawn("square").save(tmp_path / "net.gw")
    assert main(["plan", str(tmp_path / "net.gw")]) == 0
    told = capsys.readouterr().err
    assert told == "note: the pass spoil of the plugin broken failed: TypeError: a plan is needed, got 5\n"
