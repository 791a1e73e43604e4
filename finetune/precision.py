"""Which number format multiplies matrices fastest on this machine.

choose_precision("auto")    # "float32" on a CPU without bf16 units
"""

import time
from typing import Any, Literal

Precision = Literal["float32", "bfloat16"]

_GAIN = 1.25
"""How many times as fast bfloat16 must be: with less to gain, float32 is more exact."""


def choose_precision(wanted: Literal["auto"] | Precision) -> Precision:
    """`wanted`, or for `auto` bfloat16 where it multiplies matrices clearly faster than float32."""
    import torch

    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    # The best of several turns each: other processes make either look slow now and then.
    turns = [(_matmul_s(torch.float32), _matmul_s(torch.bfloat16)) for _ in range(5)]
    float32_s, bfloat16_s = (min(times) for times in zip(*turns, strict=True))
    return "bfloat16" if bfloat16_s * _GAIN < float32_s else "float32"


def _matmul_s(dtype: Any) -> float:
    import torch

    # Small enough that emulated bfloat16 answers in a fraction of a second.
    left, right = torch.randn(128, 576).to(dtype), torch.randn(576, 576).to(dtype)
    left @ right
    started = time.perf_counter()
    left @ right
    return time.perf_counter() - started
