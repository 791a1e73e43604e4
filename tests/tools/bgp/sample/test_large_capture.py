"""A capture of more than 100,000 elems, made on the spot: one bird announces to another, which records.

Unlike the sample's lab it needs no network of its own: it runs on loopback, at a port that is free.
"""

import random
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from herdwick.tools.bgp.sample.bird import static_route
from herdwick.tools.bgp.sample.speakers import Route, family_of

IPV4_ROUTES, IPV6_ROUTES = 38_000, 10_000
LIMIT_S = 45

COLLECTOR = """
router id 127.0.0.1;
mrtdump "{folder}/updates.mrt";
protocol device {{ }}
protocol bgp speaker {{
	strict bind yes; multihop; passive yes;
	mrtdump {{ messages, states }};
	local 127.0.0.1 port {port} as 64511;
	neighbor 127.0.0.2 port {port} as 64496;
	ipv4 {{ import all; export none; }};
	ipv6 {{ import all; export none; }};
}}
"""
SPEAKER = """
router id 127.0.0.2;
protocol device {{ }}
protocol static {{ ipv4; {ipv4} }}
protocol static {{ ipv6; {ipv6} }}
protocol bgp collector {{
	strict bind yes; multihop; interpret communities off; connect delay time 1;
	local 127.0.0.2 port {port} as 64496;
	neighbor 127.0.0.1 port {port} as 64511;
	# Loopback addresses are no valid next hops.
	ipv4 {{ import none; next hop address 198.51.100.2; export filter {{ bgp_med = bgp_med; accept; }}; }};
	ipv6 {{ import none; next hop address 2001:db8::2; export filter {{ bgp_med = bgp_med; accept; }}; }};
}}
"""


def prefixes() -> Iterator[str]:
    for number in range(IPV4_ROUTES):
        yield str(ip_network(((10 << 24) + (number << 8), 24 - number % 3), strict=False))
    for number in range(IPV6_ROUTES):
        yield str(ip_network(((0x20010DB8 << 96) + (number << 80), 48)))


def routes(seed: int) -> list[Route]:
    """Routes of one prefix each, with paths and communities of any length."""
    rng = random.Random(seed)
    asns = [*range(64497, 64511), *range(65536, 65551), *range(4_200_000_000, 4_200_000_040)]
    return [
        Route(
            prefix,
            tuple(rng.choices(asns, k=rng.randint(0, 12))),
            origin=rng.choice(("igp", "incomplete")),
            med=rng.randrange(1 << 32),
            communities=tuple(
                dict.fromkeys(
                    (rng.choice((64496, 65535)), rng.randrange(65536)) for _ in range(rng.randint(0, 20))
                )
            ),
            large_communities=tuple(
                dict.fromkeys((rng.choice(asns), rng.randrange(9), 7) for _ in range(rng.randint(0, 6)))
            ),
            route_target=(64496, rng.randrange(1 << 32)) if rng.random() < 0.2 else None,
        )
        for prefix in dict.fromkeys(prefixes())
    ]


def speaker_config(announced: list[Route], port: int) -> str:
    texts = {"ipv4": [], "ipv6": []}
    for route in announced:
        texts[family_of(route.prefix)].append(static_route(route))
    return SPEAKER.format(port=port, **{family: "\n".join(lines) for family, lines in texts.items()})


def birdc(folder: Path, name: str, *command: str) -> str:
    socket_path = folder / f"{name}.ctl"
    return subprocess.run(["birdc", "-s", socket_path, *command], capture_output=True, text=True).stdout


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not until():
        assert time.monotonic() < end, "the daemons are too slow"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Counter[str]]:
    """Updates, a table, and how many elems of each type the daemons were told to make."""
    if not shutil.which("bird"):
        pytest.skip("bird is not installed")
    folder = tmp_path_factory.mktemp("lab")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first, second = routes(1), routes(2)
    # Of four routes one goes, two become others, one stays.
    kept = [
        (old, new if n % 2 else old) for n, (old, new) in enumerate(zip(first, second, strict=True)) if n % 4
    ]
    configs = {
        "collector": COLLECTOR.format(folder=folder, port=port),
        "speaker": speaker_config(first, port),
    }
    daemons = []
    try:
        for name, config in configs.items():
            (folder / f"{name}.conf").write_text(config)
            files = ("-c", folder / f"{name}.conf", "-s", folder / f"{name}.ctl")
            daemons.append(subprocess.Popen(["bird", "-f", *files], stderr=subprocess.DEVNULL))
        wait(lambda: learnt(folder) == (len(first), len(first)))
        (folder / "speaker.conf").write_text(speaker_config([new for _, new in kept], port))
        birdc(folder, "speaker", "configure")
        changed = len(first) + sum(old != new for old, new in kept)
        wait(lambda: learnt(folder) == (len(kept), changed))
        birdc(folder, "collector", f'mrt dump table "master*" to "{folder}/table.mrt"')
    finally:
        for daemon in daemons:
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(LIMIT_S)
    expected = Counter(A=changed, W=len(first) - len(kept), R=len(kept))
    return folder / "updates.mrt", folder / "table.mrt", expected


def learnt(folder: Path) -> tuple[int, int]:
    """How many routes the collector has, and how many announcements it has accepted."""
    text = birdc(folder, "collector", "show", "protocols", "all", "speaker")
    imported = re.findall(r"Routes: +(\d+) imported", text)
    updates = re.findall(r"Import updates: +(\d+)", text)
    return sum(map(int, imported)), sum(map(int, updates))


@pytest.mark.slow
def test_a_large_capture_is_read_as_bgpdump_reads_it(
    bgpdump: Any, capture: tuple[Path, Path, Counter[str]]
) -> None:
    updates, table, expected = capture

    elems = [*bgpdump.assert_equal(updates), *bgpdump.assert_equal(table)]

    counts = Counter(elem.type for elem in elems)
    assert {kind: counts[kind] for kind in "AWR"} == expected
    assert counts["S"] >= 3
    assert len(elems) > 100_000
