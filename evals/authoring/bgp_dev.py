"""Makes the suite `bgp_dev`: hand-written questions about the lab capture, with the answers they must get.

    python -m herdwick.evals.authoring.bgp_dev        # evals/suites/bgp_dev.jsonl

The capture comes with the package, so that the suite needs no data of its own. An expected answer is what a
gold program finds in the sandbox, or is written down where no single call finds it. The questions are blind:
nobody looked at what a model is taught. `tests/evals/authoring` checks nearly all answers against the script
of the capture and against another reader of MRT files.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

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
SUITE = HERE.parent / "suites" / "bgp_dev.jsonl"

REFUSAL = "refusal"
NARROWING = {
    "from_time": "window",
    "until_time": "window",
    "time": "moment",
    "peer_asn": "peer",
    "ip_version": "version",
    "collector": "collector",
}
"""What an argument of a gold program narrows a question to; prefixes and origins are what it is about."""

_ORDER = re.compile(
    r"\b(?<!at )(?:top|most|least|fewest|busiest|first|last|order|ranke?d?|sort(?:ed)?|timeline|history|"
    r"(?:long|short|larg|small|high|low|old|new|earli|lat)est)\b",
    re.IGNORECASE,
)
"""Words of a question that asks for a list in some order."""

_ARGUMENT = re.compile(r"\b(\w+)=(?!=)")


@dataclass(frozen=True)
class Question:
    """A hand-written question.

    Attributes:
        family: The family of questions it belongs to, `1` to `15`, or `refusal`.
        gold: The expression that finds the answer; None if the answer is written down, or a refusal.
        answer: The answer that is written down; None of others.
        why: Why it is refused; None of what has an answer.
        more_tags: What a written answer's question is narrowed to, as no program tells.
    """

    id: str
    family: str
    text: str
    gold: str | None
    answer: JsonValue
    why: str | None
    more_tags: tuple[str, ...]

    @property
    def program(self) -> str:
        """The gold program."""
        return f"final_result = {self.gold}"

    def tags(self, answer: JsonValue) -> list[str]:
        """Family or reason of the refusal, and what else makes the question special.

        Args:
            answer: What is expected.
        """
        casual = ["lower-case"] if is_casual(self.text) else []
        if self.why is not None:
            return [REFUSAL, f"refusal:{self.why}", *casual]
        names = _ARGUMENT.findall(self.gold or "")
        narrowed = [f"narrowed:{NARROWING[name]}" for name in names if name in NARROWING]
        empty = ["empty"] if answer in ([], 0) and answer is not False else []
        return list(dict.fromkeys([f"family:{self.family}", *narrowed, *self.more_tags, *casual, *empty]))


def read_questions(path: Path = QUESTIONS) -> Iterator[Question]:
    """The hand-written questions, in the file's order."""
    for family, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for number, entry in enumerate(entries, 1):
            yield Question(
                id=f"{family}.{number}",
                family=family,
                text=entry["q"],
                gold=entry.get("gold"),
                answer=entry.get("answer"),
                why=entry.get("why"),
                more_tags=tuple(entry.get("tags", ())),
            )


def rows(questions: Iterable[Question], run: Callable[[str], RunResult]) -> Iterator[dict[str, JsonValue]]:
    """The suite's rows, in the evaluation format; a written answer has no plan.

    Args:
        questions: The questions.
        run: Runs a program.
    """
    for question in questions:
        row: dict[str, JsonValue] = {"id": question.id, "question": question.text}
        if question.why is not None:
            yield row | {"answer": {"refuse": True}, "tags": [*question.tags(None)]}
        elif question.gold is None:
            yield row | _right(question.answer, question.text) | {"tags": [*question.tags(question.answer)]}
        else:
            result = run(question.program)
            tags = question.tags(result.value)
            yield row | _right(result.value, question.text) | {"plan": [*result.plan], "tags": [*tags]}


def _right(answer: JsonValue, text: str) -> dict[str, JsonValue]:
    """An answer and what is as right.

    Who asks for one AS or prefix is answered by a list of just that, and who asks for no order by any; times,
    and rows that have one, are always in theirs.
    """
    match answer:
        case bool() | None | {}:
            return {"answer": answer}
        case [first, _, *_]:
            in_time = (isinstance(first, dict) and "time" in first) or (
                isinstance(first, str) and _is_time(first)
            )
            return {"answer": answer} | ({} if in_time or _ORDER.search(text) else {"unordered": True})
        case [dict() | list()] | []:
            return {"answer": answer}
        case [only]:
            return {"answer": answer, "also": [only]}
        case _:
            return {"answer": answer, "also": [[answer]]}


def _is_time(text: str) -> bool:
    return re.match(r"\d{4}-\d\d-\d\dT", text) is not None


@click.command()
def main() -> None:
    """Run the gold programs over the lab capture and write the suite bgp_dev."""
    domain = get_domain("bgp")
    with BGPToolkit() as toolkit, ProgramSandbox() as sandbox:
        tools = functions_of(toolkit.get_tools())
        made = rows(read_questions(), lambda program: sandbox.run(program, tools, domain=domain))
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in made]
    SUITE.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} questions in {SUITE}")


if __name__ == "__main__":
    main()
