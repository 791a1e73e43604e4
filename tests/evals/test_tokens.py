import pytest
from langchain_core.outputs import Generation, LLMResult

from herdwick.agents import load_model
from herdwick.evals.tokens import Price, TokenMeter, Tokens


@pytest.mark.parametrize("kind", ["chat", "completion"])
def test_tokens_are_counted_as_the_endpoint_says_over_all_calls(serve, kind):
    model = load_model(serve("plain", lambda _: "ok"))
    meter = TokenMeter()
    asked = getattr(model.endpoint("bgp"), kind)
    for _ in range(3):
        asked.invoke("Hello", {"callbacks": [meter]})
    model.close()
    assert meter.tokens == Tokens(prompt=21, completion=6)
    assert meter.tokens.total == 27


def test_one_reply_without_a_count_leaves_all_uncounted():
    meter = TokenMeter()
    counted = LLMResult(
        generations=[], llm_output={"token_usage": {"prompt_tokens": 5, "completion_tokens": 1}}
    )
    assert meter.tokens == Tokens()
    meter.on_llm_end(counted)
    assert meter.tokens == Tokens(prompt=5, completion=1)
    meter.on_llm_end(LLMResult(generations=[[Generation(text="ok")]]))
    meter.on_llm_end(counted)
    assert meter.tokens is None


def test_tokens_that_were_not_counted_add_nothing():
    assert Tokens.sum([Tokens(prompt=1, completion=2), None, Tokens(prompt=3)]) == Tokens(
        prompt=4, completion=2
    )
    assert Tokens.sum([]) == Tokens()


def test_a_price_is_for_a_million():
    assert Price(2.0, 8.0).of(Tokens(prompt=500_000, completion=250_000)) == 3.0
    assert Price().of(Tokens(prompt=500_000)) == 0
