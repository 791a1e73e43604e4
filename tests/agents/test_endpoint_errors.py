import pytest

from herdwick.agents.endpoint_errors import endpoint_errors
from herdwick.agents.errors import ModelError
from herdwick.agents.models import load_model


@pytest.fixture
def faults(replies):
    too_long = {
        "message": "This model's maximum context length is 10 tokens.",
        "code": "context_length_exceeded",
    }
    too_long_llamacpp = {
        "message": "request (3001 tokens) exceeds the available context size (2048 tokens)",
        "type": "exceed_context_size_error",
    }
    return {
        "unauthorized": replies.Status(401, {"message": "Incorrect API key provided: hw-sec**t"}),
        "forbidden": replies.Status(403),
        "unknown model": replies.Status(404),
        "too long": replies.Status(400, too_long),
        "too long for llama.cpp": replies.Status(400, too_long_llamacpp),
        "bad request": replies.Status(400, {"message": "failed to parse grammar"}),
        "unprocessable": replies.Status(422),
        "rate limit": replies.Status(429, headers={"Retry-After": "0.01"}),
        "server error": replies.Status(500, {"message": "out of memory " * 100}),
        "unavailable": replies.Status(503),
        "html": replies.Raw("<html>Welcome to nginx!</html>"),
        "other json": replies.Raw('{"hello": "world"}', "application/json"),
        "json list": replies.Raw("[1, 2]", "application/json"),
        "broken json": replies.Raw('{"choices": [', "application/json"),
        "empty": replies.Raw("", "application/json"),
        "cut": replies.Cut(),
        "nested too deeply": replies.Raw("[" * 200_000, "application/json"),
        "slow": replies.Slow(2.0),
        "dripping": replies.Drip(),
    }


KINDS = {
    "unauthorized": "endpoint_refused",
    "forbidden": "endpoint_refused",
    "unknown model": "model_unknown",
    "too long": "context_too_long",
    "too long for llama.cpp": "context_too_long",
    "bad request": "bad_request",
    "unprocessable": "bad_request",
    "rate limit": "rate_limited",
    "server error": "endpoint_failed",
    "unavailable": "endpoint_failed",
    "html": "bad_reply",
    "other json": "bad_reply",
    "json list": "bad_reply",
    "broken json": "bad_reply",
    "empty": "bad_reply",
    "cut": "endpoint_down",
    "nested too deeply": "bad_reply",
    "slow": "endpoint_timeout",
    "dripping": "endpoint_timeout",
}


@pytest.fixture
def endpoint(scripted):
    return load_model(scripted.url, timeout_s=0.5, max_retries=0).endpoint("aminer")


@pytest.mark.parametrize("model", ["chat", "completion"])
@pytest.mark.parametrize("fault", KINDS)
def test_fault_is_explained(scripted, endpoint, faults, fault, model):
    scripted.says(faults[fault])
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        getattr(endpoint, model).invoke("hi")
    assert failure.value.kind == KINDS[fault]
    assert failure.value.hint


@pytest.mark.parametrize("model", ["chat", "completion"])
@pytest.mark.parametrize("fault", ["cut", "slow", "dripping", "html", "rate limit"])
async def test_fault_is_explained_in_async_use(scripted, endpoint, faults, fault, model):
    scripted.says(faults[fault])
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        await getattr(endpoint, model).ainvoke("hi")
    assert failure.value.kind == KINDS[fault]


def test_reply_streamed_and_cut_in_the_middle_is_explained(scripted, endpoint, replies):
    scripted.says(replies.Cut())
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        list(endpoint.chat.stream("hi"))
    assert failure.value.kind == "endpoint_down"


def test_server_that_is_down_is_explained(unused_url):
    from herdwick.agents.endpoint import Endpoint

    endpoint = Endpoint(unused_url, "m", max_retries=0)
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        endpoint.chat.invoke("hi")
    assert failure.value.kind == "endpoint_down"


def test_rate_limit_is_waited_out_as_the_server_asks(scripted, replies):
    endpoint = load_model(scripted.url, max_retries=2).endpoint("aminer")
    limit = replies.Status(429, headers={"Retry-After": "0.05"})
    scripted.says(limit, limit, "at last")
    assert endpoint.completion.invoke("hi") == "at last"


def test_key_is_never_repeated(scripted, endpoint, faults):
    scripted.says(faults["unauthorized"])
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        endpoint.chat.invoke("hi")
    assert "hw-sec" not in str(failure.value)
    assert failure.value.hint == "Set HERDWICK_API_KEY to a key that is valid there."


@pytest.mark.parametrize("code", [400, 422, 500, 503])
@pytest.mark.parametrize("key", ["sk-secret", "sk'secret", r"sk\secret"])
def test_key_that_the_server_repeats_is_removed(scripted, replies, monkeypatch, code, key):
    monkeypatch.setenv("HERDWICK_API_KEY", key)
    endpoint = load_model(scripted.url, max_retries=0).endpoint("aminer")
    scripted.says(replies.Echo(code))
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        endpoint.completion.invoke("hi")
    assert "Authorization: Bearer [key removed]" in failure.value.message
    assert "secret" not in str(failure.value)


def test_stream_that_drips_ends_at_the_deadline(scripted, endpoint, replies):
    scripted.says(replies.Drip())
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        list(endpoint.chat.stream("hi"))
    assert failure.value.kind == "endpoint_timeout"


async def test_stream_that_drips_ends_at_the_deadline_in_async_use(scripted, endpoint, replies):
    scripted.says(replies.Drip())
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        [chunk async for chunk in endpoint.chat.astream("hi")]
    assert failure.value.kind == "endpoint_timeout"


@pytest.mark.parametrize("fault", ["slow", "dripping"])
@pytest.mark.parametrize("model", ["chat", "completion"])
def test_nothing_is_asked_again_after_a_timeout(scripted, faults, fault, model):
    endpoint = load_model(scripted.url, timeout_s=0.5, max_retries=2).endpoint("aminer")
    scripted.says(faults[fault])
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        getattr(endpoint, model).invoke("hi")
    assert failure.value.kind == "endpoint_timeout"
    assert len(scripted.requests) == 1


def test_servers_words_are_quoted_in_short(scripted, endpoint, faults):
    scripted.says(faults["server error"])
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        endpoint.chat.invoke("hi")
    assert len(failure.value.message) < 300
