"""Runs gold programs, and decides which may become training data.

    runner = GoldRunner.over(toolkit, sandbox, get_domain("aminer"), known=world.known())
    runner(intent, program)      # raises ProgramError if the example must be dropped

A program is kept if it ran, or if it found nobody where finding nobody is a true answer: no advisor, no paper
in that year, no one at that organization in that field, or a person whom the graph does not know (the made-up
Chinese ones). A tool that says there is no such data is as true an answer. Everything else is a defect of the
program or of the phrasing and is dropped: a program that is refused, fails, or exceeds a limit, and one that
copies the name of a person or the title of a paper of the graph and does not find it, for then the question
distorts what it asks about (`not_found`).
"""

from collections.abc import Sequence
from typing import Self

from herdwick.selfinstruct.intents import Intent
from herdwick.tools.domain import Domain, Toolkit
from herdwick.tools.errors import ProgramError
from herdwick.tools.sandbox import CallRecord, ProgramFailure, ProgramSandbox, check_program
from herdwick.tools.tool import FunctionTool, functions_of


class GoldRunner:
    """Runs programs in the sandbox against one toolkit.

    Args:
        sandbox: Where they run.
        tools: The domain's functions, bound to the graph the entities come from.
        domain: What programs are checked against.
        known: Case-folded names and titles that the graph holds.
        absences: Kinds of tool failures that say there is no such data.
    """

    def __init__(
        self,
        sandbox: ProgramSandbox,
        tools: Sequence[FunctionTool],
        domain: Domain,
        known: frozenset[str],
        absences: frozenset[str] = frozenset(),
    ) -> None:
        self._absences = absences
        self._sandbox = sandbox
        self._tools = {tool.name: tool for tool in tools}
        self._domain = domain
        self._known = known

    @classmethod
    def over(
        cls,
        toolkit: Toolkit,
        sandbox: ProgramSandbox,
        domain: Domain,
        known: frozenset[str],
        absences: frozenset[str] = frozenset(),
    ) -> Self:
        """A runner over all functions of `toolkit`.

        Raises:
            DomainError: One of its tools is not a typed function.
        """
        return cls(sandbox, functions_of(toolkit.get_tools()), domain, known, absences)

    def __call__(self, intent: Intent, program: str) -> None:
        """Run `program`, which must follow the plan of `intent`; one that listens to a feed is only checked.

        Raises:
            ProgramError: The example must be dropped.
        """
        if any(self._domain.function(name).waits for name in intent.hops):
            check_program(program, self._domain, intent.hops)
            return
        try:
            self._sandbox.run(program, list(self._tools.values()), plan=intent.hops, domain=self._domain)
        except ProgramFailure as failure:
            if failure.tool_kind in self._absences:
                return
            if failure.kind != "empty_result":
                raise
            self._check_found(failure, program)

    def _check_found(self, failure: ProgramFailure, program: str) -> None:
        """An empty result is true unless the last call asked for something the graph holds, and missed it."""
        if not failure.calls:
            raise failure
        call = failure.calls[-1]
        asked = [text for text in self._known_arguments(call) if f'"{text}"' in program]
        if asked and not self._tools[call.tool].call(**call.args):
            raise ProgramError("not_found", f"{call.tool} does not find {asked[0]!r}, which the graph holds.")

    def _known_arguments(self, call: CallRecord) -> list[str]:
        return [
            value
            for value in call.args.values()
            if isinstance(value, str) and value.casefold() in self._known
        ]
