"""How much memory a run takes, and how much there is.

    need = memory_bytes(recipe, shape, batch, precision="float32", sharding=Sharding.of_launch())
    have = available_bytes()

An estimate of the peak on one device, within about a third: weights, gradients, the optimizer's state, and
what the largest batch keeps for its backward pass.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from herdwick.finetune.precision import Precision
from herdwick.finetune.recipe import Recipe

FLOAT32_BYTES = 4
NF4_BYTES = 4.127 / 8
"""A weight in NF4 with scales that are quantized too (arXiv:2305.14314, section 3)."""
ACTIVATION_HALVES = 34
"""Bytes kept for the backward pass per token, layer and hidden unit, in 16 bits (arXiv:2205.05198)."""
SCORE_HALVES = 5
"""Bytes kept per pair of tokens, layer and head, in 16 bits (same paper)."""
LOGIT_COPIES = 3
"""Logits, their log-softmax and its gradient."""
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True)
class ModelShape:
    """What memory depends on in a model.

    Attributes:
        layers: Number of decoder layers.
        hidden: Hidden units.
        heads: Attention heads.
        vocabulary: Size of the output layer.
        parameters: Of the base.
        linear: Of these, those of the layers that 4-bit loading quantizes.
        trainable: Of what is trained: the LoRA's, or all.
    """

    layers: int
    hidden: int
    heads: int
    vocabulary: int
    parameters: int
    linear: int
    trainable: int


@dataclass(frozen=True)
class LargestBatch:
    """The batch that needs most.

    Attributes:
        rows: Sequences.
        length: Tokens of the longest.
        labelled: Tokens with loss in all rows.
    """

    rows: int
    length: int
    labelled: int


@dataclass(frozen=True)
class Sharding:
    """How `accelerate launch` spreads a run over devices.

    Attributes:
        devices: Processes, one a device.
        stage: What is spread: 0 nothing, 1 optimizer, 2 gradients too, 3 weights too, as ZeRO counts
            (arXiv:1910.02054); FSDP's full sharding is 3.
    """

    devices: int = 1
    stage: int = 0

    @classmethod
    def of_launch(cls) -> Self:
        """As the environment of this process says, which accelerate sets."""
        stage = int(os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "0"))
        if os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true":
            stage = 3
        return cls(devices=int(os.environ.get("WORLD_SIZE", "1")), stage=stage)

    def share(self, size: float, from_stage: int) -> float:
        """Bytes on one device of something that is spread from this stage on."""
        return size / self.devices if self.stage >= from_stage else size


def memory_bytes(
    recipe: Recipe, shape: ModelShape, batch: LargestBatch, *, precision: Precision, sharding: Sharding
) -> int:
    """Estimate of a run's peak on one device, in bytes."""
    weights = sharding.share(_weight_bytes(recipe, shape, precision), 3)
    gradients = sharding.share(FLOAT32_BYTES * shape.trainable, 2)
    moments = 1 if recipe.optimizer == "paged_adamw_8bit" else FLOAT32_BYTES
    optimizer = sharding.share(2 * moments * shape.trainable, 1)
    return int(weights + gradients + optimizer + _batch_bytes(recipe, shape, batch, precision))


def available_bytes() -> int:
    """Memory that a run can have: of the GPU if there is one, else of the machine or the container."""
    import psutil
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[0])
    free = int(psutil.virtual_memory().available)
    return min([free, *filter(None, map(_limit, _CGROUP_LIMITS))])


def _weight_bytes(recipe: Recipe, shape: ModelShape, precision: Precision) -> float:
    trained = FLOAT32_BYTES * shape.trainable
    if recipe.method == "full":
        return trained
    frozen = 2 if precision == "bfloat16" else FLOAT32_BYTES
    if recipe.method == "qlora":
        return trained + NF4_BYTES * shape.linear + frozen * (shape.parameters - shape.linear)
    return trained + frozen * shape.parameters


def _batch_bytes(recipe: Recipe, shape: ModelShape, batch: LargestBatch, precision: Precision) -> int:
    halves = 1 if precision == "bfloat16" else 2
    tokens = batch.rows * batch.length
    layer = halves * tokens * (ACTIVATION_HALVES * shape.hidden + SCORE_HALVES * shape.heads * batch.length)
    kept = layer * shape.layers
    if recipe.gradient_checkpointing:
        kept = layer + 2 * halves * tokens * shape.hidden * shape.layers
    return kept + batch.labelled * shape.vocabulary * FLOAT32_BYTES * LOGIT_COPIES


def _limit(file: Path) -> int | None:
    try:
        text = file.read_text(encoding="ascii").strip()
    except OSError:
        return None
    # Without a limit cgroup 2 says `max`, cgroup 1 a number near 2 ** 63, which no machine reaches.
    return int(text) if text.isdigit() else None
