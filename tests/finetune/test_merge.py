import json
import shutil
from pathlib import Path

import pytest

from herdwick.finetune.gguf_adapter import write_adapter
from herdwick.finetune.merge import check, merge
from herdwick.finetune.merge_report import MERGE_FILE, MergeReport
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train import train
from herdwick.tools.file_hash import sha256_of

from .tiny_llama import logits

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture(scope="module")
def merged(random_adapter: Path, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("merge") / "merged"
    merge(random_adapter, out, base=str(tiny_base))
    return out


def test_the_merged_model_answers_as_base_and_adapter_do(
    merged: Path, random_adapter: Path, tiny_base: Path
) -> None:
    together, alone = logits(tiny_base, random_adapter), logits(merged)

    assert (alone - together).abs().max() < 1e-4 * together.abs().max()
    assert (alone - logits(tiny_base)).abs().max() > 0.1 * together.abs().max()


def test_the_report_says_how_near_it_is(merged: Path, random_adapter: Path) -> None:
    report = MergeReport.read(merged)

    assert report.adapter_fingerprint == sha256_of(random_adapter / "adapter_model.safetensors")
    assert report.largest_difference < report.tolerance == 1e-4
    assert report.adapter_effect > 0.1


def test_the_folder_has_weights_and_tokenizer_and_no_adapter(merged: Path) -> None:
    from safetensors.numpy import load_file
    from transformers import AutoTokenizer

    assert not [key for key in load_file(merged / "model.safetensors") if "lora" in key]
    assert AutoTokenizer.from_pretrained(merged)("graph").input_ids


@pytest.mark.parametrize("method", [{"use_rslora": True}, {"use_dora": True}])
def test_scaled_and_decomposed_loras_are_merged_too(
    tiny_base: Path, tmp_path: Path, method: dict[str, bool]
) -> None:
    from peft import LoraConfig, get_peft_model

    from herdwick.finetune.base_model import load_base

    model, _ = load_base(str(tiny_base))
    model = get_peft_model(
        model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", **method)
    )
    torch.manual_seed(3)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            weight.data = torch.randn_like(weight) * 0.2
    model.save_pretrained(tmp_path / "adapter")

    report = merge(tmp_path / "adapter", tmp_path / "merged", base=str(tiny_base))

    assert report.adapter_effect > 0.1


def test_sixteen_bits_are_half_the_size_and_less_near(
    merged: Path, random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    report = merge(random_adapter, tmp_path / "half", base=str(tiny_base), precision="bfloat16")

    sizes = [(folder / "model.safetensors").stat().st_size for folder in (merged, tmp_path / "half")]
    assert sizes[0] / sizes[1] == pytest.approx(2, rel=0.05)
    assert MergeReport.read(merged).largest_difference < report.largest_difference < report.tolerance


def test_a_difference_above_the_tolerance_leaves_nothing(
    random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    with pytest.raises(FinetuneError) as failure:
        merge(random_adapter, tmp_path / "merged", base=str(tiny_base), precision="bfloat16", tolerance=1e-6)

    assert failure.value.kind == "merge_differs"
    assert list(tmp_path.iterdir()) == []


def test_an_adapter_that_changes_nothing_is_refused(make_recipe, tiny_base: Path, tmp_path: Path) -> None:
    from herdwick.finetune.base_model import load_base
    from herdwick.finetune.lora import with_lora

    # As it is made, before training: one of the two matrices is zero.
    with_lora(load_base(str(tiny_base))[0], make_recipe()).save_pretrained(tmp_path / "adapter")

    with pytest.raises(FinetuneError) as failure:
        merge(tmp_path / "adapter", tmp_path / "merged", base=str(tiny_base))

    assert failure.value.kind == "no_effect"


def test_a_difference_that_is_no_number_is_refused(merged: Path) -> None:
    report = MergeReport.read(merged).model_copy(update={"largest_difference": float("nan")})

    with pytest.raises(FinetuneError) as failure:
        check(report)

    assert failure.value.kind == "merge_differs"


def test_a_run_knows_its_base_and_its_report_goes_along(make_recipe, tmp_path: Path) -> None:
    train(make_recipe(epochs=1), tmp_path / "run")

    merge(tmp_path / "run", tmp_path / "merged")

    report = (tmp_path / "merged" / "train_report.json").read_bytes()
    assert report == (tmp_path / "run" / "adapter" / "train_report.json").read_bytes()


def test_a_gguf_adapter_merges_to_the_same_weights(
    merged: Path, random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    write_adapter(random_adapter, tmp_path / "adapter.gguf", base=tiny_base)

    report = merge(tmp_path / "adapter.gguf", tmp_path / "merged", base=str(tiny_base))

    first, second = (load_file(folder / "model.safetensors") for folder in (merged, tmp_path / "merged"))
    assert first.keys() == second.keys()
    assert [key for key in first if (first[key] != second[key]).any()] == []
    assert report.adapter_fingerprint == sha256_of(tmp_path / "adapter.gguf")


def test_what_is_there_is_not_overwritten(random_adapter: Path, tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        merge(random_adapter, tmp_path, base=str(tiny_base))

    assert failure.value.kind == "exists"


def test_an_adapter_without_a_known_base_needs_one(random_adapter: Path, tmp_path: Path) -> None:
    adapter = shutil.copytree(random_adapter, tmp_path / "adapter")
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(config | {"base_model_name_or_path": None}))

    with pytest.raises(FinetuneError) as failure:
        merge(adapter, tmp_path / "merged")

    assert failure.value.kind == "no_base"
    assert "--base" in failure.value.hint


def test_another_base_than_the_adapters_needs_force(
    random_adapter: Path, make_recipe, tiny_base: Path, tmp_path: Path
) -> None:
    renamed = shutil.copytree(tiny_base, tmp_path / "renamed")
    train(make_recipe(epochs=1), tmp_path / "run")

    for source in (random_adapter, tmp_path / "run"):
        with pytest.raises(FinetuneError) as failure:
            merge(source, tmp_path / "merged", base=str(renamed))
        assert (failure.value.kind, "--force" in failure.value.hint) == ("other_base", True)

    assert merge(random_adapter, tmp_path / "merged", base=str(renamed), force=True).base == str(renamed)


def test_the_same_base_in_another_folder_is_taken(
    random_adapter: Path, tiny_base: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(tiny_base, tmp_path / tiny_base.name)

    assert merge(random_adapter, tmp_path / "merged", base=str(moved)).base == str(moved)


@pytest.mark.parametrize("file", ["nothing", MERGE_FILE])
def test_a_folder_without_adapter_is_refused(tmp_path: Path, file: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / file).touch()

    with pytest.raises(FinetuneError) as failure:
        merge(source, tmp_path / "merged")

    assert failure.value.kind == "no_adapter"
