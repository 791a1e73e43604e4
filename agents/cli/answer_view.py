"""An answer as people read it: the words, the values, the evidence.

print_answer(results(), answer, verbose=False)
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue
from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from herdwick.agents.answer import Answer, AnswerError
from herdwick.agents.cli.kinds import Kinds, kinds_of
from herdwick.agents.cli.terminal import printable
from herdwick.agents.cli.value_view import cell, has_records, is_shown_below, value_views
from herdwick.agents.wording import describe
from herdwick.tools.entity_words import EntityWords
from herdwick.tools.sandbox import CallRecord
from herdwick.tools.solutions import format_plan

SYNTHETIC = "synthetic data: nobody and nothing in it exists"

SHOWN_CALLS = 10
"""A loop over a long list makes one call for each of its elements."""

PROBLEMS = "problems"
"""Where a domain tells in the data of an answer what could not be read: a list, one line a file."""

SHOWN_PROBLEMS = 20
_LABEL_CHARS = 9
_RESULTS = EntityWords("result", "results")


def print_answer(console: Console, answer: Answer, *, verbose: bool = False) -> None:
    """Print all of `answer`.

    Args:
        console: Where to.
        answer: What.
        verbose: Every call, the time of every step and the model as well.
    """
    if answer.error:
        console.print(_failure(answer.error), soft_wrap=True)
    else:
        kinds = kinds_of(answer)
        console.print(Text(printable(headline(answer, kinds)), style="bold"), soft_wrap=True)
        for part in value_views(kinds.readable(answer.answer), console):
            console.print(part)
    print_evidence(console, answer, verbose=verbose)


def print_evidence(console: Console, answer: Answer, *, verbose: bool = False) -> None:
    """Print what `answer` rests on, without the answer itself."""
    console.print()
    for label, text in evidence(answer, verbose=verbose):
        indented = Text("\n" + " " * _LABEL_CHARS).join(text.split("\n"))
        console.print(Text.assemble((f"{label:<{_LABEL_CHARS}}", "dim"), indented), soft_wrap=True)


def evidence(answer: Answer, *, verbose: bool) -> Iterator[tuple[str, Text]]:
    """What the answer rests on, part by part, each with its label."""
    if answer.plan:
        yield "Plan", Text(format_plan(answer.plan))
    if answer.program:
        yield "Program", program_view(answer.program)
    if answer.calls:
        shown = len(answer.calls) if verbose else SHOWN_CALLS
        yield "Calls", calls_view(answer.calls[:shown], left_out=len(answer.calls[shown:]))
    if answer.data:
        # Problems are told as warnings, not only where nobody looks.
        yield "Data", data_view({name: value for name, value in answer.data.items() if name != PROBLEMS})
    yield "Time", _timings(answer, verbose=verbose)
    if verbose:
        asked = f"{answer.model or 'none'}, strategy {answer.strategy}, attempts {answer.attempts}"
        yield "Model", Text(printable(asked))


def problems_of(answer: Answer) -> list[str]:
    """What of the data could not be read, in words; the domain tells it in the answer's data."""
    told = answer.data.get(PROBLEMS)
    problems = [printable(str(problem)) for problem in told] if isinstance(told, list) else []
    more = [f"and {len(problems) - SHOWN_PROBLEMS} more"] if len(problems) > SHOWN_PROBLEMS else []
    return [*problems[:SHOWN_PROBLEMS], *more]


def program_view(program: str) -> Text:
    """A program, coloured where the terminal can."""
    text = Syntax("", "python", theme="ansi_dark").highlight(printable(program))
    text.rstrip()
    return text


def calls_view(calls: Sequence[CallRecord], left_out: int = 0) -> Text:
    """One line a call, and how many more there were."""
    more = [Text(f"and {left_out} more, which -v shows")] if left_out else []
    return Text("\n").join([*map(_call, calls), *more])


def data_view(data: Mapping[str, JsonValue]) -> Text:
    """What was read; made-up data is called that."""
    known = ", ".join(
        f"{field} {cell(value)}"
        for field, value in data.items()
        if field != "synthetic" and value not in (None, "", [], {})
    )
    parts = [Text(SYNTHETIC, style="bold yellow")] if data.get("synthetic") else []
    return Text("; ").join([*parts, Text(known)])


def headline(answer: Answer, kinds: Kinds) -> str:
    """The answer in words; of one that is shown below only how much it is."""
    value, result = answer.answer, kinds.result
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_shown_below(value):
        words = kinds.element if kinds.element and not has_records(value) else _RESULTS
        number = len(value) if isinstance(value, list) else 1
        return f"{number:,} {words.one if number == 1 else words.many}"
    if is_number and result.is_count and kinds.element:
        return f"{value} {kinds.element.one if value == 1 else kinds.element.many}."
    if kinds.readable(value) == value:
        return answer.text
    return describe(kinds.readable(value))


def _failure(error: AnswerError) -> Text:
    hint = f"\n{error.hint}" if error.hint else ""
    return Text.assemble((printable(error.message), "bold red"), printable(hint))


def _call(call: CallRecord) -> Text:
    arguments = ", ".join(f"{name}={value!r}" for name, value in call.args.items())
    took = f"  {call.seconds * 1000:.0f} ms"
    return Text.assemble(
        printable(f"{call.tool}({arguments})"), ("" if call.ok else " failed", "red"), (took, "dim")
    )


def _timings(answer: Answer, *, verbose: bool) -> Text:
    timings = answer.timings
    if not verbose:
        return Text(f"{timings.total_s:.2f} s")
    steps = f"draft {timings.draft_s:.3f}, check {timings.check_s:.3f}, run {timings.run_s:.3f}"
    return Text(f"{timings.total_s:.3f} s ({steps})")
