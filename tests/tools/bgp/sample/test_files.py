"""The committed files: they are read like bgpdump reads them, and are what the scenario makes."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from herdwick.tools.bgp.sample import DATA
from herdwick.tools.bgp.sample.event import DURATION_S
from herdwick.tools.bgp.sample.mrt_times import between, moved
from herdwick.tools.bgp.sample.topology import relationships_text
from herdwick.tools.bgp.sample.truth import START, truth, utc
from herdwick.tools.bgp.sample.vrps import vrps_json

from .scenario import EVENTS, RIB_AFTER, RIB_BEFORE, SCENARIO, UPDATES


@pytest.mark.parametrize("file", [RIB_BEFORE, UPDATES, RIB_AFTER], ids=lambda file: file.name)
def test_a_file_is_read_as_bgpdump_reads_it(bgpdump: Any, file: Path) -> None:
    assert bgpdump.assert_equal(file)


def test_all_files_together_are_under_a_megabyte() -> None:
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 1 << 20


def test_what_is_committed_is_what_the_scenario_says() -> None:
    assert json.loads(json.dumps(truth())) == SCENARIO
    assert json.loads(json.dumps(vrps_json(START, utc(0)))) == json.loads((DATA / "vrps.json").read_text())
    assert relationships_text() == (DATA / "relationships.txt").read_text()


def test_the_readme_has_every_event() -> None:
    readme = (DATA / "README.md").read_text()

    for event in EVENTS:
        start, end = event["from_utc"][11:19], event["until_utc"][11:19]
        when = "all the time" if event["from_start"] else start
        when += "" if event["from_start"] else ", for good" if event["until_end"] else f" \N{EN DASH} {end}"
        row = f"| {when} | `{event['kind']}` | {event['summary']} |"
        assert row in readme
        assert readme.partition(row)[2].splitlines()[0].endswith(f"| {len(event['seen_by'])} |")


def test_moving_times_and_back_changes_nothing() -> None:
    for file in (RIB_BEFORE, UPDATES):
        data = gzip.decompress(file.read_bytes())
        earlier = moved(data, -86_400)
        assert earlier != data
        assert moved(earlier, 86_400) == data
        assert len(between(data, START, START + DURATION_S)) == len(data)
        assert between(data, 0, START) == b""
