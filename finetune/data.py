"""From lines of prompt and completion to token ids, with the loss on the completion only.

examples = load_examples(Path("train.jsonl"), tokenizer, max_tokens=512)
batch = collate(examples[:16], pad=tokenizer.pad_token_id)
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from herdwick.finetune.frames import fill, read_frame
from herdwick.finetune.recipe import FinetuneError, Recipe

if TYPE_CHECKING:
    import torch

IGNORED = -100
"""Label of tokens without loss, PyTorch's `ignore_index`."""


@dataclass(frozen=True)
class TokenizedExample:
    """Token ids of one example; the first `prompt_length` of them carry no loss."""

    ids: tuple[int, ...]
    prompt_length: int


@dataclass(frozen=True)
class Framing:
    """How rows become examples.

    Attributes:
        prompt: Text of the prompt with places for a row's values.
        completion: The same for the completion.
        chat: Put both into the tokenizer's chat template.
    """

    prompt: str = "{{prompt}}"
    completion: str = "{{completion}}"
    chat: bool = False

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """The framing that a recipe asks for.

        Raises:
            FinetuneError: One of its frames cannot be read.
        """
        return cls(
            prompt=read_frame(recipe.prompt_frame) if recipe.prompt_frame else cls.prompt,
            completion=read_frame(recipe.completion_frame) if recipe.completion_frame else cls.completion,
            chat=recipe.chat,
        )


RAW = Framing()
"""Prompt and completion as they stand in the row."""


def load_examples(
    path: Path, tokenizer: Any, max_tokens: int, framing: Framing = RAW
) -> list[TokenizedExample]:
    """Read and tokenize a data file; every completion ends in the tokenizer's end-of-sequence token.

    Prompt and completion are tokenized apart, as at inference, where the completion begins a new token. The
    prompt begins with what the tokenizer begins every text with, such as Llama's `<s>`.

    Args:
        path: JSONL file with `prompt` and `completion` on each line, or what the framing names.
        tokenizer: Of the base model.
        max_tokens: Longest example: prompt, completion and end-of-sequence token together.
        framing: What stands around prompt and completion.

    Raises:
        FinetuneError: The file is missing or empty, a line is not an example, an example is too long, or the
            tokenizer has no chat template; the message names the line.
    """
    if framing.chat and not tokenizer.chat_template:
        raise FinetuneError(
            "no_chat_template",
            "The recipe wants chat, but the base's tokenizer has no chat template.",
            "Use the base's instruct version, or a prompt_frame in place of chat.",
        )
    examples = []
    begin = _beginning(tokenizer)
    for number, (prompt, completion) in enumerate(read_texts(path, framing), 1):
        if framing.chat:
            example = _chat_example(prompt, completion, tokenizer)
        else:
            head = (*begin, *tokenizer(prompt, add_special_tokens=False).input_ids)
            tail = tokenizer(completion, add_special_tokens=False).input_ids
            example = TokenizedExample((*head, *tail, tokenizer.eos_token_id), len(head))
        if len(example.ids) > max_tokens:
            raise FinetuneError(
                "too_long",
                f"{path.name}, line {number}: {len(example.ids)} tokens, the recipe allows {max_tokens}.",
                "Raise max_tokens or drop the example.",
            )
        examples.append(example)
    return examples


def read_texts(path: Path, framing: Framing = RAW) -> Iterator[tuple[str, str]]:
    """Prompt and completion of every line.

    Raises:
        FinetuneError: The file is missing or empty, or a line is not an example; the message names the line.
    """
    for number, line in enumerate(_lines(path), 1):
        try:
            record = json.loads(line)
            prompt, completion = fill(framing.prompt, record), fill(framing.completion, record)
            # JSON can hold half a character, which no tokenizer takes.
            (prompt + completion).encode()
        except (ValueError, RecursionError, KeyError, TypeError) as error:
            wanted = "`prompt` and `completion`" if framing == RAW else "what the frames name"
            raise FinetuneError(
                "bad_data", f"{path.name}, line {number}: needs {wanted} ({error})."
            ) from error
        yield prompt, completion


def fingerprint(path: Path) -> str:
    """SHA-256 of a data file, as model cards name it.

    Raises:
        FinetuneError: The file cannot be read.
    """
    return hashlib.sha256(_read(path)).hexdigest()


def collate(examples: Sequence[TokenizedExample], pad: int) -> "dict[str, torch.Tensor]":
    """A batch: `input_ids`, `attention_mask` and `labels`, each of shape (examples, longest example)."""
    import torch

    length = max(len(example.ids) for example in examples)
    ids = torch.full((len(examples), length), pad)
    labels = torch.full((len(examples), length), IGNORED)
    mask = torch.zeros((len(examples), length), dtype=torch.long)
    for row, example in enumerate(examples):
        tokens = torch.tensor(example.ids)
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
        labels[row, example.prompt_length : len(tokens)] = tokens[example.prompt_length :]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def _beginning(tokenizer: Any) -> tuple[int, ...]:
    """What the tokenizer puts before every text; what it puts behind one is no part of a prompt."""
    special = tuple(tokenizer("").input_ids)
    return special[:1] if special and special[0] == tokenizer.bos_token_id else ()


def _chat_example(prompt: str, completion: str, tokenizer: Any) -> TokenizedExample:
    asked = [{"role": "user", "content": prompt}]
    answered = [*asked, {"role": "assistant", "content": completion}]
    before = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(answered, tokenize=False)
    if not whole.startswith(before):
        raise FinetuneError(
            "bad_chat_template",
            "The base's chat template writes a prompt otherwise once it is answered.",
            "Use a prompt_frame in place of chat.",
        )
    head = tokenizer(before, add_special_tokens=False).input_ids
    tail = tokenizer(whole.removeprefix(before), add_special_tokens=False).input_ids
    end = tokenizer.eos_token_id
    # Templates write a line break behind the end of a turn, which nobody generates.
    last = len(tail) - tail[::-1].index(end) if end in tail else 0
    closed = tail[:last] if last else [*tail, end]
    return TokenizedExample((*head, *closed), len(head))


def _lines(path: Path) -> list[str]:
    try:
        text = _read(path).decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise FinetuneError("bad_data", f"{path.name} is not UTF-8: {error}.") from error
    if not text:
        raise FinetuneError("no_data", f"{path} is empty.", "Make it again.")
    # Not splitlines: it also splits at U+2028, which a JSON string may hold.
    return text.split("\n")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FinetuneError(
            "no_data",
            f"{path} cannot be read: {error.strerror}.",
            "Check the recipe, whose paths start at its own folder, or make the data, such as with "
            "`herdwick selfinstruct synthesize`.",
        ) from error
