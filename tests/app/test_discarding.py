"""What is discarded is set aside, with its journals or without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradwire.app.files.discarding import set_aside
from gradwire.app.files.reading import journals_of


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_file_is_set_aside_with_as_many_journals_as_it_has(count: int, tmp_path: Path) -> None:
    file = tmp_path / "nest-edited.gw"
    file.write_text("edits", "utf-8")
    journals = [tmp_path / f"journal{number}" for number in range(count)]
    for journal in journals:
        journal.write_text(journal.name, "utf-8")
    copy = set_aside(tmp_path / "data", file, journals)
    assert copy.read_text("utf-8") == "edits"
    assert sorted(each.read_text("utf-8") for each in journals_of(copy)) == [each.name for each in journals]
