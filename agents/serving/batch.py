"""Many questions at once, offline: vLLM writes all drafts in one go, then each is checked and run.

    report = answer_batch(config, Path("questions.jsonl"), Path("answers.jsonl"), log=log, tell=print)
    report.answered, report.generation_s

Every question gets one draft, greedy and under its grammar: a repair would need the model again after all
programs have run.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from herdwick.agents.answer import Answer
from herdwick.agents.build import build_solver
from herdwick.agents.errors import UsageError
from herdwick.agents.serving.batch_drafts import (
    BatchJob,
    complete,
    job_for,
    keep_texts,
    kept_texts,
    request_for,
)
from herdwick.agents.serving.batch_questions import BatchQuestion, is_worth_asking, read_questions
from herdwick.agents.serving.config import EngineConfig
from herdwick.agents.serving.folders import ModelFolders, prepare_folders
from herdwick.agents.serving.vllm_command import find_vllm
from herdwick.agents.serving.written_model import WrittenModel
from herdwick.agents.solver import Solver
from herdwick.agents.weights import Weights
from herdwick.tools.whole_file import replacing

Tell = Callable[[str], None]


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
    config: EngineConfig,
    questions: Path,
    out: Path,
    *,
    log: Path,
    tell: Tell,
    options: Mapping[str, BaseModel] = MappingProxyType({}),
    cache: Path | None = None,
) -> BatchReport:
    """Answer the questions of a file.

    What vLLM wrote stands in a file beside `out` until that is written: a batch that was killed while
    programs ran needs no vLLM when it is started again.

    Args:
        config: What is served; each domain asked about needs an adapter.
        questions: JSONL of `BatchQuestion`s.
        out: JSONL of answers in the same order, each with its `id`; written whole, or not at all.
        log: File that vLLM's output is appended to.
        tell: Told what is going on.
        options: What a domain is opened with, by its name; its own defaults for one that is not there.
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
    drafts = out.with_name(f"{out.name}.drafts")
    # What vLLM takes hours for is not lost to a folder or data that cannot be used: both are tried first.
    with _telling_what_is_not_written(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out.parent).close()
    with ExitStack() as stack:
        solvers = {
            name: stack.enter_context(_solver(name, texts, folders, options.get(name)))
            for name, texts in written.items()
        }
        begun = time.monotonic()
        texts = _texts(job_for(config, folders, requests), drafts, executable, config, log, tell)
        generation_s = time.monotonic() - begun
        for request, text in zip(requests, texts, strict=True):
            written[request.adapter][request.prompt] = text
        answers = []
        for number, question in enumerate(asked, start=1):
            tell(f"Running programs: {number:,} of {len(asked):,}")
            answers.append(solvers[question.domain].invoke(question.question))
    with _telling_what_is_not_written(out), replacing(out) as lines:
        lines.writelines(map(_line, asked, answers))
    drafts.unlink(missing_ok=True)
    return BatchReport(
        questions=len(asked),
        answered=sum(answer.error is None for answer in answers),
        generation_s=round(generation_s, 3),
        total_s=round(time.monotonic() - started, 3),
    )


def _texts(
    job: BatchJob, drafts: Path, executable: Path, config: EngineConfig, log: Path, tell: Tell
) -> Sequence[str]:
    if not job.requests:
        return ()
    kept = kept_texts(job, drafts)
    if kept is not None:
        tell(f"{len(kept):,} programs were written before: {drafts}")
        return kept
    tell(f"vLLM is loading and writes {len(job.requests):,} programs")
    texts = complete(job, executable, config, log)
    # Where they cannot be kept they can still be run.
    with suppress(OSError):
        keep_texts(job, texts, drafts)
    return texts


def _solver(
    domain: str, texts: Mapping[str, str], folders: ModelFolders, options: BaseModel | None
) -> Solver:
    model = WrittenModel(texts, Weights(endpoint=f"vllm:{folders.base}"))
    given = options.model_dump(by_alias=True, exclude_unset=True) if options else {}
    return build_solver(domain, model, style="short", max_repairs=0, **given)


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
