"""A script that is attached to a window: what the window gets, and who is not let in."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import JSON, address, attached, refusal, seen
from training_graphs import classifier

import gradwire.core as gw
from gradwire.core.attaching import Ended, Hello, Listener, Seen, listening
from gradwire.core.attaching.arrays import packed, unpacked
from gradwire.core.attaching.frames import HEAD, Decoder, Frame, encoded
from gradwire.core.attaching.listening import REFUSED, Refused
from gradwire.core.errors import RunError
from gradwire.core.graph import Source

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import gradwire.core as gw
from training_graphs import classifier
session = classifier(Path({folder!r}))
gw.attach(session, "127.0.0.1:{port}", "{token}")
session.train(epochs=10**6)
"""


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


def test_a_window_gets_the_graph_and_what_is_computed_bit_for_bit(tmp_path: Path, listener: Listener):
    session, alone = classifier(tmp_path), classifier(tmp_path)
    with attached(listener, session):
        assert seen(listener, lambda news: news.graph) == session.graph

        look = seen(listener, lambda news: news.look, lambda: session.run(fetch="loss", iteration=1))
        assert (
            look.snapshot.value(Source("tanh0", "y")).tobytes()
            == alone.run(fetch="tanh", iteration=1)["tanh"].tobytes()
        )
        assert look.root is None

        ask = ("loss", "tanh")
        look = seen(
            listener,
            lambda news: news.look if news.look and news.look.root else None,
            lambda: session.gradients(*ask, iteration=1),
        )
        assert look.root == Source("cross_entropy0", "y")
        found = look.snapshot.gradient(Source("tanh0", "y"))
        assert found.tobytes() == alone.gradients(*ask, iteration=1)["tanh"].tobytes()

        trained, expected = session.train(), alone.train()
        assert {id: a.tobytes() for id, a in trained.values.items()} == {
            id: a.tobytes() for id, a in expected.values.items()
        }
        looks: list[Any] = []
        told = seen(
            listener,
            lambda news: (looks.append(news.look), news.told if news.told and "iterations" in news.told else None)[1],
        )
        assert told == "trained for 12 iterations"
        assert [look.loss is not None and look.training for look in looks if look is not None][:1] == [True]

        with session.document.transaction("Add") as t:
            t.add("relu", name="more")
        assert "relu0" in seen(listener, lambda news: news.graph).nodes
    while isinstance(news := listener.take(lambda: False), Seen):
        pass
    assert isinstance(news, Ended)
    assert listener.closed
    assert session.onlooker is None


def test_the_token_lets_in_one_script_once(tmp_path: Path, listener: Listener):
    session = classifier(tmp_path)
    with pytest.raises(RunError) as wrong:
        attached(listener, session, "0" * 32)
    assert wrong.value.message == f"the window refused: {REFUSED}"
    assert session.onlooker is None
    with attached(listener, session):
        with pytest.raises(RunError, match="the session is attached already"):
            gw.attach(session, address(listener), listener.token)
        with pytest.raises(RunError, match=f"nobody listens on {address(listener)}: "):  # also with the right token
            gw.attach(classifier(tmp_path), address(listener), listener.token)
    other = Listener()
    other.close()
    assert len({listener.token, other.token}) == 2
    assert len(bytes.fromhex(listener.token)) == 16


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("8.8.8.8:80", "a window listens on 127.0.0.1 alone, got '8.8.8.8'"),
        ("127.0.0.1", "the address of a window is as in \"127.0.0.1:40000\", got '127.0.0.1'"),
        ("127.0.0.1:70000", "the address of a window is as in \"127.0.0.1:40000\", got '127.0.0.1:70000'"),
        (8000, 'the address of a window is as in "127.0.0.1:40000", got 8000'),
    ],
)
def test_an_address_elsewhere_is_refused(where: Any, message: str):
    with pytest.raises(RunError) as refused:
        gw.attach(gw.Session(), where, "")
    assert refused.value.message == message


def test_whoever_sends_anything_else_is_sent_away_and_the_door_stays_open(listener: Listener, tmp_path: Path):
    hello = encoded("hello", token=listener.token, name="x", process=1)
    unknown = encoded("hello", token="\ud800", name="x", process=1)
    sent = [
        b"GET / HTTP/1.1\r\n\r\n",
        hello[:4] + b"\x63\x00" + hello[6:],
        encoded("hello", b"1" * 5000, token=listener.token, name="x", process=1),
        encoded("look", number=1, arrays=[]),
        unknown,
        encoded("hello", token=listener.token, name=None, process=1),
        hello[:12] + b"\xff" * 8 + hello[20:],
    ]
    for data in sent:
        done: list[bool] = []
        with ThreadPoolExecutor(1) as threads, socket.create_connection(("127.0.0.1", listener.port)) as line:
            waits = threads.submit(listener.take, lambda done=done: bool(done))
            answer = b""
            try:
                line.sendall(data)
                line.settimeout(10)
                while part := line.recv(4096):
                    answer += part
            except ConnectionError:  # closed while more was on its way
                answer = answer or encoded("refused")
            finally:
                done.append(True)
            assert waits.result() == (Refused() if data is unknown else None)
        assert [frame.kind for frame in Decoder().feed(answer)] == ["refused"]
    attached(listener, classifier(tmp_path)).close()


def test_whoever_says_nothing_keeps_no_script_out(listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listening, "CALLERS", 3)
    silent = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(5)]
    silent[4].sendall(encoded("hello")[:6])  # and no more
    before = time.monotonic()
    attached(listener, classifier(tmp_path)).close()
    assert time.monotonic() - before < listening.PATIENCE / 2
    for line in silent:
        with line:
            line.settimeout(10)
            (frame,) = Decoder().feed(line.recv(4096))
            assert (frame.kind, frame.head) == ("refused", {"why": "the window waited for a token"})


def test_whoever_says_nothing_for_long_is_sent_away(listener: Listener, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(listening, "PATIENCE", 0.1)
    with socket.create_connection(("127.0.0.1", listener.port)) as line, ThreadPoolExecutor(1) as threads:
        done: list[bool] = []
        waits = threads.submit(listener.take, lambda: bool(done))
        line.settimeout(10)
        assert b"the window waited for a token" in line.recv(4096)
        done.append(True)
        assert waits.result() is None


def test_what_comes_from_a_script_and_cannot_be_read_is_told_as_that(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
):
    def unreadable(*_: Any) -> Any:
        raise ValueError("no such array")

    monkeypatch.setattr(listening, "unpacked", unreadable)
    with socket.create_connection(("127.0.0.1", listener.port)) as line:
        line.sendall(encoded("hello", token=listener.token, name="x.py", process=7))
        assert listener.take(lambda: False) == Hello("x.py", 7)
        line.sendall(encoded("look", number=1, arrays=[]))
        assert listener.take(lambda: False) == Ended("x.py sent what cannot be shown: ValueError: no such array")


def test_what_comes_from_a_script_and_is_no_message_ends_the_line(listener: Listener):
    hello = encoded("hello", token=listener.token, name="bad\n.py", process=7)
    with socket.create_connection(("127.0.0.1", listener.port)) as line:
        line.sendall(hello)
        assert listener.take(lambda: False) == Hello("bad.py", 7)
        line.sendall(encoded("graph", b"{}"))
        ended = listener.take(lambda: False)
    assert ended == Ended('bad.py sent what cannot be shown: the graph of the script: "format" must be 1, found none')
    assert listener.closed


def test_a_message_that_says_it_is_too_large_is_refused_before_it_is_read():
    frame = encoded("look")
    with pytest.raises(RunError, match="a message has at most 71,303,168 bytes here, this one 4,"):
        list(Decoder().feed(frame[:6] + (2**32 - 1).to_bytes(4, "little") + frame[10:18]))
    with pytest.raises(RunError, match="a message has at most 100 bytes here"):
        list(Decoder(100).feed(encoded("look", b"1" * 100)[:18]))
    assert HEAD < 2**32


@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_refused_in_one_line_or_wait_for_more(parts: list[bytes], marked: bool):
    decoder = Decoder()
    told = refusal(
        lambda: [[*decoder.feed(part)] for part in [encoded("told", text="a")[:12] if marked else b"", *parts]]
    )
    assert "\n" not in told


_ARRAYS: dict[Any, Any] = {
    ("value", Source("a", "y")): np.arange(6.0).reshape(2, 3),
    ("gradient", Source("a", "y")): np.array([True, False]),
    ("value", Source("b", "y")): np.float32(2.5),
}


@given(JSON, JSON, JSON, st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_look_that_says_anything_is_refused_in_one_line(number: Any, index: Any, part: Any, body: bytes):
    entries = (["value", "a", "y", part, [2]], ["value", "a", "y", "float64", part], ["value", part, "y", "bool", [1]])
    for arrays in (index, *([entry] for entry in entries), [part]):
        for told in (number, 1):
            head = {"number": told, "arrays": arrays, "root": part, "loss": part}
            assert "\n" not in refusal(lambda head=head: unpacked(Frame("look", head, body), 1))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_look_comes_as_it_was_sent_and_with_a_wrong_byte_in_its_index_not_as_something_worse(data: Any):
    whole = packed(3, _ARRAYS, Source("a", "y"), 0.5, training=True)
    (frame,) = Decoder().feed(whole)
    look = unpacked(frame, 1)
    assert (look.snapshot.iteration, look.root, look.loss, look.training) == (3, Source("a", "y"), 0.5, True)
    for key, array in _ARRAYS.items():
        assert look.snapshot.arrays[key].tobytes() == array.tobytes()
        assert look.snapshot.arrays[key].dtype == array.dtype
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    assert "\n" not in refusal(lambda: [unpacked(frame, 1) for frame in Decoder().feed(broken)])


def test_a_window_that_closes_ends_nothing_but_the_showing(
    tmp_path: Path, listener: Listener, capfd: pytest.CaptureFixture[str]
):
    session, alone = classifier(tmp_path), classifier(tmp_path)
    made = attached(listener, session)
    seen(listener, lambda news: news.look, lambda: session.run(fetch="loss"))
    listener.close()
    until = time.monotonic() + 20
    while not made.lost and time.monotonic() < until:
        session.run(fetch="loss")
        time.sleep(0.01)
    assert made.lost
    session.run(fetch="loss")
    assert session.train().history == alone.train().history
    made.close()
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("the window has let go of ")
    assert line.endswith(", which goes on")


def test_a_script_in_another_process_is_seen_until_it_is_killed(tmp_path: Path, listener: Listener):
    code = SCRIPT.format(
        tests=str(Path(__file__).parent), folder=str(tmp_path), port=listener.port, token=listener.token
    )
    (tmp_path / "train.py").write_text(code)
    with subprocess.Popen([sys.executable, tmp_path / "train.py"]) as script:
        try:
            hello = listener.take(lambda: script.poll() is not None)
            assert hello == Hello("train.py", script.pid)
            assert seen(listener, lambda news: news.folder) == tmp_path
            first = seen(listener, lambda news: news.look)
            later = seen(listener, lambda news: news.look if news.look and news.look.snapshot.iteration > 50 else None)
            assert later.loss < first.loss
        finally:
            script.kill()
        while isinstance(news := listener.take(lambda: False), Seen):
            pass
    assert news == Ended("train.py has ended, or let go")
