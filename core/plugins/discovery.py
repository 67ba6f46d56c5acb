"""Where plugins are found: in the program, among the installed packages, and in the folder of the user.

Finding a plugin runs nothing of it. One of the user's folder is imported under a private name, so that it can hide no
other module.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import cache_from_source, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ..errors import GradwireError

GROUP, PACKAGE = "gradwire.plugins", "gradwire.plugins"  # of entry points; of those that ship
SHIPPED = "shipped"
PRIVATE = "_gradwire_plugin_"


class Found(NamedTuple):
    """A plugin that may be loaded: `module` is the name under which it is imported, `function` what registers it.

    `file` is that of one of the user's folder, or of the package that holds it; None where it is imported by its name.
    `function` may be a name within a name, as in "Plugin.register". `problem` says why it cannot be imported.
    """

    name: str
    origin: str
    module: str
    function: str = "register"
    file: Path | None = None
    version: str = ""
    problem: str = ""

    @property
    def top(self) -> str:
        """The name under which its file is imported, or the package that is its file."""
        return self.module if self.file is None else self.module.partition(".")[0]

    @property
    def place(self) -> str:
        """The folder or file in which it lies, as far as that is known."""
        if self.file is not None:
            return str(self.file.parent if self.file.name == "__init__.py" else self.file)
        if not self.module:
            return ""
        if self.module in sys.modules:
            file = getattr(sys.modules[self.module], "__file__", None) or ""
        else:
            spec = _spec(self.module)
            file = "" if spec is None or not spec.has_location else spec.origin or ""
        return str(Path(file).parent) if file.endswith("__init__.py") else file

    def holds(self, file: str) -> bool:
        """Whether a file is one of this plugin's."""
        place = self.place
        return bool(place) and Path(file).is_relative_to(place)

    def stands_beside(self, file: str) -> bool:
        """Whether it is a module of an installed package to which that file belongs, too."""
        package = Path(self.place).parent
        return "." in self.module and (package / "__init__.py").is_file() and Path(file).is_relative_to(package)


def owner(files: Sequence[str], among: Sequence[Found]) -> tuple[Found, int] | None:
    """The plugin at work where these files were called, the last call first, and the number of the call that tells.

    The last call that is of a plugin tells; without one, the last of a package of which one module alone is a plugin.
    """
    for at, file in enumerate(files):
        holding = [each for each in among if each.holds(file)]
        if holding:  # one may lie in the folder of another
            return max(holding, key=lambda each: len(each.place)), at
    for at, file in enumerate(files):
        beside = [each for each in among if each.stands_beside(file)]
        if len(beside) == 1:
            return beside[0], at
    return None


def found(folder: Path | None) -> Iterator[Found]:
    """All plugins, those of `folder` last: of two with one name the first is meant."""
    yield from _shipped()
    yield from _installed()
    if folder is not None and folder.is_dir():
        yield from _of_folder(folder)


def _shipped() -> Iterator[Found]:
    package = importlib.import_module(PACKAGE)
    for each in pkgutil.iter_modules(package.__path__):
        yield Found(each.name, SHIPPED, f"{PACKAGE}.{each.name}", version=version("gradwire"))


def _installed() -> Iterator[Found]:
    for entry in entry_points(group=GROUP):
        of = "" if entry.dist is None else entry.dist.version
        named = _named(entry.name, entry.value)
        if named is None:
            yield Found(entry.name, "package", "", version=of, problem=_misspelt(entry.value))
        else:
            yield Found(entry.name, "package", *named, version=of)


def _named(name: str, value: str) -> tuple[str, str] | None:
    """The module and the function that an entry point names; None for a value that is none."""
    entry = EntryPoint(name, value, GROUP)
    try:
        return entry.module, entry.attr or "register"
    except (AttributeError, ValueError):  # as Python says so, by version
        return None


def _misspelt(value: str) -> str:
    return f'an entry point is as in "package.module:register", got {value!r}'


def _of_folder(folder: Path) -> Iterator[Found]:
    try:
        places = sorted(folder.iterdir())
    except OSError:
        return
    for place in places:
        if place.name.startswith((".", "_")):
            continue
        if place.suffix == ".py" and place.is_file():
            yield _of_file(place.stem, place)
        elif (place / "__init__.py").is_file():
            yield _of_file(place.name, place / "__init__.py")
        elif (place / "pyproject.toml").is_file():
            yield from _of_project(place)


def _of_file(name: str, file: Path, function: str = "register", version: str = "") -> Found:
    module = PRIVATE + re.sub("[%.]", lambda sign: f"%{ord(sign[0]):x}", name)  # one for each name; a dot would part it
    return Found(name, "folder", module, function, file, version)


def _spec(module: str) -> ModuleSpec | None:
    """How a module is found, without running the packages that it is in."""
    spec, path = None, None
    names = module.split(".")
    for count in range(1, len(names) + 1):
        name = ".".join(names[:count])
        try:
            found = (finder.find_spec(name, path) for finder in sys.meta_path)
            spec = next((each for each in found if each is not None), None)
        except (ImportError, KeyError):  # a part of a package that is spread over folders asks for what is not loaded
            return None
        if spec is None:
            return None
        path = getattr(sys.modules.get(name), "__path__", spec.submodule_search_locations)
    return spec


def _of_project(folder: Path) -> Iterator[Found]:
    """The plugins that the entry points of a project name, whose modules lie in it or in its `src`."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
        points = dict(project["entry-points"][GROUP])
    except KeyError:
        return  # a project, and no plugin
    except (OSError, ValueError, TypeError, AttributeError) as error:
        yield Found(folder.name, "folder", "", problem=f"pyproject.toml cannot be read: {error}")
        return
    for name, value in points.items():
        named = _named(name, str(value))
        if named is None:
            yield Found(name, "folder", "", problem=_misspelt(str(value)))
            continue
        module, function = named
        file = _file_of(module, folder)
        if file is None:
            yield Found(name, "folder", "", problem=f"there is no module {module} in {folder}")
            continue
        found = _of_file(name, file, function, str(project.get("version", "")))
        yield found._replace(module=".".join([found.module, *module.split(".")[1:]]))


def _file_of(module: str, folder: Path) -> Path | None:
    """The file of a module of a project, or of the package that holds it; None where the project has no such module."""
    package, *inner = module.split(".")
    for base in (folder, folder / "src"):
        top = base / package / "__init__.py" if inner else _at(base / package)
        if top is not None and top.is_file() and _at(base.joinpath(package, *inner)) is not None:
            return top
    return None


def _at(place: Path) -> Path | None:
    """The file of the module, or of the package, at that path without a suffix."""
    return next((file for file in (Path(f"{place}.py"), place / "__init__.py") if file.is_file()), None)


def imported(plugin: Found) -> Callable[[Any], Any]:
    """Import a plugin, and give the function that registers it. Raises whatever the plugin raises."""
    module = None if plugin.file is None else _of_path(plugin.top, plugin.file)
    if module is None or plugin.module != plugin.top:
        module = importlib.import_module(plugin.module)
    register: Any = module
    for name in plugin.function.split("."):
        register = getattr(register, name, None)
    if not callable(register):
        raise GradwireError(f"a plugin needs a function {plugin.function}(host), found none")
    return register


def _of_path(name: str, file: Path) -> ModuleType:
    within = [str(file.parent)] if file.name == "__init__.py" else None
    spec = spec_from_file_location(name, file, submodule_search_locations=within)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forgotten(plugin: Found) -> None:
    """Let the next import read a plugin's files anew, also where two versions are of one second and one length."""
    importlib.invalidate_caches()
    names = [each for each in sys.modules if each == plugin.top or each.startswith(f"{plugin.top}.")]
    for name in names:
        file = getattr(sys.modules.pop(name), "__file__", None)
        _uncached(file)
    if plugin.file is not None:
        _uncached(str(plugin.file))


def _uncached(file: str | None) -> None:
    if file is not None and file.endswith(".py"):
        try:
            Path(cache_from_source(file)).unlink(missing_ok=True)
        except (OSError, NotImplementedError):
            return
