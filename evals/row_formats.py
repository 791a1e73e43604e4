"""Reads rows: JSON lines, a JSON array or CSV, of our own layout or of SoAyBench's.

    rows = read_rows(Path("questions.jsonl"))
    rows[0].question, rows[0].expected

SoAyBench's layout names a question `Query_en` or `Query`, its answer `Answer`, its plan `API combination` or
`Solution`, and the question it was made from `Base_Question_en`. Its rows are told by their question's name;
what else they hold is left out. A cell of CSV is the JSON value it reads as, or else text.
"""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from herdwick.agents.styles.soay import MEANT_FUNCTIONS
from herdwick.evals.rows import Row, parse_row
from herdwick.tools.errors import DataError
from herdwick.tools.solutions import parse_plan

MAX_CELL = 10_000_000
"""Longest cell of CSV, in characters."""

_TEXT_COLUMNS = frozenset({"id", "question", "kind", "domain", "source", "template", "program"})
"""Columns whose cells are text, whatever they read as."""

_QUESTIONS = ("Query_en", "Query", "query")
_ANSWERS = ("Answer", "answer")
_PLANS = ("API combination", "API combination (solution)", "Solution", "solution", "Route", "route")
_TEMPLATES = ("Base_Question_en", "Base_Question", "base_question")


def read_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a file; blank lines are skipped.

    Raises:
        DataError: The file cannot be read, a record is no row or one that would be judged by the wrong rule,
            or an id occurs twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            "rows_unreadable", f"{path.name} cannot be read: {error}.", "Give a file in UTF-8."
        ) from error
    rows: dict[str, Row] = {}
    for where, number, record in _records(path, text):
        row = parse_row(_ours(record, number, where), where)
        if row.id in rows:
            raise DataError("bad_row", f"{where}: the id {row.id!r} was used before.")
        rows[row.id] = row
    return tuple(rows.values())


def _records(path: Path, text: str) -> Iterator[tuple[str, int, object]]:
    """What messages call a record, its number from 1, and the record."""
    if path.suffix.lower() == ".csv":
        yield from _of_csv(path, text)
    elif text.lstrip().startswith("["):
        records = _json(text, path.name, "Write an array of objects, or one object a line.")
        if not isinstance(records, list):
            raise DataError("bad_row", f"{path.name} holds no rows.", "Write one JSON object a line.")
        yield from ((f"{path.name}, item {number}", number, one) for number, one in enumerate(records, 1))
    else:
        # Not `splitlines`: JSON strings may hold U+2028, which is no line break here.
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                where = f"{path.name}, line {number}"
                yield where, number, _json(line, where, "Write one JSON object a line.")


def _json(text: str, where: str, hint: str) -> object:
    try:
        return _parsed(text)
    except (ValueError, RecursionError) as error:
        raise DataError("bad_row", f"{where} is not JSON: {error}.", hint) from error


def _parsed(text: str) -> object:
    """JSON as others understand it: no number that is infinite or none, no name that stands twice.

    Raises:
        ValueError: It is not.
    """
    return json.loads(text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_each_once)


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is too large")
    return number


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    for name, times in Counter(name for name, _ in pairs).items():
        if times > 1:
            raise ValueError(f"{name!r} stands twice in one object")
    return dict(pairs)


def _of_csv(path: Path, text: str) -> Iterator[tuple[str, int, object]]:
    csv.field_size_limit(MAX_CELL)
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        for name, times in Counter(reader.fieldnames).items():
            if times > 1:
                raise DataError("bad_row", f"{path.name}, line 1 names the column {name!r} twice.")
        for number, cells in enumerate(reader, 1):
            where = f"{path.name}, line {reader.line_num}"
            if None in cells or None in cells.values():
                raise DataError("bad_row", f"{where} has not as many cells as the first line.")
            yield where, number, {name: _cell(name, cell) for name, cell in cells.items() if cell != ""}
    except csv.Error as error:
        raise DataError(
            "bad_row", f"{path.name}, after line {reader.line_num}: {error}.", "Check the quotes."
        ) from error


def _cell(name: str, cell: str) -> object:
    if name == "plan" and not cell.lstrip().startswith("["):
        return parse_plan(cell)
    if name in _TEXT_COLUMNS:
        return cell
    try:
        return _parsed(cell)
    except (ValueError, RecursionError):
        return cell


def _ours(record: object, number: int, where: str) -> object:
    """A record in our layout; one without an id is called by its number where it is not ours.

    Raises:
        DataError: It is one of SoAyBench's, without an answer.
    """
    if not isinstance(record, Mapping):
        return record
    question = next((record[name] for name in _QUESTIONS if name in record), None)
    if question is None or "question" in record:
        return record
    found: dict[str, object] = {"id": record.get("id", record.get("ID", str(number))), "question": question}
    answers = [name for name in _ANSWERS if name in record]
    if not answers:
        # It would be asked, and never judged.
        raise DataError(
            "bad_row", f"{where} has no answer.", f"SoAyBench calls it {' or '.join(map(repr, _ANSWERS))}."
        )
    found["answer"] = record[answers[0]]
    for name in reversed(_TEMPLATES):
        if name in record:
            found["template"] = record[name]
    plan = next((record[name] for name in _PLANS if name in record), None)
    if plan:
        steps = parse_plan(plan) if isinstance(plan, str) else plan
        steps = [MEANT_FUNCTIONS.get(step, step) for step in steps]
        found |= {"plan": steps, "hop": len(steps) or None}
    return found
