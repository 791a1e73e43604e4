"""Makes the suite `soaybench`: the 44 intents of SoAyBench, plainly worded and paraphrased.

    python -m herdwick.evals.authoring.soaybench

SoAyBench (arXiv:2405.15165, section 4) has 44 templates of one, two and three hops (8, 22, 14) and a second
edition of paraphrases. Here each template is asked about three sets of entities in plain words, and about
three others in three further wordings. The first 44 rows are one of each template, plainly worded, the next
44 one paraphrase of each, and so on. The graph is that of `aminer_dev`, the entities are drawn anew, and
answers come from the same oracle.
"""

import itertools
import json
from collections.abc import Iterator, Set
from dataclasses import replace

import click
from pydantic import JsonValue

from herdwick.evals.authoring.aminer_dev import (
    DUMP,
    HERE,
    TEMPLATES,
    Case,
    Template,
    make_case,
    read_plans,
    read_templates,
    rows,
)
from herdwick.evals.authoring.aminer_world import World
from herdwick.evals.authoring.wording import slot_names
from herdwick.evals.suite import load_suite

PARAPHRASES = HERE / "soaybench_questions.yaml"
SUITE = HERE.parent / "suites" / "soaybench.jsonl"
SETS = 3
"""Sets of entities for each template, of each edition."""


def templates() -> list[Template]:
    """The questions to fill, set by set; of each set the plain wordings, then the paraphrases."""
    return sorted(_templates(), key=_place)


def _place(template: Template) -> tuple[str, bool]:
    _, edition, entities = template.id.split(".")
    return entities, edition != "plain"


def _templates() -> Iterator[Template]:
    plain: dict[tuple[str, frozenset[str]], Template] = {}
    for template in read_templates(TEMPLATES):
        if template.slice == "benchmark":
            plain.setdefault((template.intent, frozenset(slot_names(template.text))), template)
    for number, template in enumerate(plain.values(), 1):
        for entities in range(1, SETS + 1):
            yield replace(template, id=f"{number}.plain.{entities}")
    numbers = {key: number for number, key in enumerate(plain, 1)}
    counts: dict[int, int] = {}
    for template in read_templates(PARAPHRASES):
        number = numbers[template.intent, frozenset(slot_names(template.text))]
        counts[number] = counts.get(number, 0) + 1
        yield replace(template, id=f"{number}.paraphrased.{counts[number]}")


def _shared(template: Template) -> dict[str, JsonValue]:
    return {"inputs": {"graph": DUMP.name}, "template": template.id.partition(".")[0]}


def make_cases() -> list[Case]:
    """The questions with their answers; none of them is one of `aminer_dev`."""
    world = World.read(DUMP)
    known = {row.question for row in load_suite("aminer_dev").rows}
    return [_new_case(template, world, known) for template in templates()]


def _new_case(template: Template, world: World, known: Set[str]) -> Case:
    # The id decides the draw.
    ids = (template.id + "'" * redrawn for redrawn in itertools.count())
    cases = (make_case(replace(template, id=name), world) for name in ids)
    return replace(next(case for case in cases if case.question not in known), template=template)


@click.command()
def main() -> None:
    """Fill the templates and write the suite."""
    cases = make_cases()
    made = zip(cases, rows(cases, read_plans()), strict=True)
    lines = [json.dumps(row | _shared(case.template), ensure_ascii=False) + "\n" for case, row in made]
    SUITE.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} questions in {SUITE}")


if __name__ == "__main__":
    main()
