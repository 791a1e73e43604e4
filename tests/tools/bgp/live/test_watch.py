"""When a change is worth an alert; every expectation is written out."""

import pytest

from herdwick.tools.bgp.engine.elem import NO_ATTRIBUTES, Attributes, Elem, Source
from herdwick.tools.bgp.live import watch as watch_module
from herdwick.tools.bgp.live.alerts import Alert, Peer
from herdwick.tools.bgp.live.watch import Watch, WatchRequest
from herdwick.tools.errors import DataError

P = "192.0.2.0/24"
OWNER, THIEF = 64510, 64666


def peer(number: int) -> Peer:
    return Peer("rrc00", 64496 + number, f"198.51.100.{number}")


def announce(prefix: str = P, *middle: int, by: int = OWNER, at: float = 0, via: int = 1) -> Elem:
    path = " ".join(map(str, (64496 + via, *middle, by)))
    return elem("A", at, via, prefix, path)


def withdraw(prefix: str = P, at: float = 0, via: int = 1) -> Elem:
    return elem("W", at, via, prefix)


def down(at: float = 0, via: int = 1) -> Elem:
    return elem("S", at, via)._replace(old_state="UNKNOWN", new_state="IDLE")


def elem(kind, at, via, prefix="", path="") -> Elem:
    attributes = Attributes(path) if kind in "AR" else NO_ATTRIBUTES
    who = peer(via)
    return Elem(kind, at, who.asn, who.address, prefix, "", attributes, Source("rrc00", "ris"))


def alerts(elems: list[Elem], **request) -> list[Alert]:
    watch = Watch(WatchRequest(**request or {"prefixes": (P,)}))
    return [alert for elem in elems for alert in watch.see(elem)]


def kinds(elems: list[Elem], **request) -> list[str]:
    return [alert.kind for alert in alerts(elems, **request)]


def test_the_first_announcement_is_what_is_normal():
    assert alerts([announce(), announce(via=2), announce()]) == []


def test_another_origin_is_told_once_with_old_and_new():
    seen = alerts([announce(), announce(by=THIEF, at=7, via=2), announce(by=THIEF, via=3), announce()])
    assert seen == [
        Alert("new_origin", 7, P, P, (peer(2),), (OWNER,), (THIEF,), old_path="", new_path=f"64498 {THIEF}")
    ]


def test_a_third_origin_is_told_as_well():
    seen = alerts([announce(), announce(by=1), announce(by=2)])
    assert [(alert.old_origins, alert.new_origins) for alert in seen] == [
        ((OWNER,), (1,)),
        ((OWNER, 1), (2,)),
    ]


def test_a_set_of_origins_is_new_by_any_member():
    assert kinds([announce(), elem("A", 0, 1, P, f"64497 {{{OWNER},{THIEF}}}")]) == ["new_origin"]
    assert kinds([announce(), elem("A", 0, 1, P, f"64497 {{{OWNER}}}")]) == []


def test_a_route_of_the_peers_own_as_originates_there():
    assert kinds([elem("A", 0, 1, P, ""), elem("A", 0, 1, P, "64497")]) == []


def test_with_the_rightful_origin_given_the_first_announcement_may_be_wrong():
    (alert,) = alerts([announce(by=THIEF)], prefixes=(P,), asns=(OWNER,))
    assert (alert.kind, alert.old_origins, alert.new_origins) == ("new_origin", (OWNER,), (THIEF,))
    assert kinds([announce()], prefixes=(P,), asns=(OWNER,)) == []


def test_what_a_table_says_is_normal():
    watch = Watch(WatchRequest(prefixes=(P,)))
    watch.learn(elem("R", 0, 1, P, f"64497 {OWNER}"))
    watch.learn(elem("R", 0, 1, "192.0.2.0/25", f"64497 {OWNER}"))
    assert [*watch.see(announce("192.0.2.0/25"))] == []
    assert [alert.kind for alert in watch.see(announce(by=THIEF))] == ["new_origin"]


def test_a_new_more_specific_is_told_once_with_the_origins_of_what_covers_it():
    part = "192.0.2.128/25"
    seen = alerts([announce(), announce(part, by=THIEF, at=3), announce(part, by=THIEF, via=2)])
    assert seen == [
        Alert("new_more_specific", 3, part, P, (peer(1),), (OWNER,), (THIEF,), "", f"64497 {THIEF}")
    ]


def test_a_more_specific_has_origins_of_its_own():
    part = "192.0.2.128/25"
    assert kinds([announce(part), announce(part, by=THIEF)]) == ["new_more_specific", "new_origin"]


def test_more_specifics_are_left_out_when_they_are_not_wanted():
    assert kinds([announce(), announce("192.0.2.128/25", by=THIEF)], prefixes=(P,), more_specific=False) == []


def test_less_specifics_are_watched_when_they_are_wanted():
    wide = "192.0.0.0/16"
    elems = [announce(wide), announce(wide, by=THIEF)]
    assert kinds(elems) == []
    (alert,) = alerts(elems, prefixes=(P,), less_specific=True)
    assert (alert.kind, alert.prefix, alert.watched) == ("new_origin", wide, P)


def test_other_prefixes_are_nothing_to_it():
    elems = [announce("203.0.113.0/24"), announce("203.0.113.0/24", by=THIEF), withdraw("203.0.113.0/24")]
    assert kinds(elems) == []


def test_prefixes_are_watched_in_their_normal_form():
    assert WatchRequest(prefixes=("192.0.2.77/24", " 192.0.2.0/24")).prefixes == (P,)


def test_v6():
    wide, part = "2001:db8::/32", "2001:db8:1::/48"
    assert kinds([announce(wide), announce(part), withdraw(wide)], prefixes=(wide,)) == [
        "new_more_specific",
        "disappearance",
    ]


def test_paths_are_told_only_when_they_are_wanted_and_differ_for_a_peer():
    elems = [announce(), announce(P, 174), announce(P, 174), announce(P, 3356, via=2), announce(P, 174, 174)]
    assert kinds(elems) == []
    seen = alerts(elems, prefixes=(P,), new_paths=True)
    assert [(alert.kind, alert.old_path, alert.new_path) for alert in seen] == [
        ("new_path", "64497 64510", "64497 174 64510"),
        ("new_path", "64497 174 64510", "64497 174 174 64510"),
    ]
    assert seen[0].old_origins == seen[0].new_origins == (OWNER,)


def test_a_new_origin_is_not_told_as_a_path_again():
    assert kinds([announce(), announce(by=THIEF)], prefixes=(P,), new_paths=True) == ["new_origin"]


def test_a_prefix_disappears_when_the_last_peer_withdraws():
    seen = alerts([announce(), announce(via=2), withdraw(at=1), withdraw(at=2, via=2), withdraw(at=3, via=2)])
    assert seen == [Alert("disappearance", 2, P, P, (peer(1), peer(2)), (OWNER,), (), f"64498 {OWNER}", "")]


def test_it_may_disappear_again():
    assert kinds([announce(), withdraw(), announce(), withdraw()]) == ["disappearance"] * 2


def test_withdrawals_by_peers_that_had_no_route_are_nothing():
    assert kinds([withdraw(), announce(), withdraw(via=2)]) == []


def test_a_lost_session_alone_is_no_disappearance():
    assert kinds([announce(), down(), withdraw()]) == []
    assert kinds([announce(), down(), announce(), withdraw()]) == ["disappearance"]


def test_a_lost_session_may_take_away_the_last_route_after_a_withdrawal():
    (alert,) = alerts([announce(), announce(via=2), withdraw(), down(via=2, at=9)])
    assert (alert.kind, alert.time, alert.peers) == ("disappearance", 9, (peer(1),))


def test_an_as_is_watched_through_the_prefixes_that_it_originates():
    elems = [
        announce("203.0.113.0/24", by=THIEF),
        announce(),
        announce("192.0.2.0/25"),
        announce("192.0.2.128/25", by=THIEF, at=1),
        announce(by=THIEF, at=2, via=2),
        withdraw("192.0.2.0/25", at=3),
    ]
    seen = alerts(elems, asns=(OWNER,))
    assert [(alert.kind, alert.time, alert.prefix, alert.watched) for alert in seen] == [
        ("new_more_specific", 1, "192.0.2.128/25", f"AS{OWNER}"),
        ("new_origin", 2, P, f"AS{OWNER}"),
        ("disappearance", 3, "192.0.2.0/25", f"AS{OWNER}"),
    ]


def test_routes_beyond_the_bound_are_counted(monkeypatch):
    monkeypatch.setattr(watch_module, "MAX_ROUTES", 2)
    watch = Watch(WatchRequest(prefixes=(P,)))
    for via in range(1, 5):
        assert [*watch.see(announce(via=via))] == []
    assert watch.untracked == 2
    assert [*watch.see(withdraw(via=1))] == []
    assert [*watch.see(announce(via=4))] == []
    assert watch.untracked == 2


def test_of_prefixes_that_come_and_go_the_longest_gone_are_forgotten_and_new_again(monkeypatch):
    monkeypatch.setattr(watch_module, "MAX_GONE", 2)
    watch = Watch(WatchRequest(prefixes=(P,)))
    assert [*watch.see(announce())] == []
    assert [alert.kind for alert in watch.see(withdraw())] == ["disappearance"]
    for part in range(4):
        assert [alert.kind for alert in watch.see(announce(f"192.0.2.{part}/32"))] == ["new_more_specific"]
        assert [alert.kind for alert in watch.see(withdraw(f"192.0.2.{part}/32"))] == ["disappearance"]
    seen = {part: [a.kind for a in watch.see(announce(f"192.0.2.{part}/32"))] for part in (3, 2, 1, 0)}
    assert seen == {3: [], 2: [], 1: ["new_more_specific"], 0: ["new_more_specific"]}
    # One that is watched by name is never forgotten.
    assert [alert.kind for alert in watch.see(announce(by=THIEF))] == ["new_origin"]


def test_what_is_remembered_does_not_grow_with_prefixes_that_come_and_go(monkeypatch):
    monkeypatch.setattr(watch_module, "MAX_GONE", 10)
    watch = Watch(WatchRequest(prefixes=(P,), asns=(OWNER,)))
    for number in range(200):
        for elem_ in (announce(f"192.0.2.{number}/32", by=THIEF), withdraw(f"192.0.2.{number}/32")):
            assert len([*watch.see(elem_)]) == 1
        for elem_ in (announce(f"203.0.113.{number}/32"), down()):
            assert [*watch.see(elem_)] == []
    assert len(watch._seen) == len(watch._gone) == 10
    assert watch._table.covering("203.0.113.0/32") is None
    assert watch._table.covering("203.0.113.199/32") == "203.0.113.199/32"


def test_prefixes_of_a_watched_as_without_room_are_not_kept(monkeypatch):
    monkeypatch.setattr(watch_module, "MAX_ROUTES", 0)
    watch = Watch(WatchRequest(asns=(OWNER,)))
    assert [*watch.see(announce())] == []
    assert (watch.untracked, watch._table.covering(P)) == (1, None)


def test_origins_beyond_the_bound_are_told_every_time(monkeypatch):
    monkeypatch.setattr(watch_module, "MAX_ORIGINS", 2)
    elems = [announce(by=1), announce(by=2), announce(by=3), announce(by=1), announce(by=3)]
    seen = alerts(elems)
    assert [alert.new_origins for alert in seen] == [(2,), (3,), (3,)]
    assert seen[-1].old_origins == (1, 2)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ({}, "nothing_to_watch"),
        ({"prefixes": ("192.0.2.0",)}, "bad_prefix"),
        ({"prefixes": ("",)}, "bad_prefix"),
        ({"asns": (-1,)}, "bad_asn"),
        ({"asns": (2**32,)}, "bad_asn"),
    ],
)
def test_what_cannot_be_watched_is_refused(request_, kind):
    with pytest.raises(DataError) as caught:
        WatchRequest(**request_)
    assert caught.value.kind == kind
