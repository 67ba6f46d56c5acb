"""Typed search among ops and layers: fuzzy, those used lately first, by words that users know, and only what fits.

`in:f32` and `out:(N, 64)` ask for ops that take or give such values. Nothing here draws or edits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ...core.layers import LAYERS, Layer
from ...core.op import Aval, Op
from ...core.other_names import absent, differs, meant, same, without_library
from .filters import Query, Wanted, read_query, refusal
from .fitting import fits, makes, takes, turns, visible_outputs
from .fitting_layers import layer_port, own_layer_port
from .placing import Ends, ends_of, waiting_dtypes
from .replacing import surviving
from .sections import PLACES, heading
from .words import LAYER, OWN, display_name, synonyms

if TYPE_CHECKING:
    from ..editing.own_layers import OwnLayer
    from ..editor import Editor

_FUZZY = 4.0
_EACH = 3.5


class Match(NamedTuple):
    """How well a text meets the words: 0 is exact, larger is worse. `found` are the places of the letters met.

    `why` is the other word that was met, where the text itself does not show it.
    """

    rank: float
    found: tuple[int, ...] = ()
    why: str = ""


class Entry(NamedTuple):
    """An op, a layer as "layer:NAME", or one of the user's own as "own:NAME". `port` takes the value at hand."""

    name: str
    title: str
    category: str
    formula: str
    doc: str
    found: tuple[int, ...] = ()
    port: str | None = None
    note: str = ""
    why: str = ""  # the word by which it was found, where that is not its name
    refusal: str = ""  # why it cannot be added: of a layer whose file cannot be read

    @property
    def section(self) -> str:
        """The heading under which the palette has it."""
        return heading(self.name, self.category)

    @property
    def detail(self) -> str:
        """What a list says behind the title."""
        return " · ".join([f"into {self.port}"] * bool(self.port) + [f"“{self.why}”"] * bool(self.why))


# How well words match a text.


@lru_cache(maxsize=200_000)
def match(words: str, text: str) -> Match | None:
    """How well `words` match `text`: exact, its beginning, that of a word, within, or letters in order. None: not."""
    wanted, given = words.lower(), text.lower()
    if not wanted:
        return Match(0)
    at = given.find(wanted)
    if at >= 0:
        starts = [m.start() for m in re.finditer(re.escape(wanted), given) if not m.start() or _begins(text, m.start())]
        at = starts[0] if starts else at
        rank = 0.0 if wanted == given else 1.0 if not at else 2.0 if starts else 3.0
        return Match(rank, tuple(range(at, at + len(wanted))))
    found = _in_order(wanted.replace(" ", ""), text)
    if found is None:
        return None
    between, words_begun = found[-1] - found[0] + 1 - len(found), sum(_begins(text, at) for at in found[1:])
    return Match(_FUZZY + between / 100 - words_begun / 1000, found)


def match_each(words: str, text: str) -> Match | None:
    """The same where each word begins one of `text`, in whatever order: “light theme” is “Theme: Light”."""
    found: set[int] = set()
    for word in words.split():
        met = match(word, text)
        if met is None or met.rank > 2:
            return None
        found.update(met.found)
    return Match(_EACH, tuple(sorted(found))) if found else None


def _begins(text: str, at: int) -> bool:
    return not text[at - 1].isalnum() or (text[at].isupper() and text[at - 1].islower())


def _in_order(wanted: str, text: str) -> tuple[int, ...] | None:
    """Places of the letters in order, the first at the beginning of a word; the closest set of them."""
    given, best = text.lower(), None
    if len(wanted) < 2:
        return None
    for start, letter in enumerate(given):
        if letter != wanted[0] or (start and not _begins(text, start)):
            continue
        places, at = [start], start
        for each in wanted[1:]:
            at = given.find(each, at + 1)
            if at < 0:
                break
            places.append(at)
        if len(places) == len(wanted) and (best is None or places[-1] - places[0] < best[-1] - best[0]):
            best = tuple(places)
    return best


def match_entry(words: str, entry: Entry) -> Match | None:
    """How well an op or layer is meant: by its name as shown, then by its synonyms, category and description."""
    whole = _match_words(words, entry)
    if whole is not None or " " not in words:
        return whole
    each = [_match_words(word, entry) for word in words.split()]
    if any(match is None for match in each):
        return None
    met = [match for match in each if match]
    found = sorted({place for match in met for place in match.found})
    return Match(max(match.rank for match in met) + 0.5, tuple(found), " ".join(m.why for m in met if m.why))


def _match_words(words: str, entry: Entry) -> Match | None:
    words = without_library(words)
    if absent(words) and words.lower() != entry.title.lower():
        return None  # letters in order would lead to something else
    best = match(words, entry.title)
    plain = entry.name.removeprefix(LAYER)
    tried = [best] if best else []
    for rank, reading in ((0.2, same), (0.6, meant)):
        if _is_called(reading, words, entry.name):
            tried.append(Match(rank, best.found if best else (), _called(words, best is not None)))
    if words.lower() in (plain, plain.replace("_", "")):
        tried.append(Match(0.1, best.found if best else ()))
    for place, word in enumerate(synonyms(entry.name)):  # the nearest stand first
        other = match(words, word)
        if other and other.rank < 2:
            tried.append(Match(0.5 + other.rank + place / 100, why=word))
    if not tried and len(words) > 2:
        low = words.lower()
        if entry.section.lower().startswith(low) or entry.category.startswith(low):
            tried.append(Match(5))
        elif told := re.search(rf"\b{re.escape(low)}[\w-]*", entry.doc.lower()):
            tried.append(Match(6, why=f"… {told[0]} …"))
    return min(tried, key=lambda match: match.rank, default=None)


def _called(words: str, shown: bool) -> str:
    """By which other word something was found, and how what that means elsewhere differs."""
    if other := differs(words):
        return f"{words}: {other}"
    return "" if shown else words


@lru_cache(maxsize=20_000)
def _is_called(reading: Callable[..., str | None], word: str, name: str) -> bool:
    """Whether another library calls an op or a layer by that word, as `reading` has it."""
    kind = "layer" if name.startswith(LAYER) else "op"
    plain = name.removeprefix(LAYER)
    return len(word) > 1 and reading(word, kind, [plain]) is not None


# What can be added.


@lru_cache(maxsize=4096)
def _op_entry(op: Op) -> Entry:
    return Entry(op.name, display_name(op.name), op.category, op.formula, op.doc)


def _layer_entry(layer: Layer) -> Entry:
    return Entry(LAYER + layer.name, display_name(layer.name), "layer", "", layer.doc)


def _own_entry(layer: OwnLayer) -> Entry:
    name = OWN + layer.name
    return Entry(name, display_name(name), "own", "", layer.refusal or layer.about, refusal=layer.refusal)


def entries(editor: Editor) -> list[Entry]:
    """All ops and layers, in the order of the palette."""
    own = editor.own_layers.layers.values()
    found = [*map(_op_entry, editor.document.registry), *map(_layer_entry, LAYERS), *map(_own_entry, own)]
    return sorted(found, key=lambda entry: PLACES[entry.section])


def candidates(editor: Editor, query: str, place: Any = None, recent: Sequence[str] = ()) -> list[Entry]:
    """What can be added at `place` (a canvas `Place`, or None) and meets the query, best first.

    Of equal matches those in `recent`, the latest first, come before the others.
    """
    if refusal(query):
        return []
    asked, ends = read_query(query), ends_of(editor, place)
    latest = {name: rank for rank, name in enumerate(recent)}
    waiting = waiting_dtypes(editor, ends)
    ranked = []
    for order, entry in enumerate(entries(editor)):
        match = None if entry.refusal else match_entry(asked.words, entry)
        if match is None:
            continue
        port = fitting_port(editor, entry, asked, ends, waiting)
        if port is None:
            continue
        rank = (match.rank, _unlikely(entry, ends), latest.get(entry.name, len(latest)), _length(asked, entry), order)
        ranked.append((rank, entry._replace(found=match.found, port=port or None, note=entry.section, why=match.why)))
    ranked.sort(key=lambda pair: pair[0])
    return [entry for _, entry in ranked]


def _length(asked: Query, entry: Entry) -> int:
    """Of names that begin alike the shorter one is meant."""
    return len(entry.title) if asked.words else 0


def _unlikely(entry: Entry, ends: Ends) -> bool:
    """Whether other ops come before it: an open port is mostly meant for a parameter or an input."""
    return ends.source is None and ends.target is not None and entry.name not in ("parameter", "input", "constant")


def fitting_port(editor: Editor, entry: Entry, asked: Query, ends: Ends, waiting: Iterable[str]) -> str | None:
    """The port for the value at hand ("" where there is none); None where the op does not fit or is not asked for."""
    dtype = editor.session.dtype or editor.graph.dtype
    if entry.name.startswith(LAYER):
        return layer_port(entry.name, asked, ends)
    if entry.name.startswith(OWN):
        return own_layer_port(editor.own_layers.layers[entry.title], editor.document.registry, asked, ends, dtype)
    op = editor.document.registry[entry.name]
    if not _is_asked_for(op, asked, dtype, ends.aval):
        return None
    if ends.target is not None and not any(_gives(op, kind, dtype, ends.aval) for kind in waiting or (None,)):
        return None
    if ends.source is None:
        return ""
    return next((fit.port for fit in fits(op, ends.aval, dtype)), None)


def _is_asked_for(op: Op, asked: Query, dtype: str, value: Aval | None) -> bool:
    """Whether an op does what the filters say; of two, that it turns the one into the other."""
    if asked.takes is not None and asked.gives is not None:
        return turns(op, asked.takes, asked.gives, dtype)
    if asked.takes is not None:
        return takes(op, asked.takes, dtype)
    return asked.gives is None or makes(op, asked.gives, dtype, value)


def _gives(op: Op, kind: str | None, dtype: str, value: Aval | None) -> bool:
    if not visible_outputs(op):
        return False
    return kind is None or makes(op, Wanted(kinds=("i", "u") if kind == "i" else (kind,)), dtype, value)


def swaps(editor: Editor, id: str, query: str, recent: Sequence[str] = ()) -> list[Entry]:
    """Ops that can stand in the place of the node `id`: first those that its values fit and that keep all wires."""
    if refusal(query):
        return []
    asked, graph = read_query(query), editor.graph
    node, latest = graph.node(id), {name: rank for rank, name in enumerate(recent)}
    ranked = []
    for order, entry in enumerate(entries(editor)):
        if entry.name == node.op or entry.name.startswith((LAYER, OWN)):
            continue
        match = match_entry(asked.words, entry)
        if match is None or fitting_port(editor, entry, asked, Ends(), ()) is None:
            continue
        stay = surviving(editor, id, editor.document.registry[entry.name])
        if stay.total and not stay.kept:
            continue
        lost = (not stay.takes or bool(stay.misfit), bool(stay.needs), stay.total - stay.kept)
        rank = (match.rank, *lost, latest.get(entry.name, len(latest)), _length(asked, entry), order)
        ranked.append((rank, entry._replace(found=match.found, note=str(stay), why=match.why)))
    ranked.sort(key=lambda pair: pair[0])
    return [entry for _, entry in ranked]
