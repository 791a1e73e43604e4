"""The commands that make an adapter again: data, recipe and training of each run, from the reports on them.

    for command in rebuild_commands("bgp", report.runs(), [file.command for file in data]):
        print(command)

A report has the whole recipe but not the folders its files lay in; here the runs stand side by side,
numbered, and the data where its command writes it.
"""

import json
import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from herdwick.finetune.checkpoints import ADAPTER
from herdwick.finetune.train_report import TrainReport

FRAMES = Path("finetune", "recipes", "frames")
"""Where the checkout has the frames that recipes name."""


def rebuild_commands(domain: str, runs: Sequence[TrainReport], data: Sequence[str]) -> Iterator[str]:
    """Lines for a shell.

    Args:
        domain: What the adapter is shipped for.
        runs: Those that made it, the first one first.
        data: For each of them the command that makes its training file.
    """
    folder = Path("runs", domain)
    files: list[Path] = []
    start: Path | None = None
    yield f"mkdir -p {folder}"
    for number, (run, command) in enumerate(zip(runs, data, strict=True), 1):
        out = folder / f"{number}-{run.recipe.name}"
        files.append(_written_by(command) or folder / run.recipe.train)
        recipe = run.recipe.model_dump(mode="json", exclude_defaults=True)
        recipe["train"] = os.path.relpath(files[-1], folder)
        for frame in {"prompt_frame", "completion_frame"} & recipe.keys():
            recipe[frame] = os.path.relpath(FRAMES / recipe[frame], folder)
        if start:
            recipe["start"] = os.path.relpath(start, folder)
        if run.recipe.evaluation:
            yield f"# {folder / run.recipe.evaluation.name} must be there: no command here makes it."
        yield command
        yield f"echo {shlex.quote(json.dumps(recipe, ensure_ascii=False))} > {out}.yaml"
        yield f"herdwick finetune train {out}.yaml --out {out}"
        adapter = out / ADAPTER
        if run.start_share:
            adapter = out / "between"
            yield (
                f"herdwick finetune interpolate {out / ADAPTER} --start {start} "
                f"--start-share {run.start_share:g} --out {adapter}"
            )
        if run.narrowed_to:
            whole, adapter = adapter, out / "narrow"
            yield f"herdwick finetune narrow {whole} --rank {run.narrowed_to} --out {adapter}"
        start = adapter
    reports = " ".join(f"--data {file.with_suffix('.report.json')}" for file in files)
    yield f"herdwick finetune ship {domain} {start} {reports}"


def _written_by(command: str) -> Path | None:
    words = shlex.split(command)
    return Path(words[words.index("--out") + 1]) if "--out" in words[:-1] else None
