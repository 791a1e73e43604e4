import bz2
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine.sources import find_files
from herdwick.tools.bgp.engine.stream import Stream
from herdwick.tools.bgp.quiet import quiet_files
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError
from herdwick.tools.tool import functions_of


def test_quiet_files_keep_names_and_collectors_and_hold_no_elem(tmp_path: Path) -> None:
    files = find_files([SAMPLE / "lab00"])
    quiet = quiet_files(files, tmp_path)
    assert [file.path.name for file in quiet] == [file.path.name.removesuffix(".gz") for file in files]
    assert [file.source for file in find_files([file.path for file in quiet])] == [
        file.source for file in files
    ]
    stream = Stream(quiet)
    assert list(stream) == []
    assert len(list(Stream(files))) > 1_000


def test_the_first_record_tells_tables_from_updates_and_the_time(tmp_path: Path) -> None:
    files = find_files([SAMPLE / "lab00"])
    kinds = {file.path.name[:3]: file.path.read_bytes()[:8] for file in quiet_files(files, tmp_path)}
    assert kinds["rib"][4:6] == (13).to_bytes(2, "big")
    assert kinds["upd"][4:6] == (16).to_bytes(2, "big")
    # 2026-01-01 00:00:20 UTC is the first update; the tables are of the minute.
    assert int.from_bytes(kinds["upd"][:4], "big") // 60 == 1_767_225_600 // 60


@pytest.mark.parametrize("content", [b"", b"\0\0", bz2.compress(b""), b"\x1f\x8b broken"])
def test_a_file_without_a_record_becomes_quiet_updates(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "updates.bz2").write_bytes(content)
    (quiet,) = quiet_files(find_files([tmp_path / "updates.bz2"]), tmp_path / "quiet")
    assert quiet.path.name == "updates"
    assert list(Stream([quiet])) == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    files = find_files([SAMPLE / "lab00"])[:1]
    gone = [type(files[0])(tmp_path / "gone.gz", files[0].source)]
    with pytest.raises(DataError, match=r"gone\.gz"):
        quiet_files(gone, tmp_path)


def test_the_domain_opens_quiet_data_with_the_other_options_as_they_are(tmp_path: Path) -> None:
    domain = get_domain("bgp")
    assert domain.quiet_options is not None
    options = domain.options(collectors=("lab00",), files=(SAMPLE / "lab00",))
    quiet = domain.quiet_options(options, tmp_path)
    assert quiet.model_dump()["collectors"] == ("lab00",)
    with domain.open(quiet) as toolkit:
        (count,) = (tool for tool in functions_of(toolkit.get_tools()) if tool.name == "count_updates")
        assert [(row.announcements, row.withdrawals) for row in count.call()] == [(0, 0)]
