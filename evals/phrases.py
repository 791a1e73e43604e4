"""Whether a text says a phrase, word by word: what the phrases of rubrics and the words of gaps go by.

    says("Routers that don't know it pass it on.", "not know*")    # False: these are other words
    says("It was not recognised on the way.", "not recogni*")      # True: `*` stands for the rest of a word
    says("The bit is never cleared.", "clear*")                    # False: it is denied

A phrase that is denied by one of the few words before it, in the same clause, is not said; one that denies
by itself, such as `not cleared`, is. This is grammar by counting words: what is denied from afar, or after
the phrase, passes.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MIN_PHRASE = 3
"""Fewest characters of a phrase: shorter ones occur in any text."""

REACH = 4
"""How many words before a phrase may deny it."""

_DENIALS = frozenset(
    {"no", "not", "never", "nor", "neither", "none", "nobody", "nothing", "cannot", "without"}
)
_TURNS = frozenset({"but", "because", "whereas", "while", "so"})
"""Words with which another clause begins."""

_TOKEN = re.compile(
    r"(?P<word>[^\W_](?:[^\W_]|['_-]+(?=[^\W_])|(?<=\d)[./:+]+(?=[^\W_])|[./:+]+(?=\d))*)(?P<more>(?:\*(?![^\W_]))?)"
    r"|(?P<sentence>[.;!?\n])|(?P<clause>[,:()]|\s[-–—]+\s)"  # noqa: RUF001 - dashes as people write them
)
_INNER = re.compile(r"(?<=[^\W_])[_-]+(?=[^\W_])")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,]*\d)")
_SAME = str.maketrans({"’": "'", "‘": "'", "−": "-"})  # noqa: RUF001 - the signs that are meant


class _Word(NamedTuple):
    text: str
    more: bool
    denies: bool
    sentence: int
    clause: int


def says(text: str, phrase: str) -> bool:
    """Whether `text` says `phrase`: whole words in this order within a sentence, and not denied.

    Args:
        text: What was written. Case, hyphens, underscores and commas between words make no difference.
        phrase: What is looked for; a word that ends in `*` stands for all that begin so.
    """
    said, wanted = _words(text), _words(phrase)
    denies = any(word.denies for word in wanted)
    return any(
        _stands_at(said, start, wanted) and (denies or not _denied(said, start))
        for start in range(len(said) - len(wanted) + 1)
    )


def denied_before(text: str, end: int) -> bool:
    """Whether what begins at the character `end` of `text` is denied by the words before it."""
    return _denied([*_words(text[:end] + " x")], -1)


def fault_of_phrase(phrase: str) -> str | None:
    """Why `phrase` cannot be looked for as it stands, or None."""
    words = _words(phrase)
    kept = "".join(word.text + "*" * word.more for word in words)
    if kept != "".join(_INNER.sub("", _plain(phrase)).split()):
        return f"phrases of words, which {phrase!r} is not: nothing but a `*` at a word's end has a meaning"
    if len(" ".join(word.text for word in words)) < MIN_PHRASE:
        return f"phrases of {MIN_PHRASE} characters and more, unlike {phrase!r}"
    return None


def count_of_words(text: str) -> int:
    """How many words `text` has."""
    return len(_words(text))


def gap_words(text: str) -> str:
    """What stands in a gap, folded: `Local-Pref.` is `local pref`, and `4,096` is `4096`.

    Signs, and the marks of regular expressions, are no decoration: `-1` is not `1`, nor `^65000_` `65000$`.
    """
    plain = re.sub(r"(\*\*|`|\")(\S|\S.*?\S)\1", r"\2", _plain(text))
    plain = re.sub(r"(?<=[^\W_])[_-](?=[^\W\d_])|(?<=[^\W\d_])[_-](?=[^\W_])", " ", plain)
    plain = re.sub(r"(?<!\S)\(([\w\s/.-]+)\)(?!\S)", r"\1", plain)
    return " ".join(re.sub(r"[.,;:!]+(?=\s|$)", " ", re.sub(r"[\"'“”„«»]", " ", plain)).split())


def _plain(text: str) -> str:
    same = unicodedata.normalize("NFKC", text).casefold().translate(_SAME)
    return _THOUSANDS.sub(lambda number: number[0].replace(",", ""), same)


def _words(text: str) -> Sequence[_Word]:
    return tuple(_read(_plain(text)))


def _read(plain: str) -> Iterator[_Word]:
    sentence = clause = 0
    for token in _TOKEN.finditer(plain):
        whole = token["word"]
        sentence += token["sentence"] is not None
        clause += whole is None or whole in _TURNS
        if whole is not None:
            # NO_EXPORT and no-export are names and deny nothing: only a word by itself does.
            denies = whole in _DENIALS or whole.endswith("n't")
            *first, last = re.split("[_-]+", whole)
            yield from (_Word(one, False, denies, sentence, clause) for one in first)
            yield _Word(last, bool(token["more"]), denies, sentence, clause)


def _stands_at(said: Sequence[_Word], start: int, wanted: Sequence[_Word]) -> bool:
    found = said[start : start + len(wanted)]
    return found[0].sentence == found[-1].sentence and all(
        one.text.startswith(word.text) if word.more else one.text == word.text
        for one, word in zip(found, wanted, strict=True)
    )


def _denied(said: Sequence[_Word], start: int) -> bool:
    at = range(len(said))[start]
    before = said[max(0, at - REACH) : at]
    return any(word.denies and word.clause == said[at].clause for word in before)
