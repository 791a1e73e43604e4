"""Untrained llamas small enough for a test: 2 layers, 4 heads, 2 key-value heads, 64 hidden units."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def byte_tokenizer() -> "Tokenizer":
    """Every byte is a token, and so are `<end>` and `<pad>`."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {text: number for number, text in enumerate([*letters, "<end>", "<pad>"])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def save_llama(
    folder: Path, tokenizer: "Tokenizer", *, seed: int, spare_rows: int = 0, **config: Any
) -> Path:
    """Save a model with random weights and the tokenizer, which cuts text into bytes or pairs of them.

    Args:
        folder: Where to.
        tokenizer: With the tokens `<end>` and `<pad>`.
        seed: Of the weights.
        spare_rows: Of the embedding without a token, as models padded for speed have them.
        config: Of `LlamaConfig`.
    """
    import torch
    from tokenizers import decoders
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="<pad>")
    torch.manual_seed(seed)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(fast) + spare_rows,
            hidden_size=64,
            intermediate_size=96,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=512,
            # Spread-out weights: an untrained model of the usual 0.02 answers nearly the same everywhere.
            initializer_range=0.2,
            **config,
        )
    )
    model.save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def logits(base: Path, adapter: Path | None = None) -> Any:
    """What the model in folder `base` answers to one fixed text, of shape (1, tokens, vocabulary)."""
    import torch

    from herdwick.finetune.base_model import load_base
    from herdwick.finetune.lora import load_adapter

    model, _ = load_base(str(base))
    if adapter:
        model = load_adapter(model, str(adapter))
    with torch.inference_mode():
        return model.eval()(torch.tensor([[5, 17, 33, 2, 90, 41, 200, 7]])).logits
