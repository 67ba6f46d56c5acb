"""Plugins: how they are found and loaded, what they may add, and what becomes of those that fail.

A plugin is a module with a function `register(host)`; what it may import of the program is `gradwire.core.extend`.
Opening a document loads none: whoever begins a program does, by `plugins().load()`.
"""

from .discovery import GROUP, owner
from .host import Brought, Host
from .loading import DISABLED, FAILED, FOLDER, FOUND, LOADED, Plugin, Plugins, load_shipped, plugins, told_at

__all__ = [
    "DISABLED",
    "FAILED",
    "FOLDER",
    "FOUND",
    "GROUP",
    "LOADED",
    "Brought",
    "Host",
    "Plugin",
    "Plugins",
    "load_shipped",
    "owner",
    "plugins",
    "told_at",
]
