"""Whether a text is written in a wanted language, for replies that came in another.

    is_written_in("Which AS originates 192.0.2.0/24?", {"en"})             # True
    is_written_in("Welches AS kündigt 192.0.2.0/24 an?", {"en", "zh"})      # False
    language_of("Welches AS kündigt 192.0.2.0/24 an?")                      # 'de'

py3langid ranks the languages: a naive Bayes classifier over byte n-grams (Lui and Baldwin 2012) whose model
comes with the package. Code says nothing about the language of a reply and is left out: fenced blocks, what
stands in backquotes, addresses, AS numbers and identifiers.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# fmt: off
LANGUAGES = frozenset({
    "af", "ar", "az", "be", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr",
    "gu", "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ka", "kk", "kn", "ko", "lt", "lv", "mk", "ml",
    "mr", "ms", "ne", "nl", "no", "pa", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta",
    "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh",
})
# fmt: on
"""ISO 639-1 codes of languages a model may write in. The small ones that py3langid knows too are left out:
short English questions pass for Nigerian Pidgin, and Chinese ones for Wu."""

LEAST_PROBABILITY = 0.01
"""Probability that the wanted languages need together. Of this repository's 17,000 English phrasings all but
a few keywords reach it; sentences in other languages stay below 0.001."""

LEAST_LETTERS = 40
"""Letters from which a paragraph is judged by itself; a text as a whole is judged from the first."""

_CODE = re.compile(
    # Identifiers are ASCII: a Chinese sentence with a number in it is one run of word characters.
    r"```.*?(?:```|\Z)|`[^`\n]*`|\bhttps?://\S+|(?a:\b\w*(?:\d|_|\w\.\w|[a-z][A-Z])[\w.:/]*)|\b[A-Z]{2,}\b",
    re.DOTALL,
)
_PARAGRAPH = re.compile(r"\n\s*\n")


def is_written_in(text: str, languages: Collection[str]) -> bool:
    """Whether `text`, and each longer paragraph of it, is in one of `languages`.

    Args:
        text: With or without code. One that is only code is in every language.
        languages: Codes among `LANGUAGES`.

    Raises:
        ValueError: A language is not among them.
    """
    if unknown := {*languages} - LANGUAGES:
        raise ValueError(f"Unknown languages: {', '.join(sorted(unknown))}")
    prose = _CODE.sub(" ", text)
    judged = [prose, *(part for part in _PARAGRAPH.split(prose) if _letters(part) >= LEAST_LETTERS)]
    return all(
        sum(probability for language, probability in _ranked(part) if language in languages)
        >= LEAST_PROBABILITY
        for part in judged
        if _letters(part)
    )


def language_of(text: str) -> str | None:
    """The code of the likeliest language of `text`; None for one without words outside code."""
    prose = _CODE.sub(" ", text)
    return _ranked(prose)[0][0] if _letters(prose) else None


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _ranked(text: str) -> list[tuple[str, float]]:
    ranked: list[tuple[str, float]] = _identifier().rank(text)
    return ranked


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """The classifier; reading its model takes a third of a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
