"""A whole graph computed for the window: every value that can be, again only where something has changed."""

from .evaluator import Evaluator
from .result import Asked, Evaluated, Root

__all__ = ["Asked", "Evaluated", "Evaluator", "Root"]
