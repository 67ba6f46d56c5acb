"""All that settings and graphs can name beside single nodes: what `gradwire list` tells of."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..data import BUILTIN, DEFAULTS, MADE, Bundled, Options, takes
from ..data.made import Made
from ..data.settings import KINDS as SETTINGS
from ..files.examples import EXAMPLES, Example
from ..layers import LAYERS
from ..layers.preprocessing import MEASURED
from ..near import plain
from ..op import Op
from ..ops import augmenting, declared, installed
from ..ops.formulas import unicode_formula
from ..other_names import absent, meant, same
from ..parameters import HIDDEN, MISSING, Parameter
from ..training.averaging import AVERAGES
from ..training.metrics import METRICS, Metric
from ..training.named import Named
from ..training.optim import OPTIMISERS
from ..training.schedules import SCHEDULES
from ..training.stopping import STOPPING
from .output import json_text

_IDX = """the form of MNIST, gzipped or not, with labels in a file beside it.

With three axes they are images, (N, 1, height, width). Bytes of images become numbers from 0 to 1, a 255th each;
numbers of other types stay as they are"""
_ARRAYS = """arrays x and y of NumPy: two of an .npz, or x in an .npy with the targets in a column or in a file beside.

From 256 MiB on x stays in its file, which may be larger than memory, and each batch is read from there when it is
needed: x of an .npy, and of an .npz as np.savez writes it. What np.savez_compressed writes is read as a whole, as
targets are"""
FILES = {  # what is given as the source of a dataset, and an example by which its settings are known
    "tables": ("a table of text with a column of targets", ".csv, .tsv, .txt", "table.csv"),
    "arrays": (_ARRAYS, ".npz, .npy", "arrays.npz"),
    "idx": (_IDX, "…-ubyte, .idx, .gz", "train-images-idx3-ubyte"),
    "images": ("a folder with a folder of images for each class", "folder/", "images/"),
    "texts": ("a text, from whose last characters the next one is told", ".txt with the setting window", "text.txt"),
}
ALWAYS = ("validation", "split_seed", "stratify", "held_out", "standardise", "balance")  # settings of every data set


class Setting(NamedTuple):
    """A setting: its name, what it accepts in words, and what holds where it is not given (MISSING: required)."""

    name: str
    accepts: str
    default: Any = MISSING

    @property
    def text(self) -> str:
        """In one line, the default as a file would say it."""
        if self.default is MISSING:
            return f"{self.name}: {self.accepts}, required"
        plain = isinstance(self.default, str) and self.default
        return f"{self.name}: {self.accepts}, default {self.default if plain else json_text(self.default)}"

    def to_json(self) -> dict[str, Any]:
        required = self.default is MISSING
        told = {"name": self.name, "accepts": self.accepts, "required": required}
        return told if required else {**told, "default": self.default}


class Entry(NamedTuple):
    """One thing of a kind; `op` where it is one, whose card tells more."""

    kind: str
    name: str
    doc: str
    settings: tuple[Setting, ...]
    title: str = ""
    formula: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    op: Op | None = None

    @property
    def line(self) -> str:
        """The first line of what it is."""
        return self.doc.splitlines()[0]


class Kind(NamedTuple):
    """A kind of entries: one of them in words, and what they are."""

    one: str
    doc: str


KINDS: Mapping[str, Kind] = {
    "ops": Kind("an op", "what nodes compute"),
    "layers": Kind("a layer", "groups of nodes that are built from a few settings"),
    "losses": Kind("a loss", "ops that say how wrong a prediction is"),
    "transformations": Kind("a transformation", "ops that augment data, and layers that scale it"),
    "optimisers": Kind("an optimiser", "how parameters follow their gradients"),
    "schedules": Kind("a schedule", "how the learning rate changes in the course of a run"),
    "averages": Kind("an average of the weights", "averages of the weights in the course of a run"),
    "stopping": Kind("a setting of training", "when a run ends before its last epoch"),
    "metrics": Kind("a metric", "how good predictions are, in numbers for people"),
    "examples": Kind("an example", "graphs to open, to begin with"),
    "datasets": Kind("a data set", "data that comes along or is made, and files that can be read"),
}


def kind_meant(word: str) -> str | None:
    """The kind that is called so, also one of them, as in `metric`, or as America spells it; None: none is."""
    word = word.replace("optimizer", "optimiser")
    return next((kind for kind in (word, f"{word}s", f"{word}es") if kind in KINDS), None)


def of_kind(kind: str) -> list[Entry]:
    """All of a kind of KINDS, in their order."""
    ops = sorted(installed(), key=lambda op: (op.category, op.name))
    match kind:
        case "ops":
            return [_op(kind, op) for op in ops]
        case "losses":
            return [_op(kind, op) for op in ops if op.category == "loss"]
        case "layers":
            return [_layer(kind, each.name) for each in LAYERS]
        case "transformations":
            return [*(_op(kind, op) for op in declared(augmenting)), *(_layer(kind, name) for name in MEASURED)]
        case "metrics":
            return [_metric(each) for each in METRICS]
        case "datasets":
            return [*_sets(), *_files()]
        case "examples":
            return [_example(each) for each in EXAMPLES]
    tables = {"optimisers": OPTIMISERS, "schedules": SCHEDULES, "averages": AVERAGES}
    return [_named(kind, rule) for rule in ([STOPPING] if kind == "stopping" else tables[kind].values())]


def called(name: str) -> list[Entry]:
    """What bears this name, whatever its kind; what is of two kinds once."""
    found: dict[str, Entry] = {}
    for kind in KINDS:
        for entry in of_kind(kind):
            if entry.name == name:
                found.setdefault(entry.doc, entry)
    return list(found.values())


def meant_by(word: str, kind: str | None = None) -> list[Entry]:
    """What other libraries call by this word, of one kind or of any; what is of two kinds once.

    What does it in another way only where nothing is the same.
    """
    for reading in (same, meant):
        found: dict[tuple[str, str], Entry] = {}
        for each in KINDS if kind is None else [kind]:
            entries = {entry.name: entry for entry in of_kind(each)}
            singular = "op" if each in ("ops", "losses") else KINDS[each].one.split(" ")[1]
            if (name := reading(word, singular, entries)) is not None:
                found.setdefault((name, entries[name].doc), entries[name])
        if found:
            return list(found.values())
    return []


def speaking_of(word: str, kind: str | None = None) -> list[Entry]:
    """What a word, or the beginning of one, stands in: the name, its title, the first line, a suffix of its files, the
    name of a setting; where there is none in which of these it stands but for blanks and signs, as "L1loss" for the L1
    loss. What is of two kinds once.
    """
    begins = re.compile(rf"(?<![^\W_]){re.escape(word)}", re.IGNORECASE)
    found: dict[tuple[str, str], Entry] = {}
    alike: dict[tuple[str, str], Entry] = {}
    wanted = plain(word)
    if absent(word):
        return []
    for each in KINDS if kind is None else [kind]:
        for entry in of_kind(each):
            files = [value for name, value in entry.facts if name == "source"]
            texts = [entry.name, entry.title, entry.line, *files, *(setting.name for setting in entry.settings)]
            if any(map(begins.search, texts)):
                found.setdefault((entry.name, entry.doc), entry)
            elif len(wanted) > 3 and any(_spells(wanted, text) for text in texts):
                alike.setdefault((entry.name, entry.doc), entry)
    return list((found or alike).values())


def _spells(wanted: str, text: str) -> bool:
    """Whether these letters stand in a text from the beginning of a word on, whatever signs are between."""
    words = [plain(each) for each in re.findall(r"[^\W_]+", text)]
    return any("".join(words[at:]).startswith(wanted) for at in range(len(words)))


def settings_of(parameters: Mapping[str, Parameter]) -> tuple[Setting, ...]:
    """Those parameters that a user sets."""
    return tuple(Setting(p.name, _accepts(p), p.default) for p in parameters.values() if p.role not in HIDDEN)


def _accepts(parameter: Parameter) -> str:
    """What fits, and of what it is a number."""
    unit = "" if parameter.range is None else parameter.range.unit
    return f"{parameter.expected} ({unit})" if unit else parameter.expected


def _op(kind: str, op: Op) -> Entry:
    return Entry(kind, op.name, op.doc, settings_of(op.parameters), formula=unicode_formula(op.formula), op=op)


def _layer(kind: str, name: str) -> Entry:
    (layer,) = (each for each in LAYERS if each.name == name)
    return Entry(kind, name, layer.doc, settings_of(layer.parameters))


def _named(kind: str, rule: Named) -> Entry:
    return Entry(kind, rule.name, rule.doc, settings_of(rule.settings), rule.title, rule.formula)


def _metric(kind: type[Metric]) -> Entry:
    own = kind.__mro__[: kind.__mro__.index(Metric)]  # what several share stands in their base
    doc = "\n\n".join(inspect.cleandoc(each.__doc__) for each in own if each.__doc__)
    better = "the larger the better" if kind.better == "max" else "the smaller the better"
    facts = (("counts", kind.counts), ("reads", better))
    return Entry("metrics", kind.name, doc, settings_of(kind.settings), kind.title, kind.formula, facts)


def _example(example: Example) -> Entry:
    return Entry("examples", example.name, example.about or "A graph.", (), facts=(("file", str(example.path)),))


SAID = ("explained", "gradwire ops dataset tells what each setting does")


def _sets() -> Iterator[Entry]:
    known: list[Bundled | Made] = [*BUILTIN.values(), *MADE.values()]
    for found in known:
        facts = (("samples", f"{found.samples:,}"), ("x", _sample(found)), ("y", _target(found.classes)), SAID)
        doc = found.summary[0].upper() + found.summary[1:] + "."
        yield Entry("datasets", found.name, doc, _data_settings(found.name), facts=facts)


def _sample(found: Bundled | Made) -> str:
    return "(N, " + ", ".join(map(str, found.feature_shape(Options()))) + ")"


def _target(classes: int | None) -> str:
    return "(N, 1) real numbers" if classes is None else f"(N,) labels of {classes} classes"


def _files() -> Iterator[Entry]:
    for name, (doc, written, example) in FILES.items():
        facts = (("source", written), SAID)
        yield Entry("datasets", name, doc[0].upper() + doc[1:] + ".", _data_settings(example), facts=facts)


def _data_settings(source: str) -> tuple[Setting, ...]:
    taken = takes(source, Options(window=1 if source == "text.txt" else None))
    names = [*ALWAYS, *(name for name in SETTINGS if name in taken)]
    return tuple(Setting(name, SETTINGS[name][1], DEFAULTS[name]) for name in names)
