"""The texts of a batch: what vLLM writes for each question, all in one go, and where they are kept.

    job = job_for(config, folders, [request_for(question) for question in asked])
    texts = kept_texts(job, file) or complete(job, executable, config, log)
    keep_texts(job, texts, file)

vLLM runs in a process of its own environment, through LangChain's `VLLM`; see `batch_worker`. It may take
hours, so its texts can be kept in a file, from which a batch that is started again goes on.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.agents.endpoint import Endpoint
from herdwick.agents.errors import ModelError
from herdwick.agents.questions import one_line
from herdwick.agents.serving import batch_worker
from herdwick.agents.serving.batch_questions import BatchQuestion
from herdwick.agents.serving.config import EngineConfig
from herdwick.agents.serving.folders import ModelFolders
from herdwick.agents.serving.server_process import POLL_S, ServerProcess
from herdwick.agents.serving.vllm_command import engine_arguments, vllm_environment
from herdwick.agents.styles import Brief
from herdwick.agents.styles.short import ShortStyle
from herdwick.tools.domain import get_domain
from herdwick.tools.whole_file import write_whole


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
        arguments: Further arguments, as `vllm serve` takes them; vLLM's own parser reads them.
        adapters: PEFT folder of each adapter.
        requests: The prompts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    arguments: Sequence[str]
    adapters: Mapping[str, str]
    requests: Sequence[BatchRequest]


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


def job_for(config: EngineConfig, folders: ModelFolders, requests: Sequence[BatchRequest]) -> BatchJob:
    """The work of one vLLM process.

    Args:
        config: vLLM's settings.
        folders: What it loads.
        requests: What it completes.
    """
    return BatchJob(
        base=folders.base,
        arguments=[*engine_arguments(config, folders), *config.vllm.arguments],
        adapters={name: str(folder) for name, folder in folders.adapters.items()},
        requests=requests,
    )


def kept_texts(job: BatchJob, file: Path) -> Sequence[str] | None:
    """The texts of `job` if `file` has them; None where it is not there, or has those of another."""
    try:
        kept = _Kept.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
    return kept.texts if kept.job == _digest(job) and len(kept.texts) == len(job.requests) else None


def keep_texts(job: BatchJob, texts: Sequence[str], file: Path) -> None:
    """Write the texts of `job` into `file`.

    Raises:
        OSError: It cannot be written.
    """
    write_whole(file, _Kept(job=_digest(job), texts=texts).model_dump_json().encode())


def complete(job: BatchJob, executable: Path, config: EngineConfig, log: Path) -> list[str]:
    """A text for each request, from a vLLM that runs for as long as this takes.

    Args:
        job: What it loads and completes.
        executable: The `vllm` command; the `python` beside it runs the worker.
        config: vLLM's settings.
        log: Gets what it prints.

    Raises:
        ModelError: It failed.
    """
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


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    job: str
    texts: Sequence[str]


def _digest(job: BatchJob) -> str:
    """What tells a job from any other, its weights included."""
    folders = [folder for folder in map(Path, (job.base, *job.adapters.values())) if folder.is_dir()]
    files = sorted((str(file), file.stat()) for folder in folders for file in folder.iterdir())
    # Sizes and times, since reading the weights of a large base takes minutes.
    weights = [(name, state.st_size, state.st_mtime_ns) for name, state in files]
    return hashlib.sha256(f"{job.model_dump_json()}{weights}".encode()).hexdigest()
