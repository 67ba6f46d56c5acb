"""A film as one HTML file that steps in any browser, from a disk too, and asks nothing of any other place.

The picture is one SVG. It is made of layers, as a node is one, and of each there are as many variants as the film has
looks for it; a moment shows one variant of each. So what does not change stands in the file once.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from html import escape
from string import Template

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPaintDevice

from ...core.cancelling import Cancelled
from ...core.errors import RunError
from ..canvas.view import Bounds
from ..look.fonts import RESOURCES
from ..look.theme import DARK, Theme
from .film import Film
from .outlining import Words
from .still import PAPER, Drawing, Layer
from .writing import Sheet, painting, vector

THEMES = (PAPER, DARK)
NAMED = ("background", "panel", "line", "text", "dim", "accent", "gradient")  # colours of the page itself
_COLOUR = re.compile(rb"(#|fillpattern\d+_)([0-9a-f]{6})")
_IMAGE = re.compile(rb"<image ([^>]*)/>")
_DEFINED = re.compile(rb"<(mask|pattern) .*?</\1>", re.DOTALL)
_PAGE = Template("""\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
<main id="view">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 $wide $high" \
id="picture" role="img" aria-label="The graph $title" aria-describedby="caption">
<defs>
$defined</defs>
<g fill="none" stroke="black" stroke-width="1" fill-rule="evenodd" stroke-linecap="square" stroke-linejoin="bevel">
$layers</g>
</svg>
</main>
<footer>
<div id="caption" role="status" aria-live="polite" aria-atomic="true"></div>
<noscript>Stepping needs JavaScript, which is off here: this is the end of the pass.</noscript>
<nav aria-label="Steps">
<button id="first" title="To the start (Home)" aria-label="To the start">|◀&#xFE0E;</button>
<button id="back" title="Step back (←)" aria-label="Step back">◀&#xFE0E;</button>
<input id="track" type="range" min="0" value="0" aria-label="Step">
<button id="on" title="Step (→ or Space)" aria-label="Step">▶&#xFE0E;</button>
<button id="last" title="To the end (End)" aria-label="To the end">▶&#xFE0E;|</button>
<output id="count"></output>
<button id="out" title="Smaller (−, wheel)" aria-label="Smaller">−</button>
<button id="fit" title="All of it (0)" aria-label="All of it">fit</button>
<button id="in" title="Larger (+, wheel)" aria-label="Larger">+</button>
<label title="Bring the node at work, and what receives its gradient, into view">\
<input id="follow" type="checkbox" checked> follow</label>
</nav>
</footer>
<script id="film" type="application/json">$film</script>
<script>$script</script>
</html>
""")


def html(film: Film, scale: float, stopped: Cancelled) -> bytes:
    """The bytes of the file; a browser gives the picture the size of its window. `RunError` when `stopped`."""
    bounds = Sheet.of(film.drawing, [], stopped).bounds
    sheets = _Sheets(film, bounds)
    changes = list(sheets.changes(stopped))
    told = {
        "captions": [caption.lines for caption in film.captions],
        "back": [int(caption.goes_back) for caption in film.captions],
        "changes": changes,
        "places": [[_place(box, bounds) for box in film.drawing.at_work(moment)] for moment in film.moments],
    }
    style = sheets.colours.style() + _resource("player.css")
    script = _resource("player.js")
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"
    page = _PAGE.substitute(
        policy=policy,
        title=escape(film.name),
        style=style,
        wide=f"{sheets.size.width():g}",
        high=f"{sheets.size.height():g}",
        defined=sheets.defined(),
        layers="".join(sheets.layers()),
        film=json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        script=script,
    )
    return page.encode()


def _place(box: Bounds, bounds: Bounds) -> list[float]:
    """Where a node lies in the picture."""
    x, y, wide, high = box
    return [round(x - bounds[0]), round(y - bounds[1]), round(wide), round(high)]


def _resource(name: str) -> str:
    return "\n" + (RESOURCES / name).read_text("utf-8")


def _hash(text: str) -> str:
    """How a page says that just this script or style may be used in it, and no other."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


class _Colours:
    """The colours that depend on whether the reader has it dark or light: variables of the page."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[bytes, bytes], int] = {}

    def merged(self, light: bytes, dark: bytes) -> bytes:
        """One drawing for both themes; where they differ in more than colours, both, of which one is shown."""
        first, second = _COLOUR.split(light), _COLOUR.split(dark)
        if len(first) != len(second) or first[::3] != second[::3] or first[1::3] != second[1::3]:
            return b'<g class="light">%s</g><g class="dark">%s</g>' % (light, dark)
        parts = [first[0]]
        for i in range(1, len(first), 3):
            kind, pair = first[i], (first[i + 1], second[i + 1])
            number = b"%d" % self._numbers.setdefault(pair, len(self._numbers)) if pair[0] != pair[1] else b""
            if kind == b"#":
                parts.append(b"var(--c%s)" % number if number else b"#" + pair[0])
            else:
                parts.append(kind + (b"c" + number if number else pair[0]))
            parts.append(first[i + 2])
        return b"".join(parts)

    def style(self) -> str:
        """What gives the variables their values."""
        light, dark = (self._values(index, theme) for index, theme in enumerate(THEMES))
        return f"\n:root{{{light}}}\n@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"

    def _values(self, index: int, theme: Theme) -> str:
        named = [f"--{name}:{getattr(theme, name)}" for name in NAMED]
        return ";".join([*named, *(f"--c{number}:#{pair[index].decode()}" for pair, number in self._numbers.items())])


class _Sheets:
    """The layers of a film in both themes, and the variants of each."""

    def __init__(self, film: Film, bounds: Bounds) -> None:
        self._film, self._bounds = film, bounds
        self.size = QSizeF(bounds[2] - bounds[0], bounds[3] - bounds[1])
        self.colours = _Colours()
        self._words = Words(labelled=False)  # to readers of screens the page speaks by its caption
        self._defined: dict[bytes, None] = {}  # masks and patterns
        self._images: dict[bytes, int] = {}
        self._variants: dict[str, dict[bytes, int]] = {}  # by layer: what is drawn -> its number
        self._known: dict[tuple[object, ...], int] = {}  # how a layer looks -> the number of that variant
        self._last: dict[str, int] = {}

    def changes(self, stopped: Cancelled) -> Iterator[list[int]]:
        """For each moment the layers that are not as before, each with the variant that it shows."""
        first = self._film.still.at(self._film.moments[0])
        drawings = [Drawing(replace(first, theme=theme)) for theme in THEMES]
        for count, moment in enumerate(self._film.moments):
            self._film.drawn(count)
            for drawing in drawings:
                drawing.show(moment)
            found: list[int] = []
            pairs = zip(*(drawing.layers(self._bounds) for drawing in drawings), strict=True)
            for number, (light, dark) in enumerate(pairs):
                if stopped():
                    raise RunError("the page was stopped before it was done")
                variant = self._variant(light, dark)
                if self._last.get(light.name) != variant:
                    self._last[light.name] = variant
                    found += [number, variant]
            yield found

    def _variant(self, light: Layer, dark: Layer) -> int:
        key = light.name, light.looks, dark.looks
        known = self._known.get(key)
        if known is None:
            (first, one), (second, other) = self._drawn(light), self._drawn(dark)
            for pair in zip(_DEFINED.finditer(first), _DEFINED.finditer(second), strict=False):
                parts = [part[0] for part in pair]
                self._defined.update(dict.fromkeys([*parts, self.colours.merged(*parts)]))
            variants = self._variants.setdefault(light.name, {})
            known = self._known[key] = variants.setdefault(self.colours.merged(one, other), len(variants))
        return known

    def _drawn(self, layer: Layer) -> tuple[bytes, bytes]:
        """What the elements of a layer refer to, and they themselves."""

        def draw(device: QPaintDevice) -> None:
            with painting(device) as painter:
                layer.paint(painter)

        _, _, rest = vector(self.size, draw).partition(b"<defs>\n")
        defined, _, body = rest.partition(b"</defs>\n")
        inner = body.partition(b">\n")[2].rpartition(b"</g>")[0]  # without the group that the page has once
        inner = _IMAGE.sub(lambda image: self._use(image[1]), self._words.outline(inner))
        return defined, re.sub(rb"\n+", b"\n", inner).strip()

    def _use(self, image: bytes) -> bytes:
        """An image stands in the file once too: a value stays where it is while its gradient comes and goes."""
        return b'<use xlink:href="#i%d"/>' % self._images.setdefault(image, len(self._images))

    def defined(self) -> str:
        """What layers refer to."""
        images = [b'<image id="i%d" %s/>' % (number, image) for image, number in self._images.items()]
        return (b"\n".join([*self._defined, *images]) + b"\n" + self._words.definitions()).decode()

    def layers(self) -> Iterator[str]:
        """All layers in order, with all their variants; those that the end does not show are off."""
        for number, (name, variants) in enumerate(self._variants.items()):
            for drawn, variant in variants.items():
                off = "" if self._last[name] == variant else ' class="off"'
                yield f'<g id="l{number}-{variant}"{off}>{drawn.decode()}</g>\n'
