from pathlib import Path

import pytest

from herdwick.finetune.data import IGNORED, load_examples
from herdwick.finetune.train import build_trainer_of, train

from .stopping import Stopped, stop_before

pytest.importorskip("trl", reason="needs herdwick[finetune]")
pytestmark = pytest.mark.slow


@pytest.fixture
def built(make_recipe, tmp_path: Path):
    """Trainer, tokenizer and examples of a recipe with these changes."""

    def build(**changes):
        from herdwick.finetune.plan import load_tokenizer
        from herdwick.finetune.trainable import load_trainable
        from herdwick.finetune.watch import Watch

        recipe = make_recipe(dropout=0.0, **changes)
        tokenizer = load_tokenizer(recipe.base)
        examples = load_examples(recipe.train, tokenizer, recipe.max_tokens)
        model = load_trainable(recipe, "float32")
        trainer = build_trainer_of(recipe, tmp_path, model, tokenizer, examples, [], "float32", Watch(None))
        return trainer, tokenizer, examples

    return build


@pytest.mark.parametrize("trainer_name", ["lean", "sft"])
def test_the_loss_is_on_completions_and_their_end_and_nothing_else(built, trainer_name: str) -> None:
    trainer, tokenizer, _ = built(trainer=trainer_name)

    learned = [
        tokenizer.decode(labels[labels != IGNORED])
        for batch in trainer.get_train_dataloader()
        for labels in batch["labels"]
    ]

    assert sorted(learned) == [f"{letter * 3}\n<end>" for letter in "abcdefghijklmnop"]


def test_packed_examples_fill_sequences_and_do_not_see_one_another(built) -> None:
    import torch

    from herdwick.finetune.completion_trainer import mean_loss

    trainer, _, examples = built(trainer="sft", packing=True, batch_size=2)
    trainer.model.eval()
    total, count, sequences = 0.0, 0, 0
    for batch in trainer.get_train_dataloader():
        labelled = int((batch["labels"][:, 1:] != IGNORED).sum())
        with torch.no_grad():
            total += float(trainer.compute_loss(trainer.model, batch)) * labelled
        count += labelled
        sequences += len(batch["input_ids"])

    assert sequences < len(examples) / 2
    assert count == 16 * 5
    assert total / count == pytest.approx(mean_loss(trainer.model, examples, batch_size=1, pad=0), rel=1e-4)


def test_both_trainers_come_to_the_same_loss(tmp_path: Path, make_recipe) -> None:
    # One batch an epoch, so that the order of the examples makes no difference.
    recipe = make_recipe(dropout=0.0, batch_size=16, epochs=4)

    lean = train(recipe, tmp_path / "lean")
    sft = train(recipe.model_copy(update={"trainer": "sft"}), tmp_path / "sft")

    assert lean.steps == sft.steps == 4
    assert sft.loss == pytest.approx(lean.loss, rel=1e-3)
    assert "trl" in sft.libraries


def test_a_resumed_run_equals_an_undisturbed_one(tmp_path: Path, make_recipe) -> None:
    recipe = make_recipe(trainer="sft")
    full = train(recipe, tmp_path / "undisturbed")
    with pytest.raises(Stopped):
        train(recipe, tmp_path / "killed", progress=stop_before(4))

    report = train(recipe, tmp_path / "killed")

    assert (report.resumed_at_step, report.steps) == (3, full.steps)
    assert report.loss == pytest.approx(full.loss, rel=1e-4)
