"""The pieces of text that both languages share: helpers in use, headings, signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..op import Op
from . import literals
from .foreign import Foreign
from .outline import Item, Outline

TOLD = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|#.*""")  # texts and comments, which call nothing
WIDTH = 100  # characters of a line, before a signature takes a line for each argument


def helpers_in(text: str, helpers: Mapping[str, str]) -> list[str]:
    """The helpers that `text` calls, with those that they call, in the order of `helpers`."""
    waiting = [text]
    used: set[str] = set()
    while waiting:
        code = TOLD.sub("", waiting.pop())
        called = set(re.findall(r"(?<![\w.])(\w+)\(", code)) & helpers.keys() - used
        used |= called
        waiting += [helpers[name].partition("\n")[2] for name in called]
    return [helpers[name] for name in helpers if name in used]


def signature(head: str, names: Sequence[str], tail: str = "):", indent: str = "") -> list[str]:
    """`def forward(x, y):`, on one line where it fits."""
    line = f"{indent}{head}({', '.join(names)}{tail}"
    if len(line) <= WIDTH:
        return [line]
    return [f"{indent}{head}(", *(f"{indent}    {name}," for name in names), f"{indent}{tail}"]


def with_comment(line: str, comment: str) -> str:
    """`line`, and after it a comment where there is one."""
    return f"{line}  # {literals.comment(comment)}" if comment else line


def headed(items: Iterable[Item], indent: str) -> Iterator[tuple[Item, list[str]]]:
    """Each item with the lines that go before it: the path of its group where another one begins."""
    frame = ""
    for item in items:
        lines: list[str] = []
        if item.frame != frame:
            lines = ["", f"{indent}# {literals.comment(item.frame)}"] if item.frame else [""]
            frame = item.frame
        yield item, lines


def refusal(outline: Outline, item: Item, indent: str) -> str:
    """A line that says why a node cannot be computed."""
    where = outline.graph.path(item.node.id)
    return f"{indent}raise ValueError({literals.text(f'{where}: {item.problem}')})"


def spelled(op: Op, spellings: Mapping[str, object]) -> bool:
    """Whether a language has a spelling of an op: a plugin's op of the same name is another."""
    return op.name in spellings and op.proven


def draws(op: Op, spellings: Mapping[str, object]) -> bool:
    """Whether an op draws random numbers for which a language has no words: its own forward would draw none there.

    One that takes the mode draws them in training alone.
    """
    return op.takes_state and not spelled(op, spellings)


def returned(outline: Outline, more: Iterable[str] = ()) -> str:
    """What the function returns: its outputs, and where only sources are written these; then `more`."""
    outputs = outline.outputs or [
        *(argument.name for argument in outline.arguments),
        *(weight.name for weight in outline.weights),
        *(name for item in outline.items for name in item.names),
    ]
    return ", ".join([*outputs, *more]) or "None"


def foreign_ops(outline: Outline, spellings: Mapping[str, object], reserved: Iterable[str]) -> dict[str, Foreign]:
    """The ops that are written in their own words, by name."""
    found: dict[str, Foreign] = {}
    for item in outline.items:
        if item.op is None or not item.names or item.op.name in found:
            continue
        if not spelled(item.op, spellings) and (item.op.takes_mode or not draws(item.op, spellings)):
            found[item.op.name] = Foreign(item.op, {*reserved, *(f.name for f in found.values())})
    return found
