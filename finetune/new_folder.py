"""A folder that appears whole or not at all.

with new_folder(Path("merged")) as made:
    model.save_pretrained(made)
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from herdwick.finetune.recipe import FinetuneError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` that becomes `out` when all went well, and nothing otherwise.

    Raises:
        FinetuneError: `out` exists, at the beginning or at the end.
    """
    if out.exists():
        raise _taken(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        # Inside, since a temporary folder itself is closed to other users.
        made = Path(folder) / out.name
        made.mkdir()
        yield made
        try:
            made.rename(out)
        except OSError as error:
            if not out.exists():
                raise
            raise _taken(out) from error


def _taken(out: Path) -> FinetuneError:
    return FinetuneError("exists", f"{out} exists.", "Choose another --out, or remove it.")
