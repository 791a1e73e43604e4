"""A synthetic academic world to ask about: its entities, and a graph that programs run against.

    with synthetic_world(people=6_000, papers=12_000, seed=7) as world:
        world.pools["en"]
        with world.toolkit() as toolkit: ...

Its names come from the training half of the vocabulary, of which no development suite uses a word.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar

from herdwick.selfinstruct.descriptions import load_descriptions
from herdwick.selfinstruct.entities import EntityPool
from herdwick.selfinstruct.intents import SEEDS, Language
from herdwick.selfinstruct.phrase import Phraser
from herdwick.selfinstruct.sentences import Asker
from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.sample import Dump, write_dump
from herdwick.tools.aminer.toolkit import AMinerToolkit

CHINESE_PEOPLE = 500


@dataclass(frozen=True)
class World:
    """What questions are about.

    Attributes:
        dump: The files the graph is built from.
        pools: Entities by language. Chinese questions are about people of the graph and, with Chinese names,
            about people of whom the graph knows nothing.
    """

    absences: ClassVar[frozenset[str]] = frozenset()
    """A person not found is checked by `known`."""

    dump: Dump
    pools: dict[Language, list[EntityPool]]

    def askers(self, rng: Random) -> dict[Language, Asker]:
        """What turns phrasings into questions about this world."""
        words = load_descriptions("aminer")
        return {language: Phraser(pools, words[language], rng) for language, pools in self.pools.items()}

    def toolkit(self) -> AMinerToolkit:
        """The functions over the graph, which is built first."""
        graph = self.dump.authors.with_name("graph.sqlite")
        dump = self.dump
        build_graph([dump.authors], [dump.papers], [dump.relations], out=graph, synthetic=True)
        return AMinerToolkit(graph=graph)

    def known(self) -> frozenset[str]:
        """Names of people and titles of papers that the graph holds, case-folded."""
        (pool,) = self.pools["en"]
        return frozenset(text.casefold() for text in (*(person.name for person in pool.people), *pool.titles))


@contextmanager
def synthetic_world(*, people: int, papers: int, seed: int) -> Iterator[World]:
    """A world of `people` and `papers`; its files are deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="herdwick-world-") as folder:
        dump = write_dump(Path(folder), people, papers, seed, split="train")
        english = EntityPool.from_dump(dump.authors, dump.papers)
        rng = Random(seed)  # noqa: S311 - made-up names are no secret
        chinese = EntityPool.from_vocabulary(SEEDS / "aminer" / "chinese.yaml", CHINESE_PEOPLE, rng)
        yield World(dump, {"en": [english], "zh": [english, chinese]})
