"""Hold the imports against the walls in pyproject.toml: of a copy in which the folders lie as they are imported.

import-linter looks for the files of a package beneath its own folder, and those of `gradwire` lie beside it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
CODE = ("core", "app", "plugins")


def check() -> int:
    """The exit status of import-linter, which prints what it finds."""
    with TemporaryDirectory() as name:
        package = Path(name) / "gradwire"
        shutil.copytree(ROOT / "core" / "package", package, ignore=shutil.ignore_patterns("__pycache__"))
        for folder in CODE:
            shutil.copytree(ROOT / folder, package / folder, ignore=shutil.ignore_patterns("__pycache__", "*.gw"))
        shutil.rmtree(package / "core" / "package")
        linter = Path(sys.executable).parent / "lint-imports"
        command = [linter, "--no-logo", "--no-cache", "--config", ROOT / "pyproject.toml"]
        return subprocess.run(command, cwd=name, env={**os.environ, "PYTHONPATH": name}, check=False).returncode


if __name__ == "__main__":
    sys.exit(check())
