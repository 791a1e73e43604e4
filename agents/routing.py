"""Which domain a question is for.

    route = find_route("How many updates for 192.0.2.0/24?", domains)
    route.domains       # the one whose vocabulary it uses, or several to be asked in this order
    answer = ask_in_turn(route.domains, ask)

A question is for the domain whose vocabulary it has most of; matches in the group `sure` weigh more than any
number of others, because a paper about networks is still a paper. Where that decides nothing, the models do:
the first that does not refuse has the question.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from herdwick.agents.answer import Answer
from herdwick.tools.domain import Domain

SURE = "sure"
"""The group of a vocabulary whose matches outweigh the others."""


@dataclass(frozen=True)
class Matches:
    """What a question has of a domain's vocabulary, each once, in order.

    Attributes:
        sure: What hardly any question for another domain has.
        others: The rest.
    """

    sure: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def score(self) -> tuple[int, int]:
        """What domains are compared by."""
        return len(self.sure), len(self.others)


@dataclass(frozen=True)
class Route:
    """Where a question may go.

    Attributes:
        domains: One where its words decide; several to be asked in this order where they do not.
        words: What decided; empty where nothing did.
    """

    domains: tuple[Domain, ...]
    words: tuple[str, ...] = ()


def find_route(question: str, domains: Sequence[Domain]) -> Route:
    """The way of `question` to one of `domains`, of which there is at least one."""
    found = {domain.name: matches_of(question, domain.vocabulary) for domain in domains}
    best = max(matches.score for matches in found.values())
    winners = tuple(domain for domain in domains if found[domain.name].score == best)
    if len(winners) > 1:
        return Route(winners)
    decisive = found[winners[0].name]
    return Route(winners, decisive.sure or decisive.others)


def matches_of(question: str, vocabulary: str) -> Matches:
    """What `question` has of a vocabulary, in which case makes no difference."""
    if not vocabulary:
        return Matches((), ())
    found = [*_compiled(vocabulary).finditer(question)]
    sure = dict.fromkeys(match[0].casefold() for match in found if match.groupdict().get(SURE))
    others = dict.fromkeys(match[0].casefold() for match in found)
    return Matches(tuple(sure), tuple(word for word in others if word not in sure))


def ask_in_turn(domains: Sequence[Domain], ask: Callable[[Domain], Answer]) -> Answer:
    """The first answer, or error, that is no refusal; the first refusal where there are only those.

    Args:
        domains: To be asked, in this order; at least one.
        ask: Asks one of them.
    """
    refused: Answer | None = None
    for domain in domains:
        answer = ask(domain)
        if answer.error is None or answer.error.kind != "refused":
            return answer
        refused = refused or answer
    if refused is None:
        raise ValueError("there is no domain to ask")
    return refused


@lru_cache
def _compiled(vocabulary: str) -> re.Pattern[str]:
    return re.compile(vocabulary, re.IGNORECASE)
