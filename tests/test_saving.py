from __future__ import annotations

import os
import random
import string
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradwire.core import files
from gradwire.core.errors import FileError
from gradwire.core.files import dump_graph, load, parse_graph, replacing, save
from gradwire.core.files.values import content_hash, dump_values, parse_values
from gradwire.core.graph import Graph, Group, Node, Source


def refusal(call: Callable[[], object]) -> str:
    """The line that a call is refused with."""
    with pytest.raises(FileError) as caught:
        call()
    line = str(caught.value)
    assert line.isprintable()
    return line


def small() -> Graph:
    draft = Graph().draft()
    draft.add_group(Group("mlp0", "net"))
    draft.add_group(Group("linear0", "linear0", "mlp0"))
    draft.add_node(Node("input0", "input", "x", {"shape": ("N", 3)}, position=(120, 40)))
    draft.add_node(Node("parameter0", "parameter", "W", {"shape": (3, 2), "init": "he"}, group="linear0"))
    draft.add_node(Node("matmul0", "matmul", "matmul0", group="linear0"))
    draft.set_wire("matmul0", "x", Source("input0", "y"))
    draft.set_wire("matmul0", "w", Source("parameter0", "y"))
    draft.dtype = "float64"
    return draft.freeze()


# --- values


def arrays(scale: float = 1) -> dict[str, np.ndarray[Any, Any]]:
    return {"parameter0": np.arange(6, dtype=np.float32).reshape(3, 2) * scale}


def test_values_of_every_kind_come_back() -> None:
    draft = Graph().draft()
    values: dict[str, np.ndarray[Any, Any]] = {}
    for name in (*"?bBhHiIlLefdF", ">f4", "<f8"):
        id = draft.free_id("n")
        draft.add_node(Node(id, "op", id))
        values[id] = np.array([[1, 0, 1], [0, 1, 1]], np.dtype(name)).T
    values["n0"], values["n1"] = np.array(True), np.zeros((0, 3), np.int8)
    graph = draft.freeze()
    data = dump_values(graph, values)
    back = parse_values(data, "v")
    assert {id: (array.shape, array.dtype.newbyteorder("=")) for id, array in values.items()} == {
        id: (array.shape, array.dtype) for id, array in back.items()
    }
    assert all((values[id] == back[id]).all() for id in values)
    assert not any(array.flags.writeable for array in back.values())
    assert content_hash(back) == content_hash(values)
    assert dump_values(graph, dict(reversed(values.items()))) == data == dump_values(graph, back)


def test_the_hash_tells_values_apart() -> None:
    one = np.zeros(4, np.float32)
    others = [
        {},
        {"a": one},
        {"b": one},
        {"a": one, "b": one},
        {"a": one.reshape(2, 2)},
        {"a": one.view(np.int32)},
    ]
    others += [{"a": one + 1}, {"a": -one}]
    assert len({content_hash(values) for values in others}) == len(others)


def test_values_that_cannot_be_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.gw"
    line = refusal(lambda: save(path, small(), {"parameter0": np.zeros(2, np.complex128)}))
    assert line.startswith("a value to be saved must have a dtype of safetensors, that of parameter0 is complex128 (")
    line = refusal(lambda: save(path, small(), {"nope": np.zeros(2)}))
    assert line == "a value must belong to a node, 'nope' is none"
    assert not list(tmp_path.iterdir())


def same_values(found: Any, wanted: Any) -> bool:
    return found.keys() == wanted.keys() and all(np.array_equal(found[id], wanted[id]) for id in wanted)


@pytest.mark.parametrize("suffix", [".gw", ".gwz", ".GW"])
@pytest.mark.parametrize("values", [{}, arrays()], ids=["without", "with"])
def test_save_and_load(tmp_path: Path, suffix: str, values: dict[str, Any]) -> None:
    path = tmp_path / f"my.net{suffix}"
    digest = save(path, small(), values)
    loaded = load(path)
    assert (loaded.graph, loaded.notices, loaded.offered, loaded.path) == (small(), (), {}, path)
    assert same_values(loaded.values, values)
    assert loaded.digest == digest
    first = path.read_bytes()
    assert save(str(path), loaded.graph, loaded.values) == digest
    assert path.read_bytes() == first
    wanted = {path.name, "my.net.safetensors"} if values and suffix != ".gwz" else {path.name}
    assert {found.name for found in tmp_path.iterdir()} == wanted


def test_an_archive_is_the_same_at_any_time_and_opens_when_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "a.gwz", small(), arrays())
    monkeypatch.setattr(time, "time", lambda: 2e9)
    save(tmp_path / "b.gwz", small(), arrays())
    assert (tmp_path / "a.gwz").read_bytes() == (tmp_path / "b.gwz").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.gwz") as archive:
        archive.extractall(tmp_path / "unpacked")
    assert same_values(load(tmp_path / "unpacked" / "graph.gw").values, arrays())


def test_values_are_loaded_only_when_the_graph_names_them(tmp_path: Path) -> None:
    path, beside = tmp_path / "a.gw", tmp_path / "a.safetensors"
    save(path, small(), arrays())
    beside.write_bytes(dump_values(small(), arrays(2)))
    loaded = load(path)
    assert (loaded.values, same_values(loaded.offered, arrays(2))) == ({}, True)
    assert loaded.notices == (f"{beside}: not the values that the graph names, not loaded",)
    save(path, small())
    assert same_values(parse_values(beside.read_bytes(), ""), arrays(2))
    loaded = load(path)
    assert (loaded.values, same_values(loaded.offered, arrays(2))) == ({}, True)
    assert loaded.notices == (f"{beside}: the graph names no values, these were not loaded",)


def test_renaming_leaves_the_hash_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.gw"
    save(path, small(), arrays())
    draft = small().draft()
    draft.update("parameter0", name="weights")
    path.write_bytes(dump_graph(draft.freeze(), content_hash(arrays())))
    assert same_values(load(path).values, arrays())


@pytest.mark.parametrize("suffix", [".gw", ".gwz"])
def test_values_that_are_lost_or_broken_leave_the_graph(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    values = dump_values(small(), arrays())
    graph = dump_graph(small(), content_hash(arrays()))
    for broken in (
        None,
        b"",
        values[:-1],
        values[:20],
        values.replace(b"F32", b"F9!"),
        values.replace(b"F32", b"F16"),
    ):
        if suffix == ".gwz":
            path.write_bytes(files.archive.pack(graph, broken))
        else:
            path.write_bytes(graph)
            if broken is not None:
                (tmp_path / "a.safetensors").write_bytes(broken)
        loaded = load(path)
        assert (loaded.graph, loaded.values, loaded.offered) == (small(), {}, {})
        assert len(loaded.notices) == 1
        assert loaded.notices[0].endswith("opened without values")
        assert loaded.notices[0].isprintable()


def test_values_that_do_not_fit_their_node_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.gw"
    values = {"parameter0": np.zeros((2, 3)), "matmul0": np.ones(2)}
    save(path, small(), values)
    loaded = load(path)
    assert same_values(loaded.values, {"matmul0": np.ones(2)})
    line = f"{path}: the value of net/linear0/W is not loaded: shape [3, 2] is required, found [2, 3]"
    assert loaded.notices == (line,)
    graph, _ = parse_graph(b'{"format": 1, "nodes": {}}')
    path.write_bytes(dump_graph(graph, content_hash(values)))
    loaded = load(path)
    assert (loaded.graph, loaded.values) == (graph, {})
    assert loaded.notices == (
        f"{path}: not loaded, as there is no node 'matmul0'",
        f"{path}: not loaded, as there is no node 'parameter0'",
    )


# --- the disk


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    save(tmp_path / "digits.gw", Graph())
    at = f"{tmp_path}{os.sep}"
    assert refusal(lambda: load(tmp_path / "digit.gw")) == f"{at}digit.gw: there is no such file (near: digits.gw)"
    line = refusal(lambda: load(tmp_path / "no" / "a.gw"))
    assert line == f"{at}no{os.sep}a.gw: there is no such file (there is no folder {at}no)"
    (tmp_path / "folder.gw").mkdir()
    assert refusal(lambda: load(tmp_path / "folder.gw")) == f"{at}folder.gw: a file is required, found a folder"
    (tmp_path / "a.txt").write_text("")
    line = f"{at}a.txt: a .gw or .gwz file is required, this name ends in .txt (as in a.gw)"
    assert refusal(lambda: load(tmp_path / "a.txt")) == refusal(lambda: save(tmp_path / "a.txt", Graph())) == line
    wanted = "a file is named by a text or a Path, got 'a\\x00.gw' (as in \"graph.gw\")"
    assert refusal(lambda: load("a\0.gw")) == wanted
    refusal(lambda: save("a\0.gw", Graph()))
    refusal(lambda: load(f"{'a' * 300}.gw"))
    refusal(lambda: save(tmp_path / f"{'a' * 300}.gw", Graph()))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_pipes_devices_and_links_in_a_circle(tmp_path: Path) -> None:
    pipe, full, circle = tmp_path / "pipe.gw", tmp_path / "full.gw", tmp_path / "circle.gw"
    os.mkfifo(pipe)
    full.symlink_to("/dev/full")
    circle.symlink_to(circle)
    for path in (pipe, full):
        line = f"{path}: a file is required, found a device or a pipe"
        assert refusal(lambda path=path: load(path)) == line
        assert refusal(lambda path=path: save(path, Graph())) == line
    refusal(lambda: load(circle))
    refusal(lambda: save(circle, Graph()))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gw"
    save(path, Graph())

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refusal(lambda: load(path)) == f"{path}: cannot be read: Permission denied"


def test_a_file_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gw"
    save(path, Graph())
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert refusal(lambda: save(path, small())) == f"{path}: cannot be saved: the file is write-protected"
    line = refusal(lambda: save(tmp_path / "no" / "a.gw", small()))
    assert line.endswith(f"a.gw: cannot be saved: there is no folder {tmp_path / 'no'}")


@pytest.mark.skipif(os.name == "nt", reason="links and modes are those of POSIX")
def test_saving_keeps_links_and_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "there" / "real.gw", tmp_path / "link.gw"
    target.parent.mkdir()
    save(target, small(), arrays())
    os.chmod(target, 0o640)
    os.chmod(target.with_suffix(".safetensors"), 0o604)
    link.symlink_to(target)
    save(link, small(), arrays(3))
    assert link.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"there", "link.gw"}
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.with_suffix(".safetensors").stat().st_mode & 0o777 == 0o604
    assert same_values(load(link).values, arrays(3))


def test_zips_that_are_no_archives(tmp_path: Path) -> None:
    path = tmp_path / "a.gwz"
    save(path, small(), arrays())
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    line = "a zip of a graph and its values is required, File is not a zip file (it may be cut off)"
    assert refusal(lambda: load(path)) == f"{path}: {line}"
    for entries, line in (
        ({}, "a .gw file is required in the zip, found none"),
        ({"a.gw": b"", "b.gw": b""}, "one .gw file is required in the zip, found 2"),
        ({"../a.gw": b""}, "JSON is required, found an empty file"),
    ):
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        path.write_bytes(buffer.getvalue())
        assert refusal(lambda: load(path)) == f"{path}: {line}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.gw", dump_graph(small()))
    assert refusal(lambda: load(path)) == f"{path}: 'a.gw' must be stored or deflated, not otherwise"
    draw = random.Random(2)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 3)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        with suppress(FileError):  # the only thing that it may raise
            load(path)


def test_a_zip_that_unpacks_to_more_than_a_graph_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.gwz"
    save(path, small())
    monkeypatch.setattr(files.archive, "LARGEST", 100)
    assert refusal(lambda: load(path)) == f"{path}: 'graph.gw' may have 100 bytes, found more"


# --- failures and stops in the middle of a save


class Killed(BaseException):
    """The program ends here: nothing cleans up."""


class Faulty:
    """`os` in which the call number `at` raises, and with `forever` all that come after it."""

    def __init__(self, error: BaseException, at: int, forever: bool = False, links: bool = True) -> None:
        self.error, self.left, self.forever, self.links = error, at, forever, links

    def __getattr__(self, name: str) -> Any:
        call = getattr(os, name)
        if not callable(call):
            return call

        def faulty(*args: Any, **kwargs: Any) -> Any:
            if name == "link" and not self.links:
                raise OSError("no links here")
            self.left -= 1
            if self.left == 0 or (self.forever and self.left < 0):
                if name == "write":  # a part arrives
                    os.write(args[0], bytes(args[1][:10]))
                raise self.error
            return call(*args, **kwargs)

        return faulty


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


State = tuple[Graph, dict[str, np.ndarray[Any, Any]]] | None

BEFORE: list[State] = [None, (Graph(), {}), (small(), {}), (small(), arrays()), (small(), arrays(2))]


def each_fault(
    folder: Path, before: State, make: Callable[[int], Faulty], suffix: str = ".gw"
) -> Iterator[tuple[Path, Faulty, dict[str, bytes]]]:
    """A folder as it was before, once for each call that a save makes, until none is left to fail."""
    for at in count(1):
        path = folder / str(at) / f"net{suffix}"
        path.parent.mkdir()
        if before is not None:
            save(path, *before)
        faults = make(at)
        yield path, faults, contents(path.parent)
        if faults.left > 0:
            assert at > 5
            return


def saves(monkeypatch: pytest.MonkeyPatch, faults: Faulty, path: Path) -> BaseException | None:
    """Save other things there while the system fails; what came of it."""
    draft = small().draft()
    draft.dtype = "float32"
    with monkeypatch.context() as patched:
        patched.setattr(replacing, "os", faults)
        try:
            save(path, draft.freeze(), arrays(2))
        except (FileError, Killed) as error:
            return error
    return None


def check_whole(path: Path, before: State, was_there: bool = True) -> str:
    """Whether the old state opens, or the new one; anything between is an error."""
    if not path.exists():
        assert before is None
        return "old"
    loaded = load(path)
    new = loaded.graph.dtype == "float32" and bool(loaded.graph.nodes)
    assert same_values(loaded.values, arrays(2) if new else before[1] if before else {})
    if not new:
        assert before is not None
        assert loaded.graph == before[0]
    return "new" if new else "old"


@pytest.mark.parametrize("links", [True, False], ids=["links", "no_links"])
@pytest.mark.parametrize("before", BEFORE, ids=["none", "empty", "no_values", "values", "same_values"])
def test_a_save_that_fails_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: State, links: bool
) -> None:
    error = OSError(28, "No space left on device")
    for path, faults, old in each_fault(tmp_path, before, lambda at: Faulty(error, at, links=links)):
        raised = saves(monkeypatch, faults, path)
        if raised is None:  # what failed was not needed
            assert check_whole(path, before) == "new"
            continue
        hint = " (the old file is as it was)" if before else ""
        assert str(raised) == f"{path}: cannot be saved: No space left on device{hint}"
        leftovers = {name for name in contents(path.parent) if name.endswith(".tmp")}
        assert {name: data for name, data in contents(path.parent).items() if name not in leftovers} == old
        assert len(leftovers) <= 1  # one, where it is the removal that fails
        assert check_whole(path, before) == "old"


@pytest.mark.parametrize("before", BEFORE, ids=["none", "empty", "no_values", "values", "same_values"])
def test_a_disk_that_fails_for_good_leaves_a_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: State
) -> None:
    error = OSError(5, "Input/output error")
    for path, faults, _ in each_fault(tmp_path, before, lambda at: Faulty(error, at, forever=True)):
        raised = saves(monkeypatch, faults, path)
        assert check_whole(path, before) == ("new" if raised is None else "old")


@pytest.mark.parametrize("links", [True, False], ids=["links", "no_links"])
@pytest.mark.parametrize("before", BEFORE, ids=["none", "empty", "no_values", "values", "same_values"])
def test_a_save_that_is_killed_leaves_the_old_pair_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: State, links: bool
) -> None:
    seen = []
    for path, faults, _ in each_fault(tmp_path, before, lambda at: Faulty(Killed(), at, links=links)):
        raised = saves(monkeypatch, faults, path)
        seen.append(check_whole(path, before))
        assert raised is not None or seen[-1] == "new"
        check_whole(path, before)  # as it was repaired
        save(path, small(), arrays(3))
        assert set(contents(path.parent)) == {"net.gw", "net.safetensors"}  # nothing is left behind
    assert seen == sorted(seen, reverse=True)  # old up to one call, new from there on
    assert set(seen) == {"old", "new"}


@pytest.mark.parametrize("error", [Killed(), OSError(28, "No space left on device")], ids=["killed", "failed"])
def test_a_save_over_an_interrupted_one_keeps_what_that_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    pending = replacing.pending_path(tmp_path / "x.gw", content_hash(arrays(2))).name[1:]
    for path, faults, _ in each_fault(tmp_path, (small(), arrays()), lambda at: Faulty(error, at)):
        draft = small().draft()
        draft.dtype = "float32"
        path.write_bytes(dump_graph(draft.freeze(), content_hash(arrays(2))))
        path.with_name(f"net{pending}").write_bytes(dump_values(small(), arrays(2)))
        saves(monkeypatch, faults, path)
        assert check_whole(path, None) == "new"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no folders to be synced")
def test_everything_is_on_the_disk_before_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Log(Faulty):
        def __getattr__(self, name: str) -> Any:
            calls.append(name)
            return super().__getattr__(name)

    save(tmp_path / "net.gw", Graph())
    with monkeypatch.context() as patched:
        patched.setattr(replacing, "os", Log(Killed(), 10_000))
        save(tmp_path / "net.gw", small(), arrays())
    order = [name for name in calls if name in ("write", "fsync", "link", "replace")]
    values, graph = ["write", "fsync"], ["write", "fsync"]
    assert order == [*values, *graph, "link", "fsync", "replace", "fsync", "replace", "fsync"]


def test_a_program_that_opens_the_graph_during_a_save_may_finish_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.gw"
    save(path, small(), arrays())
    replace = os.replace

    def replace_after_another(source: Path, target: Path) -> None:
        if target.suffix == ".safetensors":
            monkeypatch.setattr(os, "replace", replace)
            assert len(load(path).notices) == 1
        replace(source, target)

    monkeypatch.setattr(os, "replace", replace_after_another)
    save(path, small(), arrays(2))
    assert same_values(load(path).values, arrays(2))


def test_an_interrupted_save_in_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.gw"
    path.write_bytes(dump_graph(small(), content_hash(arrays())))
    pending = replacing.pending_path(path, content_hash(arrays()))
    pending.write_bytes(dump_values(small(), arrays()))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    loaded = load(path)
    assert same_values(loaded.values, arrays())
    assert loaded.notices == (f"{pending}: read, but could not be renamed to net.safetensors: Permission denied",)
    monkeypatch.undo()
    assert load(path).notices == (f"{path.with_suffix('.safetensors')}: an interrupted save was brought to its end",)
    assert load(path).notices == ()


def test_an_archive_that_fails_or_is_killed_is_the_old_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, error in enumerate((OSError(28, "No space left on device"), Killed())):
        folder = tmp_path / str(kind)
        folder.mkdir()
        for path, faults, old in each_fault(
            folder, (small(), arrays()), lambda at, error=error: Faulty(error, at), ".gwz"
        ):
            raised = saves(monkeypatch, faults, path)
            state = check_whole(path, (small(), arrays()))
            assert state == "new" if raised is None else True
            assert contents(path.parent)["net.gwz"] == old["net.gwz"] or state == "new"


def test_names_of_paths_stay_names(tmp_path: Path) -> None:
    for name in (".hidden.gw", "a b.gw", "ä[x]*.gw", "(a|b)+.gw", f"{string.ascii_letters}.gw"):
        save(tmp_path / name, small(), arrays())
        save(tmp_path / name, small(), arrays(2))
        assert same_values(load(tmp_path / name).values, arrays(2))
    assert len(list(tmp_path.iterdir())) == 10
