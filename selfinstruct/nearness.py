"""Which questions are too near to those of an evaluation to be trained on.

    evaluation = Nearness.of_file(Path("evals/suites/bgp_dev.jsonl"), get_domain("bgp").spelled)
    evaluation.nearest("which as originates 10.20.0.0/16")     # 'Which AS originates 192.0.2.0/24?'

Case, punctuation and spacing do not count, nor, where entities are told by their spelling, which prefix or
number a question names: one wording with another AS number is the same wording. Two questions are near when
at least nine tenths of their words are common to both, counted as Dice's coefficient of the two bags of
words; every Chinese character is a word.
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

_ANY = " \x00 "
_NUMBER = re.compile(r"\b(?!ipv[46]\b|v[46]\b)(?:asn? ?|[a-z][a-z.-]*)?\d[\d:.]*\b")
"""A number, also an AS's, or a name that ends in one, such as rrc00; IP versions are words."""

_WORD = re.compile(r"\x00|[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


class Nearness:
    """Questions of an evaluation, found again by their words.

    Args:
        questions: The questions.
        spelled: Regular expression of how they spell entities; '' where these can be any words, and every
            word counts.
    """

    def __init__(self, questions: Iterable[str], spelled: str = "") -> None:
        self._spelled = re.compile(spelled) if spelled else None
        self._questions = list(questions)
        self._sizes = [len(self._words(question)) for question in self._questions]
        self._having: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, question in enumerate(self._questions):
            for word in _counted(self._words(question)):
                self._having[word].append(number)

    @classmethod
    def of_file(cls, path: Path, spelled: str = "") -> Self:
        """The `question` of every line of a JSONL file; `spelled` as above.

        Raises:
            DataError: The file cannot be read, or a line has no question.
        """
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError("no_data", f"{path} cannot be read: {error}", "Check the path.") from error
        questions = (
            _question(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line
        )
        return cls(questions, spelled)

    def nearest(self, question: str) -> str | None:
        """The evaluation's question with most words in common, if it is near; None otherwise."""
        words = self._words(question)
        common = Counter(number for word in _counted(words) for number in self._having.get(word, ()))
        shares = {number: 2 * both / (len(words) + self._sizes[number]) for number, both in common.items()}
        best = max(shares, key=shares.__getitem__, default=None)
        return self._questions[best] if best is not None and shares[best] >= NEAR else None

    def _words(self, question: str) -> list[str]:
        """The words of a question, each entity and each number being the same one."""
        if self._spelled is None:
            return _WORD.findall(question.casefold())
        return _WORD.findall(_NUMBER.sub(_ANY, self._spelled.sub(_ANY, question).casefold()))


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
