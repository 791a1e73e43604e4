"""A two-layer model with random weights and a byte vocabulary, as transformers and as llama.cpp load it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from herdwick.finetune.recipe import Recipe

from .tiny_llama import byte_tokenizer, save_llama

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an untrained llama whose tokens are bytes."""
    pytest.importorskip("torch", reason="needs herdwick[finetune]")
    folder = tmp_path_factory.mktemp("tiny-base")
    return save_llama(folder, byte_tokenizer(), seed=1, tie_word_embeddings=True)


@pytest.fixture(scope="session")
def tiny_gguf(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as llama.cpp loads it, in float32."""
    import gguf
    from safetensors.numpy import load_file

    config = json.loads((tiny_base / "config.json").read_text())
    vocabulary = json.loads((tiny_base / "tokenizer.json").read_text())["model"]["vocab"]
    texts = sorted(vocabulary, key=vocabulary.__getitem__)
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    file = tmp_path_factory.mktemp("tiny-gguf") / "tiny.gguf"
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads["q_proj"])
    writer.add_head_count_kv(heads["k_proj"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["hidden_size"] // heads["q_proj"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(len(texts))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(texts)
    kinds = gguf.TokenType
    writer.add_token_types([kinds.CONTROL if text in ("<end>", "<pad>") else kinds.NORMAL for text in texts])
    # llama.cpp demands merges; these two bytes never meet in UTF-8.
    writer.add_token_merges(["ÿ ÿ"])
    writer.add_bos_token_id(vocabulary["<end>"])
    writer.add_eos_token_id(vocabulary["<end>"])
    writer.add_pad_token_id(vocabulary["<pad>"])
    writer.add_add_bos_token(False)
    for key, tensor in load_file(tiny_base / "model.safetensors").items():
        module = key.split(".")[-2]
        rows = tensor[rotary_pairs(len(tensor), heads[module])] if module in heads else tensor
        writer.add_tensor(gguf_name(key), rows)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def rotary_pairs(rows: int, heads: int) -> list[int]:
    """For each row of a query or key matrix in GGUF, the row of transformers that it is.

    transformers rotates row j of a head with row j + half, llama.cpp row 2 j with row 2 j + 1.
    """
    size = rows // heads
    return [
        head * size + pair + side * size // 2
        for head in range(heads)
        for pair in range(size // 2)
        for side in (0, 1)
    ]


def gguf_name(key: str) -> str:
    """llama.cpp's name of a weight of transformers."""
    names = {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    }
    if key in names:
        return names[key]
    _, _, layer, module = key.removesuffix(".weight").split(".", 3)
    return f"blk.{layer}.{names[module]}.weight"


@pytest.fixture(scope="session")
def random_adapter(tiny_base: Path, make_recipe: Callable[..., Recipe], tmp_path_factory) -> Path:
    """A PEFT folder whose LoRA matrices are all random, so that each of them matters."""
    import torch

    from herdwick.finetune.base_model import load_base
    from herdwick.finetune.lora import with_lora

    model, _ = load_base(str(tiny_base))
    model = with_lora(model, make_recipe())
    torch.manual_seed(2)
    for name, weight in model.named_parameters():
        if "lora_" in name:
            # Values that float16 holds exactly: the GGUF adapter then is the same adapter.
            weight.data = (torch.randn_like(weight) * 0.2).half().float()
    folder = tmp_path_factory.mktemp("random-adapter")
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def train_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen examples of different lengths: spell a letter a few times."""
    file = tmp_path_factory.mktemp("data") / "train.jsonl"
    rows = [
        {"prompt": f"Q: {letter * (number + 1)}\n", "completion": letter * 3 + "\n"}
        for number, letter in enumerate(LETTERS[:16])
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.fixture(scope="session")
def make_recipe(tiny_base: Path, train_file: Path) -> Callable[..., Recipe]:
    """Two epochs of four steps on the tiny base, a checkpoint after each step, unless told otherwise."""
    recipe = Recipe(
        name="tiny",
        base=str(tiny_base),
        train=train_file,
        rank=4,
        alpha=8,
        dropout=0.1,
        learning_rate=1e-2,
        epochs=2,
        batch_size=4,
        max_tokens=64,
        precision="float32",
        save_steps=1,
    )
    return lambda **changes: recipe.model_copy(update=changes)
