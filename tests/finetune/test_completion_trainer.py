from pathlib import Path

import pytest

from herdwick.finetune.data import TokenizedExample, collate
from herdwick.finetune.recipe import Recipe

pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture(scope="module")
def model(make_recipe):
    from herdwick.finetune.base_model import load_base
    from herdwick.finetune.lora import with_lora

    recipe: Recipe = make_recipe(dropout=0.0)
    return with_lora(load_base(recipe.base)[0], recipe)


def test_the_loss_counts_completion_tokens_only(model) -> None:
    import torch

    from herdwick.finetune.completion_trainer import summed_loss

    example = TokenizedExample((3, 1, 4, 1, 5), prompt_length=3)
    loss, count = summed_loss(model, collate([example], pad=0))

    scores = torch.log_softmax(model(torch.tensor([example.ids])).logits[0], -1)
    assert count == 2
    assert float(loss.detach()) == pytest.approx(-float(scores[2, 1] + scores[3, 5]), rel=1e-5)


def test_padding_changes_no_loss(model) -> None:
    from herdwick.finetune.completion_trainer import summed_loss

    short, long = TokenizedExample((3, 1, 4), 1), TokenizedExample((2, 7, 1, 8, 2, 8), 2)
    together, count = summed_loss(model, collate([short, long], pad=0))
    apart = [summed_loss(model, collate([example], pad=0))[0] for example in (short, long)]

    assert count == 6
    assert float(together.detach()) == pytest.approx(float(sum(apart).detach()), rel=1e-5)


def test_an_epoch_sees_every_example_once_in_an_order_of_its_own() -> None:
    from herdwick.finetune.completion_trainer import EpochOrder

    order = EpochOrder([7, 3, 5] * 11, batch_size=4, seed=1)
    first, again = list(order), list(order)
    order.set_epoch(1)
    second = list(order)

    assert sorted(first) == sorted(second) == list(range(33))
    assert first == again
    assert first != second


def test_neighbours_are_of_similar_length() -> None:
    from herdwick.finetune.completion_trainer import EpochOrder

    lengths = [number % 50 for number in range(1600)]
    order = list(EpochOrder(lengths, batch_size=16, seed=1))
    spreads = []
    for start in range(0, 1600, 16):
        batch = [lengths[number] for number in order[start : start + 16]]
        spreads.append(max(batch) - min(batch))

    # Sixteen of 64 sorted examples cover about a quarter of the lengths.
    assert sum(spreads) / len(spreads) < 20


def test_unseen_examples_are_weighed_by_token(model) -> None:
    from herdwick.finetune.completion_trainer import mean_loss, summed_loss

    examples = [TokenizedExample((3, 1, 4, 1, 5, 9), 1), TokenizedExample((2, 6), 1)]
    model.eval()
    total = sum(float(summed_loss(model, collate([example], pad=0))[0].detach()) for example in examples)

    assert mean_loss(model, examples, batch_size=1, pad=0) == pytest.approx(total / 6, rel=1e-5)


def test_checkpoints_are_marked_whole(tmp_path: Path, make_recipe) -> None:
    from herdwick.finetune.train import train

    train(make_recipe(epochs=1), tmp_path)

    marks = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/whole"))
    assert marks == ["checkpoint-3/whole", "checkpoint-4/whole"]
