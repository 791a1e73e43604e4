import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.sessions import Sessions, sessions
from herdwick.tools.bgp.times import parse_time

NAMES = {"1": "IDLE", "2": "CONNECT", "3": "ACTIVE", "4": "OPENSENT", "5": "OPENCONFIRM", "6": "ESTABLISHED"}


def test_every_change_of_the_capture(lab, lines) -> None:
    expected = [
        (line.time, line.peer, line.peer_asn, NAMES[line.rest[0]], NAMES[line.rest[1]])
        for line in lines
        if line.kind == "S"
    ]

    rows = sessions(lab, Sessions(changes="all"))

    assert (
        [(parse_time(r.time), r.peer_address, r.peer_asn, r.old_state, r.new_state) for r in rows]
        == expected
        != []
    )
    assert [row.change for row in rows] == ["down", "other", "other", "up"]


def test_the_reset_of_the_scenario(lab) -> None:
    down, up = sessions(lab, Sessions())

    assert down.model_dump() == {
        "time": "2026-01-01T00:02:52Z",
        "collector": "lab00",
        "peer_asn": 65550,
        "peer_address": "198.51.100.12",
        "change": "down",
        "old_state": "ESTABLISHED",
        "new_state": "IDLE",
        "seconds_down": 6.0,
    }
    assert (up.change, up.seconds_down) == ("up", 6.0)


def test_a_window_keeps_what_is_known_from_before_it(lab) -> None:
    (row,) = sessions(lab, Sessions(from_time="2026-01-01T00:02:55"))

    assert (row.change, row.seconds_down) == ("up", 6.0)
    assert sessions(lab, Sessions(until_time="2026-01-01T00:02:52")) == []
    assert sessions(lab, Sessions(peer_asn=64496)) == []


def test_two_sessions_of_one_as_and_of_two_collectors_are_four(invented) -> None:
    data = invented("""
        S 1 c1 192.0.2.1 1 ESTABLISHED IDLE
        S 2 c1 192.0.2.2 1 ESTABLISHED IDLE
        S 3 c2 192.0.2.1 1 ESTABLISHED IDLE
        S 5 c1 192.0.2.2 1 IDLE CONNECT
        S 7 c1 192.0.2.2 1 OPENCONFIRM ESTABLISHED
        S 9 c2 192.0.2.1 1 OPENCONFIRM ESTABLISHED
        S 10 c2 2001:db8::1 1 OPENCONFIRM ESTABLISHED
        S 11 c2 192.0.2.1 1 ESTABLISHED IDLE
        S 12 c2 192.0.2.1 1 ESTABLISHED IDLE
    """)

    rows = sessions(data, Sessions())

    assert [(r.collector, r.peer_address, r.change, r.seconds_down) for r in rows] == [
        ("c1", "192.0.2.1", "down", None),
        ("c1", "192.0.2.2", "down", 5.0),
        ("c2", "192.0.2.1", "down", 6.0),
        ("c1", "192.0.2.2", "up", 5.0),
        ("c2", "192.0.2.1", "up", 6.0),
        ("c2", "2001:db8::1", "up", None),
        ("c2", "192.0.2.1", "down", None),
        ("c2", "192.0.2.1", "down", None),
    ]
    assert len(sessions(data, Sessions(collector="c2"))) == 5
    assert len(sessions(data, Sessions(top=2))) == 2


@pytest.mark.parametrize("wrong", [{"prefix": "10.0.0.0/8"}, {"origin_asn": 1}, {"ip_version": 4}])
def test_a_session_is_not_chosen_by_a_route(wrong) -> None:
    with pytest.raises(ValidationError, match="Sessions have no prefix"):
        Sessions(**wrong)
