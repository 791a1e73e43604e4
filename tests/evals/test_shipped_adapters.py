"""What ships still answers: each plain question a test of its own, in LangSmith's style.

About AMiner every third template of SoAyBench, about BGP the first question of `bgp-tasks` for each of a
dozen functions. With `LANGSMITH_TEST_TRACKING=true` and a key, LangSmith keeps inputs, outputs and feedback.
"""

import os
from contextlib import ExitStack

import pytest
from langsmith import testing as t

from herdwick.agents import build_solver
from herdwick.evals.langsmith import EVALUATORS
from herdwick.evals.suite import load_suite

os.environ.setdefault("LANGSMITH_TEST_TRACKING", "false")

pytestmark = [pytest.mark.slow, pytest.mark.model]
FUNCTIONS = (
    *("count_updates", "origins", "prefixes_of", "path_lengths", "flaps", "hijack_check", "moas"),
    *("leak_summary", "upstreams", "rpki", "outages", "table_counts"),
)
SUITES = {name: load_suite(name) for name in ("soaybench", "bgp-tasks")}
FIRST = {row.plan: row for row in reversed(SUITES["bgp-tasks"].rows)}
ROWS = [*SUITES["soaybench"].rows[:44:3], *(FIRST[name,] for name in FUNCTIONS)]


@pytest.fixture(scope="module")
def solvers(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield {
            suite.domain.name: stack.enter_context(
                build_solver(suite.domain, **suite.options_for(suite.rows[0]))
            )
            for suite in SUITES.values()
        }


@pytest.mark.langsmith
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_plain_question_is_answered_right_by_the_right_plan(solvers, row):
    reference = row.model_dump(mode="json", exclude_unset=True)
    t.log_inputs({"question": row.question})
    t.log_reference_outputs(reference)
    outputs = solvers[row.domain].invoke(row.question).model_dump(mode="json")
    t.log_outputs(outputs)
    scores = {}
    for evaluator in EVALUATORS:
        feedback = evaluator(outputs=outputs, reference_outputs=reference)
        t.log_feedback(key=feedback["key"], score=feedback["score"])
        scores[feedback["key"]] = feedback["score"]
    assert scores == dict.fromkeys(scores, True), outputs["program"]
