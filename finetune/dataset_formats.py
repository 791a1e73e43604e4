"""Training rows in the formats that others use, as prompt and completion, and back.

    example = read_row({"instruction": "Add.", "input": "1 2", "output": "3"}, "alpaca")
    write_row(example, "chat")    # {"messages": [{"role": "user", …}, {"role": "assistant", …}]}

| format | row |
|---|---|
| herdwick | `prompt`, `completion`: what the model reads and writes, to the letter |
| alpaca | `instruction`, `input`, `output` (github.com/tatsu-lab/stanford_alpaca) |
| chat | `messages` of `role` and `content`: maybe a system message, then one user and one assistant |
| soay | `Query`, `API combination`, `code`; the frame is `recipes/frames/short.txt` |

Other keys of a row go along unchanged. Whatever is written is read again first: a row that would not come
back as it was is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from pydantic import JsonValue

Format = Literal["alpaca", "soay", "chat", "herdwick"]
FORMATS: tuple[Format, ...] = get_args(Format)

Row = Mapping[str, JsonValue]

_SOAY_KEYS = {
    "query": ("Query", "query"),
    "plan": ("API combination", "API combination (solution)", "Solution", "solution"),
    "code": ("code", "Code"),
}
"""The names under which triplets of SoAy are found; the first one is written."""

_QUESTION = "{{question}}"
_HEAD, _, _TAIL = (
    (Path(__file__).parent / "recipes" / "frames" / "short.txt")
    .read_text(encoding="utf-8")
    .partition(_QUESTION)
)


@dataclass(frozen=True)
class Example:
    """A training example.

    Attributes:
        prompt: What the model reads.
        completion: What it should write.
        extras: The row's other keys.
        joined: Whether two texts of the row, such as instruction and input, became one prompt.
    """

    prompt: str
    completion: str
    extras: Mapping[str, JsonValue] = field(default_factory=dict)
    joined: bool = False


class BadRowError(ValueError):
    """A row that cannot be read or written in a format.

    Attributes:
        kind: Short stable identifier.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def read_row(row: JsonValue, form: Format) -> Example:
    """The example in `row`.

    Raises:
        BadRowError: `row` is not of this format.
    """
    if not isinstance(row, dict):
        raise BadRowError("not_an_object", "The row is no JSON object.")
    return _READERS[form](row)


def write_row(example: Example, form: Format) -> Row:
    """`example` in a format.

    Raises:
        BadRowError: The format cannot hold it.
    """
    row = _WRITERS[form](example)
    taken = sorted(row.keys() & example.extras.keys())
    if taken:
        raise BadRowError("key_taken", f"The row has a key of its own called {', '.join(taken)}.")
    whole = {**row, **example.extras}
    back = read_row(whole, form)
    if (back.prompt, back.completion, back.extras) != (example.prompt, example.completion, example.extras):
        raise BadRowError("not_held", f"The format {form} would give back another example.")
    return whole


def _read_herdwick(row: Row) -> Example:
    return Example(_text(row, "prompt"), _text(row, "completion"), _others(row, "prompt", "completion"))


def _write_herdwick(example: Example) -> Row:
    return {"prompt": example.prompt, "completion": example.completion}


def _read_alpaca(row: Row) -> Example:
    given = _text(row, "input") if row.get("input") is not None else ""
    instruction = _text(row, "instruction")
    return Example(
        prompt=f"{instruction}\n\n{given}" if given else instruction,
        completion=_text(row, "output"),
        extras=_others(row, "instruction", "input", "output"),
        joined=bool(given),
    )


def _write_alpaca(example: Example) -> Row:
    return {"instruction": example.prompt, "input": "", "output": example.completion}


def _read_chat(row: Row) -> Example:
    messages = row.get("messages")
    if not isinstance(messages, list):
        raise BadRowError("no_text", "The row has no list `messages`.")
    turns = [_turn(message) for message in messages]
    roles = [role for role, _ in turns]
    if roles not in (["user", "assistant"], ["system", "user", "assistant"]):
        raise BadRowError(
            "other_turns",
            f"The messages are {', '.join(roles) or 'none'}: one question and one answer is read.",
        )
    texts = [content for _, content in turns]
    return Example("\n\n".join(texts[:-1]), texts[-1], _others(row, "messages"), joined=len(texts) > 2)


def _turn(message: JsonValue) -> tuple[str, str]:
    if isinstance(message, dict) and message.keys() == {"role", "content"}:
        return _text(message, "role"), _text(message, "content")
    raise BadRowError("other_turns", "A message has other keys than role and content.")


def _write_chat(example: Example) -> Row:
    return {
        "messages": [
            {"role": "user", "content": example.prompt},
            {"role": "assistant", "content": example.completion},
        ]
    }


def _read_soay(row: Row) -> Example:
    names = {part: next((key for key in keys if key in row), keys[0]) for part, keys in _SOAY_KEYS.items()}
    query, plan, code = (_text(row, names[part]) for part in ("query", "plan", "code"))
    if "\n" in plan:
        raise BadRowError("long_plan", "The API combination has several lines.")
    return Example(
        prompt=f"{_HEAD}{query}{_TAIL}",
        # A refusal is a plan without a program.
        completion=f"{plan}\n{code}\n" if code else f"{plan}\n",
        extras=_others(row, *names.values()),
    )


def _write_soay(example: Example) -> Row:
    prompt = example.prompt
    if not (prompt.startswith(_HEAD) and prompt.endswith(_TAIL) and len(prompt) >= len(_HEAD) + len(_TAIL)):
        raise BadRowError(
            "other_frame", "The prompt is not a question in the frame of recipes/frames/short.txt."
        )
    plan, _, code = example.completion.partition("\n")
    keys = {part: names[0] for part, names in _SOAY_KEYS.items()}
    return {
        keys["query"]: prompt[len(_HEAD) : len(prompt) - len(_TAIL)],
        keys["plan"]: plan,
        keys["code"]: code.removesuffix("\n"),
    }


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise BadRowError("no_text", f"The row has no text `{key}`.")
    return value


def _others(row: Row, *keys: str) -> dict[str, JsonValue]:
    return {key: value for key, value in row.items() if key not in keys}


_READERS: dict[Format, Callable[[Row], Example]] = {
    "herdwick": _read_herdwick,
    "alpaca": _read_alpaca,
    "chat": _read_chat,
    "soay": _read_soay,
}
_WRITERS: dict[Format, Callable[[Example], Row]] = {
    "herdwick": _write_herdwick,
    "alpaca": _write_alpaca,
    "chat": _write_chat,
    "soay": _write_soay,
}
