"""What must hold for the repository as a whole: its wheel, its import walls, its sizes and its names."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("core", "app", "plugins")
FOLDERS = (*CODE, "resources", "examples")

# Never loaded by importing core: the window's libraries at no time, the heavy ones only when first used.
NOT_AT_IMPORT = (
    "PySide6",
    "pyqtgraph",
    "IPython",
    "sklearn",
    "scipy",
    "pandas",
    "torch",
    "cupy",
    "matplotlib",
)

FILE_LINES, CLASS_LINES, FUNCTION_LINES = 400, 150, 40

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command and return what it printed; its whole output is the message where it fails."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def source_files() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))


def definitions(tree: ast.AST) -> Iterator[Definition]:
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            yield node


def too_long(path: Path, text: str) -> Iterator[str]:
    """One line for each file, class and function that is longer than it may be."""
    lines = len(text.splitlines())
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines, at most {FILE_LINES}"
    for node in definitions(ast.parse(text)):
        assert node.end_lineno is not None
        lines = node.end_lineno - node.lineno + 1
        limit = CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES
        if lines > limit:
            yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most {limit}"


def import_all(package: ModuleType) -> dict[str, ModuleType]:
    """Every module below a package by its full name, imported; `__main__` would run, and is left out."""
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return {name: importlib.import_module(name) for name in names if not name.endswith(".__main__")}


def hidden_modules(package: ModuleType) -> list[str]:
    """Modules whose name, asked of the package that holds them, gives something else, such as a function."""
    modules = import_all(package)
    holders = {package.__name__: package} | modules
    hidden = []
    for name, module in modules.items():
        holder, _, last = name.rpartition(".")
        if getattr(holders[holder], last) is not module:
            hidden.append(name)
    return hidden


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked; built from a copy, since setuptools packs what an earlier build left behind."""
    copy = tmp_path_factory.mktemp("copy")
    for folder in FOLDERS:
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "dist", copy)
    (built,) = (copy / "dist").glob("*.whl")
    unpacked = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(unpacked)
    return unpacked


def test_the_wheel_holds_every_module_resource_and_example(wheel: Path) -> None:
    wanted = {path.relative_to(ROOT) for path in source_files()}
    wanted |= {path.relative_to(ROOT) for kind in ("gw", "py") for path in (ROOT / "examples").rglob(f"*.{kind}")}
    wanted |= {path.relative_to(ROOT) for path in (ROOT / "plugins").rglob("*.gw")}
    wanted |= {path.relative_to(ROOT) for path in (ROOT / "resources").rglob("*") if path.is_file()}
    wanted = {path for path in wanted if "__pycache__" not in path.parts}
    wanted = wanted - {Path("core/package/__init__.py")} | {Path("__init__.py"), Path("py.typed")}  # gradwire itself
    packed = wheel / "gradwire"
    found = {path.relative_to(packed) for path in packed.rglob("*") if path.is_file()}
    assert found == wanted | {Path("core/py.typed")}
    assert {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"} == {"gradwire"}


def test_the_wheel_is_imported_by_the_public_names(wheel: Path, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "import importlib.resources\n"
        "import gradwire.core as gw, gradwire.app, gradwire.plugins\n"
        "print(gw.__file__)\n"
        "print(importlib.resources.files('gradwire.examples').joinpath('digits_mlp.gw').is_file())\n"
        "from gradwire.core.plugins import plugins\n"
        "plugins().load()\n"
        "print(*(f'{each.name} {each.state}' for each in plugins() if each.origin == 'shipped'))\n"
    )
    printed = run(sys.executable, "-c", program, cwd=tmp_path).splitlines()
    shipped = "datasets loaded tensorboard loaded vision loaded"
    assert printed == [str(wheel / "gradwire" / "core" / "__init__.py"), "True", shipped]


def test_the_package_itself_gives_what_core_gives(wheel: Path, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "import gradwire as gw\n"
        "print(gw.__file__)\n"
        "print([name for name in sys.modules if name.startswith(('gradwire.', 'numpy'))])\n"
        "print(gw.__version__.count('.'))\n"
        "print(gw.grad(lambda x: x * x)(3.0), gw.metric('accuracy').name, gw.ops.exp(0.0))\n"
        "import gradwire.core\n"
        "print(set(gradwire.core.__all__) <= set(dir(gw)), gw.Session is gradwire.core.Session)\n"
        "from gradwire import Session, core\n"
        "try:\n    gw.tensor\nexcept AttributeError as error:\n    print(error)\n"
    )
    assert run(sys.executable, "-c", program, cwd=tmp_path).splitlines() == [
        str(wheel / "gradwire" / "__init__.py"),
        "[]",
        "2",
        "6.0 accuracy 1.0",
        "True True",
        "module 'gradwire' has no attribute 'tensor'; perhaps gw.Tensor(x)",
    ]


def test_the_import_walls_stand() -> None:
    run(sys.executable, ROOT / "resources" / "import_walls.py")


def test_core_is_imported_without_window_or_heavy_libraries(tmp_path: Path) -> None:
    program = (
        "import importlib, pkgutil, sys\n"
        f"unwanted = {NOT_AT_IMPORT!r}\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in unwanted:\n"
        "            raise ModuleNotFoundError(f'{name} is not there', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "import gradwire.core\n"
        "for module in pkgutil.walk_packages(gradwire.core.__path__, 'gradwire.core.'):\n"
        "    if not module.name.endswith('.__main__'):\n"
        "        importlib.import_module(module.name)\n"
        "print(sum(name.startswith('gradwire.core.') for name in sys.modules))\n"
    )
    modules = len([path for path in (ROOT / "core").rglob("*.py") if path.name != "__main__.py"])
    assert int(run(sys.executable, "-c", program, cwd=tmp_path)) == modules - 1  # gradwire.core itself


def test_importing_core_loads_nothing_heavy_that_is_installed(tmp_path: Path) -> None:
    program = (
        "import sys, gradwire.core\n"
        f"print(*sorted(set({NOT_AT_IMPORT!r}) & {{name.partition('.')[0] for name in sys.modules}}))\n"
    )
    assert run(sys.executable, "-c", program, cwd=tmp_path).split() == []


def test_files_classes_and_functions_are_small() -> None:
    found = [line for path in source_files() for line in too_long(path.relative_to(ROOT), path.read_text("utf-8"))]
    assert found == []


def test_the_measure_of_length_counts() -> None:
    function = "def f():\n" + "    x = 1\n" * FUNCTION_LINES
    assert list(too_long(Path("a.py"), function)) == ["a.py:1: f has 41 lines, at most 40"]
    assert list(too_long(Path("a.py"), "x = 1\n" * 401)) == ["a.py: 401 lines, at most 400"]


def test_there_is_no_utils() -> None:
    catch_alls = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [path for path in source_files() if catch_alls & {path.stem, *path.relative_to(ROOT).parts}] == []


def test_no_public_name_of_core_hides_a_module() -> None:
    assert hidden_modules(importlib.import_module("gradwire.core")) == []


def test_a_function_that_hides_a_module_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package_with_a_hidden_module"
    package.mkdir()
    (package / "__init__.py").write_text("from .train import train\n", "utf-8")
    (package / "train.py").write_text("def train(): ...\n", "utf-8")
    (package / "graph.py").write_text("def node(): ...\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert hidden_modules(importlib.import_module(package.name)) == [f"{package.name}.train"]


def test_nothing_is_left_beside_the_folders() -> None:
    files = {path.name for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")}
    assert files == {"CONTRIBUTING.md", "LICENSE", "README.md", "pyproject.toml", "setup.py"}


def test_the_repository_itself_is_no_package() -> None:
    assert not (ROOT / "gradwire").exists()
    assert not (ROOT / "__init__.py").exists()
    spec = importlib.util.find_spec("gradwire.core")
    assert spec is not None
    assert spec.origin == str(ROOT / "core" / "__init__.py")
