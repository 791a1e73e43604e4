import re
import subprocess
from collections import Counter, defaultdict
from statistics import mean, median
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.attributes import (
    AttributeStatistics,
    Communities,
    CommunityCarriers,
    attribute_statistics,
    communities,
    community_carriers,
)


class Route(NamedTuple):
    """A route as bgpdump tells it at length, where what is absent is absent."""

    prefix: str
    peer: str
    origins: list[int]
    med: int | None
    local_pref: int | None
    communities: dict[str, set[str]]


def number(name: str, block: str) -> int | None:
    found = re.search(rf"^{name}: (\d+)$", block, re.M)
    return int(found[1]) if found else None


def words(name: str, block: str) -> set[str]:
    found = re.search(rf"^{name}: (.*)$", block, re.M)
    return set(found[1].replace("no-export", "65535:65281").split()) if found else set()


def extended(block: str) -> set[str]:
    """bgpdump leaves these in hexadecimal: type 00 02, then an ASN and a number."""
    found = re.search(r"UNKNOWN_ATTR\(192, 16, 8\): 00 02 (..) (..) (..) (..) (..) (..)", block)
    return {f"rt:{int(found[1] + found[2], 16)}:{int(''.join(found.groups()[2:]), 16)}"} if found else set()


@pytest.fixture(scope="module")
def routes(lab, lines) -> list[Route]:
    found = []
    for item in lab.converted:
        text = subprocess.run(["bgpdump", item.file.path], capture_output=True, text=True, check=True).stdout
        for block in text.split("\n\n"):
            announced = re.search(r"^ANNOUNCE\n((?:  \S+\n?)+)", block, re.M)
            prefixes = announced[1].split() if announced else re.findall(r"^PREFIX: (\S+)", block, re.M)
            for prefix in prefixes:
                path = re.search(r"^ASPATH:(.*)$", block, re.M)[1].split()
                found.append(
                    Route(
                        prefix,
                        re.search(r"^FROM: (\S+)", block, re.M)[1],
                        [int(asn) for asn in path[-1].strip("{}").split(",")] if path else [],
                        number("MULTI_EXIT_DISC", block),
                        number("LOCAL_PREF", block),
                        {
                            "standard": words("COMMUNITY", block),
                            "large": words("LARGE_COMMUNITY", block),
                            "extended": extended(block),
                        },
                    )
                )
    assert len(found) == sum(line.is_route for line in lines)
    return found


@pytest.mark.parametrize("args", [{}, {"peer_asn": 64496}, {"ip_version": 6}, {"prefix": "10.200.8.0/24"}])
def test_values_are_those_of_the_routes_that_have_one(lab, routes, args) -> None:
    chosen = [
        route
        for route in routes
        if "peer_asn" not in args or route.peer.endswith("11")
        if "ip_version" not in args or ":" in route.prefix
        if route.prefix == args.get("prefix", route.prefix)
    ]

    rows = attribute_statistics(lab, AttributeStatistics(**args, values=3))

    assert [row.attribute for row in rows] == ["med", "local_pref"]
    for row in rows:
        values = [getattr(route, row.attribute) for route in chosen]
        known = [value for value in values if value is not None]
        counts = Counter(known)
        assert (row.routes, row.with_value) == (len(values), len(known))
        assert (row.min, row.max, row.median) == (min(known), max(known), median(known))
        assert row.mean == pytest.approx(mean(known))
        assert [(v.value, v.routes) for v in row.frequent] == sorted(
            counts.items(), key=lambda item: (-item[1], item[0])
        )[:3]


def test_absent_is_not_zero(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 1
        A 1 c 192.0.2.1 1 10.1.0.0/16 1 med=0
    """)

    med, local_pref = attribute_statistics(data, AttributeStatistics())

    assert (med.routes, med.with_value, med.max) == (2, 1, 0)
    assert (local_pref.with_value, local_pref.min, local_pref.mean, local_pref.frequent) == (
        0,
        None,
        None,
        [],
    )


def test_communities_of_every_kind_by_frequency(lab, routes) -> None:
    of: dict[tuple[str, str], list[Route]] = defaultdict(list)
    for route in routes:
        for kind, carried in route.communities.items():
            for community in carried:
                of[community, kind].append(route)

    rows = communities(lab, Communities(top=1000))

    assert {(r.community, r.kind): (r.routes, r.prefixes, r.peers) for r in rows} == {
        key: (len(found), len({route.prefix for route in found}), len({route.peer for route in found}))
        for key, found in of.items()
    }
    assert [r.routes for r in rows] == sorted((r.routes for r in rows), reverse=True)
    assert {r.kind for r in rows} == {"standard", "large", "extended"}
    assert {r.name for r in rows} == {None, "NO_EXPORT", "BLACKHOLE", "GRACEFUL_SHUTDOWN"}


def test_communities_of_each_prefix(lab, routes) -> None:
    expected = Counter((route.prefix, c) for route in routes for c in route.communities["large"])

    rows = communities(lab, Communities(kinds=["large"], by_prefix=True, top=1000))

    assert rows
    assert all(row.prefixes == 1 for row in rows)
    assert {(row.prefix, row.community): row.routes for row in rows}.items() <= expected.items()
    assert len(rows) == min(1000, len(expected))


def test_the_blackhole_of_the_scenario_is_named(lab) -> None:
    rows = communities(lab, Communities(prefix="10.200.11.1/32", kinds=["standard"]))

    assert {row.community: row.name for row in rows} == {
        "64496:100": None,
        "64496:1009": None,
        "65535:666": "BLACKHOLE",
        "65535:65281": "NO_EXPORT",
    }


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("65535:0", r"65535:0"),
        ("graceful-shutdown", r"65535:0"),
        ("64496:*", r"64496:\d+"),
        ("*:666", r"\d+:666"),
        ("65550:1:*", r"65550:1:\d+"),
        ("rt:*:100", r"rt:\d+:100"),
        ("64496:10*", r"64496:10\d*"),
    ],
)
@pytest.mark.parametrize("by", ["prefix", "origin_asn", "peer_address"])
def test_what_carries_a_community(lab, routes, pattern: str, wanted: str, by: str) -> None:
    expected: Counter[int | str] = Counter()
    for route in routes:
        if any(re.fullmatch(wanted, c) for carried in route.communities.values() for c in carried):
            for key in {"prefix": [route.prefix], "origin_asn": route.origins, "peer_address": [route.peer]}[
                by
            ]:
                expected[key] += 1

    rows = community_carriers(lab, CommunityCarriers(community=pattern, by=by, top=1000))

    assert {row.carrier: row.routes for row in rows} == expected != {}


def test_a_community_told_twice_in_a_route_counts_once(invented) -> None:
    data = invented("A 0 c 192.0.2.1 1 10.0.0.0/8 1 communities=1:2,1:2,1:3")

    assert {r.community: r.routes for r in communities(data, Communities())} == {"1:2": 1, "1:3": 1}
    (row,) = community_carriers(data, CommunityCarriers(community="1:*"))
    assert (row.carrier, row.routes, row.communities) == ("10.0.0.0/8", 1, ["1:2", "1:3"])


def test_a_word_is_no_community() -> None:
    with pytest.raises(ValidationError, match="is no community such as"):
        CommunityCarriers(community="blackholes")


def test_a_carrier_is_seen_until_its_route_is_withdrawn_or_its_session_lost(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 1 communities=1:2
        A 1 c 192.0.2.2 2 10.1.0.0/16 2 communities=1:2
        A 2 c 192.0.2.2 2 10.2.0.0/16 2 communities=1:2
        S 5 c 192.0.2.1 1 ESTABLISHED IDLE
        W 7 c 192.0.2.2 2 10.1.0.0/16
        A 9 c 192.0.2.2 2 10.3.0.0/16 2
    """)

    rows = community_carriers(data, CommunityCarriers(community="1:2"))
    late = community_carriers(data, CommunityCarriers(community="1:2", from_time="1970-01-01T00:00:02"))

    assert {row.carrier: (row.first_seen[-3:], row.last_seen[-3:]) for row in rows} == {
        "10.0.0.0/8": ("00Z", "05Z"),
        "10.1.0.0/16": ("01Z", "07Z"),
        "10.2.0.0/16": ("02Z", "09Z"),
    }
    assert [row.carrier for row in late] == ["10.2.0.0/16"]
