"""How any question may be worded around its entities: greetings, slips of the keyboard, no full stop.

text = framed(misspelt(template, rng), frames, rng)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from herdwick.selfinstruct.intents import Intent, Phrasing

FRAME_SHARE = 0.12
TYPO_SHARE = 0.05
BARE_END_SHARE = 0.15


@dataclass(frozen=True)
class Filled:
    """A question in words and the program that answers it.

    Attributes:
        question: As it is asked.
        program: Its answer.
        plain: The question without noise; '' where there is none.
    """

    question: str
    program: str
    plain: str = ""


class Asker(Protocol):
    """Turns phrasings into questions."""

    def fill(self, intent: Intent | None, phrasing: Phrasing) -> Filled:
        """One question; `intent` is None for a question that has no program."""
        ...


def framed(template: str, frames: Sequence[tuple[str, str]], rng: Random) -> str:
    """Now and then, `template` with words before and after it; one that begins with a lead never."""
    if rng.random() >= FRAME_SHARE or "{lead}" in template:
        return template
    before, after = rng.choice(frames)
    if before:
        template = lower_first(template)
    if after and template[-1].isalnum():
        template += "."
    return before + template + after


def lower_first(text: str) -> str:
    """`text` as it stands after other words."""
    return text[0].lower() + text[1:] if text[:1].isupper() and not text.startswith("I") else text


def misspelt(text: str, rng: Random) -> str:
    """Now and then, `text` with two inner letters of one word swapped, outside the slots."""
    if rng.random() >= TYPO_SHARE:
        return text
    words = list(re.finditer(r"(?<![\w{'])[A-Za-z]{6,}(?![\w}'])", text))
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randint(word.start() + 1, word.end() - 3)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def tidied(text: str) -> str:
    """`text` without what filling slots may leave behind: double spaces, commas and articles."""
    text = " ".join(text.split())
    text = re.sub(r",(?=\s*[,.?!;:)]|\s*$|'s)", "", text)
    return re.sub(r"\b(a|the|A|The) (?:a|the) ", r"\1 ", text)


def bare_end(text: str, rng: Random) -> str:
    """Now and then, `text` without its last mark."""
    return text.rstrip(".?!") if rng.random() < BARE_END_SHARE else text
