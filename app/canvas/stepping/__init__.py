"""What the canvas draws of a moment: gradients on their way, forks and their inboxes, the step at work; what is lit."""

from .caption import Caption
from .lighting import Lighting
from .overlay import Overlay
from .telling import Telling

__all__ = ["Caption", "Lighting", "Overlay", "Telling"]
