import ast
import re
from random import Random

import pytest

from herdwick.agents.grammar import numbers_in
from herdwick.selfinstruct.descriptions import load_descriptions
from herdwick.selfinstruct.intents import Phrasing, Seeds
from herdwick.selfinstruct.phrase import Filled, Phraser
from herdwick.selfinstruct.world import World
from herdwick.tools.domain import get_domain

AMINER = get_domain("aminer")
FIXED = {-1, 0, 1, 2}
"""Integers that stand in programs of themselves: indexes and comparisons with nothing."""


def fillings(seeds: Seeds, world: World, intent: str, *, times: int = 3) -> list[tuple[Phrasing, Filled]]:
    rng = Random(5)
    return [
        (phrasing, phraser.fill(seeds.intents[intent], phrasing))
        for language in ("en", "zh")
        for phraser in [Phraser(world.pools[language], load_descriptions("aminer")[language], rng)]
        for phrasing in seeds.phrasings[intent]
        if phrasing.language == language
        for _ in range(times)
    ]


def literals(program: str, kind: type) -> set:
    constants = (node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant))
    return {value for value in constants if type(value) is kind}


@pytest.fixture(scope="module")
def filled(seeds: Seeds, world: World) -> list[tuple[str, Phrasing, Filled]]:
    """Every phrasing of every intent, once."""
    return [
        (intent, phrasing, example)
        for intent in seeds.phrasings
        for phrasing, example in fillings(seeds, world, intent, times=1)
    ]


def test_every_slot_is_filled(filled) -> None:
    assert [example.question for _, _, example in filled if "{" in example.question] == []


def test_string_literals_are_runs_of_the_question(filled) -> None:
    constants = {*AMINER.result_fields, *AMINER.result_values}
    strange = [
        (example.question, text)
        for _, _, example in filled
        for text in literals(example.program, str) - constants
        if text not in example.question
    ]

    assert strange == []


def test_integers_are_mentioned_in_the_question(filled) -> None:
    strange = [
        (intent, example.question, example.program)
        for intent, _, example in filled
        if literals(example.program, int) - FIXED - set(numbers_in(example.question))
    ]

    assert strange == []


def test_two_people_of_a_question_are_different_people(seeds: Seeds, world: World) -> None:
    for _, example in fillings(seeds, world, "compare.citations"):
        first, second = (line for line in example.program.splitlines() if "searchPerson" in line)
        assert first.partition("= ")[2] != second.partition("= ")[2], example.question


def test_years_of_a_span_are_in_order(seeds: Seeds, world: World) -> None:
    for _, example in fillings(seeds, world, "pubs.between"):
        first, last = map(int, re.findall(r"\b(?:19|20)\d\d\b", example.program))
        assert 1990 < first < last <= 2026, example


def test_a_pinned_value_goes_into_the_program(seeds: Seeds, world: World) -> None:
    pinned = [
        (phrasing, example)
        for phrasing, example in fillings(seeds, world, "author.organization")
        if phrasing.pinned
    ]

    assert pinned
    for phrasing, example in pinned:
        assert f'["author_list"][{phrasing.pinned["pos"]}]' in example.program


def test_a_question_in_a_refused_language_gets_no_english_frame(seeds: Seeds, world: World) -> None:
    words = load_descriptions("aminer")["en"]
    phraser = Phraser(world.pools["en"], words, Random(1))

    def framed(phrasings: list[Phrasing]) -> list[str]:
        questions = [phraser.fill(None, phrasing).question for phrasing in phrasings * 5]
        return [
            question
            for question in questions
            for before, after in words.frame
            if (before and question.startswith(before)) or (after and question.endswith(after))
        ]

    assert framed(seeds.refusals["language"]) == []
    assert framed(seeds.refusals["off_topic"]) != []


def test_a_refusal_has_no_program(seeds: Seeds, world: World) -> None:
    phraser = Phraser(world.pools["en"], load_descriptions("aminer")["en"], Random(1))

    assert phraser.fill(None, Phrasing("Tell me a joke.", "en")).program == ""
