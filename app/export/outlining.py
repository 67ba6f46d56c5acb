"""Texts of an SVG as outlines: Qt writes the name of a font, and a reader that lacks it would show another."""

from __future__ import annotations

from xml.etree import ElementTree

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QPainterPath

_SVG = "http://www.w3.org/2000/svg"
_KINDS = {
    QPainterPath.ElementType.MoveToElement: "M",
    QPainterPath.ElementType.LineToElement: "L",
    QPainterPath.ElementType.CurveToElement: "C",
    QPainterPath.ElementType.CurveToDataElement: "",
}


def outlined(svg: bytes) -> bytes:
    """The SVG that Qt wrote (its own, so that no one else's XML is read) with paths in the place of texts."""
    for prefix, name in (("", _SVG), ("xlink", "http://www.w3.org/1999/xlink")):
        ElementTree.register_namespace(prefix, name)
    root = ElementTree.fromstring(svg)
    for text in root.iter(f"{{{_SVG}}}text"):
        words = "".join(text.itertext())
        data = _path(_font(text), float(text.get("x", 0)), float(text.get("y", 0)), words)
        kept = {name: value for name, value in text.attrib.items() if name.startswith(("fill", "opacity", "transform"))}
        for child in list(text):
            text.remove(child)
        text.attrib.clear()
        text.text = None
        text.tag = f"{{{_SVG}}}path"
        # The words stay for readers of screens and for search.
        text.attrib.update(kept | {"d": data, "stroke": "none", "fill-rule": "nonzero", "aria-label": words.strip()})
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)


def _font(text: ElementTree.Element) -> QFont:
    font = QFont(text.get("font-family", "Inter").strip("'\""))
    font.setPixelSize(max(1, round(float(text.get("font-size", "11").removesuffix("px")))))
    font.setWeight(QFont.Weight(int(text.get("font-weight", "400"))))
    font.setItalic(text.get("font-style") == "italic")
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _path(font: QFont, x: float, y: float, words: str) -> str:
    outline = QPainterPath()
    outline.addText(QPointF(x, y), font, words)
    parts = []
    for i in range(outline.elementCount()):
        element = outline.elementAt(i)
        parts.append(f"{_KINDS[element.type]}{element.x:.2f} {element.y:.2f}")
    return " ".join(parts)
