"""The HTTP API of the original SoAyLLaMA service, for programs that were written for it.

    POST /api/soayllama/getcode     {"query": the whole prompt}
    GET  /api/soayllama/purequery?query=QUESTION

Both give `{"message", "route", "code"}`: a plan and a program, which the caller runs. With a SoAyLLaMA
checkpoint `getcode` sends the prompt as it came; any other model was made for another prompt, so that it is
asked the question that the given one ends with.
"""

import asyncio
import re

from herdwick.agents.answer import AnswerError
from herdwick.agents.asking import Ask
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.errors import DraftError
from herdwick.agents.prompt_files import has_prompt
from herdwick.agents.refusals import Refusal
from herdwick.agents.server.errors import HttpFailure, SoayReply
from herdwick.agents.server.service import Service, steps_of
from herdwick.agents.server.settings import ServerSettings
from herdwick.agents.solver import Solver
from herdwick.agents.styles import default_style
from herdwick.agents.styles.soay import MAX_TOKENS, read_soay
from herdwick.tools.domain import Domain
from herdwick.tools.errors import HerdwickError
from herdwick.tools.solutions import format_plan

SUCCESS = "success"

_QUESTION = re.compile(r"(?:\A|\n)-----\nQuery:\n(?P<question>.*?)(?:\n-----|\[/INST\]|\Z)", re.DOTALL)
"""Where the published prompt has the question: behind the API guide, before the end of the instruction."""


def soay_domain(settings: ServerSettings) -> str | None:
    """The served domain that SoAyLLaMA checkpoints exist for; None where it is not served."""
    return next((name for name in settings.domains if has_prompt(f"soay/{name}")), None)


def question_in(query: str) -> str:
    """The question that a whole prompt ends with; all of `query` where it is no such prompt."""
    found = [*_QUESTION.finditer(query)]
    return (found[-1]["question"] if found else query).strip()


async def write_code(service: Service, domain: str, question: str) -> SoayReply:
    """Plan and program for a question, checked but not run.

    Raises:
        HttpFailure: 429 or 504; see `Service.place`. 503; the model cannot be used now. 501; the server's
            strategy writes no programs.
    """
    async with service.place():
        return await _write_code(service, service.solver(domain), question)


async def complete_prompt(service: Service, domain: str, query: str) -> SoayReply:
    """Plan and program that a model writes when it is given a whole prompt.

    Raises:
        HttpFailure: As `write_code`.
    """
    solver = service.solver(domain)
    try:
        # The model may have to be loaded first, which is waited for in the place of the answer.
        async with service.place():
            endpoint = await asyncio.to_thread(solver.model.endpoint, domain)
            if (solver.style or default_style(endpoint)) == "soay":
                return await _complete_soay(endpoint, solver.domain, query)
            return await _write_code(service, solver, question_in(query))
    except (DraftError, Refusal) as error:
        return SoayReply(message=str(error))
    except HttpFailure:
        raise
    except HerdwickError as error:
        told = service.told(AnswerError.of(error))
        raise HttpFailure(503 if told.external else 502, told.kind, told.message, told.hint) from error


async def _write_code(service: Service, solver: Solver, question: str) -> SoayReply:
    if solver.strategy == "tool-calling":
        raise HttpFailure(
            501,
            "no_program_written",
            "The strategy tool-calling writes no programs.",
            "Start the server with --strategy one-shot or plan-then-code.",
        )
    async with steps_of(solver, question) as steps:
        async for step in steps:
            if step.step == "check" and step.error is None:
                return SoayReply(message=SUCCESS, route=format_plan(tuple(step.plan)), code=step.program)
            if step.answer is not None and step.answer.error is not None:
                error = service.told(step.answer.error)
                if error.external:
                    raise HttpFailure(503, error.kind, error.message, error.hint)
                message = f"{error.message} {error.hint}".strip()
                return SoayReply(message=message, route=format_plan(tuple(step.plan)), code=step.program)
    raise RuntimeError(f"{solver!r} ended with neither a program nor an error")


async def _complete_soay(endpoint: Endpoint, domain: Domain, query: str) -> SoayReply:
    completion = endpoint.completion.bind(max_tokens=MAX_TOKENS)
    ask = Ask(completion, query, lambda text: read_soay(text, domain))
    draft = await ask.runnable(endpoint).ainvoke(ask.prompt)
    return SoayReply(message=SUCCESS, route=format_plan(draft.plan or ()), code=draft.program)
