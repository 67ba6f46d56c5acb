"""Texts of an SVG as outlines: Qt writes the name of a font, and a reader that lacks it would show another.

Each glyph stands once in the file, each text is made of them once, and wherever it is to be read it is only used.
"""

from __future__ import annotations

import re
from html import unescape

from PySide6.QtGui import QFont, QPainterPath, QRawFont, QTextLayout

_LETTERS = {
    QPainterPath.ElementType.MoveToElement: "M",
    QPainterPath.ElementType.LineToElement: "L",
    QPainterPath.ElementType.CurveToElement: "C",
    QPainterPath.ElementType.CurveToDataElement: "",
}
# What Qt writes, and nobody else: a text; lines in a row; a group, which names a font though no text is in it, and
# holds nothing where only the state of the painter has changed.
_PART = re.compile(
    rb"<text (?P<look>[^>]*)>(?P<words>[^<]*)</text>"
    rb'|(?P<lines>(?:<polyline fill="none" vector-effect="none" points="[^"]*" />\n)+)'
    rb'|<g (?P<state>[^>]*)\nfont-family="[^>]*>\n(?P<end></g>\s*)?'
    rb"|(?P<names><defs>\n)</defs>"
)
_ATTRIBUTE = re.compile(rb'([\w:-]+)="([^"]*)"')
_POINTS = re.compile(rb'points="([^ ]+) ([^ ]+) "')
# What is so anyhow, or what Qt has said of all that follows.
_IDLE = re.compile(
    rb' (?:fill-opacity="1"|stroke-opacity="1"|transform="matrix\(1,0,0,1,0,0\)"'
    rb'|stroke-width="1"|stroke-linecap="square"|stroke-linejoin="bevel")'
)
_DRAWN_EVENODD = (  # as all is
    (b'<path vector-effect="none" fill-rule="evenodd" ', b"<path "),
    (b'<polygon fill-rule="evenodd" vector-effect="none" ', b"<polygon "),
)
_KEPT = (b"fill", b"fill-opacity", b"transform", b"x", b"y")  # of a text


def outlined(svg: bytes) -> bytes:
    """The SVG that Qt wrote, with outlines in the place of texts, and each wire as one line.

    One regular expression, part by part, and no tree of elements: that of a large graph takes seconds, in which no
    other thread gets a turn.
    """
    words = Words()
    found = words.outline(svg)
    head, names, body = found.partition(b"<defs>\n")
    return head + names + words.definitions() + body


def _other(part: re.Match[bytes], words: Words) -> bytes:
    """What stands in the place of one part."""
    if part["look"] is not None:
        return words.use(dict(_ATTRIBUTE.findall(part["look"])), part["words"].decode())
    if part["lines"] is not None:
        return _joined(part["lines"])
    if part["names"] is not None:
        return part[0]
    return b"" if part["end"] is not None else b"<g %s>\n" % _IDLE.sub(b"", b" " + part["state"]).strip()


def _joined(lines: bytes) -> bytes:
    """Lines of which each begins where the one before ends, as one."""
    runs: list[list[bytes]] = []
    for start, end in _POINTS.findall(lines):
        if runs and runs[-1][-1] == start:
            runs[-1].append(end)
        else:
            runs.append([start, end])
    drawn = [b'<polyline fill="none" points="%s" />\n' % b" ".join(run) for run in runs]
    return b"".join(drawn) if drawn else lines


class Words:
    """The texts of one file, and the glyphs that they are made of."""

    def __init__(self, labelled: bool = True) -> None:
        """`labelled`: each text says its words, for readers of screens and for search."""
        self._labelled = labelled
        self._texts: dict[tuple[bytes, ...], tuple[int, str]] = {}  # font and words -> number, its uses of glyphs
        self._glyphs: dict[tuple[object, ...], tuple[int, str]] = {}  # -> number, path
        self._fonts: dict[tuple[bytes, ...], QFont] = {}

    def outline(self, svg: bytes) -> bytes:
        """An SVG of this file, or a part of it, with outlines in the place of texts."""
        found = _PART.sub(lambda part: _other(part, self), svg)
        for written, meant in _DRAWN_EVENODD:
            found = found.replace(written, meant)
        return found

    def use(self, look: dict[bytes, bytes], escaped: str) -> bytes:
        """An element that shows a text."""
        key = tuple(look.get(name, b"") for name in (b"font-family", b"font-size", b"font-weight", b"font-style"))
        named = *key, escaped.encode()
        if named not in self._texts:
            font = self._fonts.get(key) or self._fonts.setdefault(key, _font(*(part.decode() for part in key)))
            self._texts[named] = len(self._texts), self._made(font, unescape(escaped))
        kept = b"".join(b' %s="%s"' % (name, look[name]) for name in _KEPT if name in look)
        label = b' aria-label="%s"' % escaped.strip().encode() if self._labelled else b""
        return b'<use xlink:href="#t%d"%s stroke="none"%s/>' % (self._texts[named][0], kept, label)

    def _made(self, font: QFont, words: str) -> str:
        layout = QTextLayout(words, font)
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        uses = []
        for run in layout.glyphRuns():
            raw = run.rawFont()
            family = raw.familyName(), raw.weight(), raw.pixelSize(), raw.style()
            for index, place in zip(run.glyphIndexes(), run.positions(), strict=True):
                key = *family, index
                if key not in self._glyphs:
                    self._glyphs[key] = len(self._glyphs), _path(raw, index)
                number, path = self._glyphs[key]
                if path:  # a space has none
                    y = place.y() - line.ascent()
                    at = f' x="{place.x():.2f}"' + (f' y="{y:.2f}"' if abs(y) >= 0.005 else "")
                    uses.append(f'<use xlink:href="#g{number}"{at}/>')
        return "".join(uses)

    def definitions(self) -> bytes:
        """The elements that are used."""
        drawn = (each for each in self._glyphs.values() if each[1])
        glyphs = [f'<path id="g{number}" fill-rule="nonzero" d="{path}"/>\n' for number, path in drawn]
        texts = [f'<g id="t{number}">{uses}</g>\n' for number, uses in self._texts.values()]
        return "".join(glyphs + texts).encode()


def _font(family: str, size: str, weight: str, style: str) -> QFont:
    font = QFont(family.strip("'"))
    font.setPixelSize(max(1, round(float(size.removesuffix("px")))))
    font.setWeight(QFont.Weight(int(weight)))
    font.setItalic(style == "italic")
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _path(font: QRawFont, glyph: int) -> str:
    outline = font.pathForGlyph(glyph)
    elements = [outline.elementAt(i) for i in range(outline.elementCount())]
    return " ".join(f"{_LETTERS[element.type]}{element.x:.2f} {element.y:.2f}" for element in elements)
