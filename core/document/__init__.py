"""The document: a graph and values that change through one door, with a history and one signal."""

from __future__ import annotations

from .document import Change, Document
from .history import Gesture
from .transaction import Transaction

__all__ = ["Change", "Document", "Gesture", "Transaction"]
