"""A script that shows a window what it computes: the line between them, and its two ends."""

from __future__ import annotations

from .listening import Ended, Hello, Listener, Refused, Seen
from .streaming import Attachment, attach

__all__ = ["Attachment", "Ended", "Hello", "Listener", "Refused", "Seen", "attach"]
