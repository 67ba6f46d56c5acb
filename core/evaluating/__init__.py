"""A whole graph computed for the window: every value that can be, again only where something has changed."""

from .evaluator import Evaluator
from .result import Asked, Evaluated, Root
from .roots import no_gradient, no_root

__all__ = ["Asked", "Evaluated", "Evaluator", "Root", "no_gradient", "no_root"]
