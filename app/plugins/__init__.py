"""Plugins in the window: loaded beside it, what their `ui.py` adds to it, and the list in which they are managed."""
