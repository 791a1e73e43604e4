import pytest

from herdwick.agents.answer import Timings
from herdwick.evals.predictions import Prediction
from herdwick.evals.tokens import Price, Tokens
from herdwick.evals.usage import cost, latency


def outputs_of(answer, tokens):
    timed = answer.model_copy(update={"timings": Timings(draft_s=1.0, total_s=1.5)})
    return Prediction.of(timed, "1", tokens).model_dump(mode="json")


def test_an_answer_costs_what_its_tokens_cost(answered):
    outputs = outputs_of(answered(1), Tokens(prompt=1_000, completion=500))
    found = cost(Price(2.0, 4.0))(inputs={}, outputs=outputs, reference_outputs={})
    assert found == {"key": "cost", "score": pytest.approx(0.004)}


def test_tokens_that_were_not_counted_cost_nobody_knows_what(answered):
    assert cost(Price(2.0, 4.0))(outputs=outputs_of(answered(1), None))["score"] is None


def test_an_answer_takes_the_seconds_from_question_to_answer(answered):
    assert latency(outputs=outputs_of(answered(1), None), reference_outputs={}) == {
        "key": "latency_s",
        "score": 1.5,
    }
