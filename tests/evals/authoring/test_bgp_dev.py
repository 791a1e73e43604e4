"""The suite against its sources, and what it must be to measure anything."""

import json
from collections import Counter

import pytest

from herdwick.evals.authoring.bgp_dev import SUITE, read_questions, rows
from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import Refused
from herdwick.tools.bgp.toolkit import BGPToolkit
from herdwick.tools.domain import get_domain
from herdwick.tools.sandbox import ProgramSandbox
from herdwick.tools.tool import functions_of

ROWS = {row.id: row for row in read_rows(SUITE)}
QUESTIONS = {question.id: question for question in read_questions()}


@pytest.fixture(scope="module")
def tags():
    return Counter(tag for row in ROWS.values() for tag in row.tags)


@pytest.mark.slow
def test_the_committed_suite_is_what_its_sources_make(tmp_path):
    domain = get_domain("bgp")
    with BGPToolkit(cache=tmp_path) as toolkit, ProgramSandbox() as sandbox:
        tools = functions_of(toolkit.get_tools())
        run = [*rows(QUESTIONS.values(), lambda gold: sandbox.run(gold, tools, domain=domain))]
    made = [json.loads(json.dumps(row)) for row in run]
    assert made == [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("family", range(1, 16))
def test_families_are_large_enough_to_measure(tags, family):
    assert tags[f"family:{family}"] >= (20 if family in {1, 2, 3, 7, 11, 14, 15} else 15)


@pytest.mark.parametrize(
    ("tag", "least"),
    [
        ("refusal", 50),
        ("narrowed:window", 30),
        ("narrowed:moment", 10),
        ("narrowed:peer", 30),
        ("narrowed:version", 20),
        ("lower-case", 40),
        ("empty", 7),
    ],
)
def test_slices_are_large_enough_to_measure(tags, tag, least):
    assert tags[tag] >= least


def test_there_are_enough_questions_with_an_answer():
    assert sum(row.expected != Refused() for row in ROWS.values()) >= 265


def test_each_question_has_one_source_of_its_answer():
    for question in QUESTIONS.values():
        sources = question.gold, question.answer, question.why
        assert sum(source is not None for source in sources) == 1, question.id
        assert (question.why is not None) == (question.family == "refusal")


def test_only_gold_programs_have_a_plan():
    for row in ROWS.values():
        assert (row.plan is not None) == (QUESTIONS[row.id].gold is not None), row.id


def test_no_question_is_asked_twice():
    questions = Counter(" ".join(row.question.casefold().split()).strip("?. ") for row in ROWS.values())
    assert [question for question, times in questions.items() if times > 1] == []
