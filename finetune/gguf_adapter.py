"""A PEFT LoRA as a GGUF adapter for llama.cpp, and back.

    write_adapter(Path("runs/aminer/out/adapter"), Path("adapter.gguf"), base="folder-of-the-base")
    read_adapter(Path("adapter.gguf"), Path("for-vllm"), base="folder-of-the-base")

Keys and tensor names are llama.cpp's own (`convert_lora_to_gguf.py` and `llama-adapter.cpp` there):
`general.type` is `adapter`, `adapter.type` is `lora`, and each weight comes as `NAME.lora_a` and
`NAME.lora_b`. For the llama architecture GGUF stores the query and key rows of each head with their two
rotary halves interleaved, so the LoRA's output side is permuted the same way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from herdwick.finetune.gguf_layout import LINEAR_MODULES, LINEAR_NAMES, interleave, separate
from herdwick.finetune.lora import WEIGHTS_FILE, read_config, read_weights
from herdwick.finetune.recipe import FinetuneError

if TYPE_CHECKING:
    import numpy as np

Precision = Literal["f16", "f32"]
"""Of an adapter's tensors in GGUF: llama.cpp applies both."""

_ALPHA = "adapter.lora.alpha"
_DTYPES = {"f16": "float16", "f32": "float32"}
_KEY = re.compile(r"layers\.(\d+)\.(.+)\.lora_([AB])\.weight$")
_TENSOR = re.compile(r"blk\.(\d+)\.(\w+)\.weight\.lora_([ab])$")
_UNSUPPORTED = ("use_rslora", "use_dora", "rank_pattern", "alpha_pattern", "modules_to_save")
"""PEFT options whose arithmetic llama.cpp does not have: it scales every layer by alpha / rank."""


@dataclass(frozen=True)
class _Llama:
    """What of a llama's shape matters to an adapter.

    Attributes:
        layers: Their number.
        heads: Heads of the layers whose rows GGUF permutes.
        sizes: Inputs and outputs of each linear layer.
    """

    layers: int
    heads: dict[str, int]
    sizes: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, base: Path | str) -> Self:
        """The shape of the model in folder `base`, or of that name."""
        from transformers import AutoConfig

        config: Any = AutoConfig.from_pretrained(base)
        if config.model_type != "llama":
            raise FinetuneError(
                "not_llama", f"The base is a {config.model_type}.", "Only llama adapters can be converted."
            )
        hidden, inner, heads = config.hidden_size, config.intermediate_size, config.num_attention_heads
        size = getattr(config, "head_dim", None) or hidden // heads
        query, key = heads * size, config.num_key_value_heads * size
        return cls(
            layers=config.num_hidden_layers,
            heads={"self_attn.q_proj": heads, "self_attn.k_proj": config.num_key_value_heads},
            sizes={
                "self_attn.q_proj": (hidden, query),
                "self_attn.k_proj": (hidden, key),
                "self_attn.v_proj": (hidden, key),
                "self_attn.o_proj": (query, hidden),
                "mlp.gate_proj": (hidden, inner),
                "mlp.up_proj": (hidden, inner),
                "mlp.down_proj": (inner, hidden),
            },
        )

    def check(self, layer: int, module: str, side: str, shape: tuple[int, ...], rank: int) -> None:
        """Refuse a tensor that this model has no place for."""
        inputs, outputs = self.sizes[module]
        wanted = (rank, inputs) if side.upper() == "A" else (outputs, rank)
        if layer >= self.layers or shape != wanted:
            raise FinetuneError(
                "other_base",
                f"Layer {layer}, {module}: the adapter's LoRA {side.upper()} is {shape}; the base needs "
                f"{wanted} and has {self.layers} layers.",
                "The adapter was trained on another base: name the base of its recipe.",
            )


def write_adapter(
    adapter: Path, out: Path, *, base: Path | str, description: str = "", precision: Precision = "f16"
) -> int:
    """Convert the PEFT adapter in folder `adapter` to the file `out`, atomically.

    Args:
        adapter: Folder that `save_pretrained` wrote.
        out: GGUF file.
        base: Folder or name of the model the adapter was trained on; its head counts steer the permutation.
        description: Stored as `general.description`.
        precision: Of the tensors; f32 is what `save_pretrained` wrote, f16 half as large.

    Returns:
        Size of the file in bytes.

    Raises:
        FinetuneError: `adapter` holds no LoRA, one that llama.cpp cannot apply, or one for another base.
    """
    import gguf

    config = _checked_config(adapter)
    tensors = list(_peft_tensors(adapter, _Llama.of(base), config["r"]))
    partial = out.with_name(f"{out.name}.partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(partial, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32(_ALPHA, float(config["lora_alpha"]))
    if description:
        writer.add_description(description)
    for name, tensor in tensors:
        writer.add_tensor(name, tensor.astype(_DTYPES[precision]))
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return out.stat().st_size


def read_adapter(file: Path, out: Path, *, base: Path | str) -> None:
    """Convert the GGUF adapter `file` to a PEFT folder `out`, as vLLM and transformers load it.

    Args:
        file: What `write_adapter` wrote.
        out: Folder, made if missing.
        base: Folder or name of the model the adapter was trained on.

    Raises:
        FinetuneError: `file` is no LoRA adapter of a llama, or one for another base.
    """
    import gguf
    from peft import LoraConfig
    from safetensors.numpy import save_file

    try:
        reader = gguf.GGUFReader(file)
        alpha: Any = float(reader.fields[_ALPHA].contents())
        tensors = {tensor.name: tensor.data for tensor in reader.tensors}
    except (OSError, ValueError, KeyError) as error:
        raise FinetuneError(
            "no_adapter", f"{file} is no GGUF adapter: {error}", "Name a file that `export` wrote."
        ) from error
    rank = min(min(tensor.shape) for tensor in tensors.values())
    weights = dict(_gguf_tensors(tensors, _Llama.of(base), rank))
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / WEIGHTS_FILE, metadata={"format": "pt"})
    modules = sorted({match[2].rpartition(".")[2] for key in weights if (match := _KEY.search(key))})
    config: Any = LoraConfig(r=rank, lora_alpha=alpha, target_modules=modules, task_type="CAUSAL_LM")
    config.base_model_name_or_path = str(base)
    config.save_pretrained(out)


def _checked_config(adapter: Path) -> dict[str, Any]:
    config = read_config(adapter)
    odd = [name for name in _UNSUPPORTED if config.get(name)]
    if odd:
        raise FinetuneError("unsupported_adapter", f"llama.cpp cannot apply a LoRA with {', '.join(odd)}.")
    return config


def _peft_tensors(adapter: Path, model: _Llama, rank: int) -> "Iterator[tuple[str, np.ndarray]]":
    for key, weight in sorted(read_weights(adapter).items()):
        match = _KEY.search(key)
        if match is None or match[2] not in LINEAR_NAMES:
            raise FinetuneError(
                "unknown_layer", f"{key} has no counterpart in llama.cpp.", "Train only linear layers."
            )
        layer, module, side = match.groups()
        model.check(int(layer), module, side, tuple(weight.shape), rank)
        tensor = weight.float().numpy()
        if side == "B" and module in model.heads:
            tensor = interleave(tensor, model.heads[module])
        yield f"blk.{layer}.{LINEAR_NAMES[module]}.weight.lora_{side.lower()}", tensor


def _gguf_tensors(
    tensors: "dict[str, np.ndarray]", model: _Llama, rank: int
) -> "Iterator[tuple[str, np.ndarray]]":
    for name, tensor in tensors.items():
        match = _TENSOR.search(name)
        if match is None or match[2] not in LINEAR_MODULES:
            raise FinetuneError("unknown_layer", f"{name} has no counterpart in PEFT.")
        layer, module, side = match[1], LINEAR_MODULES[match[2]], match[3]
        model.check(int(layer), module, side, tensor.shape, rank)
        if side == "b" and module in model.heads:
            tensor = separate(tensor, model.heads[module])
        yield (
            f"base_model.model.model.layers.{layer}.{module}.lora_{side.upper()}.weight",
            tensor.astype("float32"),
        )
