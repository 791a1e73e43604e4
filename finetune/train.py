"""LoRA training of a causal language model by a recipe.

    report = train(load_recipe(path), out=Path("runs/aminer"))

Logits are computed only where a label is: with a vocabulary of 49,152 and a hidden size of 576, the output
layer would otherwise cost a third of the time.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from herdwick.finetune.base_model import base_folder
from herdwick.finetune.data import IGNORED, TokenizedExample, collate, fingerprint, load_examples
from herdwick.finetune.recipe import FinetuneError, Recipe


@dataclass(frozen=True)
class TrainReport:
    """What a run did.

    Attributes:
        adapter: Folder with the PEFT adapter.
        examples: Examples in the training file.
        tokens: Tokens in one pass over them.
        steps: Optimizer steps taken.
        loss: Mean training loss, nats a completion token.
        evaluation_loss: The same on the evaluation file, None without one.
        seconds: Wall time.
        precision: Of the matrix products.
        data_fingerprint: SHA-256 of the training file.
    """

    adapter: Path
    examples: int
    tokens: int
    steps: int
    loss: float
    evaluation_loss: float | None
    seconds: float
    precision: str
    data_fingerprint: str


def train(recipe: Recipe, out: Path, *, resume: bool = True) -> TrainReport:
    """Train the recipe's adapter into `out/adapter`, from the last checkpoint in `out` if there is one.

    Raises:
        FinetuneError: The data or the base cannot be read, or the `finetune` extra is not installed.
    """
    try:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer, TrainingArguments, set_seed
        from transformers.trainer_utils import get_last_checkpoint
    except ImportError as error:
        raise FinetuneError(
            "no_finetune_extra", f"Training needs {error.name}.", "Run: pip install 'herdwick[finetune]'"
        ) from error
    started = time.monotonic()
    set_seed(recipe.seed)
    base = base_folder(recipe.base)
    tokenizer = AutoTokenizer.from_pretrained(base)
    examples = load_examples(recipe.train, tokenizer, recipe.max_tokens)
    unseen = load_examples(recipe.evaluation, tokenizer, recipe.max_tokens) if recipe.evaluation else None
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32),
        LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules=recipe.targets,
            task_type="CAUSAL_LM",
        ),
    )
    precision = choose_precision(recipe.precision)
    arguments = TrainingArguments(
        output_dir=str(out),
        per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.accumulation,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type=recipe.scheduler,
        warmup_steps=recipe.warmup,
        weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm,
        num_train_epochs=recipe.epochs,
        seed=recipe.seed,
        bf16=precision == "bfloat16",
        use_cpu=not torch.cuda.is_available(),
        save_steps=recipe.save_steps,
        save_total_limit=2,
        logging_steps=10,
        remove_unused_columns=False,
        train_sampling_strategy="group_by_length",
        dataloader_pin_memory=False,
        report_to="none",
    )
    trainer = _trainer_class()(
        model=model,
        args=arguments,
        train_dataset=_Dataset(examples),
        eval_dataset=_Dataset(unseen) if unseen else None,
        data_collator=lambda rows: collate([row["example"] for row in rows], tokenizer.pad_token_id),
    )
    checkpoint = get_last_checkpoint(str(out)) if resume and out.is_dir() else None
    result = trainer.train(resume_from_checkpoint=checkpoint)
    model.save_pretrained(out / "adapter")
    tokenizer.save_pretrained(out / "adapter")
    return TrainReport(
        adapter=out / "adapter",
        examples=len(examples),
        tokens=sum(len(example.ids) for example in examples),
        steps=result.global_step,
        loss=result.training_loss,
        evaluation_loss=trainer.evaluate()["eval_loss"] if unseen else None,
        seconds=time.monotonic() - started,
        precision=precision,
        data_fingerprint=fingerprint(recipe.train),
    )


def choose_precision(wanted: str) -> str:
    """`wanted`, or for `auto` whichever of float32 and bfloat16 multiplies matrices faster here."""
    import torch

    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return "bfloat16" if _matmul_s(torch.bfloat16) < _matmul_s(torch.float32) else "float32"


def _matmul_s(dtype: Any) -> float:
    import torch

    # Small enough that emulated bfloat16 answers in about a second.
    left, right = torch.randn(128, 576).to(dtype), torch.randn(576, 576).to(dtype)
    left @ right
    started = time.perf_counter()
    for _ in range(3):
        left @ right
    return time.perf_counter() - started


class _Dataset:
    """Examples as the Trainer wants them: rows whose `input_ids` tell their length."""

    def __init__(self, examples: list[TokenizedExample]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"example": self._examples[index], "input_ids": self._examples[index].ids}


def _trainer_class() -> type[Any]:
    """`transformers.Trainer` with the loss at labelled positions only; made late, as it imports torch."""
    import torch
    from transformers import Trainer

    class CompletionTrainer(Trainer):  # type: ignore[misc]  # transformers ships no types for it
        def compute_loss(
            self,
            model: Any,
            inputs: dict[str, torch.Tensor],
            return_outputs: bool = False,
            num_items_in_batch: torch.Tensor | None = None,
        ) -> Any:
            causal = model.get_base_model()
            targets = inputs["labels"][:, 1:]
            labelled = targets != IGNORED
            # accelerate casts in the outer model's forward, which selecting the positions goes round.
            with torch.autocast(self.args.device.type, torch.bfloat16, enabled=self.args.bf16):
                hidden = causal.model(
                    input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
                ).last_hidden_state
                logits = causal.lm_head(hidden[:, :-1][labelled])
            logits = logits.float()
            loss = torch.nn.functional.cross_entropy(logits, targets[labelled], reduction="sum")
            count = labelled.sum() if num_items_in_batch is None else num_items_in_batch
            loss = loss / count
            return (loss, {"loss": loss}) if return_outputs else loss

    return CompletionTrainer
