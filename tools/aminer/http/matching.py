"""Which of a service's hits are really what was asked for, by the rules of the local graph.

    best_people(candidates, name="zoe muller", organization="Acme")     # ≤ 10, most cited first
    exact_title_first(hits, "Graph attention networks", lambda hit: hit.title, lambda hit: hit.cited)

Services rank and guess; a hit that only resembles the question is dropped here. A rule is strict first and
lenient only when nothing passes it strictly: a whole name before all of its words, the asked organization
within the hit's before the hit's within the asked. What cannot be compared at all, a Chinese question with a
Latin spelling or a hit without an organization, is left to the service's judgement.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from herdwick.tools.aminer.backend import MAX_HITS
from herdwick.tools.aminer.folding import name_keys, name_parts, tag_key, words
from herdwick.tools.aminer.local.matching import name_entry, title_key
from herdwick.tools.aminer.models import Person

T = TypeVar("T")


@dataclass(frozen=True)
class Candidate:
    """A hit of a service, with every spelling the service gives.

    Attributes:
        person: The hit.
        names: Its names, in any language.
        organizations: Its organizations, in any language.
        tags: All its interests; `person.interests` may hold fewer.
    """

    person: Person
    names: Sequence[str]
    organizations: Sequence[str]
    tags: Sequence[str] = ()


def best_people(
    candidates: Iterable[Candidate], name: str = "", organization: str = "", interest: str = ""
) -> list[Person]:
    """The persons who match every given criterion, at most 10, most cited first.

    Args:
        candidates: Hits of a service, in its order.
        name: Whole name asked for; '' for any.
        organization: Organization asked for; '' for any.
        interest: Interest asked for; '' for any.
    """
    # Pages overlap when the service's index moves; a hit without an id is nobody's duplicate.
    kept = list({each.person.person_id or index: each for index, each in enumerate(candidates)}.values())
    if name:
        kept = first_passing(kept, *_name_rules(name))
    if interest:
        kept = [each for each in kept if tag_key(interest) in map(tag_key, each.tags)]
    if organization:
        kept = first_passing(kept, *_organization_rules(organization))
    people = sorted((each.person for each in kept), key=lambda person: -person.num_citation)
    return people[:MAX_HITS]


def exact_title_first(
    hits: Sequence[T], wanted: str, title: Callable[[T], str], num_citation: Callable[[T], int]
) -> list[T]:
    """The hits titled exactly `wanted` in front, most cited first; the others in the order given.

    Args:
        hits: Hits of a service, most relevant first.
        wanted: Title asked for.
        title: Title of a hit.
        num_citation: Citations of a hit.
    """
    exact = [hit for hit in hits if title_key(title(hit)) == title_key(wanted)]
    others = [hit for hit in hits if title_key(title(hit)) != title_key(wanted)]
    return sorted(exact, key=num_citation, reverse=True) + others


def contains_run(text: str, run: str) -> bool:
    """Whether the words of `run` occur in `text` one after the other: `Bell Labs` in `Nokia Bell Labs`."""
    haystack, needle = words(text), words(run)
    starts = range(len(haystack) - len(needle) + 1)
    return bool(needle) and any(haystack[start : start + len(needle)] == needle for start in starts)


def first_passing(items: list[T], *rules: Callable[[T], bool]) -> list[T]:
    """The items that pass the first rule which any of them passes.

    Args:
        items: What to choose from.
        rules: Strictest first.
    """
    passing = ([item for item in items if rule(item)] for rule in rules)
    return next((kept for kept in passing if kept), [])


def _name_rules(name: str) -> list[Callable[[Candidate], bool]]:
    whole = set(name_keys(name))
    return [
        lambda each: any(whole & set(name_keys(other)) for other in each.names),
        lambda each: any(_has_all_tokens(other, name) for other in each.names),
        lambda each: _incomparable(name, each.names),
    ]


def _organization_rules(organization: str) -> list[Callable[[Candidate], bool]]:
    return [
        lambda each: any(contains_run(other, organization) for other in each.organizations),
        lambda each: any(contains_run(organization, other) for other in each.organizations),
        lambda each: _incomparable(organization, each.organizations),
    ]


def _has_all_tokens(name: str, asked: str) -> bool:
    known, tokens = set(name_entry(name).split()), name_parts(asked)
    return bool(tokens) and all("".join(parts) in known or known.issuperset(parts) for parts in tokens)


def _incomparable(asked: str, spellings: Iterable[str]) -> bool:
    """Whether no spelling is in the script of the question, or there is none."""
    return all(_is_latin(asked) != _is_latin(other) for other in spellings if other)


def _is_latin(text: str) -> bool:
    return "".join(words(text)).isascii()
