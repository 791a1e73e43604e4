from herdwick.tools.bgp.functions.origins import Origins, PrefixesOf, origin_changes, origins, prefixes_of

from .playing import lasting, seen


def test_prefixes_that_an_as_originates(lab, lines) -> None:
    expected = {line.prefix for line in lines if line.is_route and 64503 in line.origins}

    rows = prefixes_of(lab, PrefixesOf(asn=64503))

    assert {row.prefix for row in rows} == expected
    assert len(rows) == len(expected) > 0


def test_prefixes_that_an_as_only_passes_on(lab, lines) -> None:
    routes = [line for line in lines if line.is_route]
    own = {line.prefix for line in routes if 64500 in line.origins}
    expected = {line.prefix for line in routes if "64500" in line.path} - own

    assert (
        {row.prefix for row in prefixes_of(lab, PrefixesOf(asn=64500, role="transit"))} == expected != set()
    )


def test_origins_of_a_prefix_with_the_peers_that_showed_them(lab, lines) -> None:
    expected: dict[int, set[str]] = {}
    for line in lines:
        if line.is_route and line.prefix == "192.0.2.0/24":
            for asn in line.origins:
                expected.setdefault(asn, set()).add(line.peer)

    rows = origins(lab, Origins(prefix="192.0.2.0/24"))

    assert {row.origin_asn: row.peers for row in rows} == {asn: len(peers) for asn, peers in expected.items()}
    assert [row.in_set for row in rows] == [False, False]


def test_an_origin_that_stood_in_a_set_alone_is_marked(lab) -> None:
    assert {row.in_set for row in origins(lab, Origins(prefix="10.210.0.0/22"))} == {True}


def test_changes_are_between_a_peers_routes(lab, lines) -> None:
    state: dict[tuple[str, str], list[int]] = {}
    expected = []
    for line in lines:
        if line.is_route:
            before = state.get((line.peer, line.prefix))
            if before is not None and sorted(before) != sorted(line.origins):
                expected.append((line.prefix, line.peer_asn, sorted(before), sorted(line.origins)))
            state[line.peer, line.prefix] = line.origins

    rows = origin_changes(lab, Origins())

    assert [(r.prefix, r.peer_asn, r.old_origins, r.new_origins) for r in rows] == expected != []


def test_a_change_is_seen_whose_old_route_lies_before_the_window(lab) -> None:
    whole = origin_changes(lab, Origins(prefix="192.0.2.0/24"))
    window = Origins(prefix="192.0.2.0/24", from_time="2026-01-01T00:00:25", until_time="2026-01-01T00:01:00")

    assert (
        origin_changes(lab, window)
        == [change for change in whole if change.time < "2026-01-01T00:01:00Z"]
        != []
    )


def test_origins_are_seen_until_the_last_peer_lost_them(lab, lines) -> None:
    expected = seen(((line.prefix, a), line, end) for line, end in lasting(lines) for a in line.origins)

    rows = origins(lab, Origins())

    assert {(r.prefix, r.origin_asn): (r.first_seen, r.last_seen) for r in rows} == expected != {}


def test_prefixes_are_seen_until_the_last_peer_lost_them(lab, lines) -> None:
    expected = seen((line.prefix, line, end) for line, end in lasting(lines) if 65551 in line.origins)

    rows = prefixes_of(lab, PrefixesOf(asn=65551))

    assert {r.prefix: (r.first_seen, r.last_seen) for r in rows} == expected
    # The scenario's hijack, which a withdrawal ends.
    assert expected["192.0.2.0/24"] == ("2026-01-01T00:00:30Z", "2026-01-01T00:01:10Z")
