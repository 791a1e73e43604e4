"""Which of a teacher's tasks are kept.

    gate = Gate(config, seeds.tasks, runner)
    verdict = gate.judge(task)
    verdict.reason or gate.keep(task)

The checks come in the order of what they cost: shape, language, likeness to what is there, questions of
evaluations, the source of code, and at last a run of it. Each has reasons of its own for a drop.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from herdwick.selfinstruct.similarity.contamination import EvaluationQuestions
from herdwick.selfinstruct.similarity.features import instruction_features, program_features
from herdwick.selfinstruct.similarity.language import is_written_in
from herdwick.selfinstruct.similarity.near_duplicates import NearDuplicates
from herdwick.selfinstruct.similarity.rouge import RougeGate
from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.execution import Runner, Unfit, code_of
from herdwick.selfinstruct.teacher.lint import lint_script
from herdwick.selfinstruct.teacher.reply import Task, is_refusal
from herdwick.selfinstruct.teacher.seeds import SeedTask
from herdwick.tools.domain import get_domain

SIMILAR_KEPT = 10
"""Nearest instructions recorded with an item, as Alpaca's files have them."""

Runs = Mapping[Task, Future[str]]
"""Of the code of tasks, each returning or raising what `Runner.run` does."""

NO_RUNS: Runs = {}

_SCRIPTS = ("pybgpstream", "realtime")
_MOST_DETAIL_CHARS = 300
_LITERAL = re.compile(r"""(["'])((?:\\.|(?!\1)[^\\\n])+)\1""")


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a task.

    Attributes:
        reason: Why it is dropped, short; '' when it is kept.
        detail: The same in words.
        most_similar: Of one that is kept: the nearest seeds and kept instructions, with ROUGE-L F-measure.
        average_similarity: Of one that is kept: mean over all of these.
        category: Of one that is kept: that of the seed it is most like.
        result: Of one that is kept: what its code computed.
    """

    reason: str = ""
    detail: str = ""
    most_similar: dict[str, float] = field(default_factory=dict)
    average_similarity: float = 0.0
    category: str = ""
    result: str = ""


class Gate:
    """Judges tasks against seeds, evaluations, and what was kept before.

    Args:
        config: Bounds.
        seeds: Hand-written tasks, which nothing may repeat.
        runner: Runs code.

    Raises:
        DataError: An evaluation file cannot be read.
    """

    def __init__(self, config: TeacherConfig, seeds: Sequence[SeedTask], runner: Runner) -> None:
        self._config, self._runner = config, runner
        domain = get_domain("aminer" if config.kind == "aminer" else "bgp")
        self._evaluations = EvaluationQuestions.of_files(config.against, domain.spelled)
        self._rouge = RougeGate(config.rouge)
        self._instructions = NearDuplicates(instruction_features, config.near_duplicates)
        self._programs = NearDuplicates(program_features, config.near_duplicates)
        self._categories = {seed.instruction: seed.category for seed in seeds}
        self._seeds = RougeGate(config.rouge, self._categories)
        for seed in seeds:
            self.keep(Task(seed.instruction, seed.instances[0].input, seed.instances[0].output))

    def may_keep(self, task: Task) -> bool:
        """Whether nothing but a run of its code stands against `task`; if not, nothing later makes it so."""
        return next(self._faults(task), None) is None

    def judge(self, task: Task, runs: Runs = NO_RUNS) -> Verdict:
        """Whether `task` is kept, and why not; its code is run here where `runs` does not hold it.

        Raises:
            HerdwickError: The sandbox or its data failed, not the task.
        """
        for reason, detail in self._faults(task):
            return Verdict(reason, detail[:_MOST_DETAIL_CHARS])
        result = ""
        if self._runner.run:
            try:
                result = runs[task].result() if task in runs else self._runner.run(task)
            except Unfit as unfit:
                return Verdict(unfit.kind, unfit.message[:_MOST_DETAIL_CHARS])
        similarity = self._rouge.nearest(task.instruction, k=SIMILAR_KEPT)
        return Verdict(
            most_similar={one.text: round(one.score, 4) for one in similarity.nearest},
            average_similarity=round(similarity.average, 4),
            category=self._category(task),
            result=result,
        )

    def keep(self, task: Task) -> None:
        """Let nothing come that repeats `task`."""
        self._rouge.add(task.instruction)
        self._instructions.add(task.instruction)
        if self._config.kind in _SCRIPTS:
            self._programs.add(code_of(task.output))

    def _category(self, task: Task) -> str:
        (nearest,) = self._seeds.nearest(task.instruction, k=1).nearest
        return self._categories[nearest.text]

    def _faults(self, task: Task) -> Iterator[tuple[str, str]]:
        """Reasons against a task that need no run, with details; the first one counts."""
        config = self._config
        words = len(task.instruction.split())
        if words < config.least_words:
            yield "too_short", f"The instruction has {words} words."
        if words > config.most_words:
            yield "too_long", f"The instruction has {words} words."
        if is_refusal(task.output):
            yield "refusal", task.output
        if not all(is_written_in(text, {config.language}) for text in self._prose(task)):
            yield "other_language", f"It is not written in {config.language}."
        yield from self._repeated(task)
        if config.kind in _SCRIPTS:
            findings = lint_script(code_of(task.output), live=config.kind == "realtime")
            # What is hostile is told before what is merely wrong.
            for finding in sorted(findings, key=lambda one: one.kind != "hostile_code"):
                yield finding.kind, f"Line {finding.line}: {finding.message}"
            if duplicate := self._programs.nearest(code_of(task.output)):
                yield "same_program", f"Jaccard {duplicate.jaccard:.2f}: {duplicate.text}"

    def _prose(self, task: Task) -> list[str]:
        """What of a task has to be in the language; of one with code, only its instruction."""
        match self._config.kind:
            case "bgp_knowledge":
                return [task.instruction, task.output]
            case "aminer":
                return [_without_literals(task.instruction, task.output)]
            case _:
                return [task.instruction]

    def _repeated(self, task: Task) -> Iterator[tuple[str, str]]:
        if nearest := self._rouge.too_like(task.instruction):
            yield "too_similar", f"ROUGE-L {nearest.score:.2f}: {nearest.text}"
        if duplicate := self._instructions.nearest(task.instruction):
            yield "same_instruction", f"Jaccard {duplicate.jaccard:.2f}: {duplicate.text}"
        if repeated := self._evaluations.repeated(task.instruction):
            yield "near_evaluation", f"{repeated.file} asks: {repeated.question}"


def _without_literals(question: str, program: str) -> str:
    """A question without the texts that its program copies: names and titles pass for any language."""
    literals = {_text_of(match) for match in _LITERAL.finditer(program)}
    for literal in sorted(literals, key=len, reverse=True):
        question = question.replace(literal, " ")
    return question


def _text_of(literal: re.Match[str]) -> str:
    """What a literal stands for; as it is written where Python would not read it."""
    try:
        return str(ast.literal_eval(literal[0]))
    except (ValueError, SyntaxError):
        return literal[2]
