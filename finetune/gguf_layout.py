"""How llama.cpp lays out a llama: the names of its weights, and the order of query and key rows.

    tensor_name("model.layers.0.self_attn.q_proj.weight")    # "blk.0.attn_q.weight"
    interleave(rows, heads=9)

transformers rotates row j of a head together with row j + half, llama.cpp row 2 j with row 2 j + 1
(`LlamaModel.permute` in its `convert_hf_to_gguf.py`).
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LINEAR_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Linear layers of a block, as transformers and as llama.cpp call them."""

LINEAR_MODULES = {name: module for module, name in LINEAR_NAMES.items()}

_NORM_NAMES = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
_OUTER_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
_BLOCK_KEY = re.compile(r"model\.layers\.(\d+)\.(.+)\.weight$")


def tensor_name(key: str) -> str | None:
    """llama.cpp's name of the weight that transformers calls `key`, None if it has no place for it."""
    if key in _OUTER_NAMES:
        return _OUTER_NAMES[key]
    match = _BLOCK_KEY.match(key)
    name = match and (LINEAR_NAMES | _NORM_NAMES).get(match[2])
    return f"blk.{match[1]}.{name}.weight" if match and name else None


def interleave(rows: "np.ndarray", heads: int) -> "np.ndarray":
    """Reorder output rows from two rotary halves a head to pairs, as GGUF has them."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(rows.shape)


def separate(rows: "np.ndarray", heads: int) -> "np.ndarray":
    """The inverse of `interleave`."""
    return rows.reshape(heads, rows.shape[0] // heads // 2, 2, -1).swapaxes(1, 2).reshape(rows.shape)
