"""What the inspector tells of a table with columns of text."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradwire.app.inspecting.data_line import rows_of
from gradwire.app.inspecting.reading import read, spell
from gradwire.app.trying.subject import Feature, subject_of
from gradwire.core.data import DEFAULTS
from gradwire.core.errors import ParameterError
from gradwire.core.ops import builtin
from gradwire.core.session import Session


def test_the_columns_that_texts_become_are_named(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("colour,size,kind\n" + "red,1,pear\nblue,2,apple\n" * 10)
    assert rows_of({**DEFAULTS, "source": "d.csv"}, tmp_path) == (
        '20 rows: 16 to train with, 4 held out\n"apple": 8 and 2, "pear": 8 and 2\n'
        "columns: colour=blue, colour=red, size"
    )
    (tmp_path / "e.csv").write_text("a,size,kind\n" + "3,1,pear\n4,2,apple\n" * 10)
    assert "columns" not in rows_of({**DEFAULTS, "source": "e.csv"}, tmp_path)


def test_categories_are_edited_as_lists_of_lists() -> None:
    parameter = builtin()["dataset"].parameters["categories"]
    categories = (("town", "Paris, FR", "42"), ("a=b", "(x)"))
    text = spell(categories, parameter.annotation)
    assert text == '[["town", "Paris, FR", "42"], ["a=b", "(x)"]]'
    assert read(parameter, text, "dataset") == categories
    assert read(parameter, "none", "dataset") is None
    for wrong in ("red, blue", '["red"]', "3"):
        with pytest.raises(ParameterError) as caught:
            read(parameter, wrong, "dataset")
        assert "categories must be a list of lists of texts or null" in str(caught.value)


def test_columns_of_text_are_tried_under_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a=b,a,size,y\n" + "c,b=c,1,0\nd,e,2,1\n" * 10)
    session = Session(path=tmp_path / "net.gw")
    with session.document.transaction("Add") as t:
        id = t.add("dataset", params={"source": "d.csv"})
    features = subject_of(session.graph, id, tmp_path, "float32").features
    assert features == (Feature("a=b", 0, ("c", "d")), Feature("a", 2, ("b=c", "e")), Feature("size", 4))
