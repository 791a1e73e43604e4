"""The embedded model behind the server, killed as the kernel would kill it."""

import os
import signal
import threading

import pytest

from herdwick.tools.aminer.domain import AMinerOptions

QUESTION = "How many citations does Olga Zhuravlev have?"

pytestmark = [pytest.mark.slow, pytest.mark.model]


@pytest.fixture
def embedded(serve):
    return serve(domains={"aminer": AMinerOptions()}, model="embedded", timeout_s=120)


def model_pid(running) -> int:
    return running.app.model._process.wait(60).pid


def test_a_killed_model_comes_back_and_answers(embedded, wait_until):
    before = embedded.ask(QUESTION).json()
    os.kill(model_pid(embedded), signal.SIGKILL)
    wait_until(lambda: embedded.health()["model_restarts"] == 1)
    after = embedded.ask(QUESTION)
    assert after.status_code == 200
    assert (after.json()["answer"], after.json()["status"]) == (before["answer"], "ok")
    assert embedded.health()["model_loaded"]


def test_a_question_whose_model_is_killed_is_answered_by_its_successor(embedded, wait_until):
    pid = model_pid(embedded)
    responses = []
    asking = threading.Thread(target=lambda: responses.append(embedded.ask(QUESTION)))
    asking.start()
    wait_until(lambda: embedded.app.gate.inside == 1)
    os.kill(pid, signal.SIGKILL)
    asking.join(120)
    assert (responses[0].status_code, responses[0].json()["status"]) == (200, "ok")
    assert embedded.health()["model_restarts"] == 1


def test_a_question_whose_model_hangs_is_answered_by_its_successor(embedded, monkeypatch):
    # Two signs of life: the model's own pace stays.
    monkeypatch.setattr("herdwick.agents.server.model_process.SILENCE_S", 10.0)
    assert embedded.ask(QUESTION).status_code == 200
    os.kill(model_pid(embedded), signal.SIGSTOP)
    response = embedded.ask(QUESTION)
    assert (response.status_code, response.json()["status"]) == (200, "ok")
    assert embedded.health()["model_restarts"] == 1


def test_health_is_not_ready_between_two_lives(embedded, wait_until):
    os.kill(model_pid(embedded), signal.SIGKILL)
    wait_until(lambda: not embedded.health()["model_loaded"], timeout_s=5)
    wait_until(lambda: embedded.health()["ready"], timeout_s=120)
    assert embedded.health()["model_restarts"] == 1


def test_the_model_ends_with_the_server(embedded, wait_until):
    pid = model_pid(embedded)
    embedded.server.should_exit = True
    embedded.thread.join(20)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
