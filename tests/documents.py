"""Documents to edit, and blocks that must be refused with a whole message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from gradwire.core.document import Document
from gradwire.core.document.transaction import Transaction
from gradwire.core.errors import EditError, GradwireError


def chain() -> Document:
    """data -> a -> b -> c, all relus but data."""
    doc = Document()
    with doc.transaction("Chain") as t:
        t.add("dataset", name="data")
        for name, source in (("a", "dataset0"), ("b", "relu0"), ("c", "relu1")):
            t.add("relu", name=name, inputs={"x": source})
    return doc


@contextmanager
def edit(doc: Document) -> Iterator[Transaction]:
    with doc.transaction("Edit") as transaction:
        yield transaction


def refusing(usual: type[GradwireError]) -> Callable[..., AbstractContextManager[None]]:
    """What checks that a block is refused with a whole message, by an error of the `usual` kind or of another."""

    @contextmanager
    def refused(message: str, kind: type[GradwireError] = usual) -> Iterator[None]:
        with pytest.raises(kind) as caught:
            yield
        assert str(caught.value) == message

    return refused


refused = refusing(EditError)
