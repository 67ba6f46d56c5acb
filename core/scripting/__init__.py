"""The names by which Python reads, edits, runs and trains a document: those of the console and of scripts."""

from .host import Headless, Host
from .namespace import names

__all__ = ["Headless", "Host", "names"]
