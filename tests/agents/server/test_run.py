import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.server.run import listen, url_of

QUESTION = "How many citations does Ada Quill have?"


@pytest.fixture
def command(scripted, graph, tmp_path):
    """The command line's server as a process, in front of the scripted model."""
    scripted.models = {"aminer": "vllm"}
    processes = []

    def start(*arguments: str, **environment: str) -> tuple[subprocess.Popen, str]:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "herdwick.agents.cli", "serve", "--api", "--port", "0", "--json"),
                *("--domain", "aminer", "--option", f"aminer.graph={graph}", "--model", scripted.url),
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=(tmp_path / "log").open("w"),
            encoding="utf-8",
            env=os.environ | environment,
        )
        processes.append(process)
        return process, json.loads(process.stdout.readline())["url"]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_signal_lets_open_requests_finish_and_new_ones_in_no_more(command, scripted, wait_until, ada):
    writing = threading.Event()
    scripted.answer_with = lambda _: ada if writing.wait(60) else ""
    process, url = command()
    responses = []
    asking = threading.Thread(
        target=lambda: responses.append(httpx.post(f"{url}/ask", json={"question": QUESTION}, timeout=120))
    )
    asking.start()
    wait_until(lambda: len(scripted.requests) == 1)
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: not httpx.get(f"{url}/health", timeout=120).json()["ready"])
    refused = httpx.post(f"{url}/ask", json={"question": QUESTION}, timeout=120)
    writing.set()
    asking.join(120)
    assert (refused.status_code, refused.json()["error"]["kind"]) == (503, "stopping")
    assert int(refused.headers["retry-after"]) >= 1
    assert (responses[0].status_code, responses[0].json()["answer"]) == (200, 340)
    assert process.wait(60) == 0


def test_requests_that_take_longer_than_the_grace_are_cut_off(command, scripted, replies, wait_until):
    scripted.says(replies.Slow(60))
    process, url = command("--grace", "0.5")
    asking = threading.Thread(target=lambda: _ask_and_be_cut_off(url))
    asking.start()
    wait_until(lambda: len(scripted.requests) == 1)
    told = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert time.monotonic() - told < 30
    asking.join(10)


def test_a_second_interrupt_ends_at_once(command, scripted, replies, wait_until):
    scripted.says(replies.Slow(60))
    process, url = command()
    asking = threading.Thread(target=lambda: _ask_and_be_cut_off(url))
    asking.start()
    wait_until(lambda: len(scripted.requests) == 1)
    process.send_signal(signal.SIGINT)
    wait_until(lambda: not httpx.get(f"{url}/health", timeout=120).json()["ready"])
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    asking.join(10)


def test_keys_from_the_environment_are_asked_for_and_never_logged(command, scripted, ada, tmp_path):
    scripted.says(ada)
    key = "environment-key-0123456789"
    process, url = command(HERDWICK_API_KEYS=key)
    assert httpx.post(f"{url}/ask", json={"question": QUESTION}, timeout=120).status_code == 401
    headers = {"Authorization": f"Bearer {key}"}
    assert (
        httpx.post(f"{url}/ask", json={"question": QUESTION}, headers=headers, timeout=120).status_code == 200
    )
    process.terminate()
    process.wait(60)
    log = (tmp_path / "log").read_text()
    statuses = [
        told["status"] for line in log.splitlines() if (told := json.loads(line))["event"] == "request"
    ]
    assert statuses == [401, 200]
    assert key not in log
    assert "Quill" not in log


def test_an_address_in_use_is_told():
    with listen("127.0.0.1", 0) as first, pytest.raises(UsageError) as failure:
        listen("127.0.0.1", first.getsockname()[1])
    assert failure.value.kind == "address_unusable"


def test_the_url_of_a_socket_names_its_port():
    with listen("127.0.0.1", 0) as listener:
        assert url_of(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_listening_leaves_the_logging_of_the_process_as_it_is():
    handler = logging.StreamHandler(io.StringIO())
    try:
        listen("127.0.0.1", 0).close()
        assert handler in {weak() for weak in logging._handlerList}
    finally:
        handler.close()


def _ask_and_be_cut_off(url: str) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.post(f"{url}/ask", json={"question": QUESTION}, timeout=120).raise_for_status()
