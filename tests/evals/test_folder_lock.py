import errno
import os

import pytest

from herdwick.evals.folder_lock import locked
from herdwick.tools.errors import DataError


def test_one_at_a_time_and_free_again_afterwards(tmp_path):
    with locked(tmp_path):
        with pytest.raises(DataError, match="Another process writes into") as failure, locked(tmp_path):
            pytest.fail("it is locked")
        assert failure.value.kind == "in_use"

    with locked(tmp_path):
        assert os.listdir(tmp_path) == [".lock"]


def test_a_folder_that_is_not_there_is_no_lock(tmp_path):
    with pytest.raises(OSError, match="No such file") as failure, locked(tmp_path / "none"):
        pytest.fail("there is no such folder")
    assert failure.value.errno == errno.ENOENT
