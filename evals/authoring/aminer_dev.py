"""Makes the suite `aminer_dev`: hand-written questions, entities of a synthetic graph, answers of an oracle.

    python -m herdwick.evals.authoring.aminer_dev dump        # once: evals/suites/aminer_dev/*.jsonl.gz
    python -m herdwick.evals.authoring.aminer_dev questions   # evals/suites/aminer_dev.jsonl

The dump is kept in the repository and not made again when the generator changes, so that figures stay
comparable. Expected answers come from `aminer_oracle`, never from the tools that the suite tests.
"""

import gzip
import json
import random
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml
from pydantic import JsonValue

from herdwick.evals.authoring.aminer_entities import Drawing
from herdwick.evals.authoring.aminer_oracle import MEANINGS
from herdwick.evals.authoring.aminer_reading import Reading
from herdwick.evals.authoring.aminer_records import plain
from herdwick.evals.authoring.aminer_world import Ambiguous, World
from herdwick.evals.authoring.wording import is_casual, slot_names, typed_hastily, word

HERE = Path(__file__).parent
TEMPLATES = HERE / "aminer_dev_questions.yaml"
INTENTS = HERE.parents[1] / "selfinstruct" / "seeds" / "aminer" / "intents.yaml"
SUITE = HERE.parent / "suites" / "aminer_dev.jsonl"
DUMP = HERE.parent / "suites" / "aminer_dev"

PEOPLE, PAPERS, SEED = 600, 2_000, 11
MAX_DRAWS = 20_000
"""Draws of entities for one question before giving up; most need fewer than twenty."""

HASTY_SHARE = 0.5
"""Of the templates without capitals, how many get their entities without capitals too."""

NARROWS = {
    "pubs.top": "pubs.list",
    "pubs.in_year": "pubs.list",
    "pubs.since": "pubs.list",
    "pubs.after": "pubs.list",
    "pubs.before": "pubs.list",
    "pubs.between": "pubs.list",
    "pubs.count_since": "pubs.list",
    "pubs.cited_over": "pubs.list",
    "pubs.about": "pubs.list",
    "pubs.at_venue": "pubs.list",
    "pubs.joint": "pubs.list",
    "pubs.as_first_author": "pubs.list",
    "people.top": "people.list",
    "people.top_productive": "people.list",
    "people.cited_over": "people.list",
    "people.pubs_over": "people.list",
    "coauthors.people_with": "people.list",
    "coauthors.in_field": "coauthors.list",
    "coauthors.at_org": "coauthors.list",
    "coauthors.at_org_in_field": "coauthors.list",
    "coauthors.cited_over": "coauthors.list",
    "coauthors.top": "coauthors.list",
    "coauthors.advisors": "coauthors.list",
    "coauthors.advisees": "coauthors.list",
    "coauthors.common": "coauthors.list",
    "advisees.in_field": "coauthors.advisees",
    "advisees.at_org": "coauthors.advisees",
    "papers.about_since": "papers.about",
    "papers.about_in_year": "papers.about",
    "authors.at_org": "authors.organizations",
    "authors.in_field": "authors.organizations",
}
"""Intents that narrow a wider one: entities are chosen so that a program without the condition is wrong."""


def _is_foreign(char: str) -> bool:
    return char.isalpha() and "LATIN" not in unicodedata.name(char, "")


TRAITS: dict[str, Callable[[str], bool]] = {
    "apostrophe": lambda text: "'" in text or "\u2019" in text,
    "comma": lambda text: "," in text,
    "non-latin": lambda text: any(map(_is_foreign, text)),
}
"""What makes a string hard to copy; such questions carry the tag, whichever slice they were written for."""


@dataclass(frozen=True)
class Template:
    """A hand-written question with slots."""

    id: str
    slice: str
    intent: str
    text: str
    fixed: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A question of the suite, with the slots it was made from."""

    template: Template
    slots: dict[str, Any]
    answer: JsonValue

    @property
    def question(self) -> str:
        """The question in words."""
        return word(self.template.text, self.slots)

    @property
    def tags(self) -> list[str]:
        """Slice, intent, and what else makes an answerable question special."""
        part, intent = self.template.slice, self.template.intent
        if part == "refusal":
            return [part, f"refusal:{intent}"]
        described = sum(slot in self.slots for slot in ("name", "org", "field", "at_org", "in_field"))
        traits = ["three-slot"] if described >= 3 else []
        if part not in ("nobody", "zh"):
            texts = [value for value in self.slots.values() if isinstance(value, str)]
            if texts and all(text.islower() for text in texts):
                traits.append("lower-case")
            traits += [trait for trait, has in TRAITS.items() if any(map(has, texts))]
        return list(dict.fromkeys([part, f"intent:{intent}", *traits]))


def read_templates(path: Path = TEMPLATES) -> Iterator[Template]:
    """The hand-written questions, in the file's order."""
    for part, intents in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for intent, entries in intents.items():
            for number, entry in enumerate(entries, 1):
                fixed = dict(entry) if isinstance(entry, dict) else {"q": entry}
                text = fixed.pop("q")
                yield Template(f"{part}.{intent}.{number}", part, intent, text, fixed)


def make_case(template: Template, world: World) -> Case:
    """Fills a template with entities that give it one clear answer.

    The draw depends on the template alone, so that another question more or less changes no other.

    Raises:
        LookupError: The world has no such entities.
    """
    rng = random.Random(f"{SEED} {template.id}")  # noqa: S311
    drawing = Drawing(world, rng)
    chance = rng.choice((True, False))
    hasty = is_casual(template.text) and rng.random() < HASTY_SHARE
    accents = rng.choice((True, False))
    for _ in range(MAX_DRAWS):
        try:
            slots = drawing.slots(template.intent, slot_names(template.text)) | template.fixed
            if hasty:
                slots = {slot: typed_hastily(value, accents=accents) for slot, value in slots.items()}
            answer = _expected(template, Reading(world, slots))
        except (Ambiguous, IndexError):
            continue
        case = Case(template, slots, answer)
        if _fits_slice(case, chance) and _worth_asking(case, chance):
            return case
    raise LookupError(f"no entities give {template.id} a clear answer: {template.text}")


def _expected(template: Template, reading: Reading) -> JsonValue:
    if template.slice == "refusal":
        return {"refuse": True}
    if template.slice == "nobody":
        _require_unheard_of(template, reading.world)
        return {"error": "empty_result"}
    answer = MEANINGS[template.intent](reading)
    wider = NARROWS.get(template.intent)
    if wider and isinstance(answer, list) and len(answer) == len(_counted(MEANINGS[wider](reading))):
        raise Ambiguous
    return answer


def _counted(value: JsonValue) -> list[JsonValue] | dict[str, JsonValue]:
    if isinstance(value, list | dict):
        return value
    raise TypeError(f"an intent that is narrowed has many answers, not {value!r}")


def _require_unheard_of(template: Template, world: World) -> None:
    invented = set(plain(template.fixed.get("name") or template.fixed["title"]).split()) - {"of"}
    known = {text for person in world.people.values() for text in plain(person.name).split()}
    known |= {text for paper in world.papers.values() for text in plain(paper.title + paper.abstract).split()}
    if invented & known:
        raise ValueError(f"{template.id}: {invented & known} is in the dump after all")


def _fits_slice(case: Case, chance: bool) -> bool:
    texts = [value for value in case.slots.values() if isinstance(value, str)]
    foreign = any(map(TRAITS["non-latin"], texts))
    if any('"' in text for text in texts) and '"{' in case.template.text:
        return False
    match case.template.slice:
        case "non-latin":
            return foreign
        case "zh":
            return "name" not in case.slots or foreign is chance
        case "apostrophe" | "comma" as trait:
            return any(map(TRAITS[trait], texts)) and not foreign
        case _:
            return not foreign


def _worth_asking(case: Case, chance: bool) -> bool:
    answer = case.answer
    if isinstance(answer, bool):
        return answer is chance
    if isinstance(answer, list):
        return 0 < len(answer) <= 25
    if isinstance(answer, dict):
        return 0 < len(answer) <= 12
    return bool(answer)


def rows(cases: list[Case], plans: dict[str, list[str]]) -> Iterator[dict[str, JsonValue]]:
    """The suite's rows, in the evaluation format."""
    for case in cases:
        row: dict[str, Any] = {"id": case.template.id, "question": case.question, "answer": case.answer}
        if case.template.slice != "refusal":
            plan = plans[case.template.intent]
            row |= {"plan": plan, "hop": len(plan)}
        yield row | {"tags": case.tags}


def read_plans(path: Path = INTENTS) -> dict[str, list[str]]:
    """The plan of each intent."""
    intents = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {intent["id"]: intent["plan"].split(" -> ") for intent in intents}


@click.group()
def main() -> None:
    """Make the suite aminer_dev."""


@main.command()
def dump() -> None:
    """Write the synthetic graph that the questions are about."""
    from herdwick.tools.aminer.local.sample import write_dump

    DUMP.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = write_dump(Path(folder), people=PEOPLE, papers=PAPERS, seed=SEED, split="dev")
        for path in (made.authors, made.papers, made.relations):
            packed = gzip.compress(path.read_bytes(), mtime=0)
            (DUMP / f"{path.name}.gz").write_bytes(packed)


@main.command()
def questions() -> None:
    """Fill the templates and write the suite."""
    world = World.read(DUMP)
    cases = [make_case(template, world) for template in read_templates()]
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows(cases, read_plans())]
    SUITE.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} questions in {SUITE}")


if __name__ == "__main__":
    main()
