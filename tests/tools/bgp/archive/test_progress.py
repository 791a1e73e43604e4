"""How far a fetch is."""

import pytest

from herdwick.tools.bgp.archive.files import ArchiveFile
from herdwick.tools.bgp.archive.progress import FetchProgress, Tally
from herdwick.tools.bgp.engine.elem import Source

from .conftest import START

ONE, OTHER = (
    ArchiveFile(f"http://h/{name}", Source("rrc06", "ris"), "updates", START, START + 300, size)
    for name, size in (("a", 100), ("b", 0))
)


@pytest.fixture
def told() -> list[FetchProgress]:
    return []


def test_what_servers_say_replaces_what_the_broker_said(told) -> None:
    tally = Tally([ONE, OTHER], told.append)

    tally.expect(ONE, 120)
    tally.expect(OTHER, 30)
    tally.receive(ONE, 50)
    tally.receive(ONE, 70)

    assert told == [
        FetchProgress(2, 0, 0, 120),
        FetchProgress(2, 0, 0, 150),
        FetchProgress(2, 0, 50, 150),
        FetchProgress(2, 0, 70, 150),
    ]


def test_a_finished_file_has_all_its_bytes(told) -> None:
    tally = Tally([ONE, OTHER], told.append)

    tally.finish(OTHER, 30)
    tally.finish(ONE, 90)

    assert told[-1] == FetchProgress(files=2, files_done=2, bytes_done=120, bytes_expected=120)


def test_a_download_that_begins_anew_takes_back_what_it_had(told) -> None:
    tally = Tally([ONE], told.append)

    tally.receive(ONE, 80)
    tally.receive(ONE, 10)

    assert told[-1].bytes_done == 10
