"""The graph as a picture: SVG and PDF for papers and slides, PNG with the graph itself inside, to be opened again."""

from __future__ import annotations

from .carrying import read_embedded, read_picture, with_graph
from .still import PAPER, Still
from .writing import FORMATS, export_picture

__all__ = ["FORMATS", "PAPER", "Still", "export_picture", "read_embedded", "read_picture", "with_graph"]
