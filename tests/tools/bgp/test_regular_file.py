import os
from pathlib import Path

import pytest

from herdwick.tools.bgp.regular_file import check_regular
from herdwick.tools.errors import DataError


def test_regular_files_links_to_them_and_what_is_not_there_pass(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "file")

    refused = {}
    for name in ("file", "link", "absent"):
        try:
            check_regular(tmp_path / name)
        except DataError as error:
            refused[name] = error.message
    assert refused == {}


def test_pipes_devices_and_folders_are_refused(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")

    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero"), tmp_path):
        with pytest.raises(DataError, match="is no regular file") as refused:
            check_regular(path)
        assert refused.value.kind == "no_file"
