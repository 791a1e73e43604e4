import os
from contextlib import closing
from dataclasses import replace

import pytest

from herdwick.agents.embedded import EmbeddedConfig
from herdwick.agents.endpoint_errors import endpoint_errors
from herdwick.agents.errors import ModelError
from herdwick.agents.models import EmbeddedModel, load_model
from herdwick.agents.reply_cache import ReplyCache
from herdwick.agents.weights import Weights


@pytest.fixture
def ask(scripted, tmp_path):
    """Asks the scripted server for a completion, each time through a client of its own."""

    def ask(prompt="Who?", cache=None, **arguments):
        model = load_model(scripted.url, max_retries=0, cache=cache or ReplyCache(tmp_path / "cache"))
        with closing(model):
            endpoint = model.endpoint("aminer")
            with endpoint_errors(endpoint):
                return endpoint.completion.bind(**arguments).invoke(prompt)

    return ask


def test_what_was_asked_once_is_not_asked_again(ask, scripted, tmp_path):
    scripted.says("first")
    first, again = ReplyCache(tmp_path / "cache"), ReplyCache(tmp_path / "cache")
    assert [ask(cache=cache) for cache in (first, again)] == ["first", "first"]
    assert len(scripted.requests) == 1
    assert [(cache.use.hits, cache.use.misses) for cache in (first, again)] == [(0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"prompt": "Who?"}, {"prompt": "How many?"}),
        ({"extra_body": {"grammar": "a"}}, {"extra_body": {"grammar": "b"}}),
        ({"max_tokens": 1}, {"max_tokens": 2}),
        ({"temperature": 0.5, "seed": 1}, {"temperature": 0.5, "seed": 2}),
    ],
)
def test_another_request_is_asked(ask, scripted, one, other):
    scripted.says("first", "second")
    assert [ask(**request) for request in (one, other, one, other)] == ["first", "second"] * 2


def test_other_weights_are_asked(ask, scripted, tmp_path):
    scripted.says("first", "second")
    cache = ReplyCache(tmp_path)
    endpoint = load_model(scripted.url).endpoint("aminer")
    said = []
    for adapter in ("a", "b", "a"):
        of_weights = replace(endpoint, cache=cache.of(Weights(base="x", adapter=adapter)))
        with closing(of_weights):
            said.append(of_weights.completion.invoke("Who?"))
    assert said == ["first", "second", "first"]


@pytest.mark.parametrize("arguments", [{"temperature": 0.5}, {"temperature": 0.5, "seed": None}])
def test_samples_without_a_seed_are_drawn_each_time(ask, scripted, arguments):
    scripted.says("first", "second")
    assert [ask(**arguments) for _ in range(2)] == ["first", "second"]


def test_a_stream_is_asked_each_time(scripted, tmp_path):
    scripted.says("first", "second")
    with closing(load_model(scripted.url, cache=ReplyCache(tmp_path))) as model:
        streamed = ["".join(model.endpoint("aminer").completion.stream("Who?")) for _ in range(2)]
    assert streamed == ["first", "second"]


def test_failures_are_not_kept(ask, scripted, replies):
    odd = [
        replies.Raw(body, "application/json")
        for body in ("", '{"choices": [', '{"choices": []}', '{"error": {"message": "overloaded"}}', "[1]")
    ]
    scripted.says(replies.Status(500), replies.Raw("<p>maintenance</p>"), replies.Cut("half"), *odd, "whole")
    kinds = []
    for _ in range(3 + len(odd)):
        with pytest.raises(ModelError) as failure:
            ask()
        kinds.append(failure.value.kind)
    assert kinds == ["endpoint_failed", "bad_reply", "endpoint_down", *["bad_reply"] * len(odd)]
    assert (ask(), ask()) == ("whole", "whole")


@pytest.mark.parametrize("damage", [b"", b'{"choices": [', b"<p>", b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_reply_is_asked_for_again(ask, scripted, tmp_path, damage):
    scripted.says("first", "second")
    ask()
    (kept,) = (tmp_path / "cache").rglob("*.json")
    kept.write_bytes(damage)
    assert (ask(), ask()) == ("second", "second")


def test_what_is_no_file_is_replaced_or_named(ask, scripted, tmp_path):
    scripted.says("first", "second", "third")
    ask()
    (kept,) = (tmp_path / "cache").rglob("*.json")
    kept.unlink()
    os.mkfifo(kept)
    assert (ask(), ask()) == ("second", "second")
    kept.unlink()
    kept.mkdir()
    with pytest.raises(ModelError, match=kept.name) as failure:
        ask()
    assert failure.value.kind == "cache_unusable"


def test_a_request_that_leaves_the_temperature_to_the_server_is_kept(scripted, tmp_path):
    scripted.says("first")
    said = []
    for _ in range(2):
        with closing(load_model(scripted.url, cache=ReplyCache(tmp_path))) as model:
            said.append(model.endpoint("aminer").chat.invoke("Who?").text)
    assert said == ["first", "first"]


def about(model):
    return model.endpoint("aminer").cache.about


def test_every_model_has_replies_of_its_own(scripted, tmp_path):
    cache = ReplyCache(tmp_path)
    named = [load_model(f"{name}@{scripted.url}", cache=cache) for name in ("scripted", "scripted")]
    scripted.models["other"] = "test"
    named.append(load_model(f"other@{scripted.url}", cache=cache))
    one, same, other = map(about, named)
    assert one == same != other


def test_a_folder_that_cannot_be_used_is_an_error_of_its_own(ask, scripted, tmp_path):
    scripted.says("lost")
    (tmp_path / "file").touch()
    with pytest.raises(ModelError) as failure:
        ask(cache=ReplyCache(tmp_path / "file"))
    assert failure.value.kind == "cache_unusable"
    assert failure.value.external


@pytest.mark.model
def test_embedded_weights_and_attention_have_replies_of_their_own(tmp_path):
    installed, cache = EmbeddedConfig.installed(), ReplyCache(tmp_path)
    configs = (
        installed,
        replace(installed, attention="exact"),
        replace(installed, adapters=(("aminer", dict(installed.adapters)["bgp"]),)),
        replace(installed, adapters=()),
    )
    assert len({about(EmbeddedModel(config, cache=cache)) for config in configs}) == len(configs)


@pytest.mark.model
def test_the_embedded_model_answers_from_it_as_it_did(tmp_path):
    prompt = "Query: How many papers has Olga Zhuravlev?"
    said = []
    for number in range(2):
        cache = ReplyCache(tmp_path)
        with closing(load_model("embedded", cache=cache)) as model:
            said.append(model.endpoint("aminer").completion.bind(max_tokens=8).invoke(prompt))
        assert (cache.use.hits, cache.use.misses) == (number, 1 - number)
    assert said[0] == said[1] != ""
