"""The suite `soaybench`: what it is made of, and that the generator still makes it."""

import json
from collections import Counter

import pytest

from herdwick.evals.authoring.soaybench import SUITE, make_cases
from herdwick.evals.suite import load_suite


@pytest.fixture(scope="module")
def lines():
    return [json.loads(line) for line in SUITE.read_text("utf-8").splitlines()]


def test_the_44_templates_have_the_benchmarks_hops_in_every_part(lines):
    for start in range(0, len(lines), 44):
        part = lines[start : start + 44]
        assert Counter(row["hop"] for row in part) == {1: 8, 2: 22, 3: 14}
        assert len({row["template"] for row in part}) == 44
        assert len({row["tags"][0] for row in part}) == 1
    assert Counter(row["tags"][0] for row in lines) == {"benchmark": 132, "paraphrased": 132}


def test_questions_and_answers_are_those_that_the_generator_makes(lines):
    assert [(case.question, case.answer) for case in make_cases()] == [
        (row["question"], row["answer"]) for row in lines
    ]


def test_no_question_is_one_of_the_development_suite(lines):
    known = {row.question for row in load_suite("aminer_dev").rows}
    assert not known & {row["question"] for row in lines}
