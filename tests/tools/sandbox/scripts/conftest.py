"""Tier two needs bubblewrap; where it is not installed, its tests are skipped, and say so."""

import shutil
from pathlib import Path

import pytest

NEEDS_BUBBLEWRAP = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: apt-get install bubblewrap"
)
HERE = Path(__file__).parent
NEED_NONE = ("test_outcome.py", "test_seccomp.py", "test_unavailable.py")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == HERE and item.path.name not in NEED_NONE:
            item.add_marker(NEEDS_BUBBLEWRAP)
