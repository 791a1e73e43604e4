"""The words invented people and papers are made of, and their split into training and development halves.

    vocabulary = load_vocabulary("train")
    vocabulary.organizations          # no one of them is in load_vocabulary("dev")

Lists are files in `wordlists/`. Each entry belongs to one split by a checksum of its folded text, so adding
entries never moves others, and the same name in two lists falls on the same side.
"""

import configparser
import zlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from herdwick.tools.aminer.folding import fold

Split = Literal["train", "dev"]

_FOLDER = files("herdwick.tools.aminer.local") / "wordlists"
DEV_SHARE = 4
"""One entry in this many goes to the development split."""

FULL_VARIETY = 30
"""Whole names that lists must allow for their culture to be drawn as often as its weight says."""


@dataclass(frozen=True)
class Culture:
    """Names that go together; `full` is the pattern of a whole name."""

    weight: float
    full: str
    male: tuple[str, ...]
    female: tuple[str, ...]
    family: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Everything a generator draws from.

    Attributes:
        cultures: Sets of names.
        areas: Groups of related research fields.
        organizations: Institutions.
        words: Parts of titles by kind: method, object, setting, quality, noun.
        patterns: Sentence patterns by kind: titles, abstracts, journal, conference, senior, bio ….
    """

    cultures: tuple[Culture, ...]
    areas: tuple[tuple[str, ...], ...]
    organizations: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    patterns: dict[str, tuple[str, ...]]


@cache
def load_vocabulary(split: Split | None = None) -> Vocabulary:
    """The vocabulary of one split, or the whole one.

    Patterns and job titles are in both: they are wording, not facts a model could memorise.
    """
    titles = _ini("titles.ini")
    patterns = {key: _lines(titles["profiles"][key]) for key in titles["profiles"]}
    patterns |= {key: _lines(titles["venues"][key]) for key in titles["venues"]}
    patterns |= {key: _lines(titles[key]["pattern"]) for key in ("titles", "abstracts")}
    return Vocabulary(
        cultures=tuple(_culture(section, split) for section in _sections(_ini("names.ini"))),
        areas=tuple(filter(None, (_chosen(area, split) for area in _areas()))),
        organizations=_chosen(_lines(_read("organizations.txt")), split),
        words={key: _chosen(_lines(titles["words"][key]), split) for key in titles["words"]},
        patterns=patterns,
    )


def split_of(entry: str) -> Split:
    """The split an entry of any list belongs to."""
    return "dev" if zlib.crc32(fold(entry).encode()) % DEV_SHARE == 0 else "train"


def _chosen(entries: tuple[str, ...], split: Split | None) -> tuple[str, ...]:
    return entries if split is None else tuple(entry for entry in entries if split_of(entry) == split)


def _culture(section: configparser.SectionProxy, split: Split | None) -> Culture:
    male, female, family = (
        _chosen(tuple(name.strip() for name in section[key].split(",")), split)
        for key in ("male", "female", "family")
    )
    # A culture of which a split has few names is drawn less often, or half its people would be namesakes.
    variety = min(1.0, min(len(male), len(female)) * len(family) / FULL_VARIETY)
    return Culture(float(section["weight"]) * variety, section["full"], male, female, family)


def _areas() -> list[tuple[str, ...]]:
    areas: list[list[str]] = []
    for line in _lines(_read("fields.txt")):
        if line.startswith("["):
            areas.append([])
        else:
            areas[-1].append(line)
    return [tuple(area) for area in areas]


def _sections(parser: configparser.ConfigParser) -> list[configparser.SectionProxy]:
    return [parser[name] for name in parser.sections()]


def _ini(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters=("=",), comment_prefixes=("#",), interpolation=None)
    parser.read_string(_read(name))
    return parser


def _lines(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
