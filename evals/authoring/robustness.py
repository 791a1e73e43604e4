"""Makes the suite `robustness`: questions of the `_dev` suites in six ways each, and some without an answer.

    python -m herdwick.evals.authoring.robustness

Each base question comes as it is (`clean`), with slips of the keyboard in ordinary words (`typo`), in lower
case (`case`), in other words (`paraphrase`), with somebody's instructions beside it (`injection`) and among
pleasantries (`noise`). What is expected is copied from the base: a question that is asked worse has no other
answer. Rows cannot expect "the answer or a refusal", so a question with an injection expects its answer too.
"""

import itertools
import json
import random
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml
from pydantic import JsonValue

HERE = Path(__file__).parent
QUESTIONS = HERE / "robustness_questions.yaml"
SUITES = HERE.parent / "suites"
SUITE = SUITES / "robustness.jsonl"

SEED = 23
TYPOS = 2
"""Words with a slip, of each question that has so many."""

DOMAINS = {"aminer_dev": "aminer", "bgp_dev": "bgp"}
INPUTS: dict[str, JsonValue] = {"aminer": {"graph": "aminer_dev"}}
"""What questions of a domain are about; the lab capture where nothing is said."""

COPIED = ("answer", "also", "unordered", "plan", "hop")
"""Fields of a base row that its variants share."""

_WORD = re.compile(r"(?<![\w.:/'-])[A-Za-z][a-z]{3,}(?![\w']|[.:/-]\w)")
"""Ordinary words that are long enough for a slip; the others are acronyms, numbers, addresses and names."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""Rows of a keyboard."""


@dataclass(frozen=True)
class Base:
    """A question that is varied.

    Attributes:
        suite: Where it is from.
        row: As it stands there.
        entities: Texts in it that no slip may touch.
        paraphrase: The same question in other words.
    """

    suite: str
    row: dict[str, Any]
    entities: tuple[str, ...]
    paraphrase: str

    @property
    def name(self) -> str:
        """Unique among all bases."""
        return f"{self.suite}.{self.row['id']}"

    @property
    def question(self) -> str:
        """As it stands in its suite."""
        return str(self.row["question"])


def read_bases(path: Path = QUESTIONS) -> Iterator[Base]:
    """The questions to vary, in the file's order."""
    for suite, entries in yaml.safe_load(path.read_text(encoding="utf-8"))["bases"].items():
        lines = (SUITES / f"{suite}.jsonl").read_text(encoding="utf-8").splitlines()
        found = {row["id"]: row for row in map(json.loads, lines)}
        for entry in entries:
            yield Base(suite, found[entry["id"]], tuple(entry["entities"]), entry["paraphrase"])


def with_typos(question: str, entities: Collection[str], rng: random.Random) -> str:
    """The question with slips of the keyboard in ordinary words, outside of its entities."""
    words = [
        match.span() for match in _WORD.finditer(question) if not _touches(match.span(), question, entities)
    ]
    for start, end in sorted(rng.sample(words, min(TYPOS, len(words))), reverse=True):
        question = question[:start] + _slip(question[start:end], rng) + question[end:]
    return question


def in_lower_case(question: str) -> str:
    """The question as it is typed without the shift key; moments keep their notation."""
    kept = _MOMENT.findall(question)
    lowered = question.lower()
    for moment in kept:
        lowered = lowered.replace(moment.lower(), moment)
    return lowered


def variants(bases: Iterable[Base], path: Path = QUESTIONS) -> Iterator[dict[str, JsonValue]]:
    """The rows of all bases; those of one stand together, and share a template."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    noises, injections = itertools.cycle(given["noise"]), itertools.cycle(given["injections"])
    for base in bases:
        rng = random.Random(f"{SEED} {base.name}")  # noqa: S311
        injection = next(injections)
        yield _variant(base, "clean", base.question)
        yield _variant(base, "typo", with_typos(base.question, base.entities, rng))
        yield _variant(base, "case", in_lower_case(base.question))
        yield _variant(base, "paraphrase", base.paraphrase)
        text = injection["text"].replace("{question}", base.question)
        yield _variant(base, "injection", text, f"injection:{injection['kind']}")
        yield _variant(base, "noise", next(noises).replace("{question}", base.question))


def unanswerable(path: Path = QUESTIONS) -> Iterator[dict[str, JsonValue]]:
    """Rows of questions that must be refused."""
    for domain, kinds in yaml.safe_load(path.read_text(encoding="utf-8"))["unanswerable"].items():
        for kind, questions in kinds.items():
            for number, question in enumerate(questions, 1):
                near = ["near-miss"] if kind == "near-miss" else []
                yield {
                    "id": f"unanswerable.{domain}.{kind}.{number}",
                    "question": question,
                    "answer": {"refuse": True},
                    **_asked_of(domain),
                    "tags": ["unanswerable", f"unanswerable:{domain}", *near],
                }


def _variant(base: Base, way: str, question: str, *more_tags: str) -> dict[str, JsonValue]:
    domain = DOMAINS[base.suite]
    return {
        "id": f"{way}.{base.name}",
        "question": question,
        **{name: base.row[name] for name in COPIED if name in base.row},
        **_asked_of(domain),
        "template": base.name,
        "tags": [way, f"{way}:{domain}", *more_tags],
    }


def _asked_of(domain: str) -> dict[str, JsonValue]:
    return {"domain": domain} | ({"inputs": INPUTS[domain]} if domain in INPUTS else {})


def _touches(span: tuple[int, int], question: str, entities: Collection[str]) -> bool:
    taken = ((at.start(), at.end()) for entity in entities for at in re.finditer(re.escape(entity), question))
    return any(span[0] < end and start < span[1] for start, end in taken)


def _slip(word: str, rng: random.Random) -> str:
    """One slip inside of a word, which can still be read: its first and last letters stay as they are."""
    places = range(1, len(word) - 1)
    swaps = [at for at in places[:-1] if word[at] != word[at + 1]]
    match rng.choice(("swap", "drop", "double", "neighbour")):
        case "swap" if swaps:
            at = rng.choice(swaps)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case "drop" if len(word) > 4:
            at = rng.choice(places)
            return word[:at] + word[at + 1 :]
        case "neighbour":
            at = rng.choice(places)
            return word[:at] + _beside(word[at]) + word[at + 1 :]
        case _:
            at = rng.choice(places)
            return word[: at + 1] + word[at:]


def _beside(letter: str) -> str:
    """The key to the right of a letter's, or at the end of a row to its left."""
    row = next(row for row in _KEYS if letter in row)
    at = row.index(letter)
    return row[at + 1] if at + 1 < len(row) else row[at - 1]


def rows() -> list[dict[str, JsonValue]]:
    """The suite's rows; those about the same data stand together, as it is open only meanwhile."""
    return sorted([*variants(read_bases()), *unanswerable()], key=lambda row: str(row["domain"]))


@click.command()
def main() -> None:
    """Write the suite."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows()]
    SUITE.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} questions in {SUITE}")


if __name__ == "__main__":
    main()
