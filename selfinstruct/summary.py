"""What is in a training file: counts, lengths, and what was dropped.

summary = summarize(Path("runs/aminer/train.jsonl"))
summary.intents["person.interests"], summary.completion_chars.longest
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict

from herdwick.selfinstruct.examples import Rejected, read_examples, read_rejects
from herdwick.selfinstruct.intents import Language
from herdwick.tools.errors import DataError


class Lengths(BaseModel):
    """How long texts are, in characters."""

    model_config = ConfigDict(frozen=True)

    median: float
    longest: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Lengths":
        """Of `texts`, of which there must be one."""
        lengths = [len(text) for text in texts]
        return cls(median=median(lengths), longest=max(lengths))


class Summary(BaseModel):
    """What is in a training file.

    Attributes:
        examples: Their number.
        distinct_questions: Questions that are not the same after folding case and spaces.
        languages: Examples by language.
        intents: Examples by intent or reason of refusal, most first.
        question_chars: Of the questions.
        completion_chars: Of the completions.
        dropped: What synthesis dropped, by reason.
        first_dropped: The first drop of each reason.
    """

    model_config = ConfigDict(frozen=True)

    examples: int
    distinct_questions: int
    languages: dict[Language, int]
    intents: dict[str, int]
    question_chars: Lengths
    completion_chars: Lengths
    dropped: dict[str, int]
    first_dropped: dict[str, Rejected]


def summarize(path: Path) -> Summary:
    """Read a training file and the rejects beside it.

    Raises:
        DataError: The file cannot be read, is empty, or holds something else.
    """
    examples = read_examples(path)
    if not examples:
        raise DataError("no_data", f"{path} is empty.", "Make it again.")
    rejects = read_rejects(path)
    return Summary(
        examples=len(examples),
        distinct_questions=len({" ".join(example.question.casefold().split()) for example in examples}),
        languages=Counter(example.language for example in examples),
        intents=dict(Counter(example.intent for example in examples).most_common()),
        question_chars=Lengths.of(example.question for example in examples),
        completion_chars=Lengths.of(example.completion for example in examples),
        dropped=dict(Counter(reject.kind for reject in rejects).most_common()),
        first_dropped={reject.kind: reject for reject in reversed(rejects)},
    )
