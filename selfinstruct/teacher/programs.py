"""AMiner programs that a teacher wrote, run over a synthetic graph and over one in which there is nobody.

with open_programs(people=300, papers=600, seed=11) as programs:
    programs.run(task)
"""

import ast
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pydantic import JsonValue

from herdwick.agents.drafts import Draft, read_short
from herdwick.agents.errors import DraftError
from herdwick.agents.refusals import Refusal
from herdwick.selfinstruct.entities import EntityPool
from herdwick.selfinstruct.teacher.execution import Unfit, code_of
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.selfinstruct.world import synthetic_world
from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.toolkit import AMinerToolkit
from herdwick.tools.domain import get_domain
from herdwick.tools.sandbox import ProgramFailure, ProgramSandbox
from herdwick.tools.tool import FunctionTool, functions_of

PEOPLE_SHOWN, TITLES_SHOWN = 6, 3
"""Entities that one prompt offers."""

_STRANGER = {"id": "stranger", "name": "Zzyzx Qwrtp", "orgs": [], "n_pubs": 0, "n_citation": 0}


@dataclass(frozen=True)
class Programs:
    """Programs over a full graph and an empty one.

    Attributes:
        sandbox: Where they run.
        full, empty: The functions over either graph.
        pool: What the full graph holds.
    """

    sandbox: ProgramSandbox
    full: Sequence[FunctionTool]
    empty: Sequence[FunctionTool]
    pool: EntityPool

    def run(self, task: Task) -> str:
        """What the program computed, as JSON.

        Raises:
            Unfit: It is not kept.
        """
        draft = _draft(task.output)
        value = self._value(draft, self.full)
        if value in ("", None, [], {}, 0, False):
            raise Unfit("no_result", f"The program finds nothing: {json.dumps(value)}.")
        if _is_literal(draft.program) or self._control(draft) == value:
            raise Unfit("trivial", "The program computes the same where there is nobody.")
        return json.dumps(value, ensure_ascii=False)

    def _control(self, draft: Draft) -> JsonValue:
        """What it computes where there is nobody; None where it then fails, as taking the first of nobody."""
        try:
            return self._value(draft, self.empty)
        except Unfit:
            return None

    def draw_entities(self, rng: Random) -> str:
        """People with their organizations and fields, and titles of papers, as lines."""
        people = rng.sample(self.pool.people, min(PEOPLE_SHOWN, len(self.pool.people)))
        lines = [
            f"- {person.name}; {person.organizations[0] if person.organizations else '-'}; "
            f"{', '.join(person.fields[:2]) or '-'}"
            for person in people
        ]
        titles = rng.sample(self.pool.titles, min(TITLES_SHOWN, len(self.pool.titles)))
        return "\n".join([*lines, *(f"- paper: {title}" for title in titles)])

    def _value(self, draft: Draft, tools: Sequence[FunctionTool]) -> JsonValue:
        try:
            result = self.sandbox.run(
                draft.program, [*tools], plan=draft.plan or None, domain=get_domain("aminer")
            )
        except ProgramFailure as failure:
            if failure.external:
                raise
            raise Unfit(f"code_{failure.kind}", failure.message) from failure
        return result.value


@contextmanager
def open_programs(*, people: int, papers: int, seed: int) -> Iterator[Programs]:
    """Make both graphs; they are deleted at the end.

    Raises:
        ProgramError: There is no sandbox.
    """
    with ExitStack() as stack:
        world = stack.enter_context(synthetic_world(people=people, papers=papers, seed=seed))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="herdwick-nobody-")))
        full = stack.enter_context(world.toolkit())
        empty = stack.enter_context(AMinerToolkit(graph=_nobody(folder)))
        sandbox = stack.enter_context(ProgramSandbox())
        (pool,) = world.pools["en"]
        yield Programs(sandbox, functions_of(full.get_tools()), functions_of(empty.get_tools()), pool)


def _nobody(folder: Path) -> Path:
    """A graph that holds nobody whom a question is about; without any person there is no graph."""
    authors, papers, graph = (folder / name for name in ("authors.jsonl", "papers.jsonl", "graph.sqlite"))
    authors.write_text(json.dumps(_STRANGER) + "\n", encoding="utf-8")
    papers.touch()
    build_graph([authors], [papers], out=graph, synthetic=True)
    return graph


def _is_literal(program: str) -> bool:
    """Whether the program ends in giving its result a value that is written there, whatever was found."""
    match ast.parse(program).body:
        case [*_, ast.Assign(targets=[ast.Name(id="final_result")], value=value)]:
            return not any(isinstance(node, ast.Name | ast.Call) for node in ast.walk(value))
        case _:
            return False


def _draft(output: str) -> Draft:
    """Plan and program.

    Raises:
        Unfit: There is no program; a refusal is none.
    """
    try:
        return read_short(code_of(output))
    except (DraftError, Refusal) as error:
        raise Unfit("no_program", error.message) from error
