"""The solution library of the AMiner domain, plan by plan."""

import pytest

from herdwick.tools.domain import get_domain
from herdwick.tools.solutions import SolutionLibrary, format_plan, parse_plan

LIBRARY = get_domain("aminer").library

REQUIRED = """
searchPerson
searchPublication
searchPerson -> getCoauthors
searchPerson -> getPersonPubs
searchPerson -> getPersonBasicInfo
searchPerson -> getPersonInterest
searchPublication -> getPublication
searchPerson -> getCoauthors -> searchPerson
searchPerson -> getCoauthors -> getCoauthors
searchPerson -> getCoauthors -> getPersonInterest
searchPerson -> getCoauthors -> getPersonBasicInfo
searchPerson -> getCoauthors -> getPersonPubs
searchPerson -> getPersonPubs -> getPublication
searchPublication -> getPublication -> getPersonInterest
searchPublication -> getPublication -> getCoauthors
searchPublication -> getPublication -> getPersonPubs
searchPublication -> getPublication -> getPersonBasicInfo
searchPublication -> getPublication -> searchPerson
"""


@pytest.mark.parametrize("text", REQUIRED.strip().splitlines())
def test_holds_every_plan_the_published_system_needs(text: str) -> None:
    assert parse_plan(text) in LIBRARY.plans


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (("searchPerson", "getPublication"), "it needs a PubId, which searchPerson does not return"),
        (("getCoauthors",), "getCoauthors cannot come first: it needs a PersonId"),
        (("searchPublication", "getCoauthors"), "it needs a PersonId, which searchPublication does not"),
        (("searhPerson",), "there is no function 'searhPerson'"),
        ((), "the plan is empty"),
        (("searchPerson", "getCoauthors", "getCoauthors", "getCoauthors"), "4 hops, the limit is 3"),
        (("searchPerson", "getPersonBasicInfo", "getCoauthors"), "which getPersonBasicInfo does not return"),
    ],
)
def test_says_why_a_plan_is_illegal(plan: tuple[str, ...], reason: str) -> None:
    assert plan not in LIBRARY
    assert reason in (LIBRARY.explain(plan) or "")


def test_every_plan_it_lists_is_legal_and_none_twice() -> None:
    assert all(LIBRARY.explain(plan) is None for plan in LIBRARY)
    assert len(set(LIBRARY.plans)) == len(LIBRARY)


def test_lists_short_plans_first() -> None:
    lengths = [len(plan) for plan in LIBRARY.plans]
    assert lengths == sorted(lengths)


def test_fewer_hops_give_a_prefix_of_the_library() -> None:
    shorter = SolutionLibrary(get_domain("aminer").functions, max_hops=2)
    assert shorter.plans == tuple(plan for plan in LIBRARY.plans if len(plan) <= 2)


def test_plans_survive_text() -> None:
    assert [parse_plan(format_plan(plan)) for plan in LIBRARY] == list(LIBRARY.plans)
    assert parse_plan(" searchPerson→getCoauthors ") == ("searchPerson", "getCoauthors")
