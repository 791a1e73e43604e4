"""A LoRA with less rank than it was trained with, as near as that rank allows.

    narrow(Path("runs/bgp/wide/adapter"), Path("narrow"), rank=32)

Of each product B·A the largest singular values are kept, which no other product of that rank comes nearer to
(Eckart and Young, 1936). The adapter that ships must be small; a run may still have had room to learn in.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herdwick.finetune.lora import CONFIG_FILE, WEIGHTS_FILE, read_config, read_weights
from herdwick.finetune.new_folder import new_folder
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.requirements import require_extra
from herdwick.finetune.train_report import TrainReport

if TYPE_CHECKING:
    from torch import Tensor

_A, _B = ".lora_A.weight", ".lora_B.weight"


def narrow(adapter: Path, out: Path, *, rank: int) -> TrainReport:
    """Write `adapter` with a lower rank to the new folder `out`.

    Args:
        adapter: PEFT folder that `train` or `interpolate` wrote.
        out: Folder to make: weights, configuration, tokenizer, and the run's report with `narrowed_to`.
        rank: Below that of the adapter.

    Returns:
        The report in `out`.

    Raises:
        FinetuneError: `out` exists, `adapter` is no LoRA (or one with magnitudes, or with more
            than pairs of matrices), or its rank is not higher.
    """
    require_extra()
    from peft import LoraConfig
    from safetensors.torch import save_file

    report = TrainReport.read(adapter)
    read_config(adapter)
    config = LoraConfig.from_pretrained(str(adapter))
    if config.use_dora or config.r <= rank:
        shape = "a DoRA" if config.use_dora else f"of rank {config.r}"
        raise FinetuneError(
            "other_shape",
            f"{adapter} is {shape}, which cannot be narrowed to rank {rank}.",
            "Give a lower --rank than the adapter has; magnitudes of a DoRA fit no other product.",
        )
    report = report.model_copy(update={"narrowed_to": rank})
    # The product's scale stays.
    alpha: Any = report.alpha
    config.r, config.lora_alpha = rank, alpha
    weights = read_weights(adapter)
    layers = [name.removesuffix(_A) for name in weights if name.endswith(_A)]
    if odd := sorted(weights.keys() ^ {layer + side for layer in layers for side in (_A, _B)}):
        raise FinetuneError(
            "other_shape",
            f"{adapter} has more than pairs of matrices, or less: {odd[0]}.",
            "Train only linear layers.",
        )
    narrowed = {}
    for layer in layers:
        narrowed[layer + _A], narrowed[layer + _B] = _nearest(weights[layer + _A], weights[layer + _B], rank)
    with new_folder(out) as made:
        for file in adapter.iterdir():
            if file.is_file() and file.name not in (WEIGHTS_FILE, CONFIG_FILE):
                shutil.copyfile(file, made / file.name)
        save_file(narrowed, made / WEIGHTS_FILE, metadata={"format": "pt"})
        config.save_pretrained(made)
        report.write(made)
    return report


def _nearest(of_a: "Tensor", of_b: "Tensor", rank: int) -> "tuple[Tensor, Tensor]":
    """Factors of the product of that rank nearest to `of_b @ of_a`, with equal shares of its size."""
    import torch

    # The product itself is as large as the layer; both factors' orthogonal parts are set aside instead.
    left, inner_left = torch.linalg.qr(of_b.double())
    right, inner_right = torch.linalg.qr(of_a.double().T)
    rows, sizes, columns = torch.linalg.svd(inner_left @ inner_right.T)
    roots = sizes[:rank].sqrt()
    new_b = (left @ rows[:, :rank]) * roots
    new_a = roots[:, None] * (columns[:rank] @ right.T)
    return new_a.to(of_a.dtype).contiguous(), new_b.to(of_b.dtype).contiguous()
