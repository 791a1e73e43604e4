"""Whether two programs mean the same: run on the same data, and on copies in which other things are true.

    variants = perturbed_dumps(Path("suites/aminer_dev"), tmp, seeds=(1, 2))
    options = [domain.options_of_dump(folder) for folder in (dump, *variants)]
    equivalent(domain, first, second, options)

A program can be right by luck: it takes the only coauthor where the advisor was asked for, or the first paper
where the newest was. On a copy whose citations, years and relations have changed places the two part.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, JsonValue

from herdwick.agents.cli.run import run_program
from herdwick.evals.matching import strict_match
from herdwick.evals.pairing import Match
from herdwick.tools.domain import Domain

SHUFFLED = {
    "authors": ("n_citation", "n_pubs", "position", "gender"),
    "papers": ("year", "n_citation", "venue"),
    "relations": ("relation",),
}
"""Fields of each file of a dump whose values change places; names, ids, organizations and authors stay."""


@dataclass(frozen=True)
class Equivalence:
    """What came of two programs.

    Attributes:
        same: On how many variants they gave the same, failures of the same kind included.
        variants: How many there are.
        telling: Whether the first program gave different values on different variants: only then does the
            comparison say more than one run would.
    """

    same: int
    variants: int
    telling: bool

    @property
    def holds(self) -> bool:
        """Whether they gave the same on all variants."""
        return self.same == self.variants


def equivalent(
    domain: Domain, first: str, second: str, options: Sequence[BaseModel], match: Match = strict_match
) -> Equivalence:
    """Runs two programs over each variant of the data.

    Args:
        domain: Whose functions they call.
        first: One program.
        second: The other.
        options: What each variant is opened with.
        match: Compares two values.
    """
    pairs = [(_outcome(domain, first, one), _outcome(domain, second, one)) for one in options]
    return Equivalence(
        same=sum(match(one, other) for one, other in pairs),
        variants=len(pairs),
        telling=any(not match(pairs[0][0], one) for one, _ in pairs[1:]),
    )


def perturbed_dumps(dump: Path, folder: Path, seeds: Iterable[int]) -> tuple[Path, ...]:
    """Copies of an AMiner dump in which values of the same field have changed places.

    Args:
        dump: A folder with `authors.jsonl.gz`, `papers.jsonl.gz` and maybe `relations.jsonl.gz`.
        folder: Where the copies go, each into a folder of its own.
        seeds: One for each copy.
    """
    return tuple(_perturbed(dump, folder / f"{dump.name}-{seed}", random.Random(seed)) for seed in seeds)  # noqa: S311


def _outcome(domain: Domain, program: str, options: BaseModel) -> JsonValue:
    answer = run_program(domain, options, program, None)
    return {"error": answer.error.kind} if answer.error else {"value": answer.answer}


def _perturbed(dump: Path, copy: Path, rng: random.Random) -> Path:
    copy.mkdir(parents=True)
    for name, fields in SHUFFLED.items():
        path = dump / f"{name}.jsonl.gz"
        if path.exists():
            lines = _shuffled([*_read(path)], fields, rng.shuffle)
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (copy / path.name).write_bytes(gzip.compress(text.encode(), mtime=0))
    return copy


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _shuffled(
    lines: list[dict[str, Any]], fields: Sequence[str], shuffle: Callable[[list[Any]], None]
) -> list[dict[str, Any]]:
    for field in fields:
        holders = [line for line in lines if field in line]
        values = [line[field] for line in holders]
        shuffle(values)
        for line, value in zip(holders, values, strict=True):
            line[field] = value
    return lines
