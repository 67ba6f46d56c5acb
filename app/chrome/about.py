"""What the program says of itself."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion


def about_text() -> str:
    """Version and licences."""
    try:
        number = version("gradwire")
    except PackageNotFoundError:  # run from a copy that is not installed
        number = ""
    return (
        f"<h3>Gradwire {number}</h3><p>See a neural network compute.</p>"
        f"<p>MIT licence. With Qt {qVersion()} (LGPL), the fonts Inter and JetBrains Mono (SIL Open Font License).</p>"
    )
