from datetime import UTC, datetime

import pytest

from herdwick.tools.bgp.functions.history import History, Vanished, history, vanished

PREFIX = "10.200.8.0/24"


def shown(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("kind", "letters"), [("updates", "AW"), ("announcements", "A"), ("withdrawals", "W")]
)
def test_events_of_a_prefix_in_the_order_of_the_capture(lab, lines, kind: str, letters: str) -> None:
    expected = [
        (
            shown(line.time),
            {"A": "announcement", "W": "withdrawal"}[line.kind],
            line.peer,
            " ".join(line.path),
        )
        for line in lines
        if line.prefix == PREFIX and line.kind in letters
    ]

    rows = history(lab, History(prefix=PREFIX, kind=kind))

    assert len(expected) > 3
    assert [(row.time, row.event, row.peer_address, row.as_path) for row in rows] == expected


def test_a_withdrawal_names_who_originated_the_route(invented) -> None:
    data = invented(
        """
        A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 64501
        W 11 rrc00 192.0.2.1 64500 10.0.0.0/8
        W 12 rrc00 192.0.2.2 64502 10.0.0.0/8
        """
    )

    rows = history(data, History(kind="withdrawals"))

    assert [(row.peer_asn, row.origin_asns, row.as_path) for row in rows] == [
        (64500, [64501], ""),
        (64502, [], ""),
    ]


def test_the_earliest_come_first_and_no_more_than_top(lab) -> None:
    assert history(lab, History(top=5)) == history(lab, History())[:5]


def test_prefixes_that_no_peer_has_in_the_end(lab, lines) -> None:
    held: set[tuple[str, str]] = set()
    withdrawn: dict[str, int] = {}
    for line in lines:
        if line.is_route:
            held.add((line.peer, line.prefix))
        elif line.kind == "W":
            held.discard((line.peer, line.prefix))
            withdrawn[line.prefix] = line.time
        elif line.ends_session:
            held = {route for route in held if route[0] != line.peer}
    expected = {
        prefix: shown(time) for prefix, time in withdrawn.items() if prefix not in {p for _, p in held}
    }

    rows = vanished(lab, Vanished())

    assert len(expected) > 2
    assert {row.prefix: row.withdrawn for row in rows} == expected


GONE_FOR_A_WHILE = """
    A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 64501
    A 10 rrc00 192.0.2.2 64502 10.0.0.0/8 64502 64501
    W 20 rrc00 192.0.2.1 64500 10.0.0.0/8
    W 30 rrc00 192.0.2.2 64502 10.0.0.0/8
    A 40 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 64501
"""


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        ({}, []),
        ({"until_time": "1970-01-01T00:00:25"}, []),
        ({"until_time": "1970-01-01T00:00:35"}, ["10.0.0.0/8"]),
        ({"peer_asn": 64502}, ["10.0.0.0/8"]),
        ({"peer_asn": 64500}, []),
        ({"origin_asn": 64501, "until_time": "1970-01-01T00:00:35"}, ["10.0.0.0/8"]),
        ({"origin_asn": 64599, "until_time": "1970-01-01T00:00:35"}, []),
    ],
)
def test_gone_is_what_nobody_selected_has_when_the_window_ends(invented, selection, found) -> None:
    rows = vanished(invented(GONE_FOR_A_WHILE), Vanished(**selection))

    assert [row.prefix for row in rows] == found


def test_a_prefix_that_moved_to_another_origin_is_still_there(invented) -> None:
    data = invented(
        """
        A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 64501
        W 20 rrc00 192.0.2.1 64500 10.0.0.0/8
        A 30 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 64599
        """
    )

    assert vanished(data, Vanished(origin_asn=64501)) == []
