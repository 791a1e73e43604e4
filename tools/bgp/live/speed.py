"""How fast messages of RIS Live become elems, on one core.

measure_decoding().messages_per_s
"""

import json
import random
import time
from dataclasses import dataclass

from herdwick.tools.bgp.live.messages import LiveDecoder
from herdwick.tools.bgp.live.report import LiveReport


@dataclass(frozen=True)
class DecodingSpeed:
    """Figures of one run.

    Attributes:
        messages: Messages decoded, all different.
        messages_per_s: Of them, in a second.
        elems_per_s: Elems made, in a second.
        ratio_to_json: Speed as a part of that of the standard library's `json.loads`, which makes no elems.
    """

    messages: int
    messages_per_s: float
    elems_per_s: float
    ratio_to_json: float


def measure_decoding(count: int = 50_000, seed: int = 1) -> DecodingSpeed:
    """Decode invented messages of the usual size, and measure in seconds of the processor.

    The same seed makes the same messages.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    messages = [_message(chance, number) for number in range(count)]
    report = LiveReport()
    decode = LiveDecoder(report).elems
    started = time.process_time()
    for message in messages:
        decode(message)
    ours_s = time.process_time() - started
    started = time.process_time()
    for message in messages:
        json.loads(message)
    json_s = time.process_time() - started
    if report.problems:
        raise AssertionError(f"invented messages are wrong: {report.problems}")
    return DecodingSpeed(count, count / ours_s, report.elems / ours_s, json_s / ours_s)


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
