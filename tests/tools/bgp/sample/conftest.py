"""The elems of the committed files; bgpdump as the oracle: what it prints, and elems in the same words."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from herdwick.tools.bgp.engine.elem import STATES, Elem
from herdwick.tools.bgp.engine.reader import MRTReader

from .scenario import RIB_AFTER, RIB_BEFORE, UPDATES

# bgpdump names what RFC 1997 defines.
NAMED = {"65535:65281": "no-export", "65535:65282": "no-advertise", "65535:65283": "local-AS"}


class Unlisted(NamedTuple):
    """Attributes of an announced prefix or table entry that `bgpdump -m` leaves out."""

    prefix: str
    large_communities: str
    extended_communities: str


class Bgpdump:
    """The program, and how it would print elems."""

    def lines(self, file: Path) -> list[str]:
        """One line for each elem."""
        return self._run("-m", file).splitlines()

    def unlisted(self, file: Path) -> list[Unlisted]:
        """From the long form, in the order of the file."""
        return list(self._unlisted(self._run(file)))

    @staticmethod
    def _run(*arguments: str | Path) -> str:
        return subprocess.run(["bgpdump", *arguments], capture_output=True, text=True, check=True).stdout

    @staticmethod
    def _unlisted(text: str) -> Iterator[Unlisted]:
        for block in text.split("\n\n"):
            large = re.search(r"^LARGE_COMMUNITY: (.*)$", block, re.MULTILINE)
            extended = re.search(r"UNKNOWN_ATTR\(\d+, 16, \d+\):((?: [0-9a-f]{2})+)", block)
            announced = re.findall(r"^PREFIX: (\S+)$", block, re.MULTILINE) or re.findall(
                r"^  (\S+)$", block.partition("\nANNOUNCE\n")[2], re.MULTILINE
            )
            for prefix in announced:
                yield Unlisted(
                    prefix,
                    large[1].strip() if large else "",
                    extended[1].replace(" ", "") if extended else "",
                )

    @staticmethod
    def line_of(elem: Elem) -> str:
        """The line of `bgpdump -m` for an elem."""
        kind = "TABLE_DUMP2" if elem.type == "R" else "BGP4MP"
        letter = {"R": "B", "S": "STATE"}.get(elem.type, elem.type)
        head = (kind, f"{int(elem.time)}", letter, elem.peer_address, f"{elem.peer_asn}")
        if elem.type == "S":
            return "|".join((*head, f"{STATES.index(elem.old_state)}", f"{STATES.index(elem.new_state)}"))
        if elem.type == "W":
            return "|".join((*head, elem.prefix))
        has = elem.attributes
        return "|".join(
            (
                *head,
                elem.prefix,
                has.as_path,
                has.origin or "",
                elem.next_hop,
                f"{has.local_pref or 0}",
                f"{has.med or 0}",
                " ".join(NAMED.get(community, community) for community in has.communities),
                "AG" if has.atomic_aggregate else "NAG",
                f"{has.aggregator.asn} {has.aggregator.address}" if has.aggregator else "",
                "",
            )
        )

    @staticmethod
    def unlisted_of(elem: Elem) -> Unlisted:
        """What `unlisted` says for an elem; it knows extended communities as octets only."""
        has = elem.attributes
        return Unlisted(
            elem.prefix,
            " ".join(has.large_communities),
            "".join(_octets(text) for text in has.extended_communities),
        )

    def assert_equal(self, file: Path) -> list[Elem]:
        """The elems of `file`, once they are equal to what bgpdump prints, in its order."""
        reader = MRTReader(file)
        elems = list(reader)
        assert not reader.report.skipped
        lines = self.lines(file)
        differing = [
            pair for pair in zip(map(self.line_of, elems), lines, strict=False) if pair[0] != pair[1]
        ]
        assert differing[:3] == []
        assert len(elems) == len(lines)
        assert [self.unlisted_of(elem) for elem in elems if elem.type in "RA"] == self.unlisted(file)
        return elems


def _octets(community: str) -> str:
    kind, asn, number = community.split(":")
    assert kind == "rt"
    return f"0002{int(asn):04x}{int(number):08x}"


@pytest.fixture(scope="session")
def bgpdump() -> Bgpdump:
    if not shutil.which("bgpdump"):
        pytest.skip("bgpdump is not installed")
    return Bgpdump()


@pytest.fixture(scope="session")
def before() -> list[Elem]:
    return list(MRTReader(RIB_BEFORE))


@pytest.fixture(scope="session")
def updates() -> list[Elem]:
    return list(MRTReader(UPDATES))


@pytest.fixture(scope="session")
def after() -> list[Elem]:
    return list(MRTReader(RIB_AFTER))
