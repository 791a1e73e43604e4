"""Puts entities into question templates so that the sentence stays English.

word("Is {name} a {field} person?", {"name": "Ada Mercer", "field": "AI Safety"})
# 'Is Ada Mercer an AI Safety person?'
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) \{(\w+)\}")
_VOWEL_SOUND = re.compile(r"(?!Eu|One)[AEIOÉaeio]|U[nr](?!i)|HCI|NLP")


def slot_names(text: str) -> list[str]:
    """The slots of a template, in order."""
    return _SLOT.findall(text)


def word(text: str, slots: Mapping[str, Any]) -> str:
    """The question: slots filled, `a` or `an` chosen, no doubled question mark."""
    text = _ARTICLE.sub(lambda match: f"{_article(match[1], str(slots[match[2]]))} {{{match[2]}}}", text)
    filled = _SLOT.sub(lambda match: str(slots[match[1]]), text)
    return re.sub(r"\?(\"?)\?", r"?\1", filled).replace("..", ".")


def is_casual(text: str) -> bool:
    """Whether a template does without capitals, as hasty people write."""
    bare = _SLOT.sub("", text)
    return bare.islower() and bare.isascii()


def typed_hastily(value: Any, *, accents: bool) -> Any:
    """A slot's value without capitals and, unless `accents`, without diacritics."""
    if not isinstance(value, str):
        return value
    if accents:
        return value.lower()
    decomposed = unicodedata.normalize("NFD", value.lower())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


def _article(article: str, following: str) -> str:
    return f"{article}n" if _VOWEL_SOUND.match(following) else article
