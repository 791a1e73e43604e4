import pytest

from herdwick.tools.bgp.engine.elem import NO_ATTRIBUTES, Attributes, Elem, ElemType, Source
from herdwick.tools.bgp.engine.filter_strings import parse_filter
from herdwick.tools.errors import DataError


def elem(
    kind: ElemType = "A",
    *,
    prefix: str = "192.0.2.0/24",
    peer: int = 64496,
    path: str = "64496 174 64500",
    communities: tuple[str, ...] = (),
    large: tuple[str, ...] = (),
) -> Elem:
    attributes = Attributes(path, communities, large) if kind in "RA" else NO_ATTRIBUTES
    shown = "" if kind == "S" else prefix
    return Elem(kind, 0.0, peer, "198.51.100.1", shown, "", attributes, Source("rrc00", "ris"))


def passes(text: str, **what) -> bool:
    return parse_filter(text).elem_test()(elem(**what))


@pytest.mark.parametrize("kind", ["R", "A", "W", "S"])
def test_an_empty_filter_lets_everything_through(kind: ElemType) -> None:
    assert passes("", kind=kind)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("type ribs", "R"),
        ("type updates", "AWS"),
        ("elemtype withdrawals", "W"),
        ("elemtype announcements withdrawals", "AW"),
        ("elem announcements and elemtype peerstates", "AS"),
        ("type updates and elemtype ribs", ""),
        ("elemtype A", "A"),
    ],
)
def test_types_of_records_and_elems(text: str, kinds: str) -> None:
    assert "".join(kind for kind in "RAWS" if passes(text, kind=kind)) == kinds


@pytest.mark.parametrize(
    ("match", "prefixes"),
    [
        ("exact", ["10.1.0.0/16"]),
        ("more", ["10.1.0.0/16", "10.1.2.0/24"]),
        ("less", ["10.0.0.0/8", "10.1.0.0/16"]),
        ("any", ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"]),
        ("", ["10.1.0.0/16", "10.1.2.0/24"]),
    ],
)
def test_prefixes_match_as_they_lie_to_each_other(match: str, prefixes: list[str]) -> None:
    all_of_them = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16", "::/0", "a01::/16"]

    assert [p for p in all_of_them if passes(f"prefix {match} 10.1.0.0/16", prefix=p)] == prefixes


def test_a_prefix_lets_no_state_through() -> None:
    assert not passes("prefix any 0.0.0.0/0", kind="S")


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ('"_174_"', "64496 174 64500", True),
        ('"_174_"', "64496 1174 64500", False),
        ('"_174_"', "64496 {174,64500}", True),
        ('"^64496 174"', "64496 174 64500", True),
        ('"_64500$"', "64496 174 64500", True),
        ('"_64500$"', "64500 174", False),
        ('"^$"', "", True),
        ('!"_174_"', "64496 174 64500", False),
        ('"!_174_"', "64496 175 64500", True),
        ('"_174_" "_175_"', "64496 175 64500", True),
    ],
)
def test_paths_match_ciscos_regular_expressions(pattern: str, path: str, matches: bool) -> None:
    assert passes(f"path {pattern}", path=path) is matches
    assert passes(f"aspath {pattern}", path=path) is matches


def test_a_negated_path_is_no_reason_to_let_a_withdrawal_through() -> None:
    assert not passes('path !"_174_"', kind="W")


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ("65000:100", True),
        ("65000:*", True),
        ("*:100", True),
        ("*:10", False),
        ("1:2:3", True),
        ("1:2:*", True),
    ],
)
def test_communities_may_have_asterisks(wanted: str, matches: bool) -> None:
    assert passes(f"community {wanted}", communities=("65000:100",), large=("1:2:3",)) is matches


@pytest.mark.parametrize(
    ("text", "matches"), [("origin 64500", True), ("origin AS64500", True), ("origin 174", False)]
)
def test_origins(text: str, matches: bool) -> None:
    assert passes(text) is matches


def test_ip_versions() -> None:
    assert passes("ipversion 4")
    assert not passes("ipv 6")
    assert passes("ipversion 6", prefix="2001:db8::/32")
    assert passes("ipversion 4 6")


def test_different_terms_must_all_hold_and_of_equal_ones_one() -> None:
    assert passes("peer 64496 and peer 1 and prefix exact 192.0.2.0/24")
    assert passes("peer 1, 64496")
    assert not passes("peer 64496 and prefix exact 198.51.100.0/24")


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("collector rrc00", True),
        ("collector rrc01 rrc00", True),
        ("project routeviews", False),
        ("router x", False),
    ],
)
def test_sources(text: str, accepted: bool) -> None:
    assert parse_filter(text).accepts_source(Source("rrc00", "ris")) is accepted


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("peers 1", "at character 1: 'peers' is no term"),
        ("peer x", "at character 6: 'x' is no AS number"),
        ("peer 4294967296", "at character 6: '4294967296' is no AS number"),
        ("peer", "at character 5: a value of `peer` was expected"),
        ("peer 1 and", "at character 11: a term"),
        ("peer 1 or 2", "at character 8: 'or' is no AS number"),
        ("prefix more 192.0.2.0/33", "at character 13: '192.0.2.0/33' is no prefix"),
        ('path "("', "at character 6: '(' is no regular expression"),
        ('collector "rrc00', "at character 10: a quote is not closed"),
        ("community 5", "at character 11: '5' is no community"),
        ("peer !5", "at character 6: `!` is for paths"),
        ("type rib", "at character 6: 'rib' is no record type"),
        ("elemtype X", "at character 10: 'X' is no elem type"),
        ("ipversion 5", "at character 11: '5' is no IP version"),
    ],
)
def test_a_mistake_is_shown_at_its_place(text: str, complaint: str) -> None:
    with pytest.raises(DataError) as failure:
        parse_filter(text)

    assert failure.value.kind == "bad_filter"
    assert complaint in failure.value.message


def test_a_pattern_from_outside_cannot_hang_the_stream() -> None:
    assert not passes('path "^(([0-9]+)+ ?)+x$"', path=" ".join(["64496"] * 400))


def test_a_long_filter_is_read_in_time_linear_in_it():
    """Once the rest of the text was copied for every term, and this took minutes."""
    text = " and ".join(["peer 1"] * 9_000)
    assert len(parse_filter(text).peers) == 9_000


def test_a_filter_that_nobody_means_is_refused_without_being_repeated():
    with pytest.raises(DataError) as caught:
        parse_filter("peer 1 and " * 20_000)
    assert caught.value.kind == "bad_filter"
    assert len(caught.value.message) < 200
    with pytest.raises(DataError) as caught:
        parse_filter("peer 1 and " * 5_000 + "nonsense")
    assert len(caught.value.message) < 600
    assert "at character 55001" in caught.value.message
