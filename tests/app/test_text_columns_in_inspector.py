"""What the inspector tells of a table with columns of text."""

from __future__ import annotations

from pathlib import Path

from gradwire.app.inspecting.data_line import rows_of
from gradwire.core.data import DEFAULTS


def test_the_columns_that_texts_become_are_named(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("colour,size,kind\n" + "red,1,pear\nblue,2,apple\n" * 10)
    assert rows_of({**DEFAULTS, "source": "d.csv"}, tmp_path) == (
        '20 rows: 16 to train with, 4 held out\n"apple": 8 and 2, "pear": 8 and 2\n'
        "columns: colour=blue, colour=red, size"
    )
    (tmp_path / "e.csv").write_text("a,size,kind\n" + "3,1,pear\n4,2,apple\n" * 10)
    assert "columns" not in rows_of({**DEFAULTS, "source": "e.csv"}, tmp_path)
