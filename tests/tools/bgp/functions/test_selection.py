"""How questions spell what functions take, and which routes a window selects."""

import re

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.attributes import CommunityCarriers
from herdwick.tools.bgp.functions.origins import Origins, origins
from herdwick.tools.bgp.functions.selection import Match, Selection, covering
from herdwick.tools.bgp.specs import FUNCTIONS
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import ToolFailure

PEER = "198.51.100.14"


def spelled(question: str, name: str) -> list[str]:
    entity = next(
        entity for spec in FUNCTIONS for entity in spec.parameters.values() if entity and entity.name == name
    )
    return re.findall(entity.spelled, question)


@pytest.mark.parametrize(
    ("question", "prefixes"),
    [
        ("(10.0.0.0/8), '10.1.0.0/16'? 10.2.0.0/16's.", ["10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"]),
        ("10.0.0.0/8\u201310.1.0.0/16-10.2.0.1.", ["10.0.0.0/8", "10.1.0.0/16", "10.2.0.1"]),
        ("For 2001:DB8::/32: how many, and [2001:db8::1]:", ["2001:DB8::/32", "2001:db8::1"]),
        ("prefix:10.0.0.0/8 prefix:2001:db8::/32", ["10.0.0.0/8", "2001:db8::/32"]),
        ("::ffff:192.0.2.0/120 and 64:ff9b::192.0.2.33", ["::ffff:192.0.2.0/120", "64:ff9b::192.0.2.33"]),
        ("2001:db8:::1, 1::2::3, 1.2.3.4.5, v1.2.3.4 and 00:01:02", []),
    ],
)
def test_prefixes_in_questions(question: str, prefixes: list[str]) -> None:
    assert spelled(question, "Prefix") == prefixes


@pytest.mark.parametrize(
    ("question", "communities"),
    [
        ("(64500:120), 64500:*? 64500:1:2's.", ["64500:120", "64500:*", "64500:1:2"]),
        ("For 64500:120: which community:64500:7?", ["64500:120", "64500:7"]),
        ("RT:64500:1, soo:192.0.2.1:5. 0x0300ABCD", ["RT:64500:1", "soo:192.0.2.1:5", "0x0300ABCD"]),
        ("Which routes of the root, the role and 2001:10::/28?", []),
    ],
)
def test_communities_in_questions(question: str, communities: list[str]) -> None:
    assert spelled(question, "Community") == communities


@pytest.mark.parametrize(
    ("text", "community"),
    [("RT:64500:1", "rt:64500:1"), ("ro:64500:1", "soo:64500:1"), ("0x0300ABCD", "0x0300abcd")],
)
def test_communities_are_meant_as_the_engine_writes_them(text: str, community: str) -> None:
    assert CommunityCarriers(community=text).community == community


def test_a_route_replaced_at_once_is_of_a_window_that_begins_then(invented) -> None:
    data = invented(
        """
        A 1427846400 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 1
        A 1427846410 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 2
        A 1427846410 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 3
        """
    )
    window = {"from_time": show_time(1427846410), "until_time": show_time(1427846411)}

    assert [row.origin_asn for row in origins(data, Origins(**window))] == [2, 3]
    assert Selection(**window).of(data.elems()).collect().height == 2


@pytest.mark.parametrize("text", ["24:00", "99:99"])
def test_a_clock_that_no_day_has_is_refused_as_it_was_written(text: str) -> None:
    with pytest.raises(ValidationError, match=f"'{text}' is no time of a day"):
        Selection(from_time=text)


@pytest.mark.parametrize(
    ("written", "match"),
    [
        ("::ffff:0:0/96", "exact"),
        ("::ffff:0.0.0.0/96", "exact"),
        ("::ffff:a00:0/104", "less"),
        ("::ffff:10.0.0.1", "less"),
        ("::/8", "more"),
    ],
)
def test_ipv4_within_ipv6_is_found_however_it_is_written(invented, written: str, match: Match) -> None:
    """The text of an elem is the engine's: glibc's, not Python's."""
    data = invented("A 10 rrc00 192.0.2.1 64500 ::ffff:0.0.0.0/96 64500 1")

    rows = origins(data, Origins(prefix=written, match=match))

    assert [row.prefix for row in rows] == ["::ffff:0.0.0.0/96"]


def test_the_prefixes_around_one_are_written_as_the_engine_does() -> None:
    around = covering(Selection(prefix="::102:300/120").prefix or "")

    assert around[:2] == ["::1.2.3.0/120", "::1.2.2.0/119"]
    assert (len(around), around[-1]) == (121, "::/0")


@pytest.mark.parametrize(
    ("question", "addresses"),
    [
        ("at neighbour 198.51.100.14, and (2001:DB8::7)?", ["198.51.100.14", "2001:DB8::7"]),
        ("192.0.2.1's view, 192.0.2.0/24 and 2001:db8::/32 left out", ["192.0.2.1"]),
        ("10.1.2.3.4 and 00:01:02", []),
    ],
)
def test_addresses_in_questions_are_those_without_a_length(question: str, addresses: list[str]) -> None:
    assert spelled(question, "Address") == addresses


def test_a_peer_is_selected_by_its_address(lab, lines) -> None:
    expected = {
        (line.prefix, a) for line in lines if line.is_route for a in line.origins if line.peer == PEER
    }

    rows = origins(lab, Origins(peer_address=PEER))

    assert {(row.prefix, row.origin_asn) for row in rows} == expected != set()


TWO_PEERS = """
A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 64510
A 11 rrc00 2001:db8::9 64501 2001:db8:1::/48 64501 64510
"""


@pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.1/32", "2001:DB8::9"])
def test_the_address_of_a_peer_is_refused_as_a_prefix(invented, address: str) -> None:
    with pytest.raises(ToolFailure, match="is the address of a peer") as caught:
        Selection(prefix=address).refuse_peer_as_prefix(invented(TWO_PEERS).elems())

    assert (caught.value.kind, "peer_address" in caught.value.hint) == ("peer_as_prefix", True)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(prefix="192.0.2.2"),
        Selection(prefix="192.0.2.0/24"),
        Selection(prefix="192.0.2.1", match="less"),
        Selection(peer_address="192.0.2.1"),
    ],
)
def test_what_is_no_address_of_a_peer_alone_can_be_a_prefix(invented, selection: Selection) -> None:
    elems = invented(TWO_PEERS).elems()

    selection.refuse_peer_as_prefix(elems)

    assert elems.collect().height == 2


def test_the_address_of_a_peer_that_there_is_a_route_to_can_be_a_prefix(invented) -> None:
    elems = invented(f"{TWO_PEERS}A 12 rrc00 192.0.2.1 64500 192.0.2.1/32 64500 64511").elems()
    selection = Selection(prefix="192.0.2.1")

    selection.refuse_peer_as_prefix(elems)

    assert selection.of(elems).collect().height == 1
