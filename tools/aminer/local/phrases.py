"""Text for invented papers and people, from the patterns in `wordlists/titles.ini`.

phrases = Phrases(random.Random(7), load_vocabulary())
phrases.title("Graph Theory")     # 'Rethinking matrix factorization for robust Graph Theory'
phrases.fill("{name} leads a group that builds {quality} tools for {object}.", name="Ada Mercer")
"""

import random
import re
import string
from collections.abc import Callable

from herdwick.tools.aminer.local.vocabulary import Vocabulary

_SYLLABLES = (
    "ar",
    "bel",
    "cor",
    "dyn",
    "fle",
    "gra",
    "hyp",
    "kin",
    "lum",
    "mor",
    "nex",
    "ori",
    "pol",
    "ques",
)
_ENDINGS = (
    "Net",
    "Flow",
    "Mine",
    "Rank",
    "Weave",
    "Sense",
    "Lab",
    "Former",
    "DB",
    "Scope",
    "Bench",
    "-X",
    "+",
)
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio])")
_REMEMBERED_TITLES = 200_000
"""Titles kept to avoid repeats: bounded, so that a dump of any size fits in memory."""


class Phrases:
    """Fills patterns with words drawn from a vocabulary."""

    def __init__(self, rng: random.Random, vocabulary: Vocabulary) -> None:
        self._rng = rng
        self._vocabulary = vocabulary
        self._titles: set[str] = set()

    def fill(self, pattern: str, **given: str) -> str:
        """`pattern` with `given` slots filled as said and the others at random.

        A capitalised slot (`{Method}`) starts with a capital; a numbered one (`{method2}`) is drawn apart.
        """
        return _ARTICLE.sub(r"\1n ", pattern.format_map(_Slots(self._draw, given)))

    def title(self, field: str) -> str:
        """A paper title about `field`, unlike those written before as far as they are remembered."""
        if len(self._titles) >= _REMEMBERED_TITLES:
            self._titles.clear()
        for _ in range(20):
            text = self.fill(self._pick("titles"), field=field)
            if text not in self._titles:
                break
        self._titles.add(text)
        return text[0].upper() + text[1:]

    def abstract(self, field: str, field2: str) -> str:
        """Two to five sentences about `field`."""
        patterns = self._rng.sample(self._vocabulary.patterns["abstracts"], self._rng.randint(2, 5))
        return " ".join(self.fill(pattern, field=field, field2=field2) for pattern in patterns)

    def venue(self, field: str) -> str:
        """A journal or a conference of `field`."""
        return self.fill(self._pick(self._rng.choice(("journal", "conference"))), field=field)

    def bio(self, name: str, position: str, organization: str, fields: tuple[str, str]) -> str:
        """One to three sentences about an invented person."""
        article = "an" if position[:1] in "AEIO" else "a"
        patterns = self._rng.sample(self._vocabulary.patterns["bio"], self._rng.randint(1, 3))
        if not (position and organization):
            patterns = [pattern for pattern in patterns if "{organization}" not in pattern]
        return " ".join(
            self.fill(
                pattern,
                name=name,
                article=article,
                position=position,
                organization=organization,
                field=fields[0],
                field2=fields[1],
            )
            for pattern in patterns
        )

    def education(self, field: str) -> str:
        """Degrees, with the years they were earned."""
        schools = self._rng.sample(self._vocabulary.organizations, 2)
        year = self._rng.randint(1975, 2024)
        return self.fill(
            self._pick("education"),
            field=field,
            school=schools[0],
            school2=schools[1],
            year=str(year),
            earlier=str(year - self._rng.randint(1, 3)),
        )

    def _pick(self, kind: str) -> str:
        return self._rng.choice(self._vocabulary.patterns[kind])

    def _draw(self, slot: str) -> str:
        rng = self._rng
        if slot == "number":
            return str(rng.randint(3, 40))
        if slot == "version":
            return f"{rng.randint(1, 4)}.{rng.randint(0, 9)}"
        if slot == "codename":
            return "".join(rng.sample(_SYLLABLES, 2)).capitalize() + rng.choice(_ENDINGS)
        return rng.choice(self._vocabulary.words[slot])


class _Slots(dict[str, str]):
    """Slot values for `str.format_map`, drawn when first asked for."""

    def __init__(self, draw: Callable[[str], str], given: dict[str, str]) -> None:
        super().__init__(given)
        self._draw = draw

    def __missing__(self, slot: str) -> str:
        if slot[0].isupper():
            text = self[slot.lower()]
            return text[0].upper() + text[1:]
        taken = set(self.values())
        draws = (self._draw(slot.rstrip(string.digits)) for _ in range(20))
        self[slot] = next(
            (text for text in draws if text not in taken), self._draw(slot.rstrip(string.digits))
        )
        return self[slot]
