"""From lines of prompt and completion to token ids, with the loss on the completion only.

examples = load_examples(Path("train.jsonl"), tokenizer, max_tokens=512)
batch = collate(examples[:16], pad=tokenizer.pad_token_id)
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herdwick.finetune.recipe import FinetuneError

if TYPE_CHECKING:
    import torch

IGNORED = -100
"""Label of tokens without loss, PyTorch's `ignore_index`."""


@dataclass(frozen=True)
class TokenizedExample:
    """Token ids of one example; the first `prompt_length` of them carry no loss."""

    ids: tuple[int, ...]
    prompt_length: int


def load_examples(path: Path, tokenizer: Any, max_tokens: int) -> list[TokenizedExample]:
    """Read and tokenize a data file; every completion ends in the tokenizer's end-of-sequence token.

    Prompt and completion are tokenized apart, as at inference, where the completion begins a new token.

    Args:
        path: JSONL file with `prompt` and `completion` on each line.
        tokenizer: Of the base model.
        max_tokens: Longest example: prompt, completion and end-of-sequence token together.

    Raises:
        FinetuneError: The file is missing or empty, a line is not an example, or an example is too long; the
            message names the line.
    """
    examples = []
    for number, (prompt, completion) in enumerate(read_texts(path), 1):
        head = tokenizer(prompt, add_special_tokens=False).input_ids
        tail = tokenizer(completion, add_special_tokens=False).input_ids
        ids = (*head, *tail, tokenizer.eos_token_id)
        if len(ids) > max_tokens:
            raise FinetuneError(
                "too_long",
                f"{path.name}, line {number}: {len(ids)} tokens, the recipe allows {max_tokens}.",
                "Raise max_tokens or drop the example.",
            )
        examples.append(TokenizedExample(ids, len(head)))
    return examples


def read_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Prompt and completion of every line.

    Raises:
        FinetuneError: The file is missing or empty, or a line is not an example; the message names the line.
    """
    for number, line in enumerate(_lines(path), 1):
        try:
            record = json.loads(line)
            yield str(record["prompt"]), str(record["completion"])
        except (ValueError, RecursionError, KeyError, TypeError) as error:
            raise FinetuneError(
                "bad_data", f"{path.name}, line {number}: needs `prompt` and `completion` ({error})."
            ) from error


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
