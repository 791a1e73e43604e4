"""How fast messages of RIS Live become elems, on one core.

    measure_decoding().messages_per_s
    bench_decoding(runs=5).ratio_to_pydantic

Two peers read the same messages in the same run. Neither makes elems, so that both have less to do:
the standard library's `json.loads` checks nothing, and a pydantic model checks the types of the same fields.
"""

import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

from pydantic import BaseModel

from herdwick.tools.bgp.live.messages import LiveDecoder
from herdwick.tools.bgp.live.report import LiveReport


@dataclass(frozen=True)
class DecodingSpeed:
    """Figures of one run, or medians of several.

    Attributes:
        messages: Messages decoded, all different.
        messages_per_s: Of them, in a second.
        elems_per_s: Elems made, in a second.
        ratio_to_json: Speed over that of the standard library's `json.loads`.
        ratio_to_pydantic: Speed over that of a pydantic model.
    """

    messages: int
    messages_per_s: float
    elems_per_s: float
    ratio_to_json: float
    ratio_to_pydantic: float


class _Announcement(BaseModel):
    prefixes: list[str] | None = None
    next_hop: str | None = None


class _Data(BaseModel):
    """The fields that `LiveDecoder` reads; pydantic passes over all others too."""

    timestamp: float
    peer: str
    peer_asn: str | int
    type: str = ""
    host: str = ""
    id: str = ""
    path: list[int | list[int]] | None = None
    community: list[list[int]] | None = None
    large_community: list[list[int]] | None = None
    origin: str | None = None
    med: int | None = None
    aggregator: str | None = None
    announcements: list[_Announcement] | None = None
    withdrawals: list[str] | None = None


class _Message(BaseModel):
    type: str
    data: _Data


def bench_decoding(count: int = 50_000, runs: int = 3) -> DecodingSpeed:
    """Medians of `runs` measurements, each of the same `count` messages."""
    figures = zip(*(astuple(measure_decoding(count)) for _ in range(runs)), strict=True)
    _, *medians = (statistics.median(values) for values in figures)
    return DecodingSpeed(count, *medians)


def measure_decoding(count: int = 50_000, seed: int = 1) -> DecodingSpeed:
    """Decode invented messages of the usual size, and measure in seconds of the processor.

    The same seed makes the same messages.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    messages = [_message(chance, number) for number in range(count)]
    report = LiveReport()
    ours_s = _processor_s(LiveDecoder(report).elems, messages)
    json_s = _processor_s(json.loads, messages)
    pydantic_s = _processor_s(_Message.model_validate_json, messages)
    if report.problems:
        raise AssertionError(f"invented messages are wrong: {report.problems}")
    return DecodingSpeed(count, count / ours_s, report.elems / ours_s, json_s / ours_s, pydantic_s / ours_s)


def _processor_s(decode: Callable[[bytes], object], messages: Sequence[bytes]) -> float:
    started = time.process_time()
    for message in messages:
        decode(message)
    return time.process_time() - started


def _message(chance: random.Random, number: int) -> bytes:
    peer = number % 50
    prefixes = [_prefix(chance) for _ in range(chance.choice((1, 1, 1, 2, 3, 8)))]
    data = {
        "timestamp": 1_427_846_400 + number / 1_000,
        "peer": f"198.51.100.{peer}",
        "peer_asn": str(64_496 + peer % 16),
        "id": f"198.51.100.{peer}-{number}",
        "raw": "FF" * 100,
        "host": f"rrc{peer % 20:02}.ripe.net",
        "type": "UPDATE",
        "path": [chance.randrange(1, 400_000) for _ in range(5)],
        "community": [[chance.randrange(65_536), chance.randrange(1_000)] for _ in range(5)],
        "origin": "IGP",
        "med": 0,
        "announcements": [{"next_hop": f"198.51.100.{peer}", "prefixes": prefixes}],
        "withdrawals": [_prefix(chance)] if chance.random() < 0.1 else [],
    }
    return json.dumps({"type": "ris_message", "data": data}).encode()


def _prefix(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return f"2001:db8:{chance.randrange(65_536):x}::/48"
    return f"{chance.randrange(1, 224)}.{chance.randrange(256)}.{chance.randrange(256)}.0/24"
