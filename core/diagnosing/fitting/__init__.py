"""What would make a node take what comes to it: mends of ports that are open, and of shapes and dtypes that do not fit.

Each is tried on shapes before it is offered: after it the node has no problem, but for other ports that are open.
"""

from .offering import MOST, mends_of_problem

__all__ = ["MOST", "mends_of_problem"]
