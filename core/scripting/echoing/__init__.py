"""The lines of Python that make a change of the document again, in the names of scripts."""

from .echoes import Echo, echo, echo_of_entry

__all__ = ["Echo", "echo", "echo_of_entry"]
