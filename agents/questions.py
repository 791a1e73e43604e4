r"""What a question must be before any model sees it.

question = one_line("Who\n is  Ada Quill?")     # "Who is Ada Quill?"
check_question(question)

A question becomes one line: prompts are built of lines, so a line break inside a question could otherwise
pass for a part of the prompt.
"""

import unicodedata

from herdwick.agents.errors import QuestionError

MAX_WORDS = 400
"""Longest question in words; the longest of the benchmark has fewer than 40."""

MAX_CHARS = 4_000
"""Longest question in characters, for scripts that put no spaces between words."""


def one_line(raw: str) -> str:
    """`raw` with control characters and runs of white space as single spaces.

    Lone surrogates, which undecodable command-line bytes turn into, become U+FFFD.
    """
    return " ".join("".join(map(_readable, raw)).split())


def check_question(question: str) -> None:
    """Refuse what no model should be asked.

    Raises:
        QuestionError: It is empty, has no letter or digit, or is too long.
    """
    if not any(character.isalnum() for character in question):
        raise QuestionError(
            "question_empty",
            "The question has no words.",
            "Ask in a sentence, and name who or what it is about.",
        )
    words = len(question.split())
    if words > MAX_WORDS or len(question) > MAX_CHARS:
        raise QuestionError(
            "question_too_long",
            f"The question has {words:,} words and {len(question):,} characters.",
            f"Ask in at most {MAX_WORDS} words and {MAX_CHARS:,} characters.",
        )


def _readable(character: str) -> str:
    match unicodedata.category(character):
        case "Cc":
            return " "
        case "Cs":
            return "\ufffd"
        case _:
            return "" if character == "\ufeff" else character
