"""Scripts run in tier two, which needs bubblewrap; where it is not installed, its tests are skipped."""

import shutil

import pytest


@pytest.fixture(scope="session")
def bubblewrap():
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: apt-get install bubblewrap")
