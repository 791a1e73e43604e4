"""A run stopped in the middle, as a kill would stop it.

with pytest.raises(Stopped):
    train(recipe, out, progress=stop_before(3))
"""

from collections.abc import Callable

from herdwick.finetune.train_report import Progress


class Stopped(Exception):
    """Stands for a kill in the middle of a run."""


def stop_before(step: int) -> Callable[[Progress], None]:
    """What a run calls after every step; it ends the run before what this step leaves is saved."""

    def progress(now: Progress) -> None:
        if now.step == step:
            raise Stopped

    return progress
