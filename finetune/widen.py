"""A LoRA with more rank than it was trained with, which computes the same as before.

    weights = widen(read_weights(start), like=get_peft_model_state_dict(wider))

Where a rank is added, the row of A is the wider adapter's and the column of B is zero, as in a LoRA that has
not been trained yet (arXiv:2106.09685, section 4.1). The scale of both must be equal: alpha grows with the
rank.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def scale(alpha: float, rank: int, *, rslora: bool) -> float:
    """What the product of both matrices is multiplied by; rsLoRA's is arXiv:2312.03732."""
    return alpha / (math.sqrt(rank) if rslora else rank)


def widen(weights: Mapping[str, "Tensor"], *, like: Mapping[str, "Tensor"]) -> "dict[str, Tensor]":
    """`weights` in the shapes of `like`.

    Args:
        weights: Of an adapter, by PEFT's names: A of `(rank, inputs)`, B of `(outputs, rank)`.
        like: Those of an adapter of the same layers, of the same or a higher rank.

    Raises:
        KeyError: `weights` has a tensor that `like` has not.
    """
    return {name: _widened(name, weight, like[name]) for name, weight in weights.items()}


def _widened(name: str, weight: "Tensor", like: "Tensor") -> "Tensor":
    if weight.shape == like.shape:
        return weight
    whole = like.clone() if name.endswith("_A.weight") else like.new_zeros(like.shape)
    whole[tuple(slice(0, size) for size in weight.shape)] = weight
    return whole
