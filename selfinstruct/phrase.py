r"""From a phrasing to a question: descriptions of entities go into the text, literals into the program.

    example = Phraser([pool], descriptions, rng).fill(intent, phrasing)
    example.question   # 'Which papers did Dr. Mira Kovač of Lund University write after 2015?'
    example.program    # 'p = searchPerson(name="Mira Kovač", organization="Lund University")[0]\n…'

Question and literals always agree: whatever noise befalls an entity in the text (case, quotes) is what the
program copies, since a literal must be a run of the question's words.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from herdwick.selfinstruct.descriptions import Descriptions
from herdwick.selfinstruct.entities import EntityPool, KnownPerson
from herdwick.selfinstruct.intents import Intent, Phrasing
from herdwick.selfinstruct.sentences import Filled, bare_end, framed, misspelt, tidied

PERSON_KINDS = {"name": 34, "org": 28, "field": 26, "org_field": 9, "top_org": 3, "top_field": 3}
"""How often a person is described by what, in parts; SoAyBench has name with organization or field."""
PEOPLE_KINDS = {"org": 4, "field": 4, "org_field": 2}
NUMBER_WORDS = "two three four five six seven eight nine ten".split()  # noqa: SIM905 - reads better
LOWERCASE_SHARE = 0.12
QUOTED_ENTITY_SHARE = 0.06
SPACED_SHARE = 0.5
"""Of Chinese questions, how many set Latin names off with spaces."""

_SLOT = re.compile(r"\{([a-z0-9_']+)\}")


@dataclass(frozen=True)
class _Style:
    """How one question writes its entities."""

    lower: bool
    spaced: bool


class Phraser:
    """Fills phrasings with entities of a pool; every choice comes from `rng`."""

    def __init__(self, pools: Sequence[EntityPool], descriptions: Descriptions, rng: Random) -> None:
        self._pools = pools
        self._words = descriptions
        self._rng = rng

    def fill(self, intent: Intent | None, phrasing: Phrasing) -> Filled:
        """One question; `intent` is None for a question that has no program."""
        rng = self._rng
        lower = phrasing.language == "en" and rng.random() < LOWERCASE_SHARE
        style = _Style(lower, spaced=phrasing.language == "zh" and rng.random() < SPACED_SHARE)
        filling = _Filling(rng.choice(self._pools), self._words, rng, style, intent.without if intent else ())
        for name, value in phrasing.pinned.items():
            filling.code[name] = str(value)
        plain = lower or phrasing.language != "en"
        template = phrasing.text if plain else misspelt(phrasing.text, rng)
        # Descriptions first: a constraint must not repeat what describes the person.
        for slot in sorted(set(_SLOT.findall(template)), key=_description_first):
            filling.add(slot)
        # A greeting in English would make a question in another language an English one.
        text = template if phrasing.foreign else framed(template, self._words.frame, rng)
        text = _SLOT.sub(lambda match: filling.text[match.group(1)], text)
        if lower:
            text = text.lower()
        program = intent.program.format_map(filling.code) if intent else ""
        return Filled(self._finish(text, phrasing), program)

    def _finish(self, text: str, phrasing: Phrasing) -> str:
        text = tidied(text)
        text = re.sub(r"\b(scholar|researcher)s? (?:the |a )?\1\b", r"\1", text)
        text = re.sub(r"([.!?])([\"”'\u2019]?)[.](\s|$)", r"\1\2\3", text)
        return bare_end(text, self._rng) if phrasing.language == "en" else text


def _description_first(slot: str) -> tuple[int, str]:
    return (0 if slot.startswith(("person", "lead", "people")) else 1, slot)


class _Filling:
    """Texts and literals of one question's slots."""

    def __init__(
        self, pool: EntityPool, words: Descriptions, rng: Random, style: _Style, without: tuple[str, ...]
    ) -> None:
        self.text: dict[str, str] = {}
        self.code: dict[str, str] = {}
        self._pool, self._words, self._rng, self._style = pool, words, rng, style
        self._without = without
        self._used: set[str] = set()
        self._simple: dict[str, Callable[[], str]] = {
            "name": lambda: pool.person(rng).name,
            "org": lambda: rng.choice(pool.organizations),
            "field": lambda: rng.choice(pool.fields),
            "venue": lambda: rng.choice(pool.venues),
            "title": lambda: rng.choice(pool.titles),
            "title2": lambda: rng.choice(pool.titles),
            "topic": lambda: pool.topic(rng),
        }

    def add(self, slot: str) -> None:
        """Choose what `slot` stands for."""
        base = slot.removesuffix("'s")
        if base in {"person", "person2", "lead"}:
            self._person(slot, base)
        elif base == "people":
            self._people()
        elif base in {"k", "number", "year", "year2", "pos"}:
            self._number(base)
        else:
            value = self._unused(self._simple[base])
            surface, literal = self._entity(value, quotable=base in {"title", "title2", "topic"})
            self.text[slot] = f"{surface}'s" if slot.endswith("'s") else surface
            self.code[base] = literal
            if base in {"org", "field"}:
                self._people_from_parts(base, literal)

    def _people_from_parts(self, base: str, literal: str) -> None:
        keyword = {"org": "organization", "field": "interest"}[base]
        parts = self.code.get("people", "searchPerson()")[len("searchPerson(") : -1]
        arguments = [part for part in (parts, f"{keyword}={literal}") if part]
        self.code["people"] = f"searchPerson({', '.join(sorted(arguments, reverse=True))})"

    def _person(self, slot: str, base: str) -> None:
        kinds = {kind: share for kind, share in PERSON_KINDS.items() if self._allowed(kind)}
        kind = self._rng.choices([*kinds], [*kinds.values()])[0]
        has_org, has_field = "org" in kind, "field" in kind
        person = self._rng_person(organization=has_org, field=has_field)
        forms = {"lead": self._words.lead}.get(base)
        if forms is None:
            forms = self._words.possessive if slot.endswith("'s") else self._words.person
        parts, arguments = {}, []
        if not kind.startswith("top"):
            parts["name"], literal = self._entity(person.name)
            arguments.append(f"name={literal}")
        if has_org:
            parts["org"], literal = self._entity(self._rng.choice(person.organizations))
            arguments.append(f"organization={literal}")
        if has_field:
            parts["field"], literal = self._entity(self._rng.choice(person.fields))
            arguments.append(f"interest={literal}")
        self.text[slot] = self._rng.choice(forms[kind]).format_map(parts)
        self.code["person" if base == "lead" else base] = f"searchPerson({', '.join(arguments)})[0]"

    def _allowed(self, kind: str) -> bool:
        return kind not in self._without and not ("org" in self._without and kind == "org_field")

    def _rng_person(self, *, organization: bool, field: bool) -> KnownPerson:
        for _ in range(50):
            person = self._pool.person(self._rng, organization=organization, field=field)
            if person.name not in self._used:
                break
        self._used.update((person.name, *person.organizations, *person.fields))
        return person

    def _people(self) -> None:
        kind = self._rng.choices([*PEOPLE_KINDS], [*PEOPLE_KINDS.values()])[0]
        person = self._rng_person(organization=True, field=True)
        parts = {}
        for part, values in (("org", person.organizations), ("field", person.fields)):
            if part in kind:
                parts[part], literal = self._entity(self._rng.choice(values))
                self._people_from_parts(part, literal)
        self.text["people"] = self._rng.choice(self._words.people[kind]).format_map(parts)

    def _number(self, slot: str) -> None:
        rng = self._rng
        if slot == "k":
            number = rng.choice([2, 3, 3, 4, 5, 5, 5, 6, 7, 8, 10])
            written = NUMBER_WORDS[number - 2] if rng.random() < 0.4 else str(number)
        elif slot == "number":
            number = rng.choice([rng.randint(1, 99), rng.randint(1, 20) * 50, rng.randint(1, 60) * 100])
            written = f"{number:,}" if rng.random() < 0.3 else str(number)
        elif slot == "pos":
            number = rng.choice([0, 0, 1, -1])
            written = rng.choice(self._words.position[number])
        else:
            number = (
                rng.randint(int(self.code["year"]) + 1, 2026) if slot == "year2" else rng.randint(1991, 2025)
            )
            written = str(number)
        self.text[slot] = written
        self.code[slot] = str(number)

    def _unused(self, choose: Callable[[], str]) -> str:
        for _ in range(50):
            value = choose()
            if value not in self._used:
                break
        self._used.add(value)
        return value

    def _entity(self, value: str, *, quotable: bool = False) -> tuple[str, str]:
        """How the question writes an entity, and the literal the program copies from it."""
        value = value.lower() if self._style.lower else value
        if quotable or self._rng.random() < QUOTED_ENTITY_SHARE:
            surface = self._rng.choice(self._words.quoted).replace("{text}", value)
        else:
            surface = value
        if self._style.spaced and value.isascii():
            surface = f" {surface} "
        return surface, json.dumps(value, ensure_ascii=False)
