"""What lets a killed run go on: whose run a folder holds, and which of its checkpoints are whole.

    identity = RunIdentity.of(recipe)
    checkpoint = prepare_folder(out, identity, resume=True)    # None: from the beginning
    mark_whole(checkpoint)                                     # after the last of its files is written

A run writes its identity into its folder first. A checkpoint counts only when it is marked whole and has
every file that its mark names, so one that a kill cut short, while it was written or deleted, is passed over
for the one before.
"""

import errno
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.finetune.base_model import base_identity
from herdwick.finetune.data import fingerprint
from herdwick.finetune.lora import WEIGHTS_FILE
from herdwick.finetune.recipe import PATHS, FinetuneError, Recipe
from herdwick.tools.whole_file import write_whole

IDENTITY_FILE = "run.json"
WHOLE_MARK = "whole"
ADAPTER = "adapter"
"""Name of the PEFT adapter's folder inside a run's folder."""
MODEL = "model"
"""Name of the folder with the whole model, where all of it was trained."""
_NOT_THE_RUN = {*PATHS, "save_steps", "report_to"}
"""Keys of a recipe that change nothing about the weights, or stand in the identity as a hash of the file."""
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FULL_TEXTS = ("No space left", "PytorchStreamWriter failed", "file write failed")
_CHECKPOINT = re.compile(r"checkpoint-(\d+)$")


class RunIdentity(BaseModel):
    """What makes two runs the same run.

    Attributes:
        recipe: What the recipe sets otherwise than the defaults, as JSON, without the paths of its data.
        base: The base model; see `base_identity`.
        data: SHA-256 of the training file.
        evaluation: SHA-256 of the evaluation file, None without one.
        start: SHA-256 of the weights that the run goes on from, None without them.
        frames: SHA-256 of the texts around prompt and completion.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str
    base: str
    data: str
    evaluation: str | None
    start: str | None = None
    frames: list[str] = []

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """The identity of a run by `recipe`.

        Raises:
            FinetuneError: Its data, base or start cannot be read.
        """
        return cls(
            recipe=recipe.model_dump_json(exclude=_NOT_THE_RUN, exclude_defaults=True),
            base=base_identity(recipe.base),
            data=fingerprint(recipe.train),
            evaluation=fingerprint(recipe.evaluation) if recipe.evaluation else None,
            start=fingerprint(recipe.start / WEIGHTS_FILE) if recipe.start else None,
            frames=[fingerprint(file) for file in (recipe.prompt_frame, recipe.completion_frame) if file],
        )


def make_folder(out: Path) -> None:
    """Make `out` where it is missing.

    Raises:
        FinetuneError: It cannot be made.
    """
    with _telling_what_is_not_written(out):
        out.mkdir(parents=True, exist_ok=True)


def prepare_folder(out: Path, identity: RunIdentity, *, resume: bool) -> Path | None:
    """Make `out` the folder of the run, and return its newest whole checkpoint.

    Args:
        out: Folder of the run.
        identity: The run that is about to start.
        resume: Go on where it stopped; otherwise what `out` holds of earlier runs is deleted.

    Raises:
        FinetuneError: `out` holds another run or what may be nobody's run, or cannot be written.
    """
    make_folder(out)
    with _telling_what_is_not_written(out):
        if not resume:
            _clear(out)
        _claim(out, identity)
        whole = whole_checkpoints(out)
    return whole[-1] if whole else None


@contextmanager
def _telling_what_is_not_written(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FinetuneError(
            "bad_folder", f"{out} cannot be written: {error.strerror}.", "Choose another --out."
        ) from error


def whole_checkpoints(out: Path) -> list[Path]:
    """The checkpoints in `out` that a run can go on from, oldest first."""
    return [path for path in _checkpoints(out) if _is_whole(path)]


def mark_whole(checkpoint: Path) -> None:
    """Say that every file of `checkpoint` is written, and which ones they are."""
    names = sorted(str(file.relative_to(checkpoint)) for file in checkpoint.rglob("*") if file.is_file())
    write_whole(checkpoint / WHOLE_MARK, "\n".join(names).encode())


def _is_whole(checkpoint: Path) -> bool:
    mark = checkpoint / WHOLE_MARK
    names = mark.read_text(encoding="utf-8").splitlines() if mark.exists() else []
    return bool(names) and all((checkpoint / name).exists() for name in names)


def is_run(out: Path, identity: RunIdentity) -> bool:
    """Whether `out` holds the run of this identity."""
    return (out / IDENTITY_FILE).exists() and not _changes(out / IDENTITY_FILE, identity)


@contextmanager
def telling_of_a_full_disk(out: Path) -> Iterator[None]:
    """Explain what fails in the context because the disk of `out` is full.

    Raises:
        FinetuneError: The disk is full; what else fails passes through.
    """
    try:
        yield
    # safetensors and PyTorch have errors of their own, in whose text alone the reason stands.
    except Exception as error:
        if not (getattr(error, "errno", None) in _FULL or any(text in str(error) for text in _FULL_TEXTS)):
            raise
        whole = whole_checkpoints(out)
        kept = f"{whole[-1].name} is whole" if whole else "no checkpoint is whole yet"
        raise FinetuneError(
            "disk_full",
            f"The disk of {out} is full: {error}. {kept[0].upper()}{kept[1:]}.",
            "Make room and start the same command again: it goes on from there.",
        ) from error


def _claim(out: Path, identity: RunIdentity) -> None:
    file = out / IDENTITY_FILE
    if file.exists() or _checkpoints(out):
        changed = _changes(file, identity)
        if changed:
            discard = "discard what is there with --no-resume" if file.exists() else "remove what is there"
            raise FinetuneError(
                "other_run",
                f"{out} holds another run: {', '.join(changed)} changed.",
                f"Choose another --out, or {discard}.",
            )
        return
    write_whole(file, identity.model_dump_json(indent=1).encode())


def _changes(file: Path, identity: RunIdentity) -> list[str]:
    try:
        earlier = RunIdentity.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return ["its " + IDENTITY_FILE + " is missing or damaged, so everything may have"]
    fields = RunIdentity.model_fields
    changed = [name for name in fields if getattr(earlier, name) != getattr(identity, name)]
    # What a recipe names and what it leaves to the default may differ between versions of it.
    same_settings = "recipe" in changed and _settings(earlier.recipe) == _settings(identity.recipe)
    return [name for name in changed if name != "recipe" or not same_settings]


def _settings(recipe: str) -> dict[str, Any]:
    defaults = {name: field.default for name, field in Recipe.model_fields.items()}
    given = defaults | json.loads(recipe)
    return {name: value for name, value in given.items() if name not in _NOT_THE_RUN}


def _clear(out: Path) -> None:
    found = [folder for folder in (out / ADAPTER, out / MODEL, *_checkpoints(out)) if folder.exists()]
    if found and not (out / IDENTITY_FILE).exists():
        names = ", ".join(folder.name for folder in found)
        raise FinetuneError(
            "no_run",
            f"{out} has no {IDENTITY_FILE}, so {names} in it may be no run's: nothing was deleted.",
            "Choose another --out, or remove them yourself.",
        )
    # What was trained goes first, and its identity last: a kill in between leaves no report on another run.
    for folder in found:
        shutil.rmtree(folder)
    (out / IDENTITY_FILE).unlink(missing_ok=True)


def _checkpoints(out: Path) -> list[Path]:
    """Oldest first."""
    found = [(int(match[1]), path) for path in out.iterdir() if (match := _CHECKPOINT.search(path.name))]
    return [path for _, path in sorted(found)]
