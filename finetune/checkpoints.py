"""What lets a killed run go on: whose run a folder holds, and which of its checkpoints are whole.

    identity = RunIdentity.of(recipe)
    checkpoint = prepare_folder(out, identity, resume=True)    # None: from the beginning
    mark_whole(checkpoint)                                     # after the last of its files is written

A run writes its identity into its folder first. A checkpoint counts only when it is marked whole, so one that
a kill cut short is passed over for the one before.
"""

import re
import shutil
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.finetune.base_model import base_identity
from herdwick.finetune.data import fingerprint
from herdwick.finetune.lora import WEIGHTS_FILE
from herdwick.finetune.recipe import FinetuneError, Recipe

IDENTITY_FILE = "run.json"
WHOLE_MARK = "whole"
_CHECKPOINT = re.compile(r"checkpoint-(\d+)$")


class RunIdentity(BaseModel):
    """What makes two runs the same run.

    Attributes:
        recipe: The recipe as JSON, without the paths of its data.
        base: The base model; see `base_identity`.
        data: SHA-256 of the training file.
        evaluation: SHA-256 of the evaluation file, None without one.
        start: SHA-256 of the weights that the run goes on from, None without them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str
    base: str
    data: str
    evaluation: str | None
    start: str | None = None

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """The identity of a run by `recipe`.

        Raises:
            FinetuneError: Its data, base or start cannot be read.
        """
        return cls(
            recipe=recipe.model_dump_json(exclude={"train", "evaluation", "start", "save_steps"}),
            base=base_identity(recipe.base),
            data=fingerprint(recipe.train),
            evaluation=fingerprint(recipe.evaluation) if recipe.evaluation else None,
            start=fingerprint(recipe.start / WEIGHTS_FILE) if recipe.start else None,
        )


def prepare_folder(out: Path, identity: RunIdentity, *, resume: bool) -> Path | None:
    """Make `out` the folder of the run, and return its newest whole checkpoint.

    Args:
        out: Folder of the run.
        identity: The run that is about to start.
        resume: Go on where it stopped; otherwise what `out` holds of earlier runs is deleted.

    Raises:
        FinetuneError: `out` holds another run, or cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not resume:
            _clear(out)
        _claim(out, identity)
    except OSError as error:
        raise FinetuneError(
            "bad_folder", f"{out} cannot be written: {error.strerror}.", "Choose another --out."
        ) from error
    whole = [path for path in _checkpoints(out) if (path / WHOLE_MARK).exists()]
    return whole[-1] if whole else None


def mark_whole(checkpoint: Path) -> None:
    """Say that every file of `checkpoint` is written."""
    (checkpoint / WHOLE_MARK).touch()


def _claim(out: Path, identity: RunIdentity) -> None:
    file = out / IDENTITY_FILE
    if file.exists() or _checkpoints(out):
        changed = _changes(file, identity)
        if changed:
            raise FinetuneError(
                "other_run",
                f"{out} holds another run: {', '.join(changed)} changed.",
                "Choose another --out, or discard what is there with --no-resume.",
            )
        return
    partial = file.with_suffix(".partial")
    partial.write_text(identity.model_dump_json(indent=1), encoding="utf-8")
    partial.replace(file)


def _changes(file: Path, identity: RunIdentity) -> list[str]:
    try:
        earlier = RunIdentity.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return ["its " + IDENTITY_FILE + " is missing or damaged, so everything may have"]
    return [name for name in RunIdentity.model_fields if getattr(earlier, name) != getattr(identity, name)]


def _clear(out: Path) -> None:
    for checkpoint in _checkpoints(out):
        shutil.rmtree(checkpoint)
    shutil.rmtree(out / "adapter", ignore_errors=True)
    (out / IDENTITY_FILE).unlink(missing_ok=True)


def _checkpoints(out: Path) -> list[Path]:
    """Oldest first."""
    found = [(int(match[1]), path) for path in out.iterdir() if (match := _CHECKPOINT.search(path.name))]
    return [path for _, path in sorted(found)]
