import json
import os
import resource
import time
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.functions import vrps as vrps_module
from herdwick.tools.bgp.functions.vrps import Vrp, Vrps, read_vrps
from herdwick.tools.errors import DataError

ROUTINATOR = {
    "metadata": {"generated": 1767225600, "generatedTime": "2026-01-01T00:00:00Z"},
    "roas": [{"asn": "AS64496", "prefix": "192.0.2.0/24", "maxLength": 25, "ta": "ripe"}],
}
RPKI_CLIENT = {
    "metadata": {"buildmachine": "lab", "buildtime": "2026-01-01T00:00:00Z", "roas": 2},
    "roas": [
        {"asn": 64496, "prefix": "192.0.2.0/24", "maxLength": 25, "ta": "ripe", "expires": 1767229200},
        {"asn": 64497, "prefix": "2001:DB8:0::/32", "maxLength": 48, "ta": "arin", "expires": 1767229200},
    ],
    "bgpsec_keys": [],
}


@pytest.fixture
def file(tmp_path):
    def written(content):
        path = tmp_path / "vrps.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written


@pytest.mark.parametrize("content", [ROUTINATOR, RPKI_CLIENT])
def test_both_validators_files_are_read(file, content) -> None:
    vrps = read_vrps(file(content))

    assert (vrps.source, vrps.snapshot, len(vrps)) == (
        "vrps.json",
        "2026-01-01T00:00:00Z",
        len(content["roas"]),
    )
    assert [*vrps.covering("192.0.2.0/25")] == [Vrp("192.0.2.0/24", 25, 64496, "ripe")]


def test_a_file_without_a_date_and_other_writings_of_ipv6(file) -> None:
    vrps = read_vrps(file({"roas": RPKI_CLIENT["roas"]}))

    assert vrps.snapshot is None
    assert vrps.state("2001:db8:1::/48", 64497) == "valid"


@pytest.mark.parametrize(
    ("prefix", "asn", "state"),
    [
        ("192.0.2.0/24", 64496, "valid"),
        ("192.0.2.128/25", 64496, "valid"),
        ("192.0.2.128/26", 64496, "invalid_length"),
        ("192.0.2.0/24", 64499, "invalid_asn"),
        ("192.0.2.0/24", None, "invalid_asn"),
        ("192.0.0.0/16", 64496, "not_found"),
        ("198.51.100.0/24", None, "not_found"),
        ("203.0.113.0/24", 0, "invalid_asn"),
        ("203.0.113.0/24", 64497, "valid"),
    ],
)
def test_the_states_of_rfc_6811(prefix: str, asn: int | None, state: str) -> None:
    vrps = Vrps("test")
    vrps.add(Vrp("192.0.2.0/24", 25, 64496, ""))
    vrps.add(Vrp("203.0.113.0/24", 24, 0, ""))
    vrps.add(Vrp("203.0.112.0/23", 24, 64497, ""))

    assert vrps.state(prefix, asn) == state


def networks(kind: type, bits: int):
    pairs = st.tuples(st.integers(0, 15), st.integers(0, 6))
    return pairs.map(lambda pair: kind((pair[0] << (bits - 4), pair[1]), strict=False))


ANY = st.one_of(networks(IPv4Network, 32), networks(IPv6Network, 128))


@given(st.lists(st.tuples(ANY, st.integers(0, 3), st.integers(0, 2)), max_size=12), ANY, st.integers(0, 3))
def test_states_by_the_words_of_the_rfc(known, route, asn: int) -> None:
    vrps = Vrps("test")
    for network, origin, more in known:
        vrps.add(Vrp(str(network), network.prefixlen + more, origin, ""))

    covering = [v for v in known if v[0].version == route.version and route.subnet_of(v[0])]
    own = [v for v in covering if v[1] == asn != 0]
    if any(route.prefixlen <= network.prefixlen + more for network, _, more in own):
        expected = "valid"
    elif own:
        expected = "invalid_length"
    else:
        expected = "invalid_asn" if covering else "not_found"
    assert vrps.state(str(route), asn) == expected


@pytest.mark.parametrize(
    ("roa", "what"),
    [
        ({"asn": "ASX"}, r"roas\[0\]: 'ASX' is no AS number"),
        ({"asn": 2**32}, "no AS number"),
        ({"asn": -1}, "no AS number"),
        ({"asn": ""}, "no AS number"),
        ({"asn": None}, "asn"),
        ({"prefix": "192.0.2.1/24"}, "bits after its length"),
        ({"prefix": "192.0.2.0"}, "no prefix"),
        ({"prefix": "192.0.2.0/x"}, "no prefix"),
        ({"maxLength": 23}, "cannot have the longest length 23"),
        ({"maxLength": 33}, "cannot have the longest length 33"),
        ({"maxLength": "25"}, "maxLength"),
    ],
)
def test_what_is_wrong_is_named(file, roa, what: str) -> None:
    with pytest.raises(DataError, match=what):
        read_vrps(file({"roas": [ROUTINATOR["roas"][0] | roa]}))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"roas": 1}', "\x00"])
def test_other_files_are_refused(file, content: str) -> None:
    with pytest.raises(DataError, match=r"vrps\.json"):
        read_vrps(file(content))


def test_a_missing_file_is_said(tmp_path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        read_vrps(tmp_path / "absent.json")


def test_a_pipe_and_a_device_without_end_are_refused(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(DataError, match="is no regular file"):
            read_vrps(path)


def test_a_file_that_is_too_long_is_refused(file, monkeypatch) -> None:
    monkeypatch.setattr(vrps_module, "MAX_FILE_BYTES", 20)

    with pytest.raises(DataError, match="has more than 20 bytes"):
        read_vrps(file(ROUTINATOR))


@pytest.mark.parametrize("generated", [1767225600000, 10**15, 10**18, -(10**15)])
def test_a_date_that_is_none_is_named(file, generated: int) -> None:
    with pytest.raises(
        DataError, match=rf"vrps\.json, metadata\.generated: {generated} is no time"
    ) as refused:
        read_vrps(file(ROUTINATOR | {"metadata": {"generated": generated}}))

    assert refused.value.kind == "bad_vrps"


@pytest.mark.slow
def test_half_a_million_load_in_seconds_and_bounded_memory(file) -> None:
    roas = [
        {
            "asn": f"AS{n % 70_000}",
            "prefix": f"{n >> 16}.{n >> 8 & 255}.{n & 255}.0/24",
            "maxLength": 24,
            "ta": "x",
        }
        for n in range(400_000)
    ] + [
        {"asn": n, "prefix": f"2001:{n >> 16:x}:{n & 0xFFFF:x}::/48", "maxLength": 48, "ta": "x"}
        for n in range(100_000)
    ]
    path = file({"roas": roas})
    del roas
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()

    vrps = read_vrps(path)

    assert len(vrps) == 500_000
    assert time.process_time() - start < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 600_000
