"""Which number format multiplies matrices fastest on this machine.

choose_precision("auto")    # "float32" on a CPU without bf16 units
"""

import time
from typing import Any, Literal

Precision = Literal["float32", "bfloat16"]


def choose_precision(wanted: Literal["auto"] | Precision) -> Precision:
    """`wanted`, or for `auto` whichever of float32 and bfloat16 multiplies matrices faster here."""
    import torch

    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return "bfloat16" if _matmul_s(torch.bfloat16) < _matmul_s(torch.float32) else "float32"


def _matmul_s(dtype: Any) -> float:
    import torch

    # Small enough that emulated bfloat16 answers in about a second.
    left, right = torch.randn(128, 576).to(dtype), torch.randn(576, 576).to(dtype)
    left @ right
    started = time.perf_counter()
    for _ in range(3):
        left @ right
    return time.perf_counter() - started
