import json

import pytest

from herdwick.agents import build_solver
from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.grammar import solution_grammar
from herdwick.agents.serving.batch import (
    BatchQuestion,
    BatchRequest,
    answer_batch,
    complete,
    is_worth_asking,
    read_questions,
    request_for,
)
from herdwick.agents.serving.config import EngineConfig
from herdwick.agents.serving.folders import ModelFolders
from herdwick.agents.serving.written_model import WrittenModel
from herdwick.agents.weights import Weights
from herdwick.tools.domain import get_domain

CONFIG = EngineConfig(base="x", adapters={"aminer": "lora"})
QUESTION = "How many citations does Ada Quill have?"


def write(folder, *lines):
    file = folder / "questions.jsonl"
    file.write_text("\n".join(lines))
    return file


def test_questions_are_read_in_order(tmp_path):
    file = write(
        tmp_path,
        '{"question": "One?", "domain": "aminer", "id": 1, "hop": 2}',
        "",
        '{"question": "Two?", "domain": "aminer"}',
    )
    assert read_questions(file, CONFIG) == [
        BatchQuestion(question="One?", domain="aminer", id="1"),
        BatchQuestion(question="Two?", domain="aminer"),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("{", "bad_question"),
        ('{"domain": "aminer"}', "bad_question"),
        ('{"question": "One?", "domain": "bgp"}', "no_adapter"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, kind):
    file = write(tmp_path, '{"question": "One?", "domain": "aminer"}', line)
    with pytest.raises(UsageError, match=r"questions\.jsonl, line 2") as failure:
        read_questions(file, CONFIG)
    assert failure.value.kind == kind


def test_a_request_is_what_the_adapter_was_trained_on():
    assert request_for(BatchQuestion(question=QUESTION, domain="aminer")) == BatchRequest(
        adapter="aminer",
        prompt=f"Query: {QUESTION}\nSolution:\n",
        grammar=solution_grammar(QUESTION, get_domain("aminer")),
        max_tokens=256,
    )


def test_an_empty_question_costs_no_draft():
    assert not is_worth_asking(" \n")
    assert is_worth_asking(QUESTION)


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
        complete(tmp_path / "vllm", CONFIG, ModelFolders("b", {}), [request], tmp_path / "log")
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


def test_a_line_may_hold_a_line_separator(tmp_path):
    file = write(tmp_path, '{"question": "One\u2028two?", "domain": "aminer"}')
    assert [question.question for question in read_questions(file, CONFIG)] == ["One\u2028two?"]
