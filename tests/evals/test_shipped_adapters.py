"""What ships still answers: every third SoAyBench template, each a test of its own in LangSmith's style.

With `LANGSMITH_TEST_TRACKING=true` and a key, LangSmith keeps inputs, outputs and feedback of each.
"""

import os

import pytest
from langsmith import testing as t

from herdwick.agents import build_solver
from herdwick.evals.authoring.soaybench import SUITE
from herdwick.evals.langsmith import EVALUATORS
from herdwick.evals.row_formats import read_rows
from herdwick.evals.suite import load_suite

os.environ.setdefault("LANGSMITH_TEST_TRACKING", "false")

pytestmark = [pytest.mark.slow, pytest.mark.model]
ROWS = [row.model_copy(update={"domain": "aminer"}) for row in read_rows(SUITE)[:44:3]]


@pytest.fixture(scope="module")
def solver(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        options = load_suite("soaybench").options_for(ROWS[0])
        with build_solver("aminer", **options) as solver:
            yield solver


@pytest.mark.langsmith
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_plain_question_is_answered_right_by_the_right_plan(solver, row):
    reference = row.model_dump(mode="json", exclude_unset=True)
    t.log_inputs({"question": row.question})
    t.log_reference_outputs(reference)
    outputs = solver.invoke(row.question).model_dump(mode="json")
    t.log_outputs(outputs)
    scores = {}
    for evaluator in EVALUATORS:
        feedback = evaluator(outputs=outputs, reference_outputs=reference)
        t.log_feedback(key=feedback["key"], score=feedback["score"])
        scores[feedback["key"]] = feedback["score"]
    assert scores == dict.fromkeys(scores, True), outputs["program"]
