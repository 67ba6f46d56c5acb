"""Source written from graphs: it runs, gives what Gradwire's own run gives, and holds no code that a name brought."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from op_cases import CONSTANT
from over import over
from peers import with_torch

from gradwire.core.document import Document
from gradwire.core.errors import EditError
from gradwire.core.exporting import Trained, numpy_code, numpy_source, numpy_spelling, torch_source, torch_spelling
from gradwire.core.exporting.identifiers import PYTHON, Names, identifier
from gradwire.core.exporting.torch_spelling import MODULE_ATTRIBUTES
from gradwire.core.extend import Aval, Mode, RandomState, Stream, op
from gradwire.core.graph import Source, Training
from gradwire.core.layers import build
from gradwire.core.op import Draw, Op, Output, Sample
from gradwire.core.ops import Registry, builtin
from gradwire.core.parameters import HIDDEN
from gradwire.core.random import normal, state, stream, uniform
from gradwire.core.session import Session

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FED = ("input", "dataset", "shared")
CASES = [
    pytest.param(found, sample, id=f"{found.name}-{i}")
    for found in builtin()
    if found.name not in FED
    for i, sample in enumerate(found.samples)
]
RANDOM = ("random_normal", "random_uniform", *(op.name for op in builtin() if op.takes_mode and op.takes_state))
Write = Callable[..., str]


def of_arrays_alone(found: Op) -> bool:
    """Whether an op computes from its arguments, and from nothing that only a run or a graph gives."""
    return bool(found.ports) and not found.takes_state and found.target is None


LANGUAGES = pytest.mark.parametrize(
    "write",
    [
        pytest.param(numpy_source, id="numpy"),
        pytest.param(
            torch_source,
            id="torch",
            marks=pytest.mark.skipif(find_spec("torch") is None, reason="its source imports torch"),
        ),
    ],
)


class Numbers:
    """Stands where `np.random.Generator` stands, and gives the numbers that Gradwire draws at a node."""

    def __init__(self, node: str, iteration: int = 0, seed: int = 0) -> None:
        self.state, self.stream = state(seed, iteration), stream(node)

    def standard_normal(self, shape: Any, dtype: Any) -> Any:
        return normal(self.state, self.stream, shape, dtype)

    def random(self, shape: Any, dtype: Any) -> Any:
        return uniform(self.state, self.stream, shape, dtype)


def drawn(sample: Sample, dtype: str) -> list[Any]:
    """The arguments of a sample that a graph feeds: random states are the run's."""
    numbers, found = np.random.default_rng(0), []
    for position, arg in enumerate(sample.args):
        if isinstance(arg, Draw):
            kind = "bool" if arg.kind == "bool" else "int64"
            found.append(np.asarray(numbers.integers(0, 2 if kind == "bool" else arg.high, arg.shape)).astype(kind))
        elif not isinstance(arg, np.ndarray):
            domain, x = sample.domain_of(position), np.asarray(numbers.normal(size=arg))
            if domain == "positive":
                x = np.abs(x) + 0.5
            elif domain == "distinct":
                x = (numbers.permutation(x.size) - x.size // 2 + 0.5).reshape(x.shape) * 0.3
            elif domain == "within 1":
                x = np.tanh(x) * 0.9
            elif domain == "above 1":
                x = np.abs(x) + 1.5
            elif domain in ("probabilities", "log probabilities"):
                x = np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True) if x.ndim else np.asarray(0.3)
                x = x if domain == "probabilities" else np.log(x)
            found.append(np.asarray(x).astype(dtype))
    return found


def graph_of(found: Op, sample: Sample, dtype: str, args: list[Any]) -> tuple[Session, str, dict[str, Any]]:
    """A graph with one node of an op, fed by inputs; its session, the node, and what to feed."""
    document = Document()
    feed = {}
    with document.transaction("Build") as t:
        t.set_dtype(dtype)
        inputs = {}
        for i, arg in enumerate(args):
            name = f"input_{i}"
            kind = "float" if arg.dtype.kind == "f" else arg.dtype.name
            inputs[found.port_name(i)] = t.add("input", name=name, shape=arg.shape, dtype=kind)
            feed[name] = arg
        if "target" in sample.params:  # of assign
            t.add("parameter", id="parameter0", shape=args[0].shape)
        params = {name: value for name, value in sample.params.items() if found.roles.get(name) not in HIDDEN}
        id = t.add(found.name, name="result", inputs=inputs, params=params)
    return Session(document), id, feed


def results_of(found: Op) -> list[str]:
    """What the results of the node are called."""
    several = len(found.visible) > 1
    return [f"result.{found.outputs[i].name}" if several else "result" for i in found.visible]


def each_of(found: Op, made: Any) -> Any:
    """What exported code returned, one for each result."""
    return made if len(found.visible) > 1 else [made]


def namespace(source: str) -> dict[str, Any]:
    made: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), made)
    return made


def run_numpy(session: Session, feed: dict[str, Any], ids: Any = None, **more: Any) -> Any:
    made = namespace(numpy_source(session.graph, session.registry, ids, session.folder))
    values = {}
    if "initial_parameters" in made:
        values = made["initial_parameters"](np.random.default_rng(0))
        values.update({name: more.pop(name) for name in list(values) if name in more})
    return made["forward"](**feed, **values, **more)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@over(CASES)
def test_numpy_gives_what_our_own_run_gives(found: Op, sample: Sample, dtype: str) -> None:
    session, id, feed = graph_of(found, sample, dtype, drawn(sample, dtype))
    every = session.run(feed, results_of(found), mode="eager", train=True, iteration=1)
    more: dict[str, Any] = {"rng": Numbers(id, 1)} if found.name in RANDOM else {}
    if "mode" in found.roles:
        more["training"] = True
    if found.name == "parameter":
        source = numpy_source(session.graph, session.registry)
        result = namespace(source)["initial_parameters"](Numbers(id))["result"]
    else:
        result = run_numpy(session, feed, **more)
    for made, wanted in zip(each_of(found, result), every.values(), strict=True):
        assert np.asarray(made).dtype == wanted.dtype
        assert np.shape(made) == wanted.shape
        tolerance = 1e-6 if dtype == "float32" else 1e-14
        # The sums of convolutions and normalisation may be near 0, and are rounded as their terms are.
        summed = found.category in ("convolution", "normalisation")
        largest = float(np.abs(wanted).max(initial=0)) if summed else 0.0
        np.testing.assert_allclose(made, wanted, rtol=tolerance, atol=tolerance * largest)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("found", "sample"), with_torch(CASES, 2))
def test_torch_gives_what_our_own_run_gives_with_its_gradients(found: Op, sample: Sample, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    session, _, feed = graph_of(found, sample, dtype, drawn(sample, dtype))
    made = namespace(torch_source(session.graph, session.registry))
    if found.name not in {*torch_spelling.SPELLINGS, "parameter"}:
        pytest.skip(f"{found.name} has no PyTorch spelling")
    first = results_of(found)[0]  # the others are held against PyTorch's by `test_op_numbers`
    wanted = session.run(feed, first, mode="eager", iteration=1)[first]
    constant = {f"input_{i}" for name, i in CONSTANT if name == found.name}
    varied = {name: value.dtype.kind == "f" and name not in constant for name, value in feed.items()}
    tensors = {name: torch.tensor(value, requires_grad=varied[name]) for name, value in feed.items()}
    result = each_of(found, (made["Network"]().eval() if "Network" in made else made["forward"])(**tensors))[0]
    if found.name in RANDOM[:2] or sample.params.get("init") in ("normal", "uniform", "he", "xavier"):
        assert result.detach().numpy().dtype == wanted.dtype
        assert result.shape == wanted.shape
        return
    assert result.detach().numpy().dtype == wanted.dtype
    tolerance = 2e-5 if dtype == "float32" else 1e-8
    np.testing.assert_allclose(result.detach().numpy(), wanted, rtol=tolerance, atol=tolerance)
    if found.no_gradient or not tensors or not result.dtype.is_floating_point:
        return
    seed = np.random.default_rng(1).normal(size=wanted.shape).astype(wanted.dtype)
    floats = [name for name, given in varied.items() if given]
    gradients = session.gradients(first, floats, feed, seed=seed, mode="eager", iteration=1)
    result.backward(torch.tensor(seed))
    for name in floats:
        gradient = gradients[name]
        if gradient is not None:
            theirs = tensors[name].grad  # None where the first of several results does not depend on it
            theirs = np.zeros_like(gradient) if theirs is None else theirs.numpy()
            np.testing.assert_allclose(theirs, gradient, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("spelling", [numpy_spelling, torch_spelling], ids=["numpy", "torch"])
def test_a_spelling_is_of_an_op_that_there_is_and_no_op_lacks_one(spelling: Any) -> None:
    names = set(builtin().names()).difference(FED, ["parameter"])
    assert not spelling.SPELLINGS.keys() - names
    lacking = sorted(names - spelling.SPELLINGS.keys())
    if lacking:  # told, not refused: a new op is one file
        pytest.skip(f"without a spelling: {', '.join(lacking)}")


@over(case for case in CASES if of_arrays_alone(case.values[0]))
def test_an_op_without_a_spelling_brings_its_own_forward(
    found: Op, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numpy_code, "SPELLINGS", {})
    session, _, feed = graph_of(found, sample, "float64", drawn(sample, "float64"))
    every = session.run(feed, results_of(found)).values()
    for made, wanted in zip(each_of(found, run_numpy(session, feed)), every, strict=True):
        assert np.asarray(made).dtype == wanted.dtype
        np.testing.assert_array_equal(made, wanted)


@pytest.mark.parametrize("op_name", ["add", "divide", "mean", "relu", "where", "concat", "mse", "matmul", "sum"])
def test_integers_meet_floats_as_ours_do(op_name: str) -> None:
    torch = pytest.importorskip("torch")
    found = builtin()[op_name]
    document = Document()
    feed: dict[str, Any] = {}
    with document.transaction("Build") as t:
        inputs = {}
        for i in range(max(1, 2 if found.grows else len(found.ports))):
            kind = "bool" if found.port_name(i) == "c" else ("int32" if i == 0 else "float32")
            inputs[found.port_name(i)] = t.add("input", name=f"input_{i}", shape=(2, 2), dtype=kind)
            feed[f"input_{i}"] = np.arange(1, 5).reshape(2, 2).astype(kind)
        t.add(op_name, name="result", inputs=inputs)
    session = Session(document)
    wanted = session.run(feed, "result")["result"]
    result = run_numpy(session, feed)
    assert result.dtype == wanted.dtype
    np.testing.assert_allclose(result, wanted)
    made = namespace(torch_source(session.graph, session.registry))
    result = made["forward"](**{name: torch.tensor(value) for name, value in feed.items()}).numpy()
    assert result.dtype == wanted.dtype
    np.testing.assert_allclose(result, wanted)


def reads(name: str) -> Session:
    return Session.open(EXAMPLES / f"{name}.gw")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.gw")), ids=lambda path: path.stem)
@LANGUAGES
def test_every_example_can_be_read_and_runs(path: Path, write: Write) -> None:
    session = Session.open(path)
    namespace(write(session.graph, session.registry, folder=session.folder))


def test_the_first_example_reads_as_a_student_would_write_it() -> None:
    session = reads("sin_plus_product")
    assert numpy_source(session.graph, session.registry) == (
        "import numpy as np\n\n\n"
        "def forward(x, y):\n"
        "    # x: () f64\n"
        "    # y: () f64\n"
        "    product = x * y  # () f64\n"
        "    sin = np.sin(x)  # () f64\n"
        "    f = sin + product  # () f64\n"
        "    return f\n"
    )
    assert torch_source(session.graph, session.registry) == (
        "import torch\n\n\n"
        "def forward(x, y):\n"
        "    # x: () f64\n"
        "    # y: () f64\n"
        "    product = x * y  # () f64\n"
        "    sin = torch.sin(x)  # () f64\n"
        "    f = sin + product  # () f64\n"
        "    return f\n"
    )


def test_a_network_has_the_loss_and_gradients_of_our_own() -> None:
    torch = pytest.importorskip("torch")
    session = reads("digits_mlp")
    source = torch_source(session.graph, session.registry)
    model = namespace(source)["Network"]()
    values = session.run(fetch=["data.x", "data.y", "loss", "probabilities"])
    held = {name: session.run(fetch=path)[path] for name, path in paths(session).items()}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.tensor(held[name]))
    loss, probabilities = model(torch.tensor(values["data.x"]), torch.tensor(values["data.y"]))
    assert loss.item() == pytest.approx(float(values["loss"]), rel=1e-5)
    np.testing.assert_allclose(probabilities.detach().numpy(), values["probabilities"], atol=1e-5)
    loss.backward()
    gradients = session.gradients("loss", list(paths(session).values()))
    for name, path in paths(session).items():
        np.testing.assert_allclose(getattr(model, name).grad.numpy(), gradients[path], atol=1e-5)
    found, again = run_numpy(session, {"data_x": values["data.x"], "data_y": values["data.y"]}, **held)
    assert float(found) == pytest.approx(float(values["loss"]), rel=1e-6)
    np.testing.assert_allclose(again, values["probabilities"], rtol=1e-5)


def paths(session: Session) -> dict[str, str]:
    """The path of each parameter of digits_mlp by its name in the source."""
    graph = session.graph
    ids = [id for id in graph.nodes if graph.nodes[id].op == "parameter"]
    return {"_".join(graph.path(id).split("/")[-2:]): graph.path(id) for id in ids}


def test_the_training_loop_reads_the_file_that_the_graph_reads_and_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch = pytest.importorskip("torch")
    x = np.linspace(-1, 1, 40)
    rows = "\n".join(f"{a:.6f},{3 * a + 1:.6f}" for a in x)
    (tmp_path / "line.csv").write_text(f"a,b\n{rows}\n", "utf-8")
    document = Document()
    with document.transaction("Build") as t:
        data = t.add("dataset", name="data", source="line.csv", target="b")
        made = build(t, "linear", data, in_features=1, out_features=1, init="zeros")
        loss = t.add("mse", name="loss", inputs={"prediction": made.output, "target": f"{data}.y"})
        t.add("parameter", name="unused", shape=(3,))
        t.set_training(Training(loss, {"name": "sgd", "lr": 0.5}, batch=8, epochs=30))
    session = Session(document, tmp_path / "line.gw")
    monkeypatch.chdir(tmp_path)
    model = namespace(torch_source(session.graph, session.registry, folder=tmp_path))["train"]()
    assert model.weight.item() == pytest.approx(3, abs=0.01)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 30
    assert float(lines[-1].split()[-1]) < 1e-3 < float(lines[0].split()[-1])
    assert isinstance(model, torch.nn.Module)


def test_a_selection_takes_what_comes_from_outside_and_returns_what_goes_out() -> None:
    session = reads("sin_plus_product")
    source = numpy_source(session.graph, session.registry, ["multiply0", "add0"])
    made = namespace(source)
    assert "def forward(x, y, sin):" in source
    assert made["forward"](2.0, 3.0, 0.5) == 6.5
    inner = numpy_source(session.graph, session.registry, ["sin0"])
    assert "return sin" in inner
    group = reads("digits_mlp")
    assert "return add" in numpy_source(group.graph, group.registry, ["linear0"])
    with pytest.raises(EditError, match="there is no node or group 'nothing'"):
        numpy_source(session.graph, session.registry, ["nothing"])


def test_flags_are_written() -> None:
    torch = pytest.importorskip("torch")
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2,))
        w = t.add("parameter", name="train", shape=(2,), init="ones")
        product = t.add("multiply", name="product", inputs={"x": x, "y": w})
        sin = t.add("sin", name="sin", inputs={"x": product})
        t.add("negative", name="lambda", inputs={"x": sin})
        t.set_flags(w, "freeze")
        t.set_flags(product, "detach")
        t.set_flags(sin, "bypass")
    session = Session(document)
    assert "sin = product  # (2,) f32, bypassed: sin" in numpy_source(session.graph, session.registry)
    made = namespace(torch_source(session.graph, session.registry))
    model = made["Network"]()
    assert [(name, p.requires_grad) for name, p in model.named_parameters()] == [("train_", False)]
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    result = model(x)
    assert result.tolist() == [-1.0, -2.0]
    assert not result.requires_grad
    assert model.train() is model


def test_assigned_parameters_change_at_commit_alone() -> None:
    pytest.importorskip("torch")
    document = Document()
    with document.transaction("Build") as t:
        w = t.add("parameter", name="count", shape=(), init="zeros")
        one = t.add("constant", name="one", value=1.0)
        more = t.add("add", name="more", inputs={"x": w, "y": one})
        t.add("assign", name="next", inputs={"value": more}, target=w)
        t.add("shared", name="again", of=w)
    session = Session(document)
    model = namespace(torch_source(session.graph, session.registry))["Network"]()
    assert model().item() == 1.0
    assert model.count.item() == 0.0
    model.commit()
    assert model.count.item() == 1.0
    assert model().item() == 2.0
    assert [name for name, _ in model.named_buffers()] == ["count"]  # no optimiser and no average changes it
    source = numpy_source(session.graph, session.registry)
    assert "# count is to be next_ from the next iteration on" in source
    assert namespace(source)["forward"](np.float32(4.0)) == 5.0


def test_running_statistics_are_given_back_to_be_held_next() -> None:
    x = np.random.default_rng(4).normal(2, 3, (6, 3))
    document = Document()
    with document.transaction("Build") as t:
        t.set_dtype("float64")
        given = t.add("constant", name="x", value=x.tolist())
        norm = build(t, "batch_norm", Source(given, "y"), name="norm", num_features=3, momentum=0.3)
        t.add("mean", name="loss", inputs={"x": norm.output})
        t.set_training(Training("mean0", optimiser={"name": "sgd", "lr": 0.1}, epochs=1, batch=1))
    session = Session(document)
    source = numpy_source(session.graph, session.registry)
    assert "    # running_mean is to be next_running_mean from the next iteration on\n" in source
    assert "    return loss, next_running_mean, next_running_var\n" in source
    made = namespace(source)
    values = made["initial_parameters"](np.random.default_rng(0))
    _, mean, variance = made["forward"](**values)  # in evaluation they stay
    assert mean.tolist() == [0.0] * 3
    assert variance.tolist() == [1.0] * 3
    _, mean, variance = made["forward"](**values, training=True)
    session.train()
    ours = session.run(fetch=["norm/running_mean", "norm/running_var"])
    np.testing.assert_allclose(mean, ours["norm/running_mean"], rtol=1e-14)
    np.testing.assert_allclose(variance, ours["norm/running_var"], rtol=1e-14)
    assert "next_running" not in torch_source(session.graph, session.registry)  # which moves them by itself


def test_every_op_that_keeps_statistics_says_in_numpy_what_they_are_next() -> None:
    names = {
        found.name for found in builtin() if any(o.hidden and o.name in found.writes.values() for o in found.outputs)
    }
    assert names == set(numpy_spelling.KEPT)


@op(formula="c + 1", category="test", samples=[((), ())], outputs=("y", Output("next_count", hidden=True)))
def counted(xp: Any, x: Any, count: Any) -> Any:
    """`x` as it is, while it counts."""
    return x + 0, count + 1


counted.shape(lambda x, count: (x, count))
counted.writes = {"count": "next_count"}


def test_what_an_op_of_a_plugin_keeps_is_given_back_too() -> None:
    registry = Registry([*builtin(), counted])
    document = Document(registry=registry)
    with document.transaction("Build") as t:
        count = t.add("parameter", name="count", shape=(), init="zeros")
        t.add("counted", name="y", inputs={"x": t.add("constant", value=3.0), "count": count})
    assert namespace(numpy_source(document.graph, registry))["forward"](4.0) == (3.0, 5.0)


@LANGUAGES
def test_a_node_with_a_problem_says_so_when_the_source_runs(write: Write) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2, 3))
        t.add("matmul", name="m", inputs={"x": x, "w": x})
    session = Session(document)
    with pytest.raises(ValueError, match="m: w: x has 3 columns but w has 2 rows"):
        namespace(write(session.graph, session.registry))["forward"](0)


@op(formula="x^3", category="math", samples=[((2,),)])
def cube(xp: Any, x: Any, *, scale: float = 1.0) -> Any:
    """The third power."""
    return scale * xp.power(x, 3)


@cube.shape
def _(x: Aval, *, scale: float) -> Aval:
    return x


def test_an_op_of_a_plugin_is_written_in_its_own_words() -> None:
    registry = Registry([*builtin(), cube])
    document = Document(registry=registry)
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2,))
        t.add("cube", name="y", inputs={"x": x}, scale=2.0)
    source = numpy_source(document.graph, registry)
    assert "def cube_op(xp, x, *, scale=1.0):" in source
    assert namespace(source)["forward"](np.array([1.0, 2.0])).tolist() == [2.0, 16.0]
    pytest.importorskip("torch")
    with pytest.raises(NotImplementedError, match="y: the op cube has no PyTorch spelling yet"):
        namespace(torch_source(document.graph, registry))["forward"](0)


@op(formula="x + e", category="random", samples=[((2,),)])
def jitter(xp: Any, x: Any, state: RandomState = None, *, mode: Mode = "train", stream: Stream = 0) -> Any:
    """A little noise on top, in training."""
    return x if state is None or mode == "eval" else x + normal(state, stream, x.shape, x.dtype)


@jitter.shape
def _(x: Aval, state: Aval | None, *, mode: str, stream: int) -> Aval:
    return x


def test_noise_of_a_plugin_is_refused_in_training_and_left_to_it_in_evaluation() -> None:
    registry = Registry([*builtin(), jitter])
    document = Document(registry=registry)
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2,))
        t.add("jitter", name="noisy", inputs={"x": x})
    forward = namespace(numpy_source(document.graph, registry))["forward"]
    assert forward(np.ones(2)).tolist() == [1.0, 1.0]
    with pytest.raises(NotImplementedError) as refused:
        forward(np.zeros(2), training=True)
    assert str(refused.value) == (
        "noisy: the op jitter draws Gradwire's own random numbers, for which NumPy has no spelling"
    )
    with document.transaction("Bypass") as t:
        t.set_flags("jitter0", ["bypass"])
    assert namespace(numpy_source(document.graph, registry))["forward"](np.ones(2)).tolist() == [1.0, 1.0]


@op(formula="x + e", category="random", samples=[((2,),)])
def shaken(xp: Any, x: Any, state: RandomState = None, *, stream: Stream = 0) -> Any:
    """A little noise on top, always."""
    return x if state is None else x + normal(state, stream, x.shape, x.dtype)


shaken.shape(lambda x, state, *, stream: x)


def test_noise_that_a_plugin_always_draws_is_refused_and_never_left_out() -> None:
    registry = Registry([*builtin(), shaken])
    document = Document(registry=registry)
    with document.transaction("Build") as t:
        t.add("shaken", name="noisy", inputs={"x": t.add("input", name="x", shape=(2,))})
    source = numpy_source(document.graph, registry)
    assert "shaken_op" not in source
    with pytest.raises(NotImplementedError, match="noisy: the op shaken draws Gradwire's own random numbers"):
        namespace(source)["forward"](np.zeros(2))


@pytest.mark.parametrize("init", ["zeros", "ones", "constant", "normal", "uniform", "xavier", "he"])
def test_a_parameter_that_nothing_uses_is_written_and_harmless(init: str) -> None:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2,))
        t.add("parameter", name="used", shape=(2,), init="ones")
        t.add("parameter", name="unused", shape=(3, 2), init=init)
        t.add("multiply", name="y", inputs={"x": x, "y": "parameter0"})
    session = Session(document)
    made = namespace(numpy_source(session.graph, session.registry))
    drawn = made["initial_parameters"](np.random.default_rng(0))
    assert drawn["unused"].shape == (3, 2)
    assert made["forward"](np.array([1.0, 2.0]), **drawn).tolist() == [1.0, 2.0]
    alone = namespace(numpy_source(session.graph, session.registry, ["parameter1"]))
    assert alone["forward"](drawn["unused"]) is drawn["unused"]
    torch = pytest.importorskip("torch")
    network = namespace(torch_source(session.graph, session.registry))["Network"]()
    assert network(torch.tensor([1.0, 2.0])).tolist() == [1.0, 2.0]
    assert namespace(torch_source(session.graph, session.registry, ["parameter1"]))["Network"]()().shape == (3, 2)


def trained_document() -> Document:
    document = Document()
    with document.transaction("Build") as t:
        x = t.add("input", name="x", shape=(2,))
        t.add("parameter", name="weight", shape=(2,), init="normal")
        t.add("parameter", name="bias", shape=(2,))
        product = t.add("multiply", inputs={"x": x, "y": "parameter0"})
        t.add("add", name="y", inputs={"x": product, "y": "parameter1"})
        t.set_values("parameter0", np.array([2.0, -1.0], np.float32))
    return document


def test_source_loads_trained_values_from_the_file_beside_the_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(trained_document())
    session.save(tmp_path / "net.gw")
    monkeypatch.chdir(tmp_path)
    trained = Trained(frozenset({"parameter0"}), "net.safetensors")
    source = numpy_source(session.graph, session.registry, trained=trained)
    assert source.startswith(
        "# Parameters have trained values, which are not in this source: initial_parameters draws what training"
        " begins with.\n# trained_parameters takes the trained ones from net.safetensors, which stands beside the"
        " graph.\n\nimport numpy as np\nfrom safetensors.numpy import load_file\n"
    )
    made = namespace(source)
    values = {**made["initial_parameters"](np.random.default_rng(0)), **made["trained_parameters"]()}
    assert made["forward"](np.array([1.0, 1.0]), **values).tolist() == [2.0, -1.0]
    torch = pytest.importorskip("torch")
    text = torch_source(session.graph, session.registry, trained=trained)
    assert "# Network().load_values() takes the trained ones from net.safetensors" in text
    network = namespace(text)["Network"]()
    assert network.load_values()(torch.ones(2)).tolist() == [2.0, -1.0]


@LANGUAGES
def test_values_that_no_file_holds_are_told_and_others_say_nothing(write: Write) -> None:
    session = Session(trained_document())
    told = write(session.graph, session.registry, trained=Trained(frozenset({"parameter0"})))
    assert "Once the graph is saved as a .gw file, its source can load them." in told
    assert "load_file" not in told
    namespace(told)
    assert "#" not in write(session.graph, session.registry).partition("import")[0]
    beside = write(session.graph, session.registry, ["parameter1"], trained=Trained(frozenset({"parameter0"}), "a"))
    assert "trained" not in beside
    assert "load_file" not in beside


def test_the_attributes_of_modules_are_not_given_to_parameters() -> None:
    torch = pytest.importorskip("torch")
    public = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    assert public <= MODULE_ATTRIBUTES


# Names that would be code.

HOSTILE = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from(
        [
            "x'; import os",
            'x"""\nimport os',
            "__import__",
            "lambda",
            "print",
            "np",
            "self",
            "torch",
            "forward",
            "softmax",
            "x = 1 # ",
            "﹍a",
            "ｎｐ",
            "σ",
            "ŷ",
            "1st",
            "\u202eevil",
            "__class__",
            "N",
            "rng",
            "train",
            "F",
        ]
    ),
)


@given(HOSTILE)
def test_an_identifier_is_one_whatever_the_name(text: str) -> None:
    found = identifier(text)
    assert found.isidentifier()
    assert found.isascii()
    assert not found.startswith("_")
    given = Names(("np",)).new(text)
    assert given.isidentifier()
    assert not keyword.iskeyword(given)
    assert given not in PYTHON | {"np"}


def test_identifiers_read_well() -> None:
    assert [identifier(text) for text in ("σ", "Δx", "ŷ", "relu 2", "W", "1st")] == [
        "sigma",
        "Deltax",
        "y",
        "relu_2",
        "W",
        "value_1st",
    ]
    names = Names()
    assert [names.new("x"), names.new("x"), names.new("x"), names.new("if")] == ["x", "x_2", "x_3", "if_"]


def test_a_text_that_reads_like_a_call_brings_no_function() -> None:
    document = Document()
    with document.transaction("Build") as t:
        t.add("print", inputs={"x": t.add("input", name="x", shape=(2,))}, message="sigmoid(x) isn't erf(x)")
    assert "def erf" not in numpy_source(document.graph, builtin())
    with document.transaction("Build") as t:
        t.add("erf", inputs={"x": "input0"})
    assert numpy_source(document.graph, builtin()).count("def erf") == 1


@settings(max_examples=60)
@given(st.lists(HOSTILE, min_size=5, max_size=5), st.text(max_size=20))
def test_names_and_texts_never_become_code(names: list[str], message: str) -> None:
    document = Document()
    try:
        with document.transaction("Build") as t:
            group = t.add_group(names[4])
            x = t.add("input", name=names[0], shape=(2, 2))
            w = t.add("parameter", name=names[1], shape=(2, 2), init="ones", group=group)
            product = t.add("matmul", name=names[2], inputs={"x": x, "w": w}, group=group)
            t.add("print", name=names[3], inputs={"x": product}, message=message)
    except EditError:
        return  # a name that no graph can have
    session = Session(document)
    for write in (numpy_source, torch_source):
        source = write(session.graph, session.registry)
        tree = ast.parse(source)
        compile(source, "exported.py", "exec")
        imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
        assert imported <= {"numpy", "torch", "torch.nn.functional", "sys", "math"}
        called = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        assert called <= {"show", "print", "np.ones", "nn.Parameter", "torch.ones", "super", "super().__init__"} | {
            "tuple",
            "x.detach",
        }
        kinds = {type(node) for node in ast.walk(next(n for n in ast.walk(tree) if is_forward(n)))}
        assert kinds <= {ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Name, ast.Store, ast.Load} | {
            ast.BinOp,
            ast.MatMult,
            ast.Call,
            ast.Constant,
            ast.Return,
            ast.Attribute,
        }
    result = run_numpy(session, {first_argument(session): np.eye(2, dtype=np.float32)})
    assert np.array_equal(result, np.ones((2, 2)))


def is_forward(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "forward"


def first_argument(session: Session) -> str:
    tree = ast.parse(numpy_source(session.graph, session.registry))
    forward = next(node for node in ast.walk(tree) if is_forward(node))
    assert isinstance(forward, ast.FunctionDef)
    return forward.args.args[0].arg


def test_a_large_graph_is_written_in_time() -> None:
    document = Document()
    with document.transaction("Build") as t:
        value = t.add("input", name="x", shape=(2,))
        for _ in range(3000):
            value = t.add("sin", inputs={"x": value})
    source = numpy_source(document.graph, builtin())
    assert source.count("np.sin") == 3000


# Printing.


def printing(**params: Any) -> Session:
    """s = sum(h · (1, 2)) with h = 2 x through a print beside another use of h; data and a condition are wired."""
    session = Session()
    with session.document.transaction("Build") as t:
        x = t.add("parameter", name="x", shape=(2,), init="ones")
        h = t.add("multiply", name="h", inputs={"x": x, "y": t.add("constant", name="two", value=2.0)})
        when = t.add(
            "greater", name="large", inputs={"x": t.add("sum", inputs={"x": h}), "y": t.add("constant", value=3.0)}
        )
        ports = {"x": h, "data0": x, "when": when}
        shown = t.add("print", name="shown", inputs=ports, message="h", **params)
        weighed = t.add("multiply", inputs={"x": shown, "y": t.add("constant", value=[1.0, 2.0])})
        t.add("sum", name="s", inputs={"x": t.add("add", inputs={"x": weighed, "y": h})})
    return session


@pytest.mark.parametrize(
    ("show", "lines"),
    [
        ("value", ["h (2,) torch.float32 tensor([2., 2.]) Parameter containing:"]),
        ("gradient", ["h gradient (2,) torch.float32 tensor([1., 2.])"]),
        (
            "both",
            [
                "h (2,) torch.float32 tensor([2., 2.]) Parameter containing:",
                "h gradient (2,) torch.float32 tensor([1., 2.])",
            ],
        ),
    ],
)
def test_a_print_shows_in_pytorch_what_it_shows_here(
    show: str, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    session = printing(show=show)
    source = torch_source(session.graph, session.registry)
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), names)
    network = names["Network"]()
    network().backward()
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if line.startswith("h")] == lines
    assert network.x.grad.tolist() == [4.0, 6.0]
    assert " if large.any() else h" in source


def test_what_exported_code_does_not_print_stands_beside_it() -> None:
    session = printing(show="both", every=3, first=2)
    said = "in Gradwire at the first 2 iterations that 3 divides"
    assert f", {said}\n" in torch_source(session.graph, session.registry)
    numpy = numpy_source(session.graph, session.registry)
    assert f", {said}; no gradient\n" in numpy
    assert "show(h, 'h', x) if np.any(large) else h" in numpy
    assert "in Gradwire" not in torch_source(printing().graph, session.registry)
