"""A PEFT LoRA as a GGUF adapter for llama.cpp.

    write_adapter(Path("runs/aminer/adapter"), Path("adapter.gguf"))

Keys and tensor names are llama.cpp's own (`convert_lora_to_gguf.py` and `llama-adapter.cpp` there):
`general.type` is `adapter`, `adapter.type` is `lora`, and each weight comes as `NAME.lora_a` and
`NAME.lora_b`. For the llama architecture GGUF stores the query and key rows of each head with their two
rotary halves interleaved, so the LoRA's output side is permuted the same way.
"""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from herdwick.finetune.recipe import FinetuneError

if TYPE_CHECKING:
    import numpy as np

_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_KEY = re.compile(r"layers\.(\d+)\.(.+)\.lora_([AB])\.weight$")


def write_adapter(adapter: Path, out: Path, *, base: Path | str, description: str = "") -> int:
    """Convert the PEFT adapter in folder `adapter` to the file `out`, atomically.

    Args:
        adapter: Folder that `save_pretrained` wrote.
        out: GGUF file, tensors as float16.
        base: Folder or name of the model the adapter was trained on; its head counts steer the permutation.
        description: Stored as `general.description`.

    Returns:
        Size of the file in bytes.

    Raises:
        FinetuneError: A tensor belongs to a layer that llama.cpp has no name for.
    """
    import gguf
    from safetensors.numpy import load_file
    from transformers import AutoConfig

    config = json.loads((adapter / "adapter_config.json").read_text())
    model = AutoConfig.from_pretrained(base)
    partial = out.with_suffix(".partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(partial, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["lora_alpha"]))
    if description:
        writer.add_description(description)
    heads = {"self_attn.q_proj": model.num_attention_heads, "self_attn.k_proj": model.num_key_value_heads}
    for key, tensor in sorted(load_file(adapter / "adapter_model.safetensors").items()):
        match = _KEY.search(key)
        if match is None or match[2] not in _NAMES:
            raise FinetuneError(
                "unknown_layer", f"{key} has no counterpart in llama.cpp.", "Train only linear layers."
            )
        layer, module, side = match.groups()
        if side == "B" and module in heads:
            tensor = _interleave(tensor, heads[module])
        name = f"blk.{layer}.{_NAMES[module]}.weight.lora_{side.lower()}"
        writer.add_tensor(name, tensor.astype("float16"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(out)
    return out.stat().st_size


def _interleave(rows: "np.ndarray", heads: int) -> "np.ndarray":
    """Reorder output rows from two rotary halves a head to pairs, as GGUF has them."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(rows.shape)
