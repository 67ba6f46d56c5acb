"""All names of a script in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..catalogue import Catalogue
from ..document.ports import value_name
from ..errors import EditError, RunError, usage_told
from ..graph import Training
from ..layers import LAYERS, Layer
from ..op import Op
from ..other_names import suggested
from ..session import Session
from . import finding
from .arranging import Arranging
from .by_name import GraphByName
from .editing import Editing
from .elsewhere import DocumentElsewhere
from .functions import comes_out, draw
from .handles import handle
from .host import Headless, Host
from .looking import Looking
from .saying import Saying
from .settings import changed_training
from .valued import NameUnknownError, Valued
from .verbs import Verbs
from .workspace import Workspace

Array = np.ndarray[Any, Any]
EDITS = ("edits", "add", "connect", "disconnect", "remove", "rename", "undo", "redo", "replay")
ARRANGES = ("move", "group", "ungroup", "duplicate", "bend", "note", "expand", "fuse")
DEEDS = ("training", "run", "step", "back", "train", "plot", "show", "trace", "do")
LOOKS = ("root", "select", "enter")
SAYS = ("say",)


def names(session: Session, host: Host | None = None) -> dict[str, Any]:
    """What a console or a script is given: the session, its document and graph, and what can be done with them.

    `host` does what a window does; without one there is none, and the thread that made the session calls.
    """
    workspace = Workspace(session, Headless(session) if host is None else host)
    parts = [(part(workspace), verbs) for part, verbs in _VERBS]
    given = {name: make(workspace) for name, make in _GIVEN.items()}
    return given | {verb: getattr(part, verb) for part, verbs in parts for verb in verbs}


class Offered:
    """Ops or layers by name, to be added: `add(ops.relu)`, `help(ops.relu)`."""

    def __init__(self, kind: str, known: Catalogue[Any]) -> None:
        self._kind, self._known = kind, known

    def __getattr__(self, name: str) -> Op | Layer:
        if name.startswith("_"):
            raise AttributeError(name)
        found: Op | Layer | None = self._known.get(name)
        if found is None:
            close = ", ".join(suggested(name, self._known.kind, self._known.names()))
            hint = f"near: {close}" if close else f"dir({self._kind}) has all"
            raise NameUnknownError(f"none of the {self._kind} is called {name!r}", hint=hint)
        return found

    def __dir__(self) -> list[str]:
        return sorted(self._known.names())

    def __repr__(self) -> str:
        names = sorted(self._known.names())
        return f"<{len(names)} {self._kind}: {', '.join(names[:8])}, …>"


class Doing(Verbs):
    """What a script does with a document beside editing it."""

    @usage_told
    def run(
        self, fetch: Any = (), feed: Mapping[str, Any] | None = None, train: bool = False
    ) -> Array | dict[str, Array]:
        """Compute values: run("logits") gives one array, run(["h", "logits"]) several by name, run() all that nothing
        reads. `feed` are values for inputs, {"x": array}; `train` computes as in training.
        """
        workspace = self._workspace
        workspace.refuse_within_edits("nothing is run")
        several = isinstance(fetch, list | tuple | set)
        asked = list(fetch) if several else [fetch]
        asked = asked or comes_out(workspace.graph, workspace.registry)
        paths = {each if isinstance(each, str) else self._name(each): self._name(each) for each in asked}
        fed = {self._name(each): value for each, value in (feed or {}).items()}
        found = workspace.host.run(list(paths.values()), fed, train)
        return {name: found[path] for name, path in paths.items()} if several else found[self._name(fetch)]

    @usage_told
    def step(self, count: int = 1) -> None:
        """Go on by so many steps of the iteration, forward and then backward, and tell what each did."""
        self._workspace.refuse_within_edits("nothing is stepped through")
        self._workspace.host.step(_count(count))

    @usage_told
    def back(self, count: int = 1) -> None:
        """Go back by so many steps."""
        self._workspace.refuse_within_edits("nothing is stepped through")
        self._workspace.host.back(_count(count))

    @usage_told
    def train(self, **settings: Any) -> dict[str, Any]:
        """Train, and keep the values as one undo: train(epochs=5, seed=1). Gives the metrics of the last epoch.

        `training(loss=...)` says before what is trained, and how.
        """
        self._workspace.refuse_within_edits("nothing is trained")
        return self._workspace.host.train(**settings)

    @usage_told
    def training(self, nothing: Any = ..., /, **settings: Any) -> Training | None:
        """Say how the graph is trained: training(loss="loss", optimiser="adam", lr=0.01, epochs=5, batch=32).

        What is not given stays. `lr` and other settings of the optimiser may stand beside the rest. Metrics name the
        values they compare: metrics=[{"name": "accuracy", "prediction": "logits", "target": "data.y"}].
        training() only tells the settings, training(None) removes them.
        """
        workspace = self._workspace
        old = workspace.view.training
        if nothing is None and not settings:
            workspace.edit("Remove training", lambda t: t.set_training(None))
        elif nothing is not ...:
            raise EditError("training takes settings by name", hint='as in training(loss="loss", epochs=5)')
        elif settings:
            new = changed_training(workspace, old, settings)
            label = "Add training" if old is None else f"Set {' and '.join(settings)}"
            workspace.edit(label, lambda t: t.set_training(new))
        return workspace.view.training

    @usage_told
    def plot(self, values: Any = None, path: str | Path | None = None) -> None:
        """Show numbers as a curve: plot(g.fc1.bias), plot([3, 2, 1]); plot() the losses of the last training.

        With a path it is written as a picture.
        """
        array = None if values is None else self._array(values)
        self._workspace.host.plot(array, None if path is None else Path(path))

    @usage_told
    def show(self, array: Any, path: str | Path | None = None) -> None:
        """Show an array, or what is named: show(g.fc1.weight), show("logits"), show(np.eye(3), "eye.png")."""
        self._workspace.host.show(self._array(array), None if path is None else Path(path))

    @usage_told
    def trace(self, fn: Callable[..., Any], *example: Any, at: tuple[float, float] | None = None) -> Any:
        """Draw a Python function as a graph into the document: trace(lambda x: np.sin(x) * x, 2.0).

        It is called once, with arguments of the examples' shapes; examples of up to 1,000 numbers become the values of
        its inputs. Without `at` it stands beneath what is there. Gives the handle of its result, of several a list.
        """
        found = [handle(self._workspace, id) for id in draw(self._workspace, fn, example, at)]
        return found[0] if len(found) == 1 else found

    @usage_told
    def do(self, action: str) -> None:
        """Do in the window what an action of its menus does: do("view.frame_all")."""
        self._workspace.refuse_within_edits("no action is done")
        self._workspace.host.do(action)

    def _name(self, what: Any) -> str:
        """What is meant as a run has it: `relu1`, `data.x`."""
        workspace = self._workspace
        source = finding.value(workspace.view, workspace.registry, what)
        return value_name(workspace.view, workspace.registry, source)

    def _array(self, what: Any) -> Array:
        if isinstance(what, Valued):
            return what.value
        if isinstance(what, str):
            workspace = self._workspace
            return workspace.value(finding.value(workspace.view, workspace.registry, what))
        array = np.asarray(what)
        if array.dtype.kind not in "biuf":
            raise RunError(f"numbers are shown, got an array of {array.dtype}")
        return array


def _count(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise RunError(f"the number of steps must be an integer from 1, got {count!r}")
    return count


_VERBS: tuple[tuple[Callable[[Workspace], Any], tuple[str, ...]], ...] = (
    (Editing, EDITS),
    (Arranging, ARRANGES),
    (Doing, DEEDS),
    (Looking, LOOKS),
    (Saying, SAYS),
)
_GIVEN: dict[str, Callable[[Workspace], Any]] = {
    "session": lambda workspace: workspace.session,
    "doc": lambda workspace: (
        workspace.session.document if isinstance(workspace.host, Headless) else DocumentElsewhere(workspace)
    ),
    "g": GraphByName,
    "ops": lambda workspace: Offered("ops", workspace.registry),
    "layers": lambda workspace: Offered("layers", LAYERS),
    "gw": lambda workspace: import_module("gradwire.core"),
    "np": lambda workspace: np,
}
NAMES = frozenset(_GIVEN).union(*(verbs for _, verbs in _VERBS))  # all that `names` gives
