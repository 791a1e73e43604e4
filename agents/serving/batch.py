"""Many questions at once, offline: vLLM writes all drafts in one go, then each is checked and run.

    report = answer_batch(config, Path("questions.jsonl"), Path("answers.jsonl"), log=log, tell=print)
    report.answered, report.generation_s

vLLM runs in a process of its own environment, through LangChain's `VLLM`; see `batch_worker`. Every question
gets one draft, greedy and under its grammar: a repair would need the model again after all programs have run.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.agents.answer import Answer
from herdwick.agents.build import build_solver
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.errors import ModelError, QuestionError, UsageError
from herdwick.agents.questions import check_question, one_line
from herdwick.agents.serving import batch_worker
from herdwick.agents.serving.config import EngineConfig
from herdwick.agents.serving.folders import ModelFolders, prepare_folders
from herdwick.agents.serving.server_process import POLL_S, ServerProcess
from herdwick.agents.serving.vllm_command import find_vllm, vllm_environment
from herdwick.agents.serving.written_model import WrittenModel
from herdwick.agents.solver import Solver
from herdwick.agents.styles import Brief
from herdwick.agents.styles.short import ShortStyle
from herdwick.agents.weights import Weights
from herdwick.tools.domain import get_domain
from herdwick.tools.tool import explain
from herdwick.tools.whole_file import replacing

Tell = Callable[[str], None]


class BatchQuestion(BaseModel):
    """A line of the questions' file.

    Attributes:
        question: In plain words.
        domain: Whose data it is about; an adapter of that name must be configured.
        id: Kept in the answer.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    question: str
    domain: str
    id: str | None = None


class BatchRequest(BaseModel):
    """One prompt to complete.

    Attributes:
        adapter: Name of the adapter.
        prompt: As the adapter was trained on.
        grammar: Rules that the text must follow, in GBNF.
        max_tokens: Longest text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter: str
    prompt: str
    grammar: str
    max_tokens: int


class BatchJob(BaseModel):
    """What the worker is given.

    Attributes:
        base: Folder or Hub name of the base.
        dtype: Of weights and activations.
        engine: Further arguments of vLLM's `LLM`.
        adapters: PEFT folder of each adapter.
        requests: The prompts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    dtype: str
    engine: Mapping[str, Any]
    adapters: Mapping[str, str]
    requests: Sequence[BatchRequest]


class BatchReport(BaseModel):
    """How a batch went.

    Attributes:
        questions: Their number.
        answered: How many have an answer.
        generation_s: Time of the vLLM process, loading included, in seconds.
        total_s: Time of all, in seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: int
    answered: int
    generation_s: float = Field(ge=0)
    total_s: float = Field(ge=0)


def answer_batch(
    config: EngineConfig, questions: Path, out: Path, *, log: Path, tell: Tell, cache: Path | None = None
) -> BatchReport:
    """Answer the questions of a file.

    Args:
        config: What is served; each domain asked about needs an adapter.
        questions: JSONL of `BatchQuestion`s.
        out: JSONL of answers in the same order, each with its `id`; written whole, or not at all.
        log: File that vLLM's output is appended to.
        tell: Told what is going on.
        cache: Where converted weights are kept; the user's cache when None.

    Raises:
        UsageError: A line is no question, or there is no adapter for its domain; vLLM is not there, or `out`
            cannot be written.
        ModelError: vLLM failed.
        DataError: A domain's data, or the embedded engine's base, is not there.
    """
    started = time.monotonic()
    asked = read_questions(questions, config)
    executable = find_vllm(config, os.environ)
    folders = prepare_folders(config, tell=tell, cache=cache)
    requests = [request_for(question) for question in asked if is_worth_asking(question.question)]
    written: dict[str, dict[str, str]] = {question.domain: {} for question in asked}
    # What vLLM takes hours for is not lost to a folder or data that cannot be used: both are tried first.
    with _telling_what_is_not_written(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out.parent).close()
    with ExitStack() as stack:
        solvers = {
            name: stack.enter_context(_solver(name, texts, folders)) for name, texts in written.items()
        }
        tell(f"vLLM is loading and writes {len(requests):,} programs")
        begun = time.monotonic()
        texts = complete(executable, config, folders, requests, log)
        generation_s = time.monotonic() - begun
        for request, text in zip(requests, texts, strict=True):
            written[request.adapter][request.prompt] = text
        answers = []
        for number, question in enumerate(asked, start=1):
            tell(f"Running programs: {number:,} of {len(asked):,}")
            answers.append(solvers[question.domain].invoke(question.question))
    with _telling_what_is_not_written(out), replacing(out) as lines:
        lines.writelines(map(_line, asked, answers))
    return BatchReport(
        questions=len(asked),
        answered=sum(answer.error is None for answer in answers),
        generation_s=round(generation_s, 3),
        total_s=round(time.monotonic() - started, 3),
    )


def read_questions(file: Path, config: EngineConfig) -> list[BatchQuestion]:
    """The questions of a file.

    Raises:
        UsageError: It cannot be read, a line is none, or its domain has no adapter.
    """
    try:
        # Not splitlines, to which a U+2028 within a text is an end as well.
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("no_questions", f"{file} cannot be read.", "Give a JSONL file in UTF-8.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = BatchQuestion.model_validate_json(line)
        except ValidationError as error:
            raise UsageError(
                "bad_question",
                f"{file.name}, line {number}: {explain(error)}.",
                'Write {"question": "…", "domain": "…"} on each line.',
            ) from error
        if question.domain not in config.adapters:
            raise UsageError(
                "no_adapter",
                f"{file.name}, line {number}: there is no adapter for {question.domain!r}.",
                f"Configured: {', '.join(config.adapters) or 'none'}.",
            )
        found.append(question)
    return found


def is_worth_asking(question: str) -> bool:
    """Whether a solver would ask a model; what it refuses needs no draft."""
    try:
        check_question(one_line(question))
    except QuestionError:
        return False
    return True


def request_for(question: BatchQuestion) -> BatchRequest:
    """What vLLM is asked for a question, as the short style asks it."""
    endpoint = Endpoint("", question.domain, "vllm", adapted=True)
    brief = Brief(one_line(question.question), get_domain(question.domain), endpoint)
    ask = ShortStyle().draft(brief, failures=())
    bound: Mapping[str, Any] = ask.model.kwargs  # type: ignore[attr-defined]
    return BatchRequest(
        adapter=question.domain,
        prompt=str(ask.prompt),
        grammar=bound["extra_body"]["structured_outputs"]["grammar"],
        max_tokens=bound["max_tokens"],
    )


def complete(
    executable: Path,
    config: EngineConfig,
    folders: ModelFolders,
    requests: Sequence[BatchRequest],
    log: Path,
) -> list[str]:
    """A text for each request, from a vLLM that runs for as long as this takes.

    Args:
        executable: The `vllm` command; the `python` beside it runs the worker.
        config: vLLM's settings.
        folders: What it loads.
        requests: What it completes.
        log: Gets what it prints.

    Raises:
        ModelError: It failed.
    """
    job = BatchJob(
        base=folders.base,
        dtype=config.vllm.dtype,
        engine={
            "max_model_len": config.vllm.context,
            "enable_lora": True,
            "max_loras": len(folders.adapters),
            "max_lora_rank": config.vllm.max_lora_rank,
            "structured_outputs_config": {"backend": "xgrammar"},
            "enforce_eager": "--enforce-eager" in config.vllm.arguments,
        },
        adapters={name: str(folder) for name, folder in folders.adapters.items()},
        requests=requests,
    )
    with tempfile.TemporaryDirectory(prefix="herdwick-") as scratch:
        job_file, texts_file = Path(scratch) / "job.json", Path(scratch) / "texts.jsonl"
        job_file.write_text(job.model_dump_json(), encoding="utf-8")
        # A command may be linked from elsewhere; the python of an environment is itself a link out of it.
        is_python = executable.name.startswith("python")
        python = executable if is_python else executable.resolve().with_name("python")
        command = [str(python), "-I", batch_worker.__file__, str(job_file), str(texts_file)]
        environment = vllm_environment(config, os.environ, None)
        with ServerProcess(command, environment, log=log, grace_s=config.vllm.stop_grace_s) as worker:
            while not worker.has_ended(POLL_S):
                pass
            if worker.exit_code != 0:
                raise ModelError(
                    "engine_died",
                    f"vLLM ended with code {worker.exit_code}. Its last lines:\n{worker.last_lines()}",
                    f"All it wrote is in {log}. It needs langchain-community beside vllm.",
                )
        return [json.loads(line) for line in texts_file.read_text(encoding="utf-8").splitlines()]


def _solver(domain: str, texts: Mapping[str, str], folders: ModelFolders) -> Solver:
    model = WrittenModel(texts, Weights(endpoint=f"vllm:{folders.base}"))
    return build_solver(domain, model, style="short", max_repairs=0)


def _line(question: BatchQuestion, answer: Answer) -> str:
    row = {"id": question.id} if question.id is not None else {}
    return json.dumps(row | answer.model_dump(mode="json"), ensure_ascii=False) + "\n"


@contextmanager
def _telling_what_is_not_written(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            "out_unwritable", f"{out} cannot be written: {error.strerror}.", "Give another --out."
        ) from error
