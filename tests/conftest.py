"""What every test shares: how hypothesis draws, and where modules that several tests use are found."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from hypothesis import settings

# Windows are drawn in memory, unless the caller names a platform (`QT_QPA_PLATFORM=xcb` under Xvfb).
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Settings, recent files and journals go where they end with the tests: never into the user's own folders.
_PLACES = tempfile.TemporaryDirectory(prefix="gradwire-tests-")
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
    os.environ[_name] = str(Path(_PLACES.name, _name.lower()))

# Tests are imported by their paths, so that they do not find each other by name.
sys.path.append(str(Path(__file__).parent))

# No deadline: a first call that compiles or imports is slow once, which says nothing about what is tested.
settings.register_profile("local", deadline=None)
# The same draws each time: a check that judges a change must not fail by luck.
settings.register_profile("check", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("check" if os.environ.get("CI") == "true" else "local")
