import socket

import pytest

from herdwick.agents.endpoint import Endpoint
from herdwick.agents.errors import ModelError

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


def test_proxy_makes_nobody_warn(scripted, monkeypatch, unused_url, caplog):
    monkeypatch.setenv("HTTP_PROXY", unused_url)
    monkeypatch.setattr("langchain_openai.chat_models._client_utils._proxy_env_warning_emitted", False)
    scripted.says("direct")
    assert Endpoint(scripted.url, "m").chat.invoke("hi").text == "direct"
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


def test_socks_proxy_is_asked(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5://127.0.0.1:{proxy.getsockname()[1]}")
        endpoint = Endpoint("http://example.invalid/v1", "m", max_retries=0, timeout_s=0.5)
        with pytest.raises(Exception, match="timed out"):
            endpoint.completion.invoke("hi")
        connection, _ = proxy.accept()
        with connection:
            # Version 5, one way to log in offered: none.
            assert connection.recv(16) == bytes([5, 1, 0])


@pytest.mark.parametrize("proxy", ["gopher://me:hunter2@127.0.0.1:9", "http://127.0.0.1:port"])
def test_proxy_of_no_known_kind_is_explained_without_showing_it(monkeypatch, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ModelError) as failure:
        _ = Endpoint("http://example.invalid/v1", "m").chat
    assert failure.value.kind == "bad_proxy"
    assert proxy not in str(failure.value)
