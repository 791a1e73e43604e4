import asyncio
import json
import time
from email.utils import formatdate

import pytest
from werkzeug import Response

from herdwick.agents.errors import ModelError
from herdwick.agents.models import load_model
from herdwick.selfinstruct.teacher.client import Teacher
from herdwick.selfinstruct.teacher.prompts import Prompter
from herdwick.selfinstruct.teacher.reply import SCHEMA
from herdwick.selfinstruct.teacher.seeds import read_seeds

from .conftest import completion, failing


@pytest.fixture
def ask(configure, seed_file):
    """Asks some requests at the same time, or one after another."""

    def run(*numbers: int, in_turn: bool = False, **overrides):
        config = configure(**overrides)
        prompter = Prompter(config, read_seeds(seed_file).tasks, "Write.")
        endpoint = load_model(config.model).endpoint("")

        async def go():
            async with Teacher(endpoint, config, first_wait_s=0.01) as teacher:
                asked = [teacher.ask(prompter.draw(n, [])) for n in numbers]
                return [await one for one in asked] if in_turn else await asyncio.gather(*asked)

        return asyncio.run(go())

    return run


def test_a_reply_comes_with_its_tokens_and_ids(ask, teacher):
    (reply,) = ask(3)
    assert (reply.number, reply.form, reply.finish) == (3, "json", "stop")
    assert (reply.model, reply.id) == ("teacher-0613", "chatcmpl-1")
    assert (reply.prompt_tokens, reply.reply_tokens, reply.retries) == (200, 100, 0)


def test_json_is_asked_for_under_the_schema(ask, teacher):
    ask(0)
    assert teacher.bodies[0]["response_format"]["json_schema"]["schema"] == SCHEMA


def test_an_endpoint_without_schemas_is_asked_for_text(ask, teacher):
    teacher.first = [failing(400)]
    (reply,) = ask(0)
    assert reply.form == "text"
    assert "response_format" not in teacher.bodies[1]


def test_a_schema_that_must_be_is_never_left_out(ask, teacher):
    teacher.first = [failing(400)]
    (reply,) = ask(0, structured="json")
    assert (reply.failure, len(teacher.bodies)) == ("bad_request", 1)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_prompt_that_is_refused_says_nothing_of_the_others(ask, teacher, status):
    """In either form: a filter looks at the words."""
    teacher.first = [failing(status), failing(status)]
    refused, other = ask(0, 1, in_turn=True)
    assert (refused.failure, refused.text) == ("bad_request", "")
    assert "scripted" in refused.detail
    assert (other.failure, other.form) == ("", "json")


def test_once_a_schema_was_followed_its_refusal_is_the_prompts(ask, teacher):
    teacher.first = [None, failing(400)]
    _, refused, other = ask(0, 1, 2, in_turn=True)
    assert (refused.failure, refused.form, other.form) == ("bad_request", "json", "json")
    assert len(teacher.bodies) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_asked_again(ask, teacher, status):
    teacher.first = [failing(status), failing(status)]
    (reply,) = ask(0)
    assert (reply.retries, len(teacher.bodies)) == (2, 3)


def test_it_is_not_asked_more_often_than_allowed(ask, teacher):
    teacher.first = [failing(500)] * 9
    with pytest.raises(ModelError) as caught:
        ask(0, attempts=3)
    assert (caught.value.kind, len(teacher.bodies)) == ("endpoint_failed", 3)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "endpoint_refused"), (403, "endpoint_refused"), (404, "model_unknown")]
)
def test_what_cannot_get_better_is_asked_once(ask, teacher, status, kind):
    teacher.first = [failing(status)]
    with pytest.raises(ModelError) as caught:
        ask(0)
    assert (caught.value.kind, len(teacher.bodies)) == (kind, 1)
    assert caught.value.hint


def test_a_timeout_is_asked_again(ask, teacher):
    slow = teacher.answer
    teacher.answer = lambda prompt: (time.sleep(1.0 if len(teacher.bodies) == 1 else 0), slow(prompt))[1]
    (reply,) = ask(0, timeout_s=0.5)
    assert reply.retries == 1


@pytest.mark.parametrize("told", [lambda: "1", lambda: formatdate(time.time() + 2, usegmt=True)])
def test_retry_after_holds_back_every_request(ask, teacher, told):
    usual = teacher.answer
    refused = iter([True])
    teacher.answer = lambda prompt: (
        failing(429, **{"Retry-After": told()}) if next(refused, False) else usual(prompt)
    )
    ask(0)
    assert teacher.times[-1] - teacher.times[0] >= 0.9


def test_an_endpoint_that_tells_no_time_to_wait_is_given_some(ask, teacher):
    teacher.first = [failing(429, **{"Retry-After": "0"})] * 5
    ask(0, attempts=6)
    # At least half of 10 ms, doubled four times.
    assert teacher.times[5] - teacher.times[0] >= 0.005 * (1 + 2 + 4 + 8 + 16)


def test_after_a_pause_requests_are_spread_as_before_it(ask, teacher):
    teacher.first = [failing(429, **{"Retry-After": "1"})]
    ask(0, 1, 2, 3, requests_per_minute=300)
    assert len(teacher.times) == 5
    assert teacher.times[4] - teacher.times[1] >= 0.5


def test_an_endpoint_that_wants_hours_ends_the_run(ask, teacher):
    teacher.first = [failing(429, **{"Retry-After": "7200"})]
    with pytest.raises(ModelError, match="7200 s"):
        ask(0)
    assert len(teacher.bodies) == 1


@pytest.mark.parametrize("body", ["<html>", "{}", '{"choices": []}', '{"choices": [{"message": 3}]}', "[1"])
def test_what_is_no_completion_belongs_to_its_request(ask, teacher, body):
    teacher.first = [Response(body, content_type="application/json")] * 2
    (reply,) = ask(0, attempts=2)
    assert (reply.failure, reply.text, len(teacher.bodies)) == ("bad_reply", "", 2)


def test_a_prompt_that_is_too_long_belongs_to_its_request(ask, teacher):
    said = {"error": {"message": "maximum context length is 4096 tokens", "code": "context_length_exceeded"}}
    teacher.first = [Response(json.dumps(said), 400, content_type="application/json")]
    (reply,) = ask(0)
    assert (reply.failure, len(teacher.bodies)) == ("context_too_long", 1)


def test_a_reply_without_counts_is_a_reply(ask, teacher):
    body = json.loads(completion("hi").data)
    del body["usage"]
    teacher.first = [Response(json.dumps(body), content_type="application/json")]
    (reply,) = ask(0)
    assert (reply.text, reply.prompt_tokens) == ("hi", 0)


def test_requests_are_spread_over_the_minute(ask, teacher):
    ask(0, 1, 2, requests_per_minute=200)
    assert teacher.times[2] - teacher.times[0] >= 0.55


def test_the_key_is_sent_and_never_told(ask, teacher, monkeypatch):
    monkeypatch.setenv("HERDWICK_API_KEY", "sk-secret-1")
    teacher.first = [Response('{"error": {"message": "bad key sk-secret-1"}}', 422)]
    (reply,) = ask(0, structured="text")
    assert teacher.keys == ["Bearer sk-secret-1"]
    assert "bad key [key removed]" in reply.detail
    assert "sk-secret-1" not in reply.model_dump_json()
