"""Seed scripts over recorded data: each computes what the lab capture holds, and silence does not."""

import gzip
from pathlib import Path
from struct import pack

import pytest

from herdwick.selfinstruct.teacher.lint import lint_script
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.bgp.scripts import read_fetch_plan, run_script
from herdwick.tools.bgp.scripts.supply import LAB

from .seed_scripts import (
    KEEPALIVE,
    LAB_SECONDS,
    MESSAGE_AS4,
    RECORDED,
    SILENT_PEER,
    START,
    UPDATES_NAME,
    each,
    mrt,
    needs_bubblewrap,
    objections,
    raw_records,
)

TABLE_NAMES = ("rib.20260101.0000.gz", "rib.20260101.0004.gz")

CATEGORIES = {
    "update volume",
    "origins",
    "AS paths",
    "top N",
    "communities",
    "flapping",
    "hijacks",
    "MOAS",
    "sub-prefixes",
    "route leaks",
    "neighbours",
    "prepending",
    "RPKI",
    "sessions",
    "outages",
    "tables",
    "data handling",
}
"""The families of questions that are computed from recorded data, and what to do with results."""

EXPECTED = {
    # scenario.json counts per peer what was announced and withdrawn; the reset session has four states.
    "count_elems_by_type": ["announcements: 762", "withdrawals: 137", "peer states: 4"],
    "volume_per_peer": [
        "AS65550 198.51.100.12: 426 A, 33 W, 459 in total",
        "AS64496 198.51.100.11: 143 A, 40 W, 183 in total",
        "AS64511 198.51.100.14: 107 A, 36 W, 143 in total",
        "AS64496 2001:db8:ffff::11: 36 A, 9 W, 45 in total",
        "AS64511 2001:db8:ffff::14: 27 A, 9 W, 36 in total",
        "AS65550 2001:db8:ffff::12: 21 A, 9 W, 30 in total",
        "AS64503 198.51.100.13: 2 A, 1 W, 3 in total",
    ],
    # Its 30 IPv4 and 8 IPv6 prefixes at three peers each, and the 30 again from the peer that was reset.
    "updates_of_one_origin": ["AS65545: 144 announcements, 114 withdrawals"],
    # The table after the reset: 342 routes, the four parts, and the one more-specific gone by then.
    "busiest_second": ["2026-01-01 00:02:58 UTC: 346 elems, 1 peers, 346 prefixes"],
    # Six flaps at one peer, three at the other; the third sends it once, after its reset.
    "prefix_update_count": [
        "198.51.100.11: announced 6 times, withdrawn 6 times",
        "198.51.100.12: announced 1 times, withdrawn 0 times",
        "198.51.100.14: announced 3 times, withdrawn 3 times",
    ],
    "origin_of_a_prefix": ["AS64506: 198.51.100.11, 198.51.100.14", "AS64507: 198.51.100.12"],
    "origin_changes_over_time": [
        "00:00:20 198.51.100.11 10.200.1.0/24: AS64505 -> AS65538",
        "00:00:30 198.51.100.11 192.0.2.0/24: AS64499 -> AS65551",
        "00:00:30 198.51.100.14 192.0.2.0/24: AS64499 -> AS65551",
        "00:01:10 198.51.100.11 192.0.2.0/24: AS65551 -> AS64499",
        "00:01:10 198.51.100.14 192.0.2.0/24: AS65551 -> AS64499",
        "00:01:20 198.51.100.11 10.200.1.0/24: AS65538 -> AS64505",
        "00:02:15 198.51.100.11 10.200.12.0/24: AS65536 -> AS65537",
        "00:02:15 198.51.100.12 10.200.12.0/24: AS65536 -> AS65537",
        "00:02:15 198.51.100.14 10.200.12.0/24: AS65536 -> AS65537",
        "9 origin changes",
    ],
    "appeared_and_vanished_prefixes": [
        "new: 10.200.16.0/24 by AS65543",
        "new: 10.200.17.0/24 by AS65543",
        "new: 10.200.18.0/24 by AS65543",
        "new: 10.200.19.0/24 by AS65543",
        "new: 10.200.23.0/24 by AS65539",
        "gone: 10.200.24.0/24 by AS64504",
    ],
    "path_history_of_a_prefix": [
        "00:00:00 64496 64500 64499",
        "00:00:30 64496 64498 65551",
        "00:01:10 64496 64500 64499",
        "00:03:20 64496 65550 65536 64499",
        "00:03:40 64496 64500 64499",
        "5 events at 198.51.100.11",
    ],
    "blackholed_prefixes": ["10.200.11.1/32 by AS64509 at 198.51.100.11: 00:02:10 until 00:02:30"],
    "graceful_shutdown_origins": [
        "AS64510: 13 prefixes, announced from 00:02:30 to 00:02:30",
        "1 origins signalled a graceful shutdown",
    ],
    "flap_gaps": [
        "198.51.100.11: gaps [5, 5, 5, 5, 5, 5], average 5.0 s",
        "198.51.100.14: gaps [5, 5, 5], average 5.0 s",
    ],
    "hijack_check_of_an_as": [
        "10.200.6.0/24 by AS65547, more-specific of 10.200.4.0/22, 00:00:40 to 00:00:40, "
        "peers ['198.51.100.11', '198.51.100.12', '198.51.100.14']",
        "1 suspicious announcements for 14 prefixes of AS64502",
    ],
    "exact_prefix_hijack_duration": [
        "198.51.100.11: 40 s towards AS65551",
        "198.51.100.14: 40 s towards AS65551",
    ],
    "subprefix_hijack_ipv6": [
        "ALERT 2001:db8:f001::/48 originated by AS65547, accepted by 3 peers",
        "1 alerts",
    ],
    "moas_in_the_table": [
        "203.0.113.0/24 originated by AS64506, AS64507",
        "1 of 441 prefixes have several origins",
    ],
    # As scenario.json has it under `multiple_origins`; the origin that moved is none of them.
    "moas_overlapping_in_time": [
        "00:00:00 203.0.113.0/24: AS64506, AS64507",
        "00:00:20 10.200.1.0/24: AS64505, AS65538",
        "00:00:30 192.0.2.0/24: AS64499, AS65551",
        "3 conflicts",
    ],
    "as_sets_in_paths": ["10.210.0.0/22: AS64503 aggregates AS65538, AS65539", "1 routes with an AS_SET"],
    "overlapping_prefixes_of_different_origins": [
        "10.200.4.0/22 ['64502'] covers 10.200.6.0/24 ['65547']",
        "2001:db8:f000::/44 ['65549'] covers 2001:db8:f001::/48 ['65547']",
        "2 pairs",
    ],
    "route_leak_detection": ["AS65544 leaks 13 prefixes from AS64501 to AS64500"],
    "links_first_seen_in_updates": [
        "00:01:45 64500-64512 in 64496 64500 64512",
        "00:02:05 64502-65548 in 64496 64497 64501 65548 64502 65548",
        "44 links known before, 2 new",
    ],
    "longest_prepending": [
        "AS64508: 5 times in a row on 10.200.9.0/24",
        "AS64498: 3 times in a row on 10.200.10.0/24",
        "2 ASes prepend",
    ],
    "prepending_started": [
        "AS65540 prepended 13 prefixes from 00:02:00 to 00:02:40",
        "1 ASes began to prepend",
    ],
    "private_asns_in_paths": [
        "private AS64512 on 10.200.20.0/24, let through by AS64500",
        "private AS4200000001 on 10.200.21.0/24, let through by AS65536",
        "2 cases",
    ],
    "peers_accepting_invalid_routes": [
        "AS64496 198.51.100.11: 10.200.6.0/24 (AS65547), 192.0.2.0/24 (AS65551)",
        "AS64511 198.51.100.14: 10.200.6.0/24 (AS65547), 192.0.2.0/24 (AS65551)",
        "AS65550 198.51.100.12: 10.200.6.0/24 (AS65547)",
    ],
    "session_downtime": ["AS65550 198.51.100.12: 1 resets, down for 6 s"],
    "outage_and_recovery_of_an_as": ["00:00:00 114 routes", "00:01:50 0 routes", "00:02:20 114 routes"],
    "prefixes_that_never_came_back": [
        "10.200.24.0/24 is gone since 00:03:15",
        "1 of 455 prefixes never came back",
    ],
    # "routes after" of the capture's README.
    "replay_matches_the_next_dump": [
        "198.51.100.11: 346 routes agree, 0 differ",
        "198.51.100.12: 346 routes agree, 0 differ",
        "198.51.100.13: 41 routes agree, 0 differ",
        "198.51.100.14: 356 routes agree, 0 differ",
        "2001:db8:ffff::11: 99 routes agree, 0 differ",
        "2001:db8:ffff::12: 99 routes agree, 0 differ",
        "2001:db8:ffff::14: 102 routes agree, 0 differ",
    ],
}
"""What the scenario implies, worked out from `tools/bgp/sample/data/README.md` and not from the scripts."""


def test_recorded_ones_are_of_every_family():
    counts = {name: sum(seed.row["category"] == name for seed in RECORDED) for name in CATEGORIES}
    assert {seed.row["category"] for seed in RECORDED} == CATEGORIES
    assert min(counts.values()) >= 3


@each(RECORDED)
def test_a_recorded_one_says_where_and_when(seed):
    assert "lab00" in seed.instruction
    assert "2026" in seed.instruction


@each(RECORDED)
def test_a_recorded_one_asks_for_the_lab_until_some_time(seed):
    streams = read_fetch_plan(seed.script).streams
    assert all(stream.collectors == ("lab00",) or stream.files for stream in streams)
    assert lint_script(seed.script, live=False) == []


def test_results_are_known_for_some_of_them():
    assert {seed.name for seed in RECORDED} >= EXPECTED.keys()
    assert len(EXPECTED) >= 20


@pytest.fixture(scope="module")
def silent_lab(tmp_path_factory: pytest.TempPathFactory) -> list[MRTFile]:
    """The capture's files without routes: tables that only name their peers, sessions that are only kept."""
    folder = tmp_path_factory.mktemp("silent")
    for name in TABLE_NAMES:
        first = raw_records(LAB / name)[0]
        header = pack(">IHHI", int(first.time), first.type, first.subtype, len(first.body))
        (folder / name).write_bytes(gzip.compress(header + first.body))
    kept = [mrt(MESSAGE_AS4, START + second, SILENT_PEER, KEEPALIVE) for second in range(0, LAB_SECONDS, 10)]
    (folder / UPDATES_NAME).write_bytes(gzip.compress(b"".join(kept)))
    return lab_files(folder)


def lab_files(folder: Path) -> list[MRTFile]:
    return [MRTFile(folder / name, Source("lab00", "local")) for name in (*TABLE_NAMES, UPDATES_NAME)]


@pytest.mark.slow
@needs_bubblewrap
@each(RECORDED)
def test_a_recorded_one_computes_what_silence_does_not_hold(seed, silent_lab):
    heard, silent = run_script(seed.script, lab_files(LAB)), run_script(seed.script, silent_lab)
    assert objections(seed, EXPECTED.get(seed.name), heard, silent) == []
