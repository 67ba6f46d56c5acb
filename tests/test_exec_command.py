"""`gradwire exec`: a script builds, trains and saves by the names of the console, and ends as Python has it end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gradwire.core as gw
from gradwire.core.cli import main

BUILD = '''\
"""Two moons, told apart by a network of one hidden layer."""
import sys

epochs = int(sys.argv[1])
with edits("Build a network"):
    add("dataset", "data", source="moons", samples=80)
    add(layers.linear, "fc1", x="data.x", in_features=2, out_features=8)
    add("tanh", "hidden", x="fc1")
    add("linear", "fc2", x=g.hidden, in_features=8, out_features=2)
    add("cross_entropy", "loss", logits="fc2", target="data.y")

accuracy = {"name": "accuracy", "prediction": "fc2", "target": "data.y"}
training(loss="loss", optimiser="adam", lr=0.05, batch=20, epochs=epochs, metrics=[accuracy])
before = float(g.loss.value)
steepest = np.abs(g.fc1.weight.grad).max()
parts = [array for port, array in g.hidden.contributions]
assert np.array_equal(sum(parts), g.hidden.grad)

result = train(seed=1)
print(f"{before:.3f} {steepest:.3f} {result['train_loss']:.3f} {__name__}")
plot()
predict = g.to_function("fc2")
print(predict(np.zeros((3, 2))).shape)
show(g.fc2.bias)
'''


def script(folder: Path, text: str, name: str = "script.py") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_a_script_builds_a_network_trains_it_reads_its_gradients_and_saves_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "moons.gw"
    argv, path, module = sys.argv, sys.path[:], sys.modules["__main__"]
    assert main(["exec", script(tmp_path, BUILD), str(file), "--new", "--save", "--", "15"]) == 0
    told = capsys.readouterr().out.splitlines()
    before, steepest, after, name = told[0].split()
    assert (float(after) < 0.6 * float(before), float(steepest) > 0, name) == (True, True, "__main__")
    assert (told[1][:15], told[2], told[3][:8]) == ("loss 15 numbers", "(3, 2)", "f32 (2,)")
    assert (sys.argv, sys.path, sys.modules["__main__"]) == (argv, path, module)

    session = gw.open(file)
    assert not session.check().problems
    assert session.evaluate().loss < 0.6 * float(before)
    # Without --save a second script changes nothing in the file, and is told so.
    held = file.read_bytes()
    assert main(["exec", script(tmp_path, "g.fc1.freeze = True\nremove('data')\n"), str(file)]) == 0
    assert capsys.readouterr().err == "note: what the script has changed is not kept (--save keeps it)\n"
    assert file.read_bytes() == held
    # With OUT it is another file, and a script finds its own modules beside it.
    script(tmp_path, "NAME = 'seen'\n", "beside.py")
    text = "import beside, os\nrename('hidden', beside.NAME)\nprint(os.path.basename(__file__))\n"
    assert main(["exec", script(tmp_path, text), str(file), "--save", str(tmp_path / "other.gw")]) == 0
    assert capsys.readouterr().out == "script.py\n"
    assert "seen" in {node.name for node in gw.open(tmp_path / "other.gw").graph.nodes.values()}
    assert main(["exec", script(tmp_path, text), str(file), "--new"]) == 1
    assert capsys.readouterr().err.endswith("moons.gw is there already (without --new the script goes on from it)\n")


def test_an_exception_is_told_from_the_lines_of_the_script_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "new.gw")

    def told(text: str) -> tuple[int, str]:
        status = main(["exec", script(tmp_path, text), file, "--new", "--save"])
        return status, capsys.readouterr().err.replace(str(tmp_path / "script.py"), "script.py")

    status, error = told("def half(x):\n    return x / 0\n\nadd('input', 'x')\nhalf(1)\n")
    lines = [line for line in error.splitlines() if "^" not in line and "~" not in line]
    assert status == 1
    assert lines == [
        "Traceback (most recent call last):",
        '  File "script.py", line 5, in <module>',
        "    half(1)",
        '  File "script.py", line 2, in half',
        "    return x / 0",
        "ZeroDivisionError: division by zero",
    ]
    status, error = told("\nconnect('a', 'b')\n")  # a refusal of ours has no lines of ours either
    lines = [line for line in error.splitlines() if "^" not in line]
    assert (status, lines[1:3]) == (1, ['  File "script.py", line 2, in <module>', "    connect('a', 'b')"])
    assert lines[3:] == ["gradwire.core.errors.EditError: there is no node or group 'a'"]
    status, error = told("x = (\n")
    assert (status, error.splitlines()[-1]) == (1, "SyntaxError: '(' was never closed")
    assert not Path(file).exists()  # what ended so is not saved
    assert told("import sys\nsys.exit(5)\n") == (5, "")
    assert told("raise SystemExit('enough')\n") == (1, "enough\n")
    assert told("add('input', 'x')\nraise SystemExit\n") == (0, "")
    assert Path(file).exists()
    assert main(["exec", str(tmp_path / "nothing.py"), file]) == 2
    assert capsys.readouterr().err.endswith("nothing.py cannot be read: No such file or directory\n")


HOOKED = """
import numpy as np

def half(array, event):
    return np.zeros(3).reshape(2, 2)

add('input', 'x', value=0.5)
add('sin', 'f', x='x')
session.on_forward('f', half)
run('f')
"""


def test_an_exception_of_a_callback_is_told_without_what_lies_between_the_script_and_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(text: str) -> list[str]:
        assert main(["exec", script(tmp_path, text), str(tmp_path / "new.gw"), "--new"]) == 1
        error = capsys.readouterr().err.replace(str(tmp_path / "script.py"), "script.py")
        return [line for line in error.splitlines() if "^" not in line and "~" not in line]

    assert told(HOOKED) == [
        "Traceback (most recent call last):",
        '  File "script.py", line 10, in <module>',
        "    run('f')",
        '  File "script.py", line 5, in half',
        "    return np.zeros(3).reshape(2, 2)",
        "ValueError: cannot reshape array of size 3 into shape (2,2)",
    ]
    assert told("def f(x):\n    return add('nop')\n\ntrace(f, 1.0)\n")[1:5] == [
        '  File "script.py", line 4, in <module>',
        "    trace(f, 1.0)",
        '  File "script.py", line 2, in f',
        "    return add('nop')",
    ]


@pytest.mark.skipif(os.name == "nt", reason="a process is interrupted by a signal")
def test_ctrl_c_ends_a_script_in_one_line(tmp_path: Path) -> None:
    text = "print('begun', flush=True)\nwhile True:\n    pass\n"
    # A process that a shell started in the background ignores Ctrl+C, and so do those that it starts.
    listens = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{listens}; import sys; from gradwire.core.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "exec", script(tmp_path, text), str(tmp_path / "new.gw"), "--new"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (130, "gradwire: stopped\n")


TALL = """\
add("input", name="x", value=[[1.0, 2.0, 3.0]] * 8, shape=[8, 3])
add("constant", name="gamma", value=[1.0, 2.0, 0.5])
add("constant", name="beta", value=[0.0, 0.1, 0.2])
add("batch_norm", name="bn", x="x", gamma="gamma", beta="beta")
add("square", name="square", x="x")
add("sum", name="loss", x="bn")
"""


def test_who_leaves_the_debugger_is_told_that_in_one_line(tmp_path: Path) -> None:
    program = "from gradwire.core.cli import main; import sys; sys.exit(main(sys.argv[1:]))"
    arguments = ["exec", "--new", script(tmp_path, "x = 3\nbreakpoint()\nprint(x + 1)\n"), str(tmp_path / "a.gw")]
    ended = subprocess.run(
        [sys.executable, "-c", program, *arguments], input="p x * 100\nq\n", capture_output=True, text=True
    )
    assert "300" in ended.stdout
    assert (ended.stderr, ended.returncode) == ("left in the debugger\n", 1)


def test_what_a_script_adds_covers_nothing(tmp_path: Path) -> None:
    (tmp_path / "build.py").write_text(TALL)
    assert main(["exec", str(tmp_path / "build.py"), str(tmp_path / "a.gw"), "--new", "--save"]) == 0
    graph = gw.Session.open(tmp_path / "a.gw").graph
    at = {node.name: node.position for node in graph.nodes.values()}
    assert at["x"] == (0, 0)
    assert at["bn"] == (240, 0)
    assert at["loss"] == (480, 0)
    matrix = 26 + 20 + 2 * 8 * 11  # the title, the first port, and eight rows of numbers in the value and its gradient
    assert at["gamma"][1] - at["x"][1] >= matrix
    assert 110 < at["beta"][1] - at["gamma"][1] < 160  # a vector is shown in one row
    assert at["square"][0] == 240
    assert at["square"][1] - at["bn"][1] >= matrix + 4 * 18  # and four more ports
