"""Curves on the disk: what a reader sees while they are written, and how little memory that takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from gradwire.core.errors import FileError
from gradwire.core.runs.columns import BLOCK, Columns, ColumnWriter

PER_BLOCK = BLOCK // 8


@pytest.fixture
def columns(tmp_path: Path) -> Iterator[ColumnWriter]:
    with closing(ColumnWriter(tmp_path)) as writer:
        yield writer


def test_a_reader_sees_rows_as_they_are_appended(columns: ColumnWriter) -> None:
    writer, reader = columns, Columns(columns.folder)
    assert (reader.rows, list(reader)) == (0, [])
    writer.append({"loss": [3.0, 2.0], "learning_rate": [0.1, 0.1]})
    assert reader.refresh() == 2
    assert sorted(reader) == ["learning_rate", "loss"]
    first = reader["loss"]
    writer.append({"loss": [1.0], "learning_rate": [0.05]})
    assert len(reader["loss"]) == 2  # until it counts anew, all columns are of one length
    reader.refresh()
    assert reader["loss"].tolist() == [3.0, 2.0, 1.0]
    assert first.tolist() == [3.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1.0


def test_columns_that_come_later_or_are_left_out_are_nan_there(columns: ColumnWriter) -> None:
    writer, reader = columns, Columns(columns.folder)
    writer.append({"loss": [3.0, 2.0]})
    writer.append({"loss": [1.0], "a/b: é": [7.0]})
    writer.append({"a/b: é": [8.0]})
    reader.refresh()
    np.testing.assert_array_equal(reader["loss"], [3.0, 2.0, 1.0, np.nan])
    np.testing.assert_array_equal(reader["a/b: é"], [np.nan, np.nan, 7.0, 8.0])
    with pytest.raises(KeyError):
        reader["accuracy"]


def test_a_late_column_of_many_rows(columns: ColumnWriter) -> None:
    writer = columns
    rows = 9 * PER_BLOCK + 5
    writer.append({"loss": np.zeros(rows)})  # type: ignore[dict-item]
    writer.append({"loss": [1.0], "penalty": [2.0]})
    penalty = Columns(columns.folder)["penalty"]
    assert len(penalty) == rows + 1
    assert np.isnan(penalty[:rows]).all()
    assert penalty[rows] == 2.0


def test_views_last_while_files_grow_and_go_on_behind_an_earlier_row(columns: ColumnWriter) -> None:
    writer, reader = columns, Columns(columns.folder)
    writer.append({"loss": np.arange(10.0)})  # type: ignore[dict-item]
    reader.refresh()
    early = reader["loss"]
    writer.append({"loss": np.arange(10.0, 3.0 * PER_BLOCK)})  # type: ignore[dict-item]
    reader.refresh()
    np.testing.assert_array_equal(reader["loss"], np.arange(3.0 * PER_BLOCK))
    with closing(ColumnWriter(columns.folder)) as again:
        assert again.rows == 3 * PER_BLOCK
        again.cut(4)
        again.append({"loss": [-1.0]})
        assert reader.refresh() == 5
        assert reader["loss"].tolist() == [0.0, 1.0, 2.0, 3.0, -1.0]
        assert len(early) == 10  # and reading it is no crash, though the run has gone back
        again.cut(7)
    reader.refresh()
    np.testing.assert_array_equal(reader["loss"], [0, 1, 2, 3, -1, np.nan, np.nan])


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"the curves in .* cannot be written: Not a directory"):
        ColumnWriter(tmp_path / "file" / "curves")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_a_million_rows_fill_no_memory(tmp_path: Path) -> None:
    """Written by another process, read here column by column, as plots do."""
    program = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from gradwire.core.runs.columns import ColumnWriter\n"
        "writer = ColumnWriter(Path(sys.argv[1]))\n"
        "for first in range(0, 1_000_000, 10_000):\n"
        "    rows = np.arange(first, first + 10_000.0)\n"
        "    writer.append({name: rows for name in ('loss', 'learning_rate', 'time', 'penalty', 'gradient_norm')})\n"
    )
    reader = Columns(tmp_path)
    before = _resident()
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) as child:
        most = 0
        while child.poll() is None:
            if reader.refresh():
                for column in reader.values():
                    assert column[-1] == reader.rows - 1
            reader.release()
            most = max(most, _resident() - before)
            time.sleep(0.02)
        assert child.returncode == 0
    assert reader.refresh() == 1_000_000
    for name in reader:
        assert reader[name].sum() == 499999500000.0
        reader.release()
        most = max(most, _resident() - before)
    assert most < 20e6, f"{most / 1e6:.0f} MB"


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
