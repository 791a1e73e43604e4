from pathlib import Path

import pytest

from herdwick.finetune.trainable import load_trainable

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture(scope="module", params=["bfloat16", "float16", "float32"])
def stored(request: pytest.FixtureRequest, tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny base as a file in some number format."""
    from herdwick.finetune.base_model import load_base

    folder = tmp_path_factory.mktemp(request.param)
    model, tokenizer = load_base(str(tiny_base))
    model.to(getattr(torch, request.param)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_frozen_base_is_what_it_would_be_had_it_been_loaded_in_float32(make_recipe, stored: Path) -> None:
    from herdwick.finetune.base_model import load_base
    from herdwick.finetune.completion_trainer import halve_frozen_weights
    from herdwick.finetune.lora import with_lora

    recipe = make_recipe(base=str(stored))
    wanted = with_lora(load_base(str(stored))[0], recipe)
    halve_frozen_weights(wanted)

    weights = dict(load_trainable(recipe, "bfloat16").named_parameters())

    for name, weight in wanted.named_parameters():
        assert weights[name].dtype == weight.dtype, name
        if "lora_" not in name:
            assert torch.equal(weights[name], weight), name


def test_the_base_is_never_in_float32_as_a_whole(
    make_recipe, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from herdwick.finetune import trainable

    seen = []
    with_lora = trainable.with_lora
    monkeypatch.setattr(
        trainable, "with_lora", lambda base, recipe: (seen.append(base.dtype), with_lora(base, recipe))[1]
    )

    load_trainable(make_recipe(base=str(stored)), "bfloat16")
    load_trainable(make_recipe(base=str(stored), method="full"), "bfloat16")

    assert seen == [getattr(torch, stored.name[:-1]), torch.float32]
