"""The hand-written seeds of a domain: intents, their phrasings, and refusals.

    seeds = load_seeds("aminer")
    seeds.intents["person.interests"].program
    seeds.phrasings["person.interests"]     # tuple[Phrasing, ...]

The files live in `selfinstruct/seeds/DOMAIN/`; `intents.yaml` explains the slots. Beside the intents, each
with many phrasings, `singles/*.yaml` may list programs with a few phrasings each (`ask`): what is asked more
rarely.
"""

import itertools
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from herdwick.tools.errors import DataError
from herdwick.tools.solutions import Plan, parse_plan

SEEDS = Path(__file__).parent / "seeds"

MAX_BYTES = 4_000_000
"""Of a seed file: many times the longest one that ships."""

Language = Literal["en", "zh"]
SCOPE = "scope"
"""The slot of programs for further arguments, which phrasings do not mention."""

VERSION = "version"
"""The slot of phrasings for an IP version as an adjective; its argument goes into the program's scope."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SLOT = re.compile(r"\{([a-z0-9_']+)\}")


SINGLE_WEIGHT = 0.35
"""Share of the examples that an intent of few phrasings has, relative to one of 25 or more."""


class Intent(BaseModel):
    """One kind of question and the program that answers it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    plan: str
    asks: str
    program: str
    slots: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    weight: float = 1.0

    @property
    def hops(self) -> Plan:
        """The plan as function names."""
        return parse_plan(self.plan)

    @property
    def needs(self) -> frozenset[str]:
        """Slots that the program has and every phrasing supplies."""
        slots = frozenset(name for _, name, _, _ in string.Formatter().parse(self.program) if name)
        return slots - {SCOPE}


@dataclass(frozen=True)
class Phrasing:
    """One way to ask.

    Attributes:
        text: With slots in braces.
        language: Of the text around the slots.
        pinned: Slot values that the wording itself fixes, such as `pos` 0 for "the lead author".
        foreign: Whether the text is in a language that is refused.
    """

    text: str
    language: Language
    pinned: dict[str, int | str] = field(default_factory=dict)
    foreign: bool = False

    @property
    def slots(self) -> frozenset[str]:
        """Slots that the text has."""
        return frozenset(_SLOT.findall(self.text))


@dataclass(frozen=True)
class Seeds:
    """Everything hand-written about one domain.

    Attributes:
        intents: By id.
        phrasings: By intent id; an intent without phrasings is missing.
        refusals: Unanswerable questions by reason.
        singles: Those of the intents that come with a few phrasings only, from `singles/*.yaml`.
        times: By intent id or reason: how much more often than by its weight it is asked.
    """

    intents: dict[str, Intent]
    phrasings: dict[str, tuple[Phrasing, ...]]
    refusals: dict[str, tuple[Phrasing, ...]]
    singles: frozenset[str] = frozenset()
    times: dict[str, float] = field(default_factory=dict)


def load_seeds(domain: str) -> Seeds:
    """The seeds of `domain`.

    Raises:
        DataError: A file is missing, is not valid, or a phrasing does not fit its intent; the message names
            the file, the intent and the phrasing.
    """
    folder = SEEDS / domain
    described = itertools.chain.from_iterable(
        map(read_yaml, [folder / "intents.yaml", *sorted((folder / "intents").glob("*.yaml"))])
    )
    intents = {intent.id: intent for intent in map(Intent.model_validate, described)}
    phrasings: dict[str, tuple[Phrasing, ...]] = {}
    for path in sorted((folder / "phrasings").glob("*.yaml")):
        for intent_id, by_language in read_yaml(path).items():
            if intent_id not in intents:
                raise DataError("bad_seed", f"{path.name}: there is no intent {intent_id!r}.")
            found = read_phrasings(by_language)
            for phrasing in found:
                check_phrasing(phrasing, intents[intent_id], path)
            phrasings[intent_id] = (*phrasings.get(intent_id, ()), *found)
    singles = dict(itertools.chain.from_iterable(map(_singles, sorted((folder / "singles").glob("*.yaml")))))
    return Seeds(
        intents=intents | {name: intent for name, (intent, _) in singles.items()},
        phrasings=phrasings | {name: found for name, (_, found) in singles.items()},
        singles=frozenset(singles),
        refusals={
            reason: _by_script(texts, reason) for reason, texts in read_yaml(folder / "refusals.yaml").items()
        },
    )


def _singles(path: Path) -> Iterator[tuple[str, tuple[Intent, tuple[Phrasing, ...]]]]:
    """Programs with a few ways to ask for each, by an id made of the file's name and their position."""
    for number, entry in enumerate(read_yaml(path), 1):
        phrasings = read_phrasings({"en": entry.pop("ask")})
        described = {"asks": phrasings[0].text, "weight": SINGLE_WEIGHT, **entry}
        intent = Intent(id=f"{path.stem}.single{number}", **described)
        for phrasing in phrasings:
            check_phrasing(phrasing, intent, path)
        yield intent.id, (intent, phrasings)


def read_yaml(path: Path) -> Any:
    """The content of a seed file.

    Raises:
        DataError: It cannot be read, is longer than `MAX_BYTES`, or is not YAML.
    """
    try:
        if not path.is_file():
            # A pipe or a device may give nothing for ever, or never end.
            raise DataError("bad_seed", f"{path.name} is not there, or no file.", "Name a YAML file.")
        if path.stat().st_size > MAX_BYTES:
            raise DataError(
                "bad_seed",
                f"{path.name} has more than {MAX_BYTES:,} bytes.",
                "Name a file of seeds, not of data.",
            )
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    # Values that YAML's rules take for a date or a number and Python does not are no YAMLError.
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(
            "bad_seed",
            f"{path.name} cannot be read: {error}",
            "It must be YAML in UTF-8, with quotes around texts that look like dates.",
        ) from error
    except RecursionError as error:
        raise DataError(
            "bad_seed", f"{path.name} is nested too deeply.", "Compare it with the shipped ones."
        ) from error


def read_phrasings(by_language: dict[Language, list[str | dict[str, str | int]]]) -> tuple[Phrasing, ...]:
    """Phrasings as written in a seed file: a text, or a mapping with `text` and the slots it pins."""
    return tuple(
        Phrasing(entry, language)
        if isinstance(entry, str)
        else Phrasing(str(entry["text"]), language, {name: entry[name] for name in entry if name != "text"})
        for language, entries in by_language.items()
        for entry in entries
    )


def _by_script(texts: list[str], reason: str) -> tuple[Phrasing, ...]:
    """Refusals are listed by reason alone; Han characters tell the Chinese ones from the English."""
    foreign = reason == "language"
    return tuple(
        Phrasing(text, "zh" if _HAN.search(text) and not foreign else "en", foreign=foreign) for text in texts
    )


def check_phrasing(phrasing: Phrasing, intent: Intent, path: Path) -> None:
    """A phrasing supplies exactly what the program needs.

    Raises:
        DataError: It does not; the message names `path`, the intent and the phrasing.
    """
    supplied = {slot.removesuffix("'s") for slot in phrasing.slots} | set(phrasing.pinned)
    if "lead" in supplied:
        supplied = supplied - {"lead"} | {"person"}
    if f"{{{SCOPE}}}" in intent.program:
        supplied -= {VERSION}
    if "people" in intent.needs and supplied & {"org", "field"}:
        supplied = supplied - {"org", "field"} | {"people"}
    if supplied != intent.needs:
        raise DataError(
            "bad_seed",
            f"{path.name}: {intent.id} needs {sorted(intent.needs)}, but {phrasing.text!r} has "
            f"{sorted(supplied)}.",
        )
