"""Constrained decoding must allow every completion that training teaches, and forbid what is unsound.

llguidance reads the same grammar text as llama.cpp and vLLM and runs it without a model.
"""

import re
from functools import cache
from random import Random

import pytest

from herdwick.agents.grammar import solution_grammar
from herdwick.selfinstruct.examples import Example, read_examples
from herdwick.selfinstruct.intents import Seeds, load_seeds
from herdwick.selfinstruct.routing_world import RoutingWorld
from herdwick.selfinstruct.synthesize import synthesize
from herdwick.selfinstruct.world import World
from herdwick.tools.domain import Domain, get_domain

AMINER, BGP = get_domain("aminer"), get_domain("bgp")
QUESTION = "Which papers did Ada O'Quill of St. John's College write after 2015?"
PROGRAM = (
    'p = searchPerson(name="Ada O\'Quill", organization="St. John\'s College")[0]\n'
    'final_result = [w["title"] for w in getPersonPubs(p["person_id"]) if w["year"] > 2015]\n'
)
SOLUTION = f"searchPerson -> getPersonPubs\n{PROGRAM}"


@cache
def _matcher(question: str, domain: Domain, **apart: tuple[str, ...]):
    import llguidance

    lark = llguidance.gbnf_to_lark.any_to_lark(solution_grammar(question, domain, **apart))
    matcher = llguidance.LLMatcher(_bytes(), llguidance.LLMatcher.grammar_from_lark(lark))
    assert not matcher.is_error(), matcher.get_error()
    return matcher


@cache
def _bytes():
    import llguidance

    return llguidance.LLTokenizer("byte")


def accepts(question: str, solution: str, domain: Domain = AMINER, **apart: tuple[str, ...]) -> bool:
    matcher = _matcher(question, domain, **apart).deep_copy()
    ids = _bytes().tokenize_str(solution)
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


@pytest.fixture(scope="module")
def examples(seeds: Seeds, world: World, tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    out = tmp_path_factory.mktemp("grammar") / "train.jsonl"
    synthesize(AMINER, seeds, world.askers, count=400, seed=9, out=out)
    return read_examples(out)


def test_every_completion_is_accepted(examples: list[Example]) -> None:
    refused = [
        (example.question, example.completion)
        for example in examples
        if not accepts(example.question, example.completion)
    ]

    assert refused == []


@pytest.mark.parametrize("kind", ["often", "singles"])
def test_routing_completions_are_accepted(kind: str, routing: RoutingWorld) -> None:
    seeds = load_seeds("bgp")
    asker = routing.askers(Random(4))["en"]
    names = sorted(seeds.singles if kind == "singles" else seeds.intents.keys() - seeds.singles)
    # A grammar takes a tenth of a second to read.
    intents = [seeds.intents[name] for name in Random(4).sample(names, 120)]
    asked = [(intent, asker.fill(intent, seeds.phrasings[intent.id][0])) for intent in intents]
    refused = [
        (intent.id, filled.question, filled.program)
        for intent, filled in asked
        if not accepts(filled.question, f"{intent.plan}\n{filled.program}\n", BGP)
    ]
    assert refused == []


def test_a_field_is_compared_with_a_prefix_of_the_question_only() -> None:
    question = "Who took 10.0.4.0/24 out of 10.0.0.0/16?"
    solution = (
        "subprefixes\nfinal_result = "
        '[r["origin_asn"] for r in subprefixes(prefix="10.0.0.0/16") if r["prefix"] == "10.0.4.0/24"]\n'
    )
    assert accepts(question, solution, BGP)
    assert accepts(question, solution.replace(" == ", " != "), BGP)
    assert not accepts(question, solution.replace('"10.0.4.0/24"', '"10.0.5.0/24"'), BGP)


def test_a_name_with_another_letter_is_refused(examples: list[Example]) -> None:
    changed = [
        (example.question, re.sub(r'(name=")(\w)', r"\1\2ß", example.completion, count=1))
        for example in examples
        if 'name="' in example.completion
    ]

    assert len(changed) > 100
    assert [pair for pair in changed if accepts(*pair)] == []


def test_a_call_outside_the_plan_is_refused(examples: list[Example]) -> None:
    changed = [
        (example.question, example.completion.replace("getCoauthors(", "getPublication("))
        for example in examples
        if "getCoauthors(" in example.completion and "getPublication" not in example.completion
    ]

    assert len(changed) > 30
    assert [pair for pair in changed if accepts(*pair)] == []


def test_the_solution_used_below_is_accepted() -> None:
    assert accepts(QUESTION, SOLUTION)


@pytest.mark.parametrize(
    "arguments", ['organization="College"', '"Ada"', '"Ada", interest="papers"', "name=w, interest=w"]
)
def test_a_call_may_have_any_of_its_arguments(arguments: str) -> None:
    call = 'name="Ada O\'Quill", organization="St. John\'s College"'
    assert call in SOLUTION
    assert accepts(QUESTION, SOLUTION.replace(call, arguments))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("searchPerson -> getPersonPubs\n", "searchPerson -> getPublication\n"),
        ("searchPerson -> getPersonPubs\n", "searchPerson\n"),
        ("searchPerson -> getPersonPubs\n", ""),
        ("Ada O'Quill", "Ada O'Quil"),
        ("Ada O'Quill", "Ada OQuill"),
        ("Ada O'Quill", "O'Quill Ada"),
        ("St. John's College", "St. Johns College"),
        ("2015", "2016"),
        ("2015", "20150"),
        ("2015", "12"),
        ('["title"]', '["titel"]'),
        ('["year"]', '["venue_year"]'),
        ("final_result = ", "result = "),
        ("[0]", "[7]"),
        ("[0]", "[10]"),
        ('organization="St', 'name="Ada", organization="St'),
        ('organization="St', 'organization="College", organization="St'),
        ('College")', 'College", "Ada")'),
        ('organization="', 'person_id="'),
    ],
)
def test_unsound_solutions_are_refused(old: str, new: str) -> None:
    assert old in SOLUTION
    assert not accepts(QUESTION, SOLUTION.replace(old, new, 1))


TWO_PEOPLE = "joint papers ada quill bo reed"


def _joint(first: str, second: str) -> str:
    return (
        "searchPerson -> getPersonPubs\n"
        f'p = searchPerson(name="{first}")[0]\n'
        f'q = searchPerson(name="{second}")[0]\n'
        'final_result = [r["title"] for r in getPersonPubs(p["person_id"])'
        ' if q["name"] in r["authors_name_list"]]'
    )


@pytest.mark.parametrize(
    ("first", "accepted"),
    [("ada quill", True), ("ada quill bo reed", False), ("quill bo", False), ("bo reed", True)],
)
def test_words_kept_apart_begin_an_argument_or_stand_in_none(first: str, accepted: bool) -> None:
    assert accepts(TWO_PEOPLE, _joint(first, "bo reed"))
    assert accepts(TWO_PEOPLE, _joint(first, "bo reed"), apart=("bo reed",)) is accepted


@pytest.mark.parametrize(
    ("arguments", "accepted"),
    [
        ('name="Ada O\'Quill", organization="St. John\'s College"', True),
        ('name="Ada O\'Quill", organization="O\'Quill of St"', False),
        ('name="Ada O\'Quill", interest="Ada"', False),
    ],
)
def test_words_for_the_first_argument_begin_no_other(arguments: str, accepted: bool) -> None:
    solution = SOLUTION.replace('name="Ada O\'Quill", organization="St. John\'s College"', arguments)

    assert accepts(QUESTION, solution)
    assert accepts(QUESTION, solution, first_only=("Ada O'Quill",)) is accepted
