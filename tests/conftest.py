"""What every test shares: how hypothesis draws, and where modules that several tests use are found."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import settings

# Tests are imported by their paths, so that they do not find each other by name.
sys.path.append(str(Path(__file__).parent))

# No deadline: a first call that compiles or imports is slow once, which says nothing about what is tested.
settings.register_profile("local", deadline=None)
# The same draws each time: a check that judges a change must not fail by luck.
settings.register_profile("check", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("check" if os.environ.get("CI") == "true" else "local")
