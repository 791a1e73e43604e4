"""From lines of prompt and completion to token ids, with the loss on the completion only.

examples = load_examples(Path("train.jsonl"), tokenizer, max_tokens=512)
batch = collate(examples[:16], pad=tokenizer.pad_token_id)
"""

import hashlib
import json
from collections.abc import Sequence
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

    Raises:
        FinetuneError: The file is missing, a line is not an example, or an example is too long; the message
            names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise FinetuneError("no_data", f"{path} cannot be read: {error.strerror}.") from error
    examples = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            prompt, completion = str(record["prompt"]), str(record["completion"])
        except (ValueError, KeyError, TypeError) as error:
            raise FinetuneError(
                "bad_data", f"{path.name}, line {number}: needs `prompt` and `completion` ({error})."
            ) from error
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


def fingerprint(path: Path) -> str:
    """SHA-256 of a data file, as model cards name it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
