import dataclasses

import pytest

from herdwick.finetune.memory import LargestBatch, ModelShape, Sharding, loading_bytes, memory_bytes

SEVEN_B = ModelShape(
    layers=32,
    hidden=4096,
    heads=32,
    vocabulary=32_000,
    parameters=6_738_415_616,
    linear=6_476_005_376,
    trainable=159_907_840,
)
SMALL = LargestBatch(rows=1, length=16, labelled=1)


def gigabytes(recipe, shape=SEVEN_B, batch=SMALL, sharding=None, precision="bfloat16") -> float:
    sharding = sharding or Sharding()
    return memory_bytes(recipe, shape, batch, precision=precision, sharding=sharding) / 1e9


def test_full_training_takes_sixteen_bytes_a_weight(make_recipe) -> None:
    whole = dataclasses.replace(SEVEN_B, trainable=SEVEN_B.parameters)

    assert gigabytes(make_recipe(method="full"), whole) == pytest.approx(16 * 6.738, rel=0.01)


def test_zero_2_spreads_gradients_and_optimizer_and_zero_3_the_weights_too(make_recipe) -> None:
    whole = dataclasses.replace(SEVEN_B, trainable=SEVEN_B.parameters)
    recipe = make_recipe(method="full")

    assert gigabytes(recipe, whole, sharding=Sharding(4, 2)) == pytest.approx((4 + 3) * 6.738, rel=0.01)
    assert gigabytes(recipe, whole, sharding=Sharding(4, 3)) == pytest.approx(4 * 6.738, rel=0.02)


def test_a_frozen_base_takes_two_bytes_a_weight_and_about_half_a_byte_in_4_bits(make_recipe) -> None:
    lora = 16 * 0.16

    assert gigabytes(make_recipe()) == pytest.approx(2 * 6.738 + lora, rel=0.01)
    assert gigabytes(make_recipe(method="qlora")) == pytest.approx(
        6.476 * 4.127 / 8 + 2 * 0.262 + lora, rel=0.02
    )


@pytest.mark.parametrize(
    ("method", "precision", "bytes_a_weight"),
    [
        ("lora", "bfloat16", 2),
        ("rslora", "bfloat16", 2),
        ("lora", "float32", 4),
        ("dora", "bfloat16", 4),
        ("full", "bfloat16", 4),
        ("qlora", "bfloat16", 0),
    ],
)
def test_loading_takes_what_the_file_holds_or_float32_in_each_process(
    make_recipe, method: str, precision: str, bytes_a_weight: int
) -> None:
    stored_in_halves = dataclasses.replace(SEVEN_B, stored_bytes=2)

    for processes in (1, 4):
        taken = loading_bytes(
            make_recipe(method=method),
            stored_in_halves,
            precision=precision,
            sharding=Sharding(4, 2, processes_here=processes),
        )
        assert taken == bytes_a_weight * SEVEN_B.parameters * processes


def test_gradient_checkpointing_saves_most_of_a_large_batch(make_recipe) -> None:
    batch = LargestBatch(rows=4, length=2048, labelled=100)

    kept = gigabytes(make_recipe(), batch=batch) - gigabytes(make_recipe())
    computed_again = gigabytes(make_recipe(gradient_checkpointing=True), batch=batch) - gigabytes(
        make_recipe()
    )

    assert computed_again < kept / 8


def test_how_a_run_is_spread_is_what_accelerate_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setenv("ACCELERATE_DEEPSPEED_ZERO_STAGE", "2")

    assert Sharding.of_launch() == Sharding(devices=4, stage=2, processes_here=2)
