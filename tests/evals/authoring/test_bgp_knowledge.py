"""The keys of `bgp-knowledge`, against a second answer to every question, given without sight of them."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from herdwick.agents.answer import Answer
from herdwick.evals import authoring
from herdwick.evals.evaluators import answer_match
from herdwick.evals.suite import load_suite

SECOND = Path(authoring.__path__[0]) / "bgp_knowledge_second.jsonl"
PLANTED = Path(authoring.__path__[0]) / "bgp_knowledge_planted.yaml"


@pytest.fixture(scope="module")
def rows():
    return {row.id: row for row in load_suite("bgp-knowledge").rows}


@pytest.fixture(scope="module")
def second():
    return {one["id"]: one["answer"] for one in map(json.loads, SECOND.read_text("utf-8").splitlines())}


def said(value):
    return Answer(
        question="?", domain="bgp", strategy="knowledge", model="m", answer=value, text="", status="ok"
    )


def test_a_second_answer_agrees_with_every_key(rows, second):
    assert rows.keys() == second.keys()
    assert [name for name, row in rows.items() if not answer_match(row, said(second[name]))] == []


def test_every_reference_answer_meets_its_own_rubric(rows):
    assert [row.id for row in rows.values() if not answer_match(row, said(row.answer))] == []


def test_there_are_enough_of_every_kind_and_each_names_its_rfc(rows):
    kinds = Counter(row.kind for row in rows.values())
    assert kinds["mcq"] >= 100
    assert min(kinds[kind] for kind in ("true_false", "fill_blank", "qa")) >= 30
    assert [row.id for row in rows.values() if not re.match(r"RFC \d{4}\b", row.source)] == []


def test_no_constant_answer_does_well(rows):
    truths = Counter(row.answer for row in rows.values() if row.kind == "true_false")
    assert abs(truths[True] - truths[False]) <= 2
    choices = [row for row in rows.values() if row.kind == "mcq"]
    longest = sum(len(row.answer) == max(map(len, row.choices.values())) for row in choices)
    shortest = sum(len(row.answer) == min(map(len, row.choices.values())) for row in choices)
    assert max(longest, shortest) / len(choices) < 0.35
    places = Counter(row.letter_of(row.answer) for row in choices)
    assert max(places.values()) / len(choices) < 0.35


def test_no_question_says_what_its_rubric_wants(rows):
    telling = [
        row.id
        for row in rows.values()
        if row.kind == "qa" and answer_match(row, said(row.question), loose=True)
    ]
    assert telling == []


@pytest.fixture(scope="module")
def planted():
    return yaml.safe_load(PLANTED.read_text("utf-8"))


@pytest.mark.parametrize("how", ["wrong", "denied"])
def test_no_planted_answer_is_right(rows, planted, how):
    assert planted.keys() == {row.id for row in rows.values() if row.kind == "qa"}
    right = [name for name, answers in planted.items() if answer_match(rows[name], said(answers[how]))]
    assert right == []


def test_a_text_of_all_phrases_is_right_nowhere(rows):
    prose = [row for row in rows.values() if row.kind == "qa"]
    text = ". ".join(phrase for row in prose for point in row.rubric for phrase in point)
    assert [row.id for row in prose if answer_match(row, said(text), loose=True)] == []
