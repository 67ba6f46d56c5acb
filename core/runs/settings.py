"""How a run goes beside the training settings of its graph, and how that is written down in its folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..backends import devices
from ..errors import FileError, GradwireError, Refusals, RunError
from ..files import read_json
from ..files.strict_json import to_bytes, write_line
from ..graph.elements import DTYPES
from ..program import MODES
from ..training.settings import Settings

FORMAT = 1
BUDGET = 2**30  # bytes of checkpoints
PREVIEWS = 30.0  # a second, at most
REPLAY = 2.0  # seconds


@dataclass(frozen=True)
class RunSettings:
    """How to run. `epochs` and `seed` go before the graph's own (None: those), `dtype` and `device` before those of the
    session.

    With `overfit_batch` each iteration gets the first batch, which a network that can learn at all must learn by heart.
    A run that starts `paused` waits for what it is told. `previews`: at most so many times a second are the values and
    gradients of an iteration looked at and published, 0 for never. Checkpoints are so close that from one
    to the next it trains for `replay` seconds, as long as they take no more than `budget` bytes. `thresholds` are those
    of diagnoses that are not the usual ones, by diagnosis and name.
    """

    mode: str = "static"
    epochs: int | None = None
    seed: int | None = None
    dtype: str | None = None
    device: str | None = None
    overfit_batch: bool = False
    paused: bool = False
    previews: float = PREVIEWS
    replay: float = REPLAY
    budget: int = BUDGET
    thresholds: Mapping[str, Any] | None = None

    @property
    def training(self) -> Settings:
        """Those that a `Trainer` takes: it writes nothing itself."""
        return Settings(self.mode, self.epochs, self.seed, self.dtype, device=self.device)

    def check(self) -> None:
        """Raise `RunError` for all that is no such setting."""
        refusals = Refusals()
        for name, choices in (("mode", MODES), ("dtype", (None, *DTYPES)), ("device", (None, *devices()))):
            if getattr(self, name) not in choices:
                wanted = " or ".join(filter(None, choices))
                refusals.add(RunError(f"the {name} of a run must be {wanted}, got {getattr(self, name)!r}"))
        for name in ("overfit_batch", "paused"):
            if type(getattr(self, name)) is not bool:
                refusals.add(RunError(f"a run's {name} must be true or false, got {getattr(self, name)!r}"))
        for name in ("epochs", "seed"):
            if type(getattr(self, name)) not in (int, type(None)):
                refusals.add(RunError(f"a run's {name} must be an integer, got {getattr(self, name)!r}"))
        for name in ("previews", "replay", "budget"):
            value = getattr(self, name)
            if type(value) not in (int, float) or not 0 <= value < float("inf"):
                refusals.add(RunError(f"a run's {name} must be a number of 0 or more, got {value!r}"))
        thresholds: Any = self.thresholds
        if thresholds is not None and not isinstance(thresholds, Mapping):
            refusals.add(RunError(f"a run's thresholds must be a mapping, got {thresholds!r}"))
        elif thresholds:
            from ..diagnosing.over_training import DIAGNOSES, limits  # where nobody has set any it is not needed

            with refusals.gathering():
                limits(DIAGNOSES, thresholds)
        refusals.raise_any()


@dataclass(frozen=True)
class Written:
    """The settings of a run as its folder has them, with the folder from which its data are read, and the file of the
    document that was trained, where it had one.
    """

    settings: RunSettings
    data: Path | None
    document: Path | None = None

    def dump(self) -> bytes:
        """The bytes of `run.json`."""
        told: dict[str, Any] = {
            name: value for name, value in dataclasses.asdict(self.settings).items() if name != "paused"
        }
        data, document = (None if each is None else str(each.absolute()) for each in (self.data, self.document))
        return to_bytes(write_line({"format": FORMAT, "data": data, "document": document, **told}) + "\n")

    @classmethod
    def read(cls, path: Path) -> Written:
        """What `dump` wrote. Raises `FileError`."""
        try:
            found = read_json(path.read_bytes(), str(path))
        except FileNotFoundError:
            raise FileError(f"{path.parent} holds no run: there is no {path.name}") from None
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror or error}") from error
        if not isinstance(found, Mapping) or found.get("format") != FORMAT:
            raise FileError(f"{path} does not hold the settings of a run in format {FORMAT}")
        known = {field.name for field in dataclasses.fields(RunSettings)}
        data, document = found.get("data"), found.get("document")
        settings = RunSettings(**{name: value for name, value in found.items() if name in known})
        try:
            settings.check()
        except GradwireError as error:
            raise FileError(f"{path}: {error.message}", hint=error.hint) from error
        if not isinstance(data, str | None):
            raise FileError(f"{path}: the folder of the data must be a text or null, got {data!r}")
        if not isinstance(document, str | None):
            raise FileError(f"{path}: the file of the document must be a text or null, got {document!r}")
        return cls(settings, None if data is None else Path(data), None if document is None else Path(document))
