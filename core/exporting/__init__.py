"""A graph as source that a student could have written: NumPy's forward pass, PyTorch's module and training loop."""

from __future__ import annotations

from .numpy_code import numpy_source
from .torch_code import torch_source
from .trained import Trained
from .whole import EXPORTERS, Exporter, source

__all__ = ["EXPORTERS", "Exporter", "Trained", "numpy_source", "source", "torch_source"]
