"""A tokenizer of transformers as the metadata that llama.cpp reads.

    add_tokenizer(writer, folder, vocabulary=49_152)
    copy_tokenizer(writer, find_base_gguf())

llama.cpp cuts text by a rule it knows by name (`tokenizer.ggml.pre`). Which one a tokenizer follows is read
from the shape of its `tokenizer.json`; one that follows none of them is refused, since a model that gets
other tokens than it was trained on answers worse without anybody being told.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herdwick.finetune.recipe import FinetuneError

if TYPE_CHECKING:
    import gguf

_PREFIX = "tokenizer."
_LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""Llama 3's rule, `LLAMA_VOCAB_PRE_TYPE_LLAMA3` in llama.cpp's `llama-vocab.cpp`."""


def add_tokenizer(writer: "gguf.GGUFWriter", folder: Path, vocabulary: int) -> None:
    """Describe the tokenizer in `folder`.

    Args:
        writer: File to describe it in.
        folder: What `save_pretrained` wrote; a `tokenizer.model` of SentencePiece is preferred.
        vocabulary: Rows of the model's embedding; those without a token are marked unused.

    Raises:
        FinetuneError: llama.cpp has no rule for it.
    """
    from transformers import AutoTokenizer

    if (folder / "tokenizer.model").is_file():
        _add_sentencepiece(writer, folder, vocabulary)
    else:
        _add_byte_pairs(writer, folder, vocabulary)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    for name, number in (
        ("bos", tokenizer.bos_token_id),
        ("eos", tokenizer.eos_token_id),
        ("unk", tokenizer.unk_token_id),
        ("pad", tokenizer.pad_token_id),
    ):
        if number is not None:
            getattr(writer, f"add_{name}_token_id")(number)
    start = tokenizer.bos_token_id
    writer.add_add_bos_token(start is not None and tokenizer("a").input_ids[:1] == [start])
    if isinstance(tokenizer.chat_template, str):
        writer.add_chat_template(tokenizer.chat_template)


def copy_tokenizer(writer: "gguf.GGUFWriter", source: Path) -> None:
    """Copy the tokenizer of the GGUF file `source`, key by key."""
    import gguf

    for name, field in gguf.GGUFReader(source).fields.items():
        if name.startswith(_PREFIX):
            kind = field.types[0]
            inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(name, field.contents(), kind, sub_type=inner)


def pre_tokenizer(description: Mapping[str, Any]) -> str | None:
    """llama.cpp's name of the rule by which a `tokenizer.json` cuts text, None if it has none."""
    outer = description.get("pre_tokenizer") or {}
    steps = outer.get("pretokenizers", [outer])
    kinds = [step.get("type") for step in steps]
    if not kinds or kinds[-1] != "ByteLevel" or steps[-1].get("add_prefix_space"):
        return None
    if kinds == ["ByteLevel"] and steps[0].get("use_regex", True):
        return "gpt-2"
    if kinds == ["Digits", "ByteLevel"] and steps[0].get("individual_digits"):
        return "smollm"
    if kinds == ["Split", "ByteLevel"] and steps[0].get("pattern", {}).get("Regex") == _LLAMA_3:
        return "llama-bpe"
    return None


def _add_byte_pairs(writer: "gguf.GGUFWriter", folder: Path, vocabulary: int) -> None:
    import gguf

    description = _description(folder)
    rule = pre_tokenizer(description)
    model = description.get("model", {})
    if rule is None or model.get("type") != "BPE" or model.get("byte_fallback"):
        raise FinetuneError(
            "unknown_tokenizer",
            f"The tokenizer in {folder} cuts text by a rule that is not known to be one of llama.cpp's.",
            "Put its SentencePiece tokenizer.model into the folder, or serve the folder with vLLM.",
        )
    added = {token["id"]: token for token in description.get("added_tokens", [])}
    texts = {number: text for text, number in model["vocab"].items()}
    texts |= {number: token["content"] for number, token in added.items()}
    kinds = gguf.TokenType
    size = max(vocabulary, len(texts))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(rule)
    writer.add_token_list([texts.get(number, f"[PAD{number}]") for number in range(size)])
    writer.add_token_types(
        [
            kinds.UNUSED
            if number not in texts
            else kinds.NORMAL
            if number not in added
            else kinds.CONTROL
            if added[number].get("special")
            else kinds.USER_DEFINED
            for number in range(size)
        ]
    )
    writer.add_token_merges(gguf.SpecialVocab(folder, load_merges=True).merges)


def _add_sentencepiece(writer: "gguf.GGUFWriter", folder: Path, vocabulary: int) -> None:
    import gguf

    try:
        known = list(gguf.SentencePieceVocab(folder).all_tokens())
    except ImportError as error:
        raise FinetuneError(
            "no_sentencepiece",
            "The tokenizer.model of SentencePiece cannot be read without its library.",
            "Run: pip install sentencepiece",
        ) from error
    unused = [
        (f"[PAD{number}]".encode(), -1e4, gguf.TokenType.UNUSED) for number in range(len(known), vocabulary)
    ]
    texts, scores, kinds = zip(*known, *unused, strict=True)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(list(texts))
    writer.add_token_scores(list(scores))
    writer.add_token_types(list(kinds))


def _description(folder: Path) -> dict[str, Any]:
    try:
        description: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FinetuneError(
            "no_tokenizer",
            f"{folder} has no usable tokenizer.json: {error}",
            "Save the tokenizer beside the model.",
        ) from error
    return description
