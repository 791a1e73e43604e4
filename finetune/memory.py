"""How much memory a run takes, and how much there is.

    need = memory_bytes(recipe, shape, batch, precision="float32", sharding=Sharding.of_launch())
    have = available_bytes()

An estimate of the peak on one device, within about a third: weights, gradients, the optimizer's state, and
what the largest batch keeps for its backward pass. Before, the base is loaded into the machine's memory, GPU
or not, which has a peak of its own: `loading_bytes`, of `host_bytes`.
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
        stored_bytes: Of a weight in the base's file.
    """

    layers: int
    hidden: int
    heads: int
    vocabulary: int
    parameters: int
    linear: int
    trainable: int
    stored_bytes: int = FLOAT32_BYTES


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
        processes_here: Of these processes, those on this machine.
    """

    devices: int = 1
    stage: int = 0
    processes_here: int = 1

    @classmethod
    def of_launch(cls) -> Self:
        """As the environment of this process says, which accelerate sets."""
        stage = int(os.environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "0"))
        if os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true":
            stage = 3
        return cls(
            devices=int(os.environ.get("WORLD_SIZE", "1")),
            stage=stage,
            processes_here=int(os.environ.get("LOCAL_WORLD_SIZE", "1")),
        )

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


def loads_as_stored(recipe: Recipe, precision: Precision) -> bool:
    """Whether the base can be loaded in the number format of its file, and be converted layer by layer.

    Where its weights are trained, multiplied in float32, or measured for DoRA's magnitudes, they are loaded
    in float32.
    """
    return precision == "bfloat16" and recipe.method in ("lora", "rslora")


def loading_bytes(recipe: Recipe, shape: ModelShape, *, precision: Precision, sharding: Sharding) -> int:
    """The machine's memory that loading takes, in all of its processes; each loads the whole base."""
    if recipe.method == "qlora":
        # Its layers are quantized one after the other, on the device.
        return 0
    weight = shape.stored_bytes if loads_as_stored(recipe, precision) else FLOAT32_BYTES
    return weight * shape.parameters * sharding.processes_here


def available_bytes() -> int:
    """Memory that a run can have: of the GPU if there is one, else of the machine or the container."""
    import torch

    return int(torch.cuda.mem_get_info()[0]) if torch.cuda.is_available() else host_bytes()


def host_bytes() -> int:
    """Memory of the machine or the container that is free."""
    import psutil

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
