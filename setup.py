"""What setuptools cannot find by itself: which folder is which package, and links for type checkers.

The folders stand at the top of the repository and are imported as `gradwire.core` and so on, so that
neither another distribution nor a user's own `core.py` can take their names. Type checkers do not follow that
mapping; for them `build/typing/gradwire/` links each name to its folder. Nothing at run time uses the links.
"""

import contextlib
from pathlib import Path

from setuptools import find_namespace_packages, setup

# Of code every folder within is a package, found below. Of data each is one package whatever it holds, so
# that importlib.resources finds the same files in the repository and in a wheel.
CODE = ("core", "app", "plugins")
DATA = ("resources", "examples")
TOP = "package"  # the folder of core that is `gradwire` itself, beneath which all others are
ROOT = Path(__file__).resolve().parent


def link_for_type_checkers() -> None:
    """Link `build/typing/gradwire/NAME` to each folder of code; where links are not allowed, do without."""
    links = ROOT / "build" / "typing" / "gradwire"
    with contextlib.suppress(OSError):  # only checkers need them: no reason to refuse an installation
        links.mkdir(parents=True, exist_ok=True)
        for name, target in (
            ("__init__.py", f"core/{TOP}/__init__.py"),
            *((each, each) for each in (*CODE, "resources")),
        ):
            link = links / name
            if not link.exists():
                link.unlink(missing_ok=True)  # a link that points to where the repository was before
                link.symlink_to(Path("..", "..", "..", target), target_is_directory=name == target)


packages = ["gradwire", *(f"gradwire.{folder}" for folder in (*CODE, *DATA))]
for folder in CODE:
    outside = [TOP] if folder == "core" else []
    within = find_namespace_packages(str(ROOT / folder), exclude=["__pycache__", "*.__pycache__", *outside])
    packages += [f"gradwire.{folder}.{name}" for name in within]

link_for_type_checkers()
setup(
    packages=packages,
    package_dir={"gradwire": f"core/{TOP}"} | {f"gradwire.{folder}": folder for folder in (*CODE, *DATA)},
    package_data={
        "gradwire": ["py.typed"],
        "gradwire.core": ["py.typed"],
        "gradwire.resources": ["**/*"],
        "gradwire.examples": ["**/*.gw"],
        "gradwire.plugins": ["**/*.gw"],
    },
    exclude_package_data={"": ["__pycache__/*", "*.pyc"]},
)
