import json
import sys

import pytest

from herdwick.agents import build_solver
from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.serving.batch import answer_batch
from herdwick.agents.serving.batch_drafts import complete, job_for, request_for
from herdwick.agents.serving.batch_questions import BatchQuestion
from herdwick.agents.serving.config import EngineConfig
from herdwick.agents.serving.folders import ModelFolders
from herdwick.agents.serving.written_model import WrittenModel
from herdwick.agents.weights import Weights
from herdwick.tools.aminer.domain import AMinerOptions

CONFIG = EngineConfig(base="x", adapters={"aminer": "lora"})
QUESTION = "How many citations does Ada Quill have?"


def write(folder, *lines):
    file = folder / "questions.jsonl"
    file.write_text("\n".join(lines))
    return file


def test_what_was_written_is_checked_and_run(graph):
    texts = {
        f"Query: {QUESTION}\nSolution:\n": 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]'
        '["num_citation"]'
    }
    model = WrittenModel(texts, Weights(endpoint="vllm:base"))
    with build_solver("aminer", model, style="short", max_repairs=0, graph=graph) as solver:
        answer = solver.invoke(QUESTION)
    assert (answer.status, answer.answer, answer.model) == ("ok", 340, "vllm-batch")


def test_a_worker_that_fails_is_told_with_its_last_words(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho no module named vllm\nexit 1\n")
    python.chmod(0o755)
    request = request_for(BatchQuestion(question=QUESTION, domain="aminer"))
    with pytest.raises(ModelError) as failure:
        complete(
            job_for(CONFIG, ModelFolders("b", {}), [request]), tmp_path / "vllm", CONFIG, tmp_path / "log"
        )
    assert failure.value.message == "vLLM ended with code 1. Its last lines:\nno module named vllm"


def test_nothing_is_written_where_vllm_is_missing(tmp_path):
    config = CONFIG.model_copy(update={"vllm": CONFIG.vllm.model_copy(update={"executable": "/no/vllm"})})
    file = write(tmp_path, json.dumps({"question": QUESTION, "domain": "aminer"}))
    with pytest.raises(UsageError) as failure:
        answer_batch(config, file, tmp_path / "out", log=tmp_path / "log", tell=print)
    assert failure.value.kind == "vllm_missing"
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written_is_told_before_anything_is_loaded(tmp_path):
    executable = tmp_path / "python"
    executable.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 1\n")
    executable.chmod(0o755)
    lora = tmp_path / "lora"
    lora.mkdir()
    (lora / "adapter_config.json").write_text("{}")
    vllm = CONFIG.vllm.model_copy(update={"executable": str(executable)})
    config = CONFIG.model_copy(update={"vllm": vllm, "adapters": {"aminer": lora}})
    file = write(tmp_path, json.dumps({"question": QUESTION, "domain": "aminer"}))
    with pytest.raises(UsageError) as failure:
        answer_batch(config, file, file / "out.jsonl", log=tmp_path / "log", tell=print)
    assert failure.value.kind == "out_unwritable"
    assert not (tmp_path / "asked").exists()


WRITER = """#!{python} -I
import json, sys
open("{folder}/runs", "a").write("x")
job = json.load(open(sys.argv[-2]))
json.dump(job["arguments"], open("{folder}/arguments", "w"))
text = 'searchPerson\\nfinal_result = searchPerson(name="Ada Quill")[0]["num_citation"]'
open(sys.argv[-1], "w").writelines(json.dumps(text) + "\\n" for _ in job["requests"])
"""


@pytest.fixture
def writer(tmp_path):
    """A configuration whose vLLM writes one program for every question."""
    python = tmp_path / "python"
    python.write_text(WRITER.replace("{python}", sys.executable).replace("{folder}", str(tmp_path)))
    python.chmod(0o755)
    lora = tmp_path / "lora"
    lora.mkdir()
    (lora / "adapter_config.json").write_text("{}")
    return EngineConfig(base="x", adapters={"aminer": lora}, vllm={"executable": str(python)})


@pytest.fixture
def run_batch(tmp_path, graph):
    """Answers the question about the small graph."""

    def run(config, *lines):
        return answer_batch(
            config,
            write(tmp_path, *lines),
            tmp_path / "out.jsonl",
            log=tmp_path / "log",
            tell=print,
            options={"aminer": AMinerOptions(graph=graph)},
        )

    return run


ASKED = json.dumps({"question": QUESTION, "domain": "aminer"})


def test_a_batch_asks_the_data_that_the_options_name(writer, run_batch, tmp_path):
    report = run_batch(writer, ASKED)
    answer = json.loads((tmp_path / "out.jsonl").read_text())
    assert (report.questions, report.answered, answer["answer"]) == (1, 1, 340)


@pytest.mark.parametrize("lines", [(), ('{"question": " ", "domain": "aminer"}',)])
def test_nothing_worth_asking_starts_no_vllm(writer, run_batch, tmp_path, lines):
    report = run_batch(writer, *lines)
    assert (report.questions, report.answered) == (len(lines), 0)
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == len(lines)
    assert not (tmp_path / "runs").exists()


def break_off(run_batch, config, monkeypatch):
    """A batch that is killed while programs run."""

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("herdwick.agents.solver.Solver.invoke", killed)
        with pytest.raises(KeyboardInterrupt):
            run_batch(config, ASKED)


def test_programs_that_were_written_outlive_a_kill(writer, run_batch, tmp_path, monkeypatch):
    break_off(run_batch, writer, monkeypatch)
    assert run_batch(writer, ASKED).answered == 1
    assert (tmp_path / "runs").read_text() == "x"
    assert not [*tmp_path.glob("*.drafts")]


@pytest.mark.parametrize("change", ["a question", "an argument", "the adapter"])
def test_programs_of_another_batch_are_written_anew(writer, run_batch, tmp_path, monkeypatch, change):
    break_off(run_batch, writer, monkeypatch)
    if change == "an argument":
        vllm = writer.vllm.model_copy(update={"arguments": ("--quantization=fp8",)})
        writer = writer.model_copy(update={"vllm": vllm})
    if change == "the adapter":
        (tmp_path / "lora" / "adapter_model.safetensors").write_bytes(b"new")
    run_batch(writer, ASKED, *[ASKED.replace("Ada", "Bo")] * (change == "a question"))
    assert (tmp_path / "runs").read_text() == "xx"


def test_vllm_is_given_the_arguments_that_it_would_serve_with(writer, run_batch, tmp_path):
    arguments = ("--tensor-parallel-size=2", "--gpu-memory-utilization=0.5")
    run_batch(
        writer.model_copy(update={"vllm": writer.vllm.model_copy(update={"arguments": arguments})}), ASKED
    )
    assert json.loads((tmp_path / "arguments").read_text()) == [
        "--dtype=auto",
        "--max-model-len=4096",
        '--structured-outputs-config={"backend": "xgrammar"}',
        "--enable-lora",
        "--max-loras=1",
        "--max-lora-rank=32",
        *arguments,
    ]
