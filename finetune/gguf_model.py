"""A whole model as a GGUF file for llama.cpp, and back.

    write_model(Path("merged"), Path("merged.gguf"), "q8_0")
    read_model(find_base_gguf(), Path("base"))               # a folder that vLLM serves

Of llama.cpp's quantizations those that the `gguf` package computes are offered: f32, f16, q8_0. Only the
llama architecture is written, without biases.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from herdwick.finetune.base_model import dequantize
from herdwick.finetune.gguf_layout import interleave, tensor_name
from herdwick.finetune.gguf_tokenizer import add_tokenizer, copy_tokenizer
from herdwick.finetune.recipe import FinetuneError

if TYPE_CHECKING:
    import gguf
    import numpy as np

Quantization = Literal["f32", "f16", "q8_0"]

_ROPE_FACTORS = "rope_freqs.weight"
"""llama.cpp's tensor of what each rotary frequency is divided by."""

_BLOCK = 32
"""Weights of a row that q8_0 scales together."""


@dataclass(frozen=True)
class _Tensor:
    """A weight that is read when it is written, so that only one is in memory."""

    name: str
    shape: tuple[int, ...]
    load: "Callable[[], np.ndarray]"


def write_model(folder: Path, out: Path, quantization: Quantization, *, tokenizer: Path | None = None) -> int:
    """Convert the model in `folder` to the file `out`, atomically.

    Vectors stay in float32; a matrix whose rows q8_0 cannot divide into blocks becomes float16.

    Args:
        folder: `config.json`, safetensors and tokenizer, as `save_pretrained` writes them.
        out: GGUF file.
        quantization: Of the matrices.
        tokenizer: GGUF file whose tokenizer is copied instead of describing the folder's.

    Returns:
        Size of the file in bytes.

    Raises:
        FinetuneError: The folder holds no llama that llama.cpp runs, or a tokenizer that it does not know.
    """
    import gguf

    config = _config(folder)
    tensors = [*_weights(folder, config), *_rope_factors(config)]
    partial = out.with_name(f"{out.name}.partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(partial, "llama")
    try:
        _describe(writer, config, folder.name, quantization)
        if tokenizer:
            copy_tokenizer(writer, tokenizer)
        else:
            add_tokenizer(writer, folder, config.vocab_size)
        kinds = [_kind(tensor.shape, quantization) for tensor in tensors]
        for tensor, kind in zip(tensors, kinds, strict=True):
            block, size = gguf.GGML_QUANT_SIZES[kind]
            writer.add_tensor_info(
                tensor.name, tensor.shape, _any_dtype(), math.prod(tensor.shape) // block * size, kind
            )
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for tensor, kind in zip(tensors, kinds, strict=True):
            writer.write_tensor_data(gguf.quants.quantize(tensor.load(), kind))
        writer.close()
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return out.stat().st_size


def read_model(file: Path, out: Path) -> None:
    """Convert the GGUF model `file` to a folder of float32 safetensors, config and tokenizer.

    Args:
        file: A llama of any quantization.
        out: Folder, made if missing.

    Raises:
        FinetuneError: `file` is no model that transformers reads.
    """
    import gguf

    try:
        names = {tensor.name for tensor in gguf.GGUFReader(file).tensors}
    except (OSError, ValueError) as error:
        raise FinetuneError("no_model", f"{file} is no GGUF file: {error}", "Name a GGUF model.") from error
    if _ROPE_FACTORS in names:
        # transformers would pass over them in silence, and long texts would come out wrong.
        raise FinetuneError(
            "scaled_rope",
            f"{file.name} scales its rotary frequencies, which transformers does not read from GGUF.",
            "Serve the folder that it was made from.",
        )
    try:
        dequantize(file, out)
    except (OSError, ValueError, KeyError) as error:
        raise FinetuneError(
            "no_model", f"{file.name} is no model that transformers reads: {error}", "Name a GGUF model."
        ) from error


def _config(folder: Path) -> Any:
    from transformers import AutoConfig

    try:
        config: Any = AutoConfig.from_pretrained(folder)
    except (OSError, ValueError, KeyError) as error:
        raise FinetuneError(
            "no_model",
            f"{folder} holds no model: {error}",
            "Name a folder that `herdwick finetune merge` wrote, or any with config.json and safetensors.",
        ) from error
    if config.model_type != "llama" or config.attention_bias or config.mlp_bias:
        raise FinetuneError(
            "not_llama",
            f"{folder} is a {config.model_type}{' with biases' if config.model_type == 'llama' else ''}.",
            "Only llamas without biases can be exported; convert others with llama.cpp's own script.",
        )
    rope = config.rope_parameters.get("rope_type", "default")
    if rope not in ("default", "llama3"):
        raise FinetuneError(
            "unsupported_rope",
            f"{folder} scales rotary positions by {rope!r}.",
            "Convert it with llama.cpp's own script.",
        )
    return config


def _describe(writer: "gguf.GGUFWriter", config: Any, name: str, quantization: Quantization) -> None:
    import gguf

    kinds = {
        "f32": gguf.LlamaFileType.ALL_F32,
        "f16": gguf.LlamaFileType.MOSTLY_F16,
        "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    }
    size = _head_size(config)
    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(kinds[quantization])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(size)
    writer.add_value_length(size)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(size)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)


def _weights(folder: Path, config: Any) -> Iterator[_Tensor]:
    heads = {
        "self_attn.q_proj": config.num_attention_heads,
        "self_attn.k_proj": config.num_key_value_heads,
    }
    for key, file in sorted(_files(folder).items()):
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        name = tensor_name(key)
        if name is None:
            raise FinetuneError("unknown_layer", f"{key} has no counterpart in llama.cpp.")
        shape = _shape(file, key)
        rotary = next((count for module, count in heads.items() if f".{module}." in key), None)
        yield _Tensor(name, shape, _loader(file, key, rotary))


def _shape(file: Path, key: str) -> tuple[int, ...]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as weights:
            return tuple(weights.get_slice(key).get_shape())
    except (OSError, SafetensorError) as error:
        raise FinetuneError(
            "no_model", f"{file} has no {key}: {error}", "Download or save the model again."
        ) from error


def _loader(file: Path, key: str, rotary_heads: int | None) -> "Callable[[], np.ndarray]":
    def load() -> "np.ndarray":
        from safetensors import safe_open

        # Through PyTorch, since NumPy has no bfloat16.
        with safe_open(file, framework="pt") as weights:
            tensor: Any = weights.get_tensor(key).float().numpy()
        return interleave(tensor, rotary_heads) if rotary_heads else tensor

    return load


def _files(folder: Path) -> Mapping[str, Path]:
    """For each weight the file that holds it."""
    from safetensors import SafetensorError, safe_open

    index = folder / "model.safetensors.index.json"
    try:
        if index.is_file():
            placed = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
            return {key: folder / file for key, file in placed.items()}
        with safe_open(folder / "model.safetensors", framework="pt") as weights:
            return dict.fromkeys(weights.keys(), folder / "model.safetensors")
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise FinetuneError(
            "no_model", f"{folder} holds no safetensors: {error}", "Save the model as safetensors first."
        ) from error


def _rope_factors(config: Any) -> Iterator[_Tensor]:
    """Llama 3.1's slowing of long rotary waves, by `modeling_rope_utils` of transformers.

    Waves shorter than the original context / `high_freq_factor` stay; those longer than it /
    `low_freq_factor` are slowed by `factor`; in between it is interpolated.
    """
    rope = config.rope_parameters
    if rope.get("rope_type", "default") != "llama3":
        return
    import numpy as np

    size = _head_size(config)
    waves = 2 * math.pi * rope["rope_theta"] ** (np.arange(0, size, 2) / size)
    turns = rope["original_max_position_embeddings"] / waves
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    kept = np.clip((turns - low) / (high - low), 0, 1)
    factors = (1 / ((1 - kept) / rope["factor"] + kept)).astype("float32")
    yield _Tensor(_ROPE_FACTORS, factors.shape, lambda: factors)


def _head_size(config: Any) -> int:
    return int(getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)


def _kind(shape: tuple[int, ...], quantization: Quantization) -> "gguf.GGMLQuantizationType":
    import gguf

    kinds = gguf.GGMLQuantizationType
    if len(shape) == 1 or quantization == "f32":
        return kinds.F32
    return kinds.Q8_0 if quantization == "q8_0" and shape[-1] % _BLOCK == 0 else kinds.F16


def _any_dtype() -> Any:
    """What `add_tensor_info` wants beside a quantization, and looks at only for bytes."""
    import numpy as np

    return np.dtype("float32")
