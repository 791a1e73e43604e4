"""A LoRA merged into its base: one model that every engine serves without knowing of adapters.

    report = merge(Path("runs/bgp/bgp-smollm2-135m"), Path("merged"))
    report.largest_difference, report.adapter_effect

The merged weights are read back from disk and compared with base and adapter side by side; a merge that
does not answer alike leaves nothing behind.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herdwick.finetune.adapter_source import AdapterSource
from herdwick.finetune.base_model import base_folder, base_identity, load_base
from herdwick.finetune.lora import load_adapter
from herdwick.finetune.merge_report import MERGE_FILE, MergeReport, Precision
from herdwick.finetune.new_folder import new_folder
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.requirements import require_extra

if TYPE_CHECKING:
    import torch

_TOLERANCES: dict[Precision, float] = {"float32": 1e-4, "float16": 1e-2, "bfloat16": 8e-2}
"""Largest difference of a logit, as a share of the largest logit: some ten times what rounding each weight to
24, 11 or 8 binary digits makes in a model of 30 layers."""

_PROBES, _PROBE_TOKENS, _PROBE_SEED = 4, 32, 5


def merge(
    source: Path,
    out: Path,
    *,
    base: str = "",
    force: bool = False,
    precision: Precision = "float32",
    tolerance: float | None = None,
) -> MergeReport:
    """Write base and adapter as one model to the new folder `out`: safetensors, tokenizer and reports.

    Args:
        source: Folder of a run, PEFT folder, shipped folder, or GGUF adapter.
        out: Folder to make.
        base: The adapter's base where its folder does not tell; see `Recipe.base`.
        force: Take `base` although the folder names another.
        precision: Of the merged weights.
        tolerance: Replaces the default for `precision`.

    Raises:
        FinetuneError: `out` exists, `source` is no adapter or one of another base, the adapter changes
            nothing, or the merged model answers otherwise than base and adapter do.
    """
    require_extra()
    with new_folder(out) as made, AdapterSource.open(source, base, force=force) as adapter:
        together, tokenizer = _loaded(adapter)
        probes = _probe_ids(together.config.vocab_size)
        with together.disable_adapter():
            plain = _logits(together, probes)
        wanted = _logits(together, probes)
        _save(together, tokenizer, made, precision)
        del together
        report = MergeReport(
            adapter_fingerprint=adapter.fingerprint,
            base=base_identity(adapter.base),
            precision=precision,
            largest_difference=_share(_logits(load_base(str(made))[0], probes), wanted),
            adapter_effect=_share(plain, wanted),
            tolerance=_TOLERANCES[precision] if tolerance is None else tolerance,
        )
        check(report)
        (made / MERGE_FILE).write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
        for file in adapter.reports:
            shutil.copyfile(file, made / file.name)
    return report


def check(report: MergeReport) -> None:
    """Refuse a merge that is not what base and adapter are together.

    Raises:
        FinetuneError: It differs by more than the tolerance, or the adapter has no effect to be seen.
    """
    if report.adapter_effect == 0:
        raise FinetuneError(
            "no_effect",
            "The adapter changes no answer of its base.",
            "It was not trained, or was not applied: look at the losses of its run.",
        )
    # Written so that NaN is refused too.
    if not report.largest_difference <= report.tolerance:
        raise FinetuneError(
            "merge_differs",
            f"Merged weights change a logit by {report.largest_difference:.2g} of the largest one, "
            f"{report.tolerance:.2g} is allowed.",
            "Merge in float32, or serve base and adapter side by side.",
        )


def _loaded(adapter: AdapterSource) -> tuple[Any, Any]:
    model, tokenizer = load_base(base_folder(adapter.base))
    return load_adapter(model, str(adapter.folder)), tokenizer


def _save(together: Any, tokenizer: Any, folder: Path, precision: Precision) -> None:
    import torch

    merged = together.merge_and_unload(safe_merge=True).to(getattr(torch, precision))
    merged.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _probe_ids(vocabulary: int) -> "torch.Tensor":
    """Texts drawn at random, of shape (texts, tokens): no choice of words can hide a difference."""
    import torch

    generator = torch.Generator().manual_seed(_PROBE_SEED)
    return torch.randint(vocabulary, (_PROBES, _PROBE_TOKENS), generator=generator)


def _logits(model: Any, ids: "torch.Tensor") -> "torch.Tensor":
    """Of shape (texts, tokens, vocabulary), in float32."""
    import torch

    with torch.inference_mode():
        logits: torch.Tensor = model.eval()(ids).logits.float()
    return logits


def _share(logits: "torch.Tensor", wanted: "torch.Tensor") -> float:
    return float((logits - wanted).abs().max() / wanted.abs().max())
