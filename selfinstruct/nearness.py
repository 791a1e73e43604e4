"""Which questions are too near to those of an evaluation to be trained on.

    evaluation = Nearness.of_file(Path("evals/suites/aminer_dev.jsonl"))
    evaluation.nearest("who coauthors with ada quill")     # 'Who coauthors with Ada Quill?'

Case, punctuation and spacing do not count. Two questions are near when at least nine tenths of their words
are common to both, counted as Dice's coefficient of the two bags of words; every Chinese character is a word.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from herdwick.tools.errors import DataError

NEAR = 0.9
"""Least share of common words; `2 |A ∩ B| / (|A| + |B|)`, Dice 1945."""

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


class Nearness:
    """Questions of an evaluation, found again by their words.

    Args:
        questions: The questions.
    """

    def __init__(self, questions: Iterable[str]) -> None:
        self._questions = list(questions)
        self._sizes = [len(_words(question)) for question in self._questions]
        self._having: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, question in enumerate(self._questions):
            for word in _counted(_words(question)):
                self._having[word].append(number)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The `question` of every line of a JSONL file.

        Raises:
            DataError: The file cannot be read, or a line has no question.
        """
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError("no_data", f"{path} cannot be read: {error}", "Check the path.") from error
        return cls(
            _question(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line
        )

    def nearest(self, question: str) -> str | None:
        """The evaluation's question with most words in common, if it is near; None otherwise."""
        words = _words(question)
        common = Counter(number for word in _counted(words) for number in self._having.get(word, ()))
        shares = {number: 2 * both / (len(words) + self._sizes[number]) for number, both in common.items()}
        best = max(shares, key=shares.__getitem__, default=None)
        return self._questions[best] if best is not None and shares[best] >= NEAR else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _counted(words: list[str]) -> list[tuple[str, int]]:
    """Each word with the number of its occurrence, so that a bag of words becomes a set."""
    seen: Counter[str] = Counter()
    numbered = []
    for word in words:
        numbered.append((word, seen[word]))
        seen[word] += 1
    return numbered


def _question(line: str, where: str) -> str:
    try:
        return str(json.loads(line)["question"])
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise DataError("bad_data", f"{where}: needs a `question` ({error}).") from error
