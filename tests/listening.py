"""A window's end of the line to a script, as tests have it: what they attach to it, and what comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import strategies as st

import gradwire.core as gw
from gradwire.core.attaching import Attachment, Hello, Listener, Seen
from gradwire.core.errors import RunError

# Whatever a script could say.
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def address(listener: Listener) -> str:
    return f"127.0.0.1:{listener.port}"


def attached(listener: Listener, session: gw.Session, token: str | None = None) -> Attachment:
    """Attach as a script does, while the window waits on a thread of its own."""
    done: list[bool] = []
    with ThreadPoolExecutor(1) as threads:
        waits = threads.submit(listener.take, lambda: bool(done))
        try:
            made = gw.attach(session, address(listener), listener.token if token is None else token)
            assert isinstance(waits.result(), Hello)
        finally:
            done.append(True)
    return made


def seen(listener: Listener, wanted: Callable[[Seen], Any], act: Callable[[], object] = lambda: None) -> Any:
    """What is `wanted` of what comes, once it does, while something is done again and again."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        act()
        news = listener.take(lambda: time.monotonic() > until)
        assert isinstance(news, Seen)
        if (found := wanted(news)) is not None:
            return found
    raise AssertionError("it did not come")


def refusal(act: Callable[[], object]) -> str:
    """Why it was refused, "" where it was not; anything but a refusal is raised."""
    try:
        act()
    except RunError as error:
        return str(error)
    return ""
