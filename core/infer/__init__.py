"""Shapes and dtypes of a graph: what lowering binds in its parameters, what feeds each op, and what comes out."""

from __future__ import annotations

from .binding import BATCH_UNKNOWN, UNWIRED, Binding, arrange, bind, bypassed
from .inferring import SIZES, Describe, Inferred, batch_axes, in_order, infer, infer_node, infer_upwards, where_from
from .known import KnownShapes
from .partly import refused_alone
from .problems import Problem, problems_of, refuse

__all__ = [
    "BATCH_UNKNOWN",
    "SIZES",
    "UNWIRED",
    "Binding",
    "Describe",
    "Inferred",
    "KnownShapes",
    "Problem",
    "arrange",
    "batch_axes",
    "bind",
    "bypassed",
    "in_order",
    "infer",
    "infer_node",
    "infer_upwards",
    "problems_of",
    "refuse",
    "refused_alone",
    "where_from",
]
