"""The questions of a batch, one a line of a JSONL file.

asked = read_questions(Path("questions.jsonl"), config)
asked[0].question, asked[0].domain
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.agents.errors import QuestionError, UsageError
from herdwick.agents.questions import check_question, one_line
from herdwick.agents.serving.config import EngineConfig
from herdwick.tools.tool import explain


class BatchQuestion(BaseModel):
    """A line of the questions' file.

    Attributes:
        question: In plain words.
        domain: Whose data it is about; an adapter of that name must be configured.
        id: Kept in the answer.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    question: str
    domain: str
    id: str | None = None


def read_questions(file: Path, config: EngineConfig) -> list[BatchQuestion]:
    """The questions of a file.

    Raises:
        UsageError: It cannot be read, a line is none, or its domain has no adapter.
    """
    try:
        # Not splitlines, to which a U+2028 within a text is an end as well.
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("no_questions", f"{file} cannot be read.", "Give a JSONL file in UTF-8.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = BatchQuestion.model_validate_json(line)
        except ValidationError as error:
            raise UsageError(
                "bad_question",
                f"{file.name}, line {number}: {explain(error)}.",
                'Write {"question": "…", "domain": "…"} on each line.',
            ) from error
        if question.domain not in config.adapters:
            raise UsageError(
                "no_adapter",
                f"{file.name}, line {number}: there is no adapter for {question.domain!r}.",
                f"Configured: {', '.join(config.adapters) or 'none'}.",
            )
        found.append(question)
    return found


def is_worth_asking(question: str) -> bool:
    """Whether a solver would ask a model; what it refuses needs no draft."""
    try:
        check_question(one_line(question))
    except QuestionError:
        return False
    return True
