"""An adapter between a run's result and what the run started from.

    interpolate(Path("runs/second/adapter"), Path("runs/first/adapter"), Path("between"), start_share=0.5)

A run that dwells on some questions forgets a little of others; half of the way it has often learnt most and
forgotten little (WiSE-FT, arXiv:2109.01903). The factors of the LoRA are interpolated, not their product:
both adapters are close to each other, and the rank stays. A start of lower rank is widened first.
"""

import shutil
from pathlib import Path

from herdwick.finetune.lora import WEIGHTS_FILE, read_config, read_weights
from herdwick.finetune.new_folder import new_folder
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.requirements import require_extra
from herdwick.finetune.train_report import TrainReport
from herdwick.finetune.widen import widen


def interpolate(adapter: Path, start: Path, out: Path, *, start_share: float) -> TrainReport:
    """Write the adapter between `adapter` and `start` to the new folder `out`.

    Args:
        adapter: PEFT folder of a run that went on from `start`.
        start: PEFT folder.
        out: Folder to make: weights, configuration, tokenizer, and the run's report with `start_share`.
        start_share: How much of the start there is in the result, above 0 and below 1.

    Returns:
        The report in `out`.

    Raises:
        FinetuneError: `out` exists, one of them is no adapter, the run did not go on from `start`, or its
            adapter was narrowed.
    """
    require_extra()
    from safetensors.torch import save_file

    report = TrainReport.read(adapter)
    if report.started_from != TrainReport.read(start) or report.start_share:
        raise FinetuneError(
            "other_start",
            f"{adapter} is not what a run made that went on from {start}.",
            "Name the adapter folder of the run, and the one that its recipe has as `start`.",
        )
    if report.narrowed_to:
        # Narrowing turns the factors: only their product is still near to the start's.
        raise FinetuneError(
            "other_shape",
            f"{adapter} was narrowed to rank {report.narrowed_to}.",
            "Interpolate what the run wrote, and narrow the result.",
        )
    for folder in (adapter, start):
        read_config(folder)
    trained = read_weights(adapter)
    of_start = read_weights(start)
    if odd := sorted(trained.keys() ^ of_start.keys()):
        raise FinetuneError(
            "other_shape",
            f"{adapter} and {start} have not the same layers: {odd[0]}.",
            "Name the two adapters as their runs wrote them.",
        )
    started = widen(of_start, like=trained)
    between = {name: trained[name].lerp(started[name], start_share).contiguous() for name in trained}
    report = report.model_copy(update={"start_share": start_share})
    with new_folder(out) as made:
        for file in adapter.iterdir():
            if file.is_file() and file.name != WEIGHTS_FILE:
                shutil.copyfile(file, made / file.name)
        save_file(between, made / WEIGHTS_FILE, metadata={"format": "pt"})
        report.write(made)
    return report
