"""A session of questions about one domain: what each line does.

    session = ReplSession(domain, options, SolverSettings(), results(), diagnostics())
    session.handle("How many papers has Ada Quill?")     # prints the answer
    session.handle("/model vllm")
    session.handle("/quit")                              # False: the session is over

The last answer is forgotten before the next question is asked, so nothing shown can be stale.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import click
from pydantic import BaseModel
from rich.console import Console
from rich.text import Text

from herdwick.agents.answer import Answer
from herdwick.agents.build import build_solver
from herdwick.agents.cli.answer_view import calls_view, data_view, print_answer, problems_of, program_view
from herdwick.agents.cli.domain_options import as_arguments
from herdwick.agents.cli.steps_display import follow
from herdwick.agents.cli.terminal import printable
from herdwick.agents.model_urls import public_name
from herdwick.agents.models import TIMEOUT_S
from herdwick.agents.solver import Solver
from herdwick.tools.domain import Domain
from herdwick.tools.errors import HerdwickError
from herdwick.tools.solutions import format_plan


@dataclass(frozen=True)
class SolverSettings:
    """The arguments of `build_solver` that a session may change."""

    model: str = "embedded"
    strategy: str = "one-shot"
    style: str | None = None
    max_repairs: int = 2
    timeout_s: float = TIMEOUT_S


class ReplSession:
    """The state of a session.

    Args:
        domain: What is asked about.
        options: What the domain is opened with.
        settings: How it is solved.
        out: Where answers are printed.
        err: Where everything else is.

    Attributes:
        unanswered: Questions so far without an answer.
    """

    def __init__(
        self, domain: Domain, options: BaseModel, settings: SolverSettings, out: Console, err: Console
    ) -> None:
        self.unanswered = 0
        self._domain = domain
        self._options = options
        self._settings = settings
        self._out = out
        self._err = err
        self._solver: Solver | None = None
        self._last: Answer | None = None
        self._as_json = False
        self._commands: dict[str, Callable[[str], None]] = {
            "/help": self._help,
            "/model": self._set_model,
            "/strategy": self._set_strategy,
            "/style": self._set_style,
            "/plan": self._show_plan,
            "/program": self._show_program,
            "/calls": self._show_calls,
            "/data": self._show_data,
            "/json": self._json,
        }

    @property
    def commands(self) -> list[str]:
        """Everything that starts with a slash."""
        return [*self._commands, "/quit"]

    def handle(self, line: str) -> bool:
        """Answer a question or obey a command; False when the session is over."""
        text = line.strip()
        if not text.startswith("/"):
            if text:
                self._ask(text)
            return True
        command, _, argument = text.partition(" ")
        if command in ("/quit", "/exit"):
            return False
        if command in self._commands:
            self._commands[command](argument.strip())
        else:
            self._complain(f"There is no command {command}.", f"There are: {', '.join(self.commands)}")
        return True

    def close(self) -> None:
        """Release data and model; closing twice is harmless."""
        if self._solver:
            self._solver.close()
        self._solver = None

    def _ask(self, question: str) -> None:
        self._last = None
        try:
            self._solver = self._solver or self._build(self._settings)
            self._last = follow(self._solver.stream({"question": question}), self._err)
        except HerdwickError as error:
            self.unanswered += 1
            self._complain(error.message, error.hint)
        except KeyboardInterrupt:
            self.unanswered += 1
            # What was interrupted may be half done: the next question gets a fresh solver.
            self.close()
            self._complain("Cancelled.", "")
        else:
            self.unanswered += self._last.status == "error"
            self._print(self._last)

    def _print(self, answer: Answer) -> None:
        if self._as_json:
            click.echo(answer.model_dump_json())
        else:
            print_answer(self._out, answer)
        for problem in problems_of(answer):
            self._complain(f"Warning: {problem}.", "")

    def _build(self, settings: SolverSettings) -> Solver:
        return build_solver(self._domain, **asdict(settings), **as_arguments(self._options))

    def _change(self, settings: SolverSettings) -> None:
        try:
            solver = self._build(settings)
        except HerdwickError as error:
            self._complain(error.message, error.hint)
            return
        self.close()
        self._solver, self._settings = solver, settings

    def _set_model(self, name: str) -> None:
        if name:
            self._change(replace(self._settings, model=name))
        self._say(f"model: {public_name(self._settings.model)}")

    def _set_strategy(self, name: str) -> None:
        if name:
            self._change(replace(self._settings, strategy=name))
        self._say(f"strategy: {self._settings.strategy}")

    def _set_style(self, name: str) -> None:
        if name:
            self._change(replace(self._settings, style=None if name == "default" else name))
        self._say(f"style: {self._settings.style or 'default'}")

    def _show_plan(self, _: str) -> None:
        if answer := self._answered():
            self._out.print(Text(format_plan(answer.plan) or "no plan"))

    def _show_program(self, _: str) -> None:
        if answer := self._answered():
            self._out.print(program_view(answer.program or "# no program"))

    def _show_calls(self, _: str) -> None:
        if answer := self._answered():
            self._out.print(calls_view(answer.calls) if answer.calls else Text("no calls"))

    def _show_data(self, _: str) -> None:
        if answer := self._answered():
            self._out.print(data_view(answer.data))

    def _json(self, switch: str) -> None:
        if switch in ("on", "off"):
            self._as_json = switch == "on"
            self._say(f"answers as JSON: {switch}")
        elif switch:
            self._complain(f"/json {switch} means nothing.", "Use /json, /json on or /json off.")
        elif answer := self._answered():
            click.echo(answer.model_dump_json())

    def _help(self, _: str) -> None:
        self._say(HELP)

    def _answered(self) -> Answer | None:
        if self._last is None:
            self._complain("There is no answer to show.", "Ask a question first.")
        return self._last

    def _say(self, text: str) -> None:
        self._err.print(Text(printable(text)), soft_wrap=True)

    def _complain(self, message: str, hint: str) -> None:
        self._err.print(Text(printable(message), style="red"), soft_wrap=True)
        if hint:
            self._say(hint)


HELP = """\
A question, then Enter. A backslash at the end of the line or Alt-Enter goes on to another line.
Ctrl-C cancels the running question, Ctrl-D leaves.
  /model [NAME]       show or choose the model: embedded, vllm, openai, URL, NAME@URL
  /strategy [NAME]    show or choose how plan and program come about
  /style [NAME]       show or choose how the model is prompted; `default` for what suits it
  /plan /program      the last answer's plan, its program
  /calls /data        its calls, the data it was read from
  /json [on|off]      the last answer as JSON; print every answer so
  /help /quit         show this, leave"""
