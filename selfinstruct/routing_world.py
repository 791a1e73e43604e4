"""The routing data that BGP training questions are about.

with routing_world(seed=7) as world:
    world.askers(rng), world.toolkit()
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar

from herdwick.selfinstruct.intents import Language
from herdwick.selfinstruct.routing import RoutingPhraser
from herdwick.selfinstruct.routing_pool import RoutingPool
from herdwick.selfinstruct.routing_wordings import load_wordings
from herdwick.selfinstruct.sentences import Asker
from herdwick.tools.bgp.toolkit import BGPToolkit

INVENTED = 600
"""Prefixes and AS numbers that the data does not hold, about as many as the lab capture has."""


@dataclass(frozen=True)
class RoutingWorld:
    """What questions are about.

    Attributes:
        pool: What they can name.
        files: MRT files that programs run on; the lab capture if none.
    """

    absences: ClassVar[frozenset[str]] = frozenset(
        {"originates_nothing", "no_expected_origin", "unknown_collector", "outside_data"}
    )
    """A tool's refusals that are true of invented values."""

    pool: RoutingPool
    files: tuple[Path, ...]

    def askers(self, rng: Random) -> dict[Language, Asker]:
        """What turns phrasings into questions about this world; those in Chinese are refusals."""
        phraser = RoutingPhraser(self.pool, load_wordings(), rng)
        return {"en": phraser, "zh": phraser}

    def toolkit(self) -> BGPToolkit:
        """The functions over the files."""
        return BGPToolkit(files=self.files)

    def known(self) -> frozenset[str]:
        """Nothing: a prefix that was not announced is an answer."""
        return frozenset()


@contextmanager
def routing_world(*, seed: int, files: Sequence[Path] = ()) -> Iterator[RoutingWorld]:
    """A world of `files`, by default the lab capture, and of invented prefixes and AS numbers."""
    with BGPToolkit(files=tuple(files)) as toolkit:
        pool = RoutingPool.of(toolkit.dataset)
    rng = Random(seed)  # noqa: S311 - made-up prefixes are no secret
    yield RoutingWorld(pool.with_invented(rng, INVENTED), tuple(files))
