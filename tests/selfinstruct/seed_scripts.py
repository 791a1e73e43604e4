"""Seed tasks whose answers are PyBGPStream scripts, and what their results are held against.

The control is a collector that heard nothing: the same files, whole and valid, without a route in them. What
a script prints there may hold no number but zero and those that it was given.
"""

import json
import re
import shutil
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from struct import pack
from typing import Any

import pytest

import herdwick.selfinstruct
from herdwick.tools.bgp.engine.records import Record, open_records
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.scripts import ScriptResult

SEEDS = Path(herdwick.selfinstruct.__file__).parent / "seeds/teacher"
START = 1_767_225_600
"""2026-01-01 00:00:00 UTC, when the lab's scenario begins."""

LAB_SECONDS = 240
UPDATES_NAME = "updates.20260101.0000.gz"
SILENT_PEER = (64496, "198.51.100.11")
KEEPALIVE = b"\xff" * 16 + pack(">HB", 19, 4)
BGP4MP, MESSAGE_AS4 = 16, 4

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed: apt-get install bubblewrap"
)


@dataclass(frozen=True)
class Seed:
    """One line of a seed file, with its script out of the fence."""

    row: dict[str, Any]
    script: str

    @property
    def name(self) -> str:
        return self.row["name"]

    @property
    def instruction(self) -> str:
        return self.row["instruction"]


def load(kind: str) -> list[Seed]:
    seeds = []
    for line in (SEEDS / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        (fenced,) = (instance["output"] for instance in row["instances"])
        match = re.fullmatch(r"```python\n(.*)```", fenced, re.DOTALL)
        assert match, row["id"]
        seeds.append(Seed(row, match[1]))
    return seeds


RECORDED, REALTIME = load("pybgpstream"), load("realtime")


def each(seeds: list[Seed]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("seed", seeds, ids=[seed.name for seed in seeds])


CLOCK = re.compile(r"\d\d:\d\d(?::\d\d)?|^ *\d+ s(?=:)", re.MULTILINE)
"""Times of day, and the offsets that name bins: labels, and no results."""


def numbers(text: str) -> set[int]:
    return {int(digits) for digits in re.findall(r"\d+", CLOCK.sub("", text))} - {0}


def objections(
    seed: Seed, expected: list[str] | None, heard: ScriptResult, silent: ScriptResult
) -> list[str]:
    """What does not hold: the lab gives a result, the one `expected` where it is known, and silence none."""
    results = [line for line in heard.stdout.splitlines() if line not in silent.stdout.splitlines()]
    held = {
        f"both end well: {heard}, {silent}": all(
            (result.exit_code, result.stderr, result.problems) == (0, "", ()) for result in (heard, silent)
        ),
        "the lab has routes": all(read.elems > 0 for read in heard.reads),
        "silence has none": not any(read.elems for read in silent.reads),
        f"silence gives no number: {silent.stdout}": numbers(silent.stdout) <= numbers(seed.script),
        f"the lab gives numbers: {results}": bool(numbers("\n".join(results))),
        f"it prints {expected}: {heard.stdout}": expected is None or heard.stdout.splitlines() == expected,
    }
    return [claim for claim, holds in held.items() if not holds]


def mrt(subtype: int, seconds: float, peer: tuple[int, str], content: bytes) -> bytes:
    """A BGP4MP record with ASNs of four bytes (RFC 6396, section 4.4)."""
    asn, address = peer
    packed = ip_address(address).packed
    body = pack(">IIHH", asn, 64511, 0, 1 if len(packed) == 4 else 2) + packed * 2 + content
    return pack(">IHHI", int(seconds), BGP4MP, subtype, len(body)) + body


def raw_records(path: Path) -> list[Record]:
    with open_records(path, ReadReport(path.name)) as records:
        return list(records)
