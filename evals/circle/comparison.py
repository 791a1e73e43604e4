"""Whether two engines gave the same answers: status, plan and program of each question.

    found = compare(rows, of_llamacpp, of_vllm)
    found.equal, found.differing

Both decode greedily. In float32 their probabilities agree to four digits, and only a tie closer than that
could part them; with a base in 4 bits llama.cpp rounds activations to 8 bits, and nearly equal tokens change
places. Questions answered differently are listed.
"""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from herdwick.agents.answer import Answer
from herdwick.evals.rows import Row


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Written(_Part):
    """What one engine wrote for a question.

    Attributes:
        status: `ok` or `error`.
        error: Kind of the error; '' without one.
        plan, program: As the answer has them.
    """

    status: str
    error: str
    plan: tuple[str, ...]
    program: str

    @classmethod
    def of(cls, answer: Answer) -> "Written":
        """What of an answer the model decides."""
        return cls(
            status=answer.status,
            error=answer.error.kind if answer.error else "",
            plan=tuple(answer.plan),
            program=answer.program,
        )


class Difference(_Part):
    """A question that two engines answered differently.

    Attributes:
        id: Of the question.
        question: In words.
        first, second: What they wrote.
    """

    id: str
    question: str
    first: Written
    second: Written


class Comparison(_Part):
    """Two engines, question by question.

    Attributes:
        questions: Asked of both.
        equal: Status, plan and program are the same.
        differing: The others.
    """

    questions: int
    equal: int
    differing: tuple[Difference, ...]


def compare(rows: Sequence[Row], first: Mapping[str, Answer], second: Mapping[str, Answer]) -> Comparison:
    """Compare the answers of two engines.

    Args:
        rows: The questions.
        first: Answers of one engine, by row id.
        second: Those of the other.
    """
    pairs = [(row, Written.of(first[row.id]), Written.of(second[row.id])) for row in rows]
    differing = tuple(
        Difference(id=row.id, question=row.question, first=one, second=other)
        for row, one, other in pairs
        if one != other
    )
    return Comparison(questions=len(pairs), equal=len(pairs) - len(differing), differing=differing)
