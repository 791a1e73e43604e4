import pytest

from herdwick.agents.endpoint import Endpoint

GRAMMAR = 'root ::= "a"'


@pytest.mark.parametrize(
    ("engine", "arguments"),
    [
        ("llamacpp", {"extra_body": {"lora": [], "grammar": GRAMMAR}}),
        ("vllm", {"extra_body": {"lora": [], "structured_outputs": {"grammar": GRAMMAR}}}),
        ("openai", {}),
        ("unknown", {}),
    ],
)
def test_grammar_goes_where_the_engine_looks_for_it(engine, arguments):
    endpoint = Endpoint("http://127.0.0.1:9/v1", "m", engine, extra_body={"lora": []})
    assert endpoint.with_grammar(GRAMMAR) == arguments


def test_extra_fields_go_with_every_request(scripted):
    endpoint = Endpoint(scripted.url, "m", "llamacpp", extra_body={"lora": [{"id": 1, "scale": 1.0}]})
    scripted.says("a", "b", "c")
    endpoint.chat.invoke("hi")
    endpoint.completion.invoke("hi")
    endpoint.completion.bind(**endpoint.with_grammar(GRAMMAR)).invoke("hi")
    assert [request["lora"] for request in scripted.requests] == [[{"id": 1, "scale": 1.0}]] * 3
    assert scripted.requests[2]["grammar"] == GRAMMAR


def test_raw_completion_is_greedy_and_raw(scripted):
    scripted.says("x")
    Endpoint(scripted.url, "m").completion.invoke("[INST]hi[/INST]")
    request = scripted.requests[0]
    assert (request["prompt"], request["temperature"]) == (["[INST]hi[/INST]"], 0)


def test_proxy_is_not_asked_for_this_machine(scripted, monkeypatch, unused_url):
    monkeypatch.setenv("HTTP_PROXY", unused_url)
    scripted.says("direct")
    assert Endpoint(scripted.url, "m").completion.invoke("hi") == "direct"
