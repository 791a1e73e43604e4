"""Whether the value of an answer is right, by the rule of its row's kind.

    value_match(row, answer)                 # to the letter
    value_match(row, answer, loose=True)     # as people would say it

A program's value is compared as JSON, a choice by its letter, a filled gap as folded text, prose by the
points of a rubric. What a script prints is right only if it does not print the same over no data: scripts
that merely run do so on nothing as well.
"""

from collections.abc import Callable
from functools import partial

from pydantic import JsonValue

from herdwick.agents.answer import Answer
from herdwick.evals.matching import in_any_order, set_match, strict_match
from herdwick.evals.phrases import count_of_words, gap_words, says
from herdwick.evals.rows import Kind, Row

CONTROL = "control"
"""Key in an answer's `data` under which stands what its script printed over no data."""

MAX_GAP_WORDS = 12
"""Longest reply in which the words for a gap are looked for; a longer one names everything."""

MAX_PROSE_WORDS = 120
"""Longest prose in which points are looked for. At most three sentences are asked for; the longest of
the second answers to `bgp-knowledge` has fewer than 80 words, and a text of everything makes every point."""

Rule = Callable[[Row, Answer, bool], bool]


def value_match(row: Row, answer: Answer, *, loose: bool = False) -> bool:
    """Whether the value of `answer` is one of the row's.

    Args:
        row: One with a value for an answer.
        answer: One without an error.
        loose: Lists as multisets, numeric text as numbers, other text folded; a gap's words anywhere in a
            short reply; half the points of a rubric.
    """
    return _RULES.get(row.kind, _computed)(row, answer, loose)


def is_right_without_data(row: Row, answer: Answer, *, loose: bool = False) -> bool:
    """Whether the script behind `answer` prints a right answer over no data too."""
    match answer.data.get(CONTROL):
        case {"status": "ok", "answer": printed}:
            return _is_one_of(row, printed, loose)
        case _:
            return False


def rubric_points(row: Row, text: str) -> tuple[bool, ...]:
    """For each point of the row's rubric, whether `text` makes it by one of its phrases.

    A text of more than `MAX_PROSE_WORDS` words makes none.
    """
    short = count_of_words(text) <= MAX_PROSE_WORDS
    return tuple(short and any(says(text, phrase) for phrase in point) for point in row.rubric)


def _computed(row: Row, answer: Answer, loose: bool) -> bool:
    return _is_one_of(row, answer.answer, loose)


def _script(row: Row, answer: Answer, loose: bool) -> bool:
    return _is_one_of(row, answer.answer, loose) and not is_right_without_data(row, answer, loose=loose)


def _is_one_of(row: Row, value: JsonValue, loose: bool) -> bool:
    match = partial(set_match if loose else strict_match, tolerance=row.tolerance)
    compare = in_any_order(match) if row.unordered else match
    return any(compare(one, value) for one in (row.answer, *row.also))


def _choice(row: Row, answer: Answer, _loose: bool) -> bool:
    chosen = row.letter_of(answer.answer)
    return chosen is not None and chosen == row.letter_of(row.answer)


def _gap(row: Row, answer: Answer, loose: bool) -> bool:
    said = gap_words(str(answer.answer))
    wanted = [gap_words(str(one)) for one in (row.answer, *row.also)]
    if said in wanted:
        return True
    short = len(said.split()) <= MAX_GAP_WORDS
    return loose and short and any(f" {one} " in f" {said} " for one in wanted)


def _prose(row: Row, answer: Answer, loose: bool) -> bool:
    made = rubric_points(row, str(answer.answer))
    return 2 * sum(made) >= len(made) if loose else all(made)


_RULES: dict[Kind, Rule] = {
    "mcq": _choice,
    "fill_blank": _gap,
    "qa": _prose,
    "code_task": _script,
}
