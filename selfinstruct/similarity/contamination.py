"""Instructions that repeat a question of an evaluation, which a model trained on them would know by heart.

    files = [Path("evals/suites/bgp_dev.jsonl")]
    evaluations = EvaluationQuestions.of_files(files, get_domain("bgp").spelled)
    evaluations.repeated("which as originates 10.20.0.0/16")
    # Repeated(file="bgp_dev.jsonl", question="Which AS originates 192.0.2.0/24?")

What counts as the same question is said in `herdwick.selfinstruct.nearness`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from herdwick.selfinstruct.nearness import Nearness


@dataclass(frozen=True)
class Repeated:
    """A question of an evaluation that an instruction repeats.

    Attributes:
        file: Name of the evaluation file.
        question: As it stands there.
    """

    file: str
    question: str


@dataclass(frozen=True)
class EvaluationQuestions:
    """The questions of evaluation files.

    Attributes:
        by_file: Of each file, its name and what finds its questions again.
    """

    by_file: tuple[tuple[str, Nearness], ...]

    @classmethod
    def of_files(cls, files: Iterable[Path], spelled: str = "") -> Self:
        """The `question` of every line of JSONL files.

        Args:
            files: In the order in which they are searched.
            spelled: Regular expression of how the questions spell entities, as `Nearness` takes it.

        Raises:
            DataError: A file cannot be read, or a line has no question.
        """
        return cls(tuple((file.name, Nearness.of_file(file, spelled)) for file in files))

    def repeated(self, instruction: str) -> Repeated | None:
        """The question that `instruction` repeats, of the first file that has one; None if none does."""
        for file, questions in self.by_file:
            if question := questions.nearest(instruction):
                return Repeated(file, question)
        return None
