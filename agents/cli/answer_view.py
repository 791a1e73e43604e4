"""An answer as people read it: the words, the values, the evidence.

print_answer(results(), answer, verbose=False)
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from herdwick.agents.answer import Answer
from herdwick.agents.cli.terminal import printable
from herdwick.tools.sandbox import CallRecord
from herdwick.tools.solutions import format_plan

SYNTHETIC = "synthetic data: nobody and nothing in it exists"

NOT_KNOWN = "-"
SHOWN_CALLS = 10
"""A loop over a long list makes one call for each of its elements."""

PROBLEMS = "problems"
"""Where a domain tells in the data of an answer what could not be read: a list, one line a file."""

SHOWN_PROBLEMS = 20
_LABEL_CHARS = 9


def print_answer(console: Console, answer: Answer, *, verbose: bool = False) -> None:
    """Print all of `answer`.

    Args:
        console: Where to.
        answer: What.
        verbose: Every call, the time of every step and the model as well.
    """
    console.print(_words(answer), soft_wrap=True)
    table = value_table(answer.answer)
    if table is not None:
        console.print(table)
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


def value_table(value: JsonValue) -> Table | None:
    """A record, or a list of several things, as a table; None for what words say as well."""
    if isinstance(value, Mapping):
        return _table(["", ""], [[field, _cell(item)] for field, item in value.items()])
    if not isinstance(value, list) or len(value) < 2:
        return None
    records = [item for item in value if isinstance(item, Mapping)]
    if len(records) < len(value):
        return _table(["", ""], [[str(number), _cell(item)] for number, item in enumerate(value, start=1)])
    fields = list(dict.fromkeys(field for record in records for field in record))
    rows = [
        [str(number), *(_cell(record.get(field)) for field in fields)]
        for number, record in enumerate(records, start=1)
    ]
    return _table(["", *fields], rows)


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
        f"{field} {_cell(value)}"
        for field, value in data.items()
        if field != "synthetic" and value not in (None, "", [], {})
    )
    parts = [Text(SYNTHETIC, style="bold yellow")] if data.get("synthetic") else []
    return Text("; ").join([*parts, Text(known)])


def _words(answer: Answer) -> Text:
    if answer.error:
        hint = f"\n{answer.error.hint}" if answer.error.hint else ""
        return Text.assemble((printable(answer.error.message), "bold red"), printable(hint))
    return Text(printable(answer.text), style="bold")


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


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, show_header=any(headers), header_style="bold", padding=(0, 2, 0, 0))
    for header in headers:
        table.add_column(Text(printable(header)), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _cell(value: JsonValue) -> str:
    if value is None or value == "":
        return NOT_KNOWN
    if isinstance(value, Mapping):
        return f"({', '.join(f'{field} {_cell(item)}' for field, item in value.items())})"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return printable(str(value))
