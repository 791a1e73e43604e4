"""Invented text."""

import random

import pytest

from herdwick.tools.aminer.local.phrases import Phrases
from herdwick.tools.aminer.local.vocabulary import load_vocabulary


@pytest.fixture
def phrases() -> Phrases:
    return Phrases(random.Random(1), load_vocabulary())


def test_given_slots_are_filled_as_said(phrases):
    assert phrases.fill("{name} at {organization}", name="Ada", organization="IBM") == "Ada at IBM"


def test_a_capitalised_slot_starts_with_a_capital(phrases):
    assert phrases.fill("{Field} and {field}", field="data mining") == "Data mining and data mining"


def test_a_numbered_slot_is_drawn_apart(phrases):
    first, second = phrases.fill("{method}|{method2}").split("|")
    assert first != second


def test_articles_fit_the_word_that_was_drawn(phrases):
    assert phrases.fill("A {noun}", noun="architecture") == "An architecture"


def test_titles_are_not_repeated(phrases):
    titles = [phrases.title("Graph Theory") for _ in range(2_000)]
    assert len(set(titles)) == len(titles)


def test_titles_leave_no_slot_open(phrases):
    texts = [phrases.title("Topology") + phrases.abstract("Topology", "Logic") for _ in range(500)]
    assert not any("{" in text or "}" in text for text in texts)


def test_a_bio_does_not_mention_an_unknown_organization(phrases):
    bios = [phrases.bio("Ada", "", "", ("Topology", "Logic")) for _ in range(200)]
    assert not any(" at ," in bio or " at ." in bio or "joining ," in bio for bio in bios)
