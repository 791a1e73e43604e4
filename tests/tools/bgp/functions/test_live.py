"""The function `watch`, against a loopback RIS Live server."""

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.live import LiveAlert, LiveCounts, LivePeer, Watch, watch
from herdwick.tools.errors import BackendError

P = "192.0.2.0/24"


def test_alerts_are_told_in_order_and_counted_by_kind(feed, update) -> None:
    server = feed(
        update(P),
        update(P, peer=2, path=[64498, 64666], time=1_427_846_401.5),
        update("192.0.2.0/25", peer=2, path=[64498, 64666]),
        update(withdrawn=(P,), peer=2),
        update(withdrawn=(P,), time=1_427_846_402),
        "junk",
    )

    answer = watch(Watch(prefix=P, seconds=1), server.url)

    assert [(alert.kind, alert.prefix) for alert in answer.alerts] == [
        ("new_origin", P),
        ("new_more_specific", "192.0.2.0/25"),
        ("disappearance", P),
    ]
    assert answer.alerts[0] == LiveAlert(
        kind="new_origin",
        time="2015-04-01T00:00:01.500000Z",
        prefix=P,
        watched=P,
        peers=[LivePeer(collector="rrc00", peer_asn=64498, peer_address="198.51.100.2")],
        old_origins=[64510],
        new_origins=[64666],
        old_path="",
        new_path="64498 64666",
    )
    assert answer.counts == LiveCounts(new_origin=1, new_more_specific=1, disappearance=1)
    assert (answer.messages, answer.elems, answer.problems) == (6, 5, {"not JSON": 1})


def test_alerts_beyond_the_top_are_counted_and_left_out(feed, update) -> None:
    server = feed(update(P), update(P, path=[1, 2]), update(P, path=[1, 3]))

    answer = watch(Watch(prefix=P, seconds=1, top=1), server.url)

    assert [alert.new_origins for alert in answer.alerts] == [[2]]
    assert answer.counts.new_origin == 2


def test_new_paths_are_told_where_they_are_wanted(feed, update) -> None:
    server = feed(update(P), update(P, path=[64497, 174, 64510]))

    kinds = [
        [alert.kind for alert in watch(Watch(prefix=P, seconds=1, new_paths=wanted), server.url).alerts]
        for wanted in (False, True)
    ]

    assert kinds == [[], ["new_path"]]


@pytest.mark.parametrize(
    ("match", "more", "less"),
    [("exact", False, False), ("more", True, False), ("less", False, True), ("any", True, True)],
)
def test_the_feed_is_asked_for_what_matches(feed, match: str, more: bool, less: bool) -> None:
    server = feed()

    watch(Watch(prefix=P, seconds=1, match=match), server.url)

    (asked,) = server.received
    assert (asked["data"]["moreSpecific"], asked["data"]["lessSpecific"]) == (more, less)


def test_an_as_is_watched_on_the_whole_feed(feed, update) -> None:
    server = feed(update(P), update(type="RIS_PEER_STATE", state="connected"), update(P, path=[1, 64666]))

    answer = watch(Watch(asn="AS64510", seconds=1), server.url)

    assert [(alert.watched, alert.new_origins) for alert in answer.alerts] == [("AS64510", [64666])]
    assert "prefix" not in server.received[0]["data"]


def test_with_a_prefix_the_as_is_the_one_that_may_originate_it(feed, update) -> None:
    server = feed(update(P))

    (alert,) = watch(Watch(prefix=P, asn=64500, seconds=1), server.url).alerts

    assert (alert.kind, alert.old_origins, alert.new_origins) == ("new_origin", [64500], [64510])


def test_a_feed_that_says_nothing_is_an_answer(feed) -> None:
    answer = watch(Watch(prefix=P, seconds=1), feed().url)

    assert (answer.alerts, answer.counts, answer.messages) == ([], LiveCounts(), 0)


@pytest.mark.parametrize(
    ("url", "kind"), [("ws://127.0.0.1:1/", "unreachable"), ("http://127.0.0.1/", "bad_url")]
)
def test_a_feed_that_cannot_be_reached_is_an_error(url: str, kind: str) -> None:
    with pytest.raises(BackendError) as caught:
        watch(Watch(prefix=P, seconds=1), url)

    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "Give `prefix`, `asn` or both"),
        ({"prefix": P, "seconds": 0}, "greater than or equal to 1"),
        ({"prefix": P, "seconds": 301}, "less than or equal to 300"),
        ({"prefix": "192.0.2"}, "is no prefix"),
        ({"asn": -1}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_watched_is_refused(arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Watch(**arguments)


def test_half_a_minute_is_watched_unless_it_is_said() -> None:
    assert Watch(asn=64500).seconds == 30
