"""Words of a question that a program uses for two things at once.

    refuse_overlap("Where is Ada Quill?", Draft('searchPerson(name="Ada Quill", interest="Ada Quill")'))
    # OverlapError: the words "Ada Quill" stand once in the question and cannot be two arguments

Constrained decoding makes a model copy its arguments from the question, but a grammar cannot remember what
was copied already; the next attempt's grammar can be told. Of 36,217 programs of training data none overlaps.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from herdwick.agents.drafts import Draft
from herdwick.agents.errors import DraftError
from herdwick.tools.sandbox.parsing import parse_quietly


class OverlapError(DraftError):
    """Two arguments of a draft want the same words.

    Attributes:
        text: Those words.
        repeated: Whether one call has them twice; otherwise a longer argument contains them.
    """

    def __init__(self, text: str, *, repeated: bool) -> None:
        super().__init__(
            "words_used_twice",
            f"The words {text!r} stand once in the question and cannot be two arguments.",
            "Put the question otherwise, such as with names in quotes.",
        )
        self.text = text
        self.repeated = repeated


def refuse_overlap(question: str, draft: Draft) -> Draft:
    """`draft`, if its arguments can stand side by side in `question`.

    Two arguments of one call need two places in the question, even if equal; arguments of different calls may
    be equal (one organization asked about twice), but not overlap.

    Raises:
        OverlapError: They cannot.
    """
    try:
        calls = [
            [*_texts(node)] for node in ast.walk(parse_quietly(draft.program)) if isinstance(node, ast.Call)
        ]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return draft  # The check of programs says what is wrong, and where.
    for texts in calls:
        for text, uses in Counter(texts).items():
            if text in question and uses > max(1, question.count(text)):
                raise OverlapError(text, repeated=True)
    distinct = sorted({text for texts in calls for text in texts}, key=len)
    for short, long in combinations(distinct, 2):
        covered = question.count(long) * long.count(short)
        if covered and question.count(short) <= covered:
            raise OverlapError(short, repeated=False)
    return draft


def _texts(call: ast.Call) -> Iterator[str]:
    for node in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value
