"""Runs free PyBGPStream scripts of a model, or of the row itself, over data and over none.

    asker = ScriptAsker(get_domain("bgp"), options_of, model=load_model("embedded"))
    answer = asker.ask(row)
    answer.answer, answer.data["control"]

A script runs in tier two of the sandbox. One that a model wrote runs twice: over the files of its row, and
over the same files as if nothing had happened; what it prints then is the control that judges hold against
it.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from pydantic import JsonValue

from herdwick.agents.answer import Answer, Timings
from herdwick.agents.asking import Ask
from herdwick.agents.cli.run_script import script_answer
from herdwick.agents.drafts import read_program
from herdwick.agents.errors import UsageError
from herdwick.agents.models import Model
from herdwick.agents.prompt_files import prompt
from herdwick.evals.rows import Row
from herdwick.evals.values import CONTROL
from herdwick.tools.domain import Domain
from herdwick.tools.errors import HerdwickError
from herdwick.tools.script_output import ScriptOutput

MAX_TOKENS = 700
"""Longest reply; the scripts among the seeds take 60 to 400 tokens."""

OptionsOf = Callable[[Row], dict[str, Any]]
"""What the data of a row is opened with."""


class ScriptAsker:
    """Answers rows of the kinds `code_task`, by scripts of a model, and `script`, by their own.

    Args:
        domain: One with scripts.
        options_of: Tells what a row's data is opened with.
        model: Who writes scripts for a `code_task`. A server may serve an adapter `DOMAIN-scripts`; otherwise
            it is the plain base.
    """

    def __init__(self, domain: Domain, options_of: OptionsOf, model: Model) -> None:
        self._domain = domain
        self._options_of = options_of
        self._model = model

    def ask(self, row: Row, config: RunnableConfig) -> Answer:
        """The answer to one row; what went wrong is part of it."""
        started = time.perf_counter()
        source, drafted = row.program, 0.0
        try:
            if row.kind == "code_task":
                source = self._written(row, config)
                drafted = time.perf_counter() - started
            output, control = self._run(source, row)
        except HerdwickError as error:
            output, control = _failed(error), None
        answer = script_answer(self._domain, source, output, total_s=time.perf_counter() - started)
        asked = row.kind == "code_task"
        return answer.model_copy(
            update={
                "question": row.question,
                "model": self._model.name if asked else "",
                "attempts": int(asked),
                "timings": Timings(draft_s=drafted, run_s=output.seconds, total_s=answer.timings.total_s),
                "data": answer.data | ({} if control is None else {CONTROL: control}),
            }
        )

    def close(self) -> None:
        """Nothing to close: the model belongs to whoever loaded it."""

    def _written(self, row: Row, config: RunnableConfig) -> str:
        endpoint = self._model.endpoint(f"{self._domain.name}-scripts")
        messages = [("user", prompt("script", task=row.question))]
        ask = Ask(endpoint.chat.bind(temperature=0, max_tokens=MAX_TOKENS), messages, read_program)
        return ask.runnable(endpoint).invoke(messages, config)

    def _run(self, source: str, row: Row) -> tuple[ScriptOutput, JsonValue]:
        run, quiet_options = self._domain.run_script, self._domain.quiet_options
        if run is None or quiet_options is None:
            raise UsageError(
                "no_scripts", f"The domain {self._domain.name} runs no scripts.", "Leave the row out."
            )
        options = self._domain.options(**self._options_of(row))
        output = run(source, options)
        if row.kind != "code_task" or output.error:
            return output, None
        with tempfile.TemporaryDirectory(prefix="herdwick-quiet-") as folder:
            quiet = run(source, quiet_options(options, Path(folder)))
        return output, _control(self._domain, source, quiet)


def _control(domain: Domain, source: str, output: ScriptOutput) -> JsonValue:
    answer = script_answer(domain, source, output, total_s=output.seconds)
    return {"status": answer.status, "answer": answer.answer}


def _failed(error: HerdwickError) -> ScriptOutput:
    return ScriptOutput("", "", stdout_truncated=False, seconds=0.0, data={}, error=error)
