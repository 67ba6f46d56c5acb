"""Texts in which names stand in `backticks`."""

from __future__ import annotations

import html
import re

from ..look.fonts import MONO

_CODE = rf'<span style="font-family: {MONO}">\1</span>'


def marked(text: str) -> str:
    """The text as rich text: the names in the font of code, everything else as it is."""
    return re.sub(r"`([^`]+)`", _CODE, html.escape(text, quote=False))
