"""What a run tells while it trains; imports transformers, so import it late.

trainer.add_callback(Watch(progress))
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from herdwick.finetune.checkpoints import mark_whole
from herdwick.finetune.train_report import Progress


class Watch(TrainerCallback):
    """Marks whole checkpoints, passes progress on and measures the speed.

    Attributes:
        tokens_per_s: Tokens trained on a second, prompts included, since this process began; 0 at first.
    """

    def __init__(self, progress: Callable[[Progress], None] | None) -> None:
        self.tokens_per_s = 0.0
        self._progress = progress
        self._started = 0.0
        self._first_step = 0
        self._first_tokens = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Called by the trainer."""
        del args, control
        self._started = time.monotonic()
        self._first_step, self._first_tokens = state.global_step, state.num_input_tokens_seen

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Called by the trainer when all files of a checkpoint are written."""
        del control
        if state.is_world_process_zero:
            mark_whole(Path(args.output_dir) / f"{PREFIX_CHECKPOINT_DIR}-{state.global_step}")

    def on_log(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Called by the trainer after each step, and after each evaluation."""
        del args, control
        logs = more["logs"]
        if "loss" not in logs:
            return
        taken_s = time.monotonic() - self._started
        self.tokens_per_s = (state.num_input_tokens_seen - self._first_tokens) / taken_s
        if self._progress is None or not state.is_world_process_zero:
            return
        self._progress(
            Progress(
                step=state.global_step,
                steps=state.max_steps,
                loss=logs["loss"],
                tokens_per_s=self.tokens_per_s,
                left_s=taken_s
                / (state.global_step - self._first_step)
                * (state.max_steps - state.global_step),
            )
        )
