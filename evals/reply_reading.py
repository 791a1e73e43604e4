"""What a model says that no grammar binds: the option, the truth value or the words that it means.

    chosen("The answer is B, because A is wrong.", {"A": "C", "B": "A"}, {"A": "one", "C": "three"})   # "one"
    truth("Yes, it does.")                                                                             # True

A reply counts as what it says as a whole, or first with a mark behind it, or after "the answer is", or by the
one option that it names. What it denies, and what could be two, is no answer.
"""

import re
from collections.abc import Iterator, Mapping

from herdwick.agents.errors import DraftError
from herdwick.evals.matching import folded
from herdwick.evals.phrases import denied_before

_TRUTHS = {"true": True, "yes": True, "correct": True, "false": False, "no": False, "incorrect": False}
_END = r"(?=\s*(?:[.,;:!)\]*\"'`]|$|-\s|because\b|since\b))"
"""What stands behind a letter that is no article."""

_FIRST = re.compile(r"\W*(?P<letter>[a-z])(?:[\"'*`)\]]*[.,;:)\]*!]|\s+-\s)")
_DENIED = re.compile(r"\W*(?:is |was )?(?:not|wrong|incorrect|false|never)\b")
_ONLY_OTHERS = re.compile(r"(?:(?:\W|\b(?:and|or|maybe|perhaps)\b)*\b[a-z]\b)+\W*$")
_STATED = re.compile(
    rf"\b(?P<final>final\s+)?(?:answer|choice|option)(?:\s+is|\s*[:=])(?:\s+option)?[\s\"'*`(]*"
    rf"(?:(?P<letter>[b-hj-z]\b|[ai]{_END}))"
    rf"|\b(?P<right>[a-z])\s+is\s+(?:the\s+)?(?:right|correct|best)\b"
)
_FIRST_TRUTH = re.compile(r"\W*(true|yes|correct|false|no|incorrect)\b[\"'*`)\]]*(?=\s*(?:[.,;:!]|-\s|$))")
_TRUTH = re.compile(r"\b(true|correct|false|incorrect)\b")


def chosen(reply: str, own: Mapping[str, str], choices: Mapping[str, str]) -> str:
    """The text of the option that a reply chooses.

    Args:
        reply: What the model said.
        own: Letters as they were shown, to the row's own.
        choices: The row's options by its own letters.

    Raises:
        DraftError: It chooses none, or more than one.
    """
    said = folded(reply)
    whole = said.strip(" \t\"'`*.,:;!()[]")
    texts = {folded(text): text for text in choices.values()}
    letters = {shown.casefold(): choices[of] for shown, of in own.items()}
    if whole in letters:
        return letters[whole]
    if said in texts or whole in texts:
        return texts.get(said) or texts[whole]
    found = {letters[letter] for letter in _letters(said) if letter in letters} or _named(said, texts)
    if len(found) == 1:
        return found.pop()
    raise DraftError("no_choice", f"The reply names no one option: {reply[:80]!r}.", "Use a model that does.")


def truth(reply: str) -> bool:
    """Whether a reply says yes.

    Raises:
        DraftError: It says neither yes nor no, or both.
    """
    said = folded(reply)
    if first := _FIRST_TRUTH.match(said):
        return _TRUTHS[first[1]]
    found = list(_TRUTH.finditer(said))
    plain = {_TRUTHS[word[1]] for word in found if not denied_before(said, word.start())}
    denied = {not _TRUTHS[word[1]] for word in found if denied_before(said, word.start())}
    if len(plain) == 1 and denied <= plain:
        return plain.pop()
    raise DraftError("no_truth", f"The reply is neither yes nor no: {reply[:80]!r}.", "Ask another model.")


def filled(reply: str) -> str:
    """What stands in the first line that says something, without the marks around it."""
    line = next((line.strip() for line in reply.splitlines() if line.strip()), "")
    while bare := re.fullmatch(r"(\*\*|[*\"'`])(\S|\S.*\S)\1\.?", line):
        line = bare[2]
    return re.sub(r"(?<=\w)\.$", "", line)


def _letters(said: str) -> set[str]:
    """The letters that a folded reply gives as its answer: those stated, or else that in front."""
    stated = [match for match in _STATED.finditer(said) if not denied_before(said, match.start())]
    final = [match for match in stated if match["final"]]
    found = {match["letter"] or match["right"] for match in final or stated}
    first = _FIRST.match(said)
    if first and not _DENIED.match(said, first.end()):
        if _ONLY_OTHERS.match(said, first.end()):
            found |= set(re.findall(r"\b[a-z]\b", said))
        found.add(first["letter"])
    return found


def _named(said: str, texts: Mapping[str, str]) -> set[str]:
    """The options that a folded reply names by their text, but for those within a longer one."""
    places = [(at, folded_text) for folded_text in texts for at in _places(said, folded_text)]
    longest = [
        (at, name)
        for at, name in places
        if not any(
            len(other) > len(name) and start <= at and at + len(name) <= start + len(other)
            for start, other in places
        )
    ]
    return {texts[name] for at, name in longest if not denied_before(said, at)}


def _places(said: str, name: str) -> Iterator[int]:
    return (match.start() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", said) if name)
