"""Snapshots of a run's values: whole or not at all, also while they are written as fast as can be."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from gradwire.core.graph import Source
from gradwire.core.runs import snapshots
from gradwire.core.runs.snapshots import FILES, SnapshotReader, SnapshotWriter

X, W = Source("x0", "y"), Source("w0", "y")

FAST_WRITER = """
import sys
from pathlib import Path
import numpy as np
from gradwire.core.graph import Source
from gradwire.core.runs.snapshots import SnapshotWriter
writer = SnapshotWriter(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(1, 10**9):
    size = 20_000 + 7_000 * (n % 5)  # the files grow, and what lies in them moves
    arrays = {("value", Source(f"node{i}", "y")): np.full(size + i, n, np.float32) for i in range(6)}
    arrays["gradient", Source("node0", "y")] = np.full((3, size), -n, np.float64)
    writer.write(n, arrays)
"""


def test_what_is_written_is_read(tmp_path: Path) -> None:
    reader = SnapshotReader(tmp_path)
    assert reader.read() is None
    writer = SnapshotWriter(tmp_path)
    arrays = {
        ("value", X): np.arange(6, dtype=np.float32).reshape(2, 3),
        ("gradient", X): np.array(2.5),
        ("value", W): np.array([True, False]),
        ("update", W): np.zeros((0, 3)),
    }
    writer.write(17, arrays)
    found = reader.read()
    assert found is not None
    assert (found.version, found.iteration) == (1, 17)
    assert found.arrays.keys() == arrays.keys()
    for key, array in arrays.items():
        np.testing.assert_array_equal(found.arrays[key], array)
        assert found.arrays[key].dtype == array.dtype
    assert found.gradient(X) == 2.5
    assert found.gradient(W) is None
    assert reader.read() is found  # nothing newer
    writer.write(18, {("value", X): np.ones(100_000)})
    newer = reader.read()
    assert newer is not None
    assert newer.iteration == 18
    assert found.value(X) is not None  # what was read is the reader's own
    np.testing.assert_array_equal(found.value(X), arrays["value", X])  # type: ignore[arg-type]


def test_a_torn_file_gives_the_snapshot_before(tmp_path: Path) -> None:
    writer, reader = SnapshotWriter(tmp_path), SnapshotReader(tmp_path)
    for number in (1, 2):
        writer.write(number, {("value", X): np.full(1000, float(number))})
    for damage in (slice(0, 8), slice(8, 16), slice(40, 44), slice(60, 61), slice(4000, 4001)):
        path = tmp_path / FILES[2 % 2]
        whole = path.read_bytes()
        torn = bytearray(whole)
        torn[damage] = bytes(255 - byte for byte in torn[damage])
        with path.open("r+b") as file:
            file.write(torn)
        found = SnapshotReader(tmp_path).read()
        assert found is not None, damage
        assert found.iteration == 1
        np.testing.assert_array_equal(found.arrays["value", X], np.ones(1000))
        with path.open("r+b") as file:
            file.write(whole)
    assert reader.read().iteration == 2  # type: ignore[union-attr]
    (tmp_path / FILES[0]).write_bytes(b"")
    assert SnapshotReader(tmp_path).read().iteration == 1  # type: ignore[union-attr]


def test_no_snapshot_is_torn_under_load(tmp_path: Path) -> None:
    """One process writes as fast as it can; every snapshot that is read here holds one iteration and no other."""
    with subprocess.Popen([sys.executable, "-c", FAST_WRITER, str(tmp_path)], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            reader, seen, last = SnapshotReader(tmp_path), 0, 0
            end = time.monotonic() + 2.0
            while time.monotonic() < end:
                found = reader.read()
                if found is None or found.iteration == last:
                    continue
                assert found.iteration > last
                last, seen = found.iteration, seen + 1
                assert len(found.arrays) == 7
                for (kind, _), array in found.arrays.items():
                    expected = last if kind == "value" else -last
                    assert (array == expected).all(), f"{kind} of iteration {last}: {np.unique(array)}"
        finally:
            child.kill()
    assert seen > 20
    assert last > seen / 2
    # Killed in the middle of a write, perhaps: the next writer goes on from what is whole.
    writer = SnapshotWriter(tmp_path)
    assert writer.version >= last
    writer.write(5, {("value", X): np.ones(3)})
    assert reader.read().iteration == 5  # type: ignore[union-attr]


def test_what_is_too_large_is_left_out(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(snapshots, "ROOM", 10_000)
    writer, reader = SnapshotWriter(tmp_path), SnapshotReader(tmp_path)
    writer.write(1, {("value", X): np.ones(10_000), ("value", W): np.ones(10)})
    found = reader.read()
    assert found is not None
    assert found.value(X) is None
    assert found.value(W) is not None
