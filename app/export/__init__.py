"""The graph as a picture: SVG and PDF for papers and slides, PNG with the graph itself inside, to be opened again.

A whole pass as a GIF, a video, or a page that steps in any browser.
"""

from __future__ import annotations

from .carrying import read_embedded, read_picture, with_graph
from .film import Film, recorded
from .filming import FILMS, export_film
from .still import PAPER, Still
from .writing import FORMATS, export_picture

__all__ = [
    "FILMS",
    "FORMATS",
    "PAPER",
    "Film",
    "Still",
    "export_film",
    "export_picture",
    "read_embedded",
    "read_picture",
    "recorded",
    "with_graph",
]
