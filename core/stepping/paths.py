"""Paths in expressions: `mlp/linear_1/weight.grad` is the gradient of a node, as names are shown, and no quotient."""

from __future__ import annotations

import ast
from typing import Any

from ..errors import EditError
from ..graph import Graph


def with_paths(tree: ast.expr, graph: Graph) -> ast.expr:
    """An expression in which each quotient of names that is the path of a node stands as `node("…")`; a new tree.

    Raises `EditError` for one that begins with a group and is none.
    """
    if not any(isinstance(node, ast.Div) for node in ast.walk(tree)):
        return tree
    return _Paths(graph).visit(ast.parse(ast.unparse(tree), mode="eval").body)


class _Paths(ast.NodeTransformer):
    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def visit_BinOp(self, node: ast.BinOp) -> Any:  # the name that ast looks for
        names, asked = _names(node)
        path = "/".join(names)
        within = any(group.name == names[0] and group.group is None for group in self.graph.groups.values() if names)
        if len(names) > 1 and (within or is_node(self.graph, path)):
            self.graph.resolve(path)  # a path into a group is meant: what is wrong with it is told
            found = ast.Call(ast.Name("node", ast.Load()), [ast.Constant(path)], [])
            return _on(asked, found)
        return self.generic_visit(node)


def is_node(graph: Graph, path: str) -> bool:
    """Whether a path is that of a node."""
    try:
        return bool(graph.resolve(path))
    except EditError:
        return False


def _names(tree: ast.AST) -> tuple[list[str], ast.AST]:
    """The names between the strokes, none where there is something else; and what is asked of the last one."""
    if not isinstance(tree, ast.BinOp) or not isinstance(tree.op, ast.Div):
        return ([tree.id] if isinstance(tree, ast.Name) else []), tree
    before, _ = _names(tree.left)
    last = _root(tree.right)
    return ([*before, last.id] if before and isinstance(last, ast.Name) else []), tree.right


def _root(tree: ast.AST) -> ast.AST:
    while isinstance(tree, (ast.Attribute, ast.Subscript)):
        tree = tree.value
    return tree


def _on(asked: ast.AST, found: ast.expr) -> ast.expr:
    """What is asked of a name, asked of what was found."""
    if isinstance(asked, ast.Attribute):
        return ast.Attribute(_on(asked.value, found), asked.attr, ast.Load())
    if isinstance(asked, ast.Subscript):
        return ast.Subscript(_on(asked.value, found), asked.slice, ast.Load())
    return found
