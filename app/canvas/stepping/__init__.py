"""What the canvas draws of a moment: gradients on their way, forks with their inboxes, the step at work."""

from .overlay import Overlay

__all__ = ["Overlay"]
