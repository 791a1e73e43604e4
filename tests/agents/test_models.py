import asyncio
import threading

import pytest

from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.models import load_model


def test_url_alone_takes_the_first_model_served(scripted):
    scripted.models = {"base": "vllm", "other": "vllm"}
    endpoint = load_model(scripted.url).endpoint("aminer")
    assert (endpoint.model, endpoint.engine, endpoint.adapted) == ("base", "vllm", False)


def test_adapter_that_bears_the_domains_name_is_chosen(scripted):
    scripted.models = {"base": "vllm", "aminer": "vllm", "bgp": "vllm"}
    model = load_model(scripted.url)
    assert [model.endpoint(domain).model for domain in ("aminer", "bgp")] == ["aminer", "bgp"]
    assert model.endpoint("aminer").adapted


def test_name_at_url_takes_that_model(scripted):
    scripted.models = {"base": "llamacpp", "meta/other": "llamacpp"}
    endpoint = load_model(f"meta/other@{scripted.url}").endpoint("aminer")
    assert (endpoint.model, endpoint.engine) == ("meta/other", "llamacpp")


def test_unknown_server_is_no_engine_we_know(scripted):
    endpoint = load_model(scripted.url).endpoint("aminer")
    assert (endpoint.engine, endpoint.takes_grammars, endpoint.takes_json_schemas) == (
        "unknown",
        False,
        False,
    )


def test_model_that_is_not_served_is_an_error_that_lists_the_served(scripted):
    with pytest.raises(ModelError) as failure:
        load_model(f"gone@{scripted.url}").endpoint("aminer")
    assert (failure.value.kind, failure.value.hint) == ("model_unknown", "It serves: scripted.")


def test_server_without_models_is_an_error(scripted):
    scripted.models = {}
    with pytest.raises(ModelError) as failure:
        load_model(scripted.url).endpoint("aminer")
    assert failure.value.kind == "model_unknown"


def test_named_model_needs_no_list(scripted):
    scripted.models = None
    endpoint = load_model(f"mine@{scripted.url}", max_retries=0).endpoint("aminer")
    assert (endpoint.model, endpoint.engine) == ("mine", "unknown")


@pytest.mark.parametrize("listed", ['{"data": [{"x": 1}]}', '{"data": [{"id": ["m"]}]}', "[" * 200_000])
def test_list_that_is_none_is_a_bad_reply(scripted, replies, listed):
    scripted.models = replies.Raw(listed, "application/json")
    with pytest.raises(ModelError) as failure:
        load_model(scripted.url).endpoint("aminer")
    assert failure.value.kind == "bad_reply"


def test_server_that_is_down_is_an_error(unused_url):
    with pytest.raises(ModelError) as failure:
        load_model(unused_url, max_retries=0).endpoint("aminer")
    assert failure.value.kind == "endpoint_down"


def test_server_that_comes_up_later_is_used(scripted):
    model = load_model(f"late@{scripted.url}")
    with pytest.raises(ModelError):
        model.endpoint("aminer")
    scripted.models = {"late": "vllm"}
    assert model.endpoint("aminer").model == "late"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9/v1"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9/v1"),
        ("http://127.0.0.1:9/v1/", "http://127.0.0.1:9/v1"),
        ("m@http://127.0.0.1:9/llm/v1?x=1", "http://127.0.0.1:9/llm/v1"),
    ],
)
def test_url_is_completed(name, url, unused_url):
    with pytest.raises(ModelError) as failure:
        load_model(name, max_retries=0).endpoint("aminer")
    assert f"{url} cannot be reached" in failure.value.message


@pytest.mark.parametrize("name", ["", "gpt", "ftp://host/v1", "embedded2"])
def test_unknown_name_is_wrong_usage(name):
    with pytest.raises(UsageError) as failure:
        load_model(name)
    assert failure.value.kind == "unknown_model"


def test_password_in_the_url_is_refused_and_not_repeated():
    with pytest.raises(UsageError) as failure:
        load_model("http://me:hunter2@127.0.0.1:9/v1")
    assert failure.value.kind == "password_in_url"
    assert "hunter2" not in str(failure.value)


def test_secret_in_a_name_that_is_none_is_not_repeated():
    with pytest.raises(UsageError) as failure:
        load_model("htp://me:hunter2@127.0.0.1:9/v1")
    assert (failure.value.kind, failure.value.message) == ("unknown_model", "There is no model 'htp://…'.")


@pytest.mark.parametrize("key", ["two\nlines", "schlüssel", "with space"])
def test_key_that_cannot_be_one_is_refused_before_it_is_sent(monkeypatch, key):
    monkeypatch.setenv("HERDWICK_API_KEY", key)
    with pytest.raises(ModelError) as failure:
        load_model("http://127.0.0.1:9/v1")
    assert failure.value.kind == "bad_key"
    assert key not in str(failure.value)


def test_key_in_the_names_of_models_is_removed(scripted, monkeypatch):
    monkeypatch.setenv("HERDWICK_API_KEY", "hw-secret")
    scripted.models = {"Bearer hw-secret": "echo"}
    with pytest.raises(ModelError) as failure:
        load_model(f"m@{scripted.url}").endpoint("aminer")
    assert failure.value.hint == "It serves: Bearer [key removed]."


def test_name_shows_no_query_that_might_hold_a_key():
    assert load_model("m@http://127.0.0.1:9/v1?key=hunter2").name == "m@http://127.0.0.1:9/v1"


def test_openai_needs_its_key():
    with pytest.raises(ModelError) as failure:
        load_model("openai")
    assert failure.value.kind == "key_missing"


def test_openai_is_asked_with_its_key_and_a_chosen_model(scripted, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", scripted.url)
    monkeypatch.setenv("HERDWICK_OPENAI_MODEL", "big")
    scripted.says("hello")
    endpoint = load_model("openai").endpoint("aminer")
    endpoint.chat.invoke("hi")
    assert scripted.requests[0]["model"] == "big"
    assert scripted.keys == ["Bearer sk-secret"]


def test_no_password_in_the_url_of_openai_reaches_a_message(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://u:hunter2@127.0.0.1:9/v1")
    with pytest.raises(UsageError) as failure:
        load_model("openai")
    assert failure.value.kind == "password_in_url"
    assert "hunter2" not in str(failure.value)


def test_openai_key_never_goes_to_another_server(scripted, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    scripted.says("hello")
    load_model(scripted.url).endpoint("aminer").chat.invoke("hi")
    assert scripted.keys == ["Bearer none"]


def test_other_servers_get_their_own_key(scripted, monkeypatch):
    monkeypatch.setenv("HERDWICK_API_KEY", "hw-secret")
    scripted.says("hello")
    load_model(scripted.url).endpoint("aminer").chat.invoke("hi")
    assert scripted.keys == ["Bearer hw-secret"]


def test_key_is_in_no_representation(scripted, monkeypatch):
    monkeypatch.setenv("HERDWICK_API_KEY", "hw-secret")
    endpoint = load_model(scripted.url).endpoint("aminer")
    shown = f"{endpoint!r} {endpoint.chat!r} {endpoint.completion!r} {endpoint.chat.to_json()}"
    assert "hw-secret" not in shown


def test_threads_that_ask_at_once_get_one_endpoint(scripted):
    model = load_model(scripted.url)
    found = []
    threads = [threading.Thread(target=lambda: found.append(model.endpoint("aminer"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(endpoint) for endpoint in found}) == 1


@pytest.mark.parametrize("kind", ["chat", "completion"])
def test_one_endpoint_serves_several_event_loops(scripted, kind):
    endpoint = load_model(scripted.url).endpoint("aminer")
    scripted.says("one", "two", "three")
    replies = [asyncio.run(getattr(endpoint, kind).ainvoke("hi")) for _ in range(3)]
    assert [getattr(reply, "text", reply) for reply in replies] == ["one", "two", "three"]


def test_closing_closes_the_connections_and_may_be_repeated(scripted):
    model = load_model(scripted.url)
    endpoint = model.endpoint("aminer")
    clients = [endpoint.chat.http_client, endpoint.completion.http_client]
    model.close()
    model.close()
    endpoint.close()
    assert [client.is_closed for client in clients] == [True, True]
