"""The program `gradwire`: when it opens a window, what it says where it cannot, and what it loads by then."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradwire.app import entry

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"

# Not loaded before the window is painted: each takes longer than the window itself, or is not needed by then.
NOT_AT_START = (
    "IPython", "matplotlib", "networkx", "pandas", "pyqtgraph", "safetensors", "scipy", "sklearn", "torch", "tqdm",
)  # fmt: skip


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from gradwire.app.entry import main; sys.exit(main())"
    places = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**places, "QT_QPA_PLATFORM": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], True),
        (["graph.gw"], True),
        ([str(EXAMPLES / "colah.gw")], True),
        (["train", "graph.gw"], False),
        (["ops"], False),
        (["--help"], False),
        (["nonsense"], False),
    ],
)
def test_files_open_the_window_and_commands_do_not(arguments: list[str], wanted: bool) -> None:
    assert entry._wants_window(arguments) == wanted


def test_commands_run_as_before_and_without_qt() -> None:
    done = run("info", str(EXAMPLES / "colah.gw"))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_is_not_there_is_one_line() -> None:
    done = run("nowhere.gw")
    assert (done.returncode, done.stderr) == (2, "gradwire: nowhere.gw: no such file\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="DISPLAY is of X and Wayland")
def test_without_a_display_there_is_one_line() -> None:
    done = run(str(EXAMPLES / "colah.gw"))
    assert done.returncode == 1
    assert done.stderr == (
        "gradwire: a window needs a display, found neither DISPLAY nor WAYLAND_DISPLAY "
        "(the commands need none: gradwire train FILE; gradwire --help)\n"
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="DISPLAY is of X")
def test_a_display_that_does_not_answer_is_one_line() -> None:
    done = run(str(EXAMPLES / "colah.gw"), DISPLAY=":4999")
    assert done.returncode == 1
    assert done.stderr.startswith("gradwire: ")
    assert done.stderr.count("\n") == 1
    assert "the display :4999 does not answer" in done.stderr or "sudo apt-get install" in done.stderr


def test_a_missing_system_library_is_one_line_with_the_command_that_installs_it() -> None:
    def load(name: str) -> ctypes.CDLL:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    with pytest.raises(entry.NoWindowError) as told:
        entry._need_x(load)
    assert str(told.value) == (
        f"the window needs the system library libxcb-cursor.so.0 (sudo apt-get install {entry.PACKAGES})"
    )


def test_the_packages_are_those_that_the_bootstrap_installs() -> None:
    script = (EXAMPLES.parent / "resources" / "bootstrap.sh").read_text("utf-8")
    assert [name for name in entry.PACKAGES.split() if f"{name})" not in script.replace(" )", ")")] == []


def test_without_pyside_there_is_the_help(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(entry, "_is_there", lambda name: False)
    assert entry.main([]) == 0
    assert "usage: gradwire" in capsys.readouterr().out


def test_nothing_heavy_is_loaded_before_the_window_is_painted(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gradwire.app.application import Application\n"
        "application = Application()\n"
        "window = application.open_window()\n"
        "application.qt.processEvents()\n"
        "window.grab()\n"
        f"print(*sorted(set({NOT_AT_START!r}) & {{name.partition('.')[0] for name in sys.modules}}))\n"
        "window.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stderr
