"""A film as a video, which the program ffmpeg makes of its pictures."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from PySide6.QtGui import QImage

from ...core.cancelling import Cancelled
from ...core.errors import FileError, RunError
from .film import Film, Reel

RATE = 5  # pictures a second: all times are in fifths of one
SHARP = 1.5  # pixels for each scene unit
INSTALL = "sudo apt-get install ffmpeg, brew install ffmpeg; a GIF or an HTML file needs none"


def mp4(film: Film, scale: float, stopped: Cancelled) -> bytes:
    """The bytes of a video. Raises `RunError` where ffmpeg is not there or refuses, or when `stopped`."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise RunError("an MP4 needs the program ffmpeg, found none on PATH", hint=INSTALL)
    reel = Reel(film, scale * SHARP, stopped, even=True)  # the usual way to store colours halves both sides
    with tempfile.TemporaryDirectory(prefix="gradwire-") as folder:
        made = Path(folder, "film.mp4")
        with Path(folder, "told").open("w+b") as told:
            status = _make([program, *_arguments(reel, made)], reel, told)
            told.seek(0)
            lines = told.read().decode("utf-8", "replace").splitlines()
        if status or not made.is_file() or not made.stat().st_size:  # one that fails may leave half a video
            raise RunError(f"ffmpeg has made no video: {lines[-1] if lines else _ended(status)}")
        return made.read_bytes()


def _arguments(reel: Reel, made: Path) -> list[str]:
    wide, high = reel.size
    given = ["-f", "rawvideo", "-pix_fmt", "rgb0", "-s", f"{wide}x{high}", "-r", str(RATE), "-i", "-"]
    return ["-loglevel", "error", "-nostdin", "-y", *given, "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(made)]


def _make(command: list[str], reel: Reel, told: IO[bytes]) -> int:
    """Run ffmpeg on all pictures, and give its exit status. Whatever ends this early ends ffmpeg too."""
    try:
        running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=told, stderr=told)
    except OSError as error:
        raise FileError(f"{command[0]} cannot be run: {error.strerror or error}") from error
    assert running.stdin is not None
    with suppress(BrokenPipeError), running.stdin as pictures:  # where it has given up, it has told why
        try:
            for frame in reel.frames():
                data = _pixels(frame.image)
                for _ in range(max(1, round(frame.seconds * RATE))):
                    pictures.write(data)
        except BaseException:
            running.kill()
            running.wait()
            raise
    return running.wait()


def _ended(status: int) -> str:
    """How it ended, of one that says nothing: a negative status is the signal that ended it."""
    return f"it was ended: {signal.strsignal(-status) or f'signal {-status}'}" if status < 0 else "it says nothing"


def _pixels(image: QImage) -> bytes:
    """Red, green, blue and one byte that nobody reads, of each."""
    plain = image.convertToFormat(QImage.Format.Format_RGBX8888)  # held: its pixels go with it
    return bytes(plain.constBits())
