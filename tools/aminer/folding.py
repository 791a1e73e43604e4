"""How academic data compares as text: what counts as the same name, organization, title or interest.

    words("King's College, London")     # ["kings", "college", "london"]
    words("清华大学")                   # ["清", "华", "大", "学"]
    name_keys("O'Brien, Zoë")           # ("obrienzoe", "zoeobrien")
    name_parts("Jean-Pierre Müller")    # [["jean", "pierre"], ["muller"]]
    stems("Theories of Graphs")         # ["theory", "of", "graph"]
    tag_key("Large-Scale  Learning")    # "large scale learning"

Everything is a pure function of its text, so building a graph, searching it, and judging what a
service found cannot disagree. A change in
what these functions return makes older graphs unreadable: raise `SCHEMA_VERSION` with it.
"""

import re
import unicodedata
from functools import lru_cache

# Quotation marks, accents and modifier letters that writers use as apostrophes; hyphens, dashes and minus.
_APOSTROPHES = "'`\u00b4\u2018\u2019\u2032\u02b9\u02bb\u02bc"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_ONE_SPELLING = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DASHES, "-"))

# Letters a reader takes for variants of plain ones, though Unicode does not decompose them.
_PLAIN_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ħ": "h",
        "\u0131": "i",
        "ŧ": "t",
    }
)

# Dakuten and handakuten tell Japanese letters apart (か, が); they are no decoration.
_KANA_MARKS = frozenset("\u3099\u309a")

_APOSTROPHE_INSIDE = re.compile(r"(?<=\w)'(?=\w)")
_DOTTED_ACRONYM = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_ASCII_WORD = re.compile(r"[a-z0-9]+")


class _DropMarks(dict[int, int | None]):
    """Translation table, filled as characters turn up: diacritics and invisible characters vanish."""

    def __missing__(self, code: int) -> int | None:
        char = chr(code)
        decoration = unicodedata.combining(char) and char not in _KANA_MARKS
        self[code] = None if decoration or unicodedata.category(char) == "Cf" else code
        return self[code]


class _Separate(dict[int, str]):
    """Translation table, filled as characters turn up: anything but letters, digits and signs separates."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if is_unspaced(char):
            self[code] = f" {char} "
        else:
            self[code] = char if unicodedata.category(char)[0] in "LNM" else " "
        return self[code]


_DROP_MARKS = _DropMarks()
_SEPARATE = _Separate()


def is_unspaced(char: str) -> bool:
    """Whether a character is of a script that may be written without spaces: each such is a word."""
    code = ord(char)
    return (
        0x3005 <= code <= 0x9FFF  # kana, CJK ideographs and extension A
        or 0xAC00 <= code <= 0xD7A3  # Hangul
        or 0x20000 <= code <= 0x3FFFF  # further CJK ideographs
        or 0x0E00 <= code <= 0x0EFF  # Thai, Lao
        or 0x1000 <= code <= 0x109F  # Myanmar
        or 0x1780 <= code <= 0x17FF  # Khmer
    ) and unicodedata.category(char)[0] in "LNM"


def fold(text: str) -> str:
    """`text` without case, diacritics, invisible characters and typographic variants.

    Punctuation stays, in one spelling of apostrophes and dashes; runs of white space become one space.
    """
    if not text.isascii():
        text = text.translate(_ONE_SPELLING)
        # Case folding can yield characters that decompose again, hence the second round.
        for _ in range(2):
            text = unicodedata.normalize("NFKD", text).translate(_DROP_MARKS).casefold()
        text = unicodedata.normalize("NFC", text.translate(_PLAIN_LETTERS))
    return " ".join(text.lower().split())


def words(text: str) -> list[str]:
    """The words of `text`, folded; apostrophes inside and dots of acronyms join, all else separates."""
    folded = fold(text)
    if "'" in folded:
        folded = _APOSTROPHE_INSIDE.sub("", folded)
    if "." in folded:
        folded = _DOTTED_ACRONYM.sub(lambda match: match[0].replace(".", ""), folded)
    return _split(folded)


def stems(text: str) -> list[str]:
    """The words of `text`, English plurals as their singular: what topics of papers are compared by."""
    return [_singular(word) for word in words(text)]


def tag_key(tag: str) -> str:
    """What two spellings of one interest share; punctuation counts (`C`, `C++`), hyphens are spaces."""
    return " ".join(fold(tag).replace("-", " ").replace("_", " ").split())


def name_keys(name: str) -> tuple[str, ...]:
    """What spellings of one whole name share: its letters in order, without anything between them.

    `Family, Given` has a second key, for `Given Family`. Empty for a name without letters.
    """
    family, comma, given = fold(name).partition(",")
    orders = (f"{family} {given}", f"{given} {family}") if comma else (family,)
    keys = ("".join(words(order)) for order in orders)
    return tuple(dict.fromkeys(key for key in keys if key))


def name_parts(name: str) -> list[list[str]]:
    """The tokens of a name, each with the parts it is written of: `O'Brien` is one token of two parts."""
    tokens = (_split(token) for token in fold(name).split())
    return [parts for parts in tokens if parts]


@lru_cache(maxsize=100_000)
def _singular(word: str) -> str:
    """The S stemmer of Harman, "How Effective Is Suffixing?" (JASIS 42, 1991)."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]


def _split(folded: str) -> list[str]:
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return folded.translate(_SEPARATE).split()
