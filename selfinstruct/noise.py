"""What befalls questions on their way to a model: slips of the keyboard, words around them, orders of others.

    noise = load_noise(Path("selfinstruct/seeds/noise/questions.yaml"))
    askers = noise.over(world.askers)     # as `synthesize` takes them

The answer stays that of the question: whoever wrote the words around it has no say in what is asked. Seeds
and phrasings stay as they are, so that data without noise can be made again byte for byte.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from herdwick.agents.number_words import NUMBER_WORDS
from herdwick.selfinstruct.intents import Intent, Language, Phrasing, read_yaml
from herdwick.selfinstruct.sentences import Asker, Filled
from herdwick.tools.errors import DataError

_EXAMPLE = "selfinstruct/seeds/noise/questions.yaml is one."


def _writable(text: str) -> str:
    if odd := [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t"]:
        raise ValueError(f"holds the control character {odd[0]!a}")
    return text


Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Words = Annotated[str, AfterValidator(_writable)]
Pair = tuple[Words, Words]
"""What comes before a question and what comes after it."""

SLIPS = (1, 1, 1, 2, 2, 3)
"""How many words a question with slips has wrong; each as often as it stands here."""

_WORD = re.compile(r"(?<![\w.:/'\"-])[A-Za-z][a-z]{3,}(?![\w'\"]|[.:/-]\w)")
"""Words long enough for a slip: no acronym, number, address or part of one."""

_OTHERS = {*NUMBER_WORDS, "last", "least", "igp", "ibgp", "routes", "routers"}
"""Words that no slip may make, since they ask something else: `least` without a letter is `last`."""

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""Letters of a keyboard, row by row."""


class Noise(BaseModel):
    """How often questions in English are asked badly, and how.

    Attributes:
        slips: Share of the questions with mistyped words.
        around: Share with words around them.
        orders: Share with somebody's instructions before or after them.
        frames: Words around a question.
        interruptions: Instructions that have nothing to do with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slips: Share
    around: Share
    orders: Share
    frames: list[Pair] = Field(min_length=1)
    interruptions: list[Pair] = Field(min_length=1)

    def over(
        self, askers: Callable[[Random], Mapping[Language, Asker]]
    ) -> Callable[[Random], dict[Language, Asker]]:
        """The askers with noise over what they ask; other languages than English are left alone."""

        def noisy(rng: Random) -> dict[Language, Asker]:
            return {
                language: _NoisyAsker(asker, self, rng) if language == "en" else asker
                for language, asker in askers(rng).items()
            }

        return noisy


def load_noise(path: Path) -> Noise:
    """The noise that a YAML file describes.

    Raises:
        DataError: The file cannot be read or does not fit `Noise`.
    """
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise DataError(
            "bad_noise", f"{path.name} says nothing about {', '.join(Noise.model_fields)}.", _EXAMPLE
        )
    try:
        return Noise.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DataError("bad_noise", f"{path.name}: {where}: {first['msg']}.", _EXAMPLE) from error


def with_slips(question: str, program: str, rng: Random) -> str:
    """The question with mistyped words; none is one that `program` copies, or a number, or becomes one."""
    copied = [
        span for text in _LITERAL.findall(program) for span in _spans(text.replace('\\"', '"'), question)
    ]
    words = [
        word.span()
        for word in _WORD.finditer(question)
        if word.group().lower() not in NUMBER_WORDS
        and not any(start < word.end() and word.start() < end for start, end in copied)
    ]
    for start, end in sorted(rng.sample(words, min(rng.choice(SLIPS), len(words))), reverse=True):
        question = question[:start] + _mistyped(question[start:end], rng) + question[end:]
    return question


@dataclass(frozen=True)
class _NoisyAsker:
    asker: Asker
    noise: Noise
    rng: Random

    def fill(self, intent: Intent | None, phrasing: Phrasing) -> Filled:
        filled = self.asker.fill(intent, phrasing)
        if phrasing.foreign:
            # Words in English would make a question in another language an English one.
            return filled
        noise, rng = self.noise, self.rng
        question = filled.question
        if rng.random() < noise.slips:
            question = with_slips(question, filled.program, rng)
        if rng.random() < noise.around:
            question = _between(rng.choice(noise.frames), question)
        if rng.random() < noise.orders:
            question = _between(rng.choice(noise.interruptions), question)
        return Filled(question, filled.program, filled.question)


def _between(words: Pair, question: str) -> str:
    before, after = words
    return f"{before}{question}{after}"


def _spans(text: str, question: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(re.escape(text), question)] if text else []


def _mistyped(word: str, rng: Random) -> str:
    """The word with letters swapped, left out, doubled or from the next key; never the first one."""
    at = rng.randrange(1, len(word) - 1)
    before, letter, following, rest = word[:at], word[at], word[at + 1], word[at + 2 :]
    wrong = (following + letter, following, letter + letter + following, _neighbour(letter, rng) + following)
    mistyped = (before + slip + rest for slip in wrong)
    return rng.choice([made for made in mistyped if made != word and made.lower() not in _OTHERS])


def _neighbour(letter: str, rng: Random) -> str:
    row = next(row for row in _KEYS if letter in row)
    at = row.index(letter)
    return rng.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
