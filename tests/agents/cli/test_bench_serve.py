import json

import httpx
import pytest

from herdwick.tools.errors import ExternalError


@pytest.fixture
def bench(invoke, scripted, ada_citations):
    """Benches of the API in front of the scripted model."""
    scripted.models = {"aminer": "vllm"}
    scripted.answer_with = lambda _: ada_citations.replace("Ada Quill", "Olga Zhuravlev")

    def run(*arguments: str) -> dict:
        result = invoke("bench", "serve", "--model", scripted.url, *arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


@pytest.mark.slow
def test_every_question_is_accounted_for_and_refusals_are_asked_again(bench):
    figures = bench("--clients", "8", "--each", "2", "--slots", "1", "--max-queue", "1")
    assert figures["questions"] == 16
    assert (figures["answered"], figures["unanswered"], figures["failures"], figures["given_up"]) == (
        16,
        0,
        0,
        0,
    )
    assert figures["refused_429"] >= 1
    assert figures["latency"]["runs"] == 16
    assert figures["latency_with_waits"]["p95_s"] >= figures["latency"]["p95_s"]


@pytest.mark.slow
def test_a_server_that_does_not_start_is_told(invoke):
    result = invoke("bench", "serve", "--model", "nonsense", "--json")
    assert result.exit_code == 1
    assert "There is no model 'nonsense'" in json.loads(result.stdout)["error"]["message"]


@pytest.mark.slow
def test_a_server_that_does_not_become_ready_is_ended(invoke, scripted, monkeypatch):
    def wait(url: str) -> None:
        raise ExternalError("bench_failed", f"{url} is not ready.")

    monkeypatch.setattr("herdwick.agents.cli.bench_serve._wait_until_ready", wait)
    result = invoke("bench", "serve", "--model", scripted.url, "--json")
    assert result.exit_code == 1
    url = json.loads(result.stdout)["error"]["message"].removesuffix(" is not ready.")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health", trust_env=False)
