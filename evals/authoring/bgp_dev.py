"""Makes the suite `bgp_dev`: hand-written questions about the lab capture, answers of hand-written programs.

    python -m herdwick.evals.authoring.bgp_dev        # evals/suites/bgp_dev.jsonl

The capture comes with the package, so that the suite needs no data of its own. Expected answers are what the
gold programs find in the sandbox; `tests/evals/authoring/test_bgp_dev.py` checks many of them against the
capture's own script and against another reader of MRT files.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml
from pydantic import JsonValue

from herdwick.evals.authoring.wording import is_casual
from herdwick.tools.bgp.toolkit import BGPToolkit
from herdwick.tools.domain import get_domain
from herdwick.tools.sandbox import ProgramSandbox, RunResult
from herdwick.tools.tool import functions_of

HERE = Path(__file__).parent
QUESTIONS = HERE / "bgp_dev_questions.yaml"
INTENTS = HERE.parents[1] / "selfinstruct" / "seeds" / "bgp" / "intents.yaml"
SUITE = HERE.parent / "suites" / "bgp_dev.jsonl"

REFUSAL = "refusal"
NARROWING = {
    "from_time": "window",
    "until_time": "window",
    "peer_asn": "peer",
    "ip_version": "version",
    "prefix": "prefix",
    "origin_asn": "origin",
}
"""What an argument that the intent does not need narrows a question to."""

_ARGUMENT = re.compile(r"(\w+)=(?!=)")


@dataclass(frozen=True)
class Question:
    """A hand-written question.

    Attributes:
        family: The family of questions it belongs to, `1` to `15`, or `refusal`.
        intent: The intent; of a refusal, why it is refused.
        gold: The program's expression; None of a refusal.
        more_tags: Such as `empty`, where there is nothing to be found.
    """

    id: str
    family: str
    intent: str
    text: str
    gold: str | None
    more_tags: tuple[str, ...]

    @property
    def program(self) -> str:
        """The gold program."""
        return f"final_result = {self.gold}"

    def tags(self, intent_program: str) -> list[str]:
        """Family, intent, and what else makes the question special.

        Args:
            intent_program: The intent's program, whose arguments the question does not narrow.
        """
        casual = ["lower-case"] if is_casual(self.text) else []
        if self.gold is None:
            return [REFUSAL, f"refusal:{self.intent}", *casual]
        needed = _ARGUMENT.findall(intent_program)
        narrowed = [
            f"narrowed:{NARROWING[name]}"
            for name in _ARGUMENT.findall(self.gold)
            if name in NARROWING and name not in needed
        ]
        tags = [f"family:{self.family}", f"intent:{self.intent}", *narrowed, *casual, *self.more_tags]
        return list(dict.fromkeys(tags))


@dataclass(frozen=True)
class Intent:
    """What an intent of the seeds says of its questions."""

    plan: tuple[str, ...]
    program: str


def read_questions(path: Path = QUESTIONS) -> Iterator[Question]:
    """The hand-written questions, in the file's order."""
    for family, intents in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for intent, entries in intents.items():
            for number, entry in enumerate(entries, 1):
                given = entry if isinstance(entry, dict) else {"q": entry}
                yield Question(
                    id=f"{family}.{intent}.{number}",
                    family=family,
                    intent=intent,
                    text=given["q"],
                    gold=given.get("gold"),
                    more_tags=tuple(given.get("tags", ())),
                )


def read_intents(path: Path = INTENTS) -> dict[str, Intent]:
    """Plan and program of each intent."""
    return {
        entry["id"]: Intent(tuple(entry["plan"].split(" -> ")), entry["program"])
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    }


def rows(
    questions: Iterable[Question], intents: dict[str, Intent], run: Callable[[str], RunResult]
) -> Iterator[dict[str, JsonValue]]:
    """The suite's rows, in the evaluation format.

    Args:
        questions: The questions.
        intents: The intents they belong to.
        run: Runs a program.

    Raises:
        ValueError: A program does not follow the plan of its question's intent.
    """
    for question in questions:
        row: dict[str, Any] = {"id": question.id, "question": question.text}
        if question.gold is None:
            yield row | {"answer": {"refuse": True}, "tags": question.tags("")}
            continue
        result, intent = run(question.program), intents[question.intent]
        if result.plan != intent.plan:
            raise ValueError(f"{question.id} follows {result.plan} instead of {intent.plan}")
        tags = question.tags(intent.program)
        yield row | {"answer": result.value, "plan": list(result.plan), "tags": tags}


@click.command()
def main() -> None:
    """Run the gold programs over the lab capture and write the suite bgp_dev."""
    domain = get_domain("bgp")
    with BGPToolkit() as toolkit, ProgramSandbox() as sandbox:
        tools = functions_of(toolkit.get_tools())
        made = rows(
            read_questions(), read_intents(), lambda program: sandbox.run(program, tools, domain=domain)
        )
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in made]
    SUITE.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} questions in {SUITE}")


if __name__ == "__main__":
    main()
