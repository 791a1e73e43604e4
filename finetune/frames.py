r"""How a row of data becomes the text that a model reads and the text that it is to write.

    frame = read_frame(Path("finetune/recipes/frames/question.txt"))
    fill(frame, {"prompt": "What is MED?"})    # "Question: What is MED?\nAnswer:\n"

A frame is the whole text, with `{{name}}` where the row's `name` goes; what stands in the row is never read
for names again.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from herdwick.finetune.recipe import FinetuneError

_PLACE = re.compile(r"\{\{([^{}]+)\}\}")


def read_frame(path: Path) -> str:
    """The text of a frame file.

    Raises:
        FinetuneError: It cannot be read, or has no place for anything of a row.
    """
    try:
        frame = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FinetuneError(
            "no_frame",
            f"The frame {path} cannot be read: {error}.",
            "Check the recipe, whose paths start at its own folder.",
        ) from error
    if not _PLACE.search(frame):
        raise FinetuneError(
            "bad_frame",
            f"{path.name} has no place such as {{{{prompt}}}}, so every example would be the same.",
            "Write {{name}} where the row's `name` belongs.",
        )
    return frame


def fill(frame: str, row: Mapping[str, object]) -> str:
    """The frame with the row's values.

    Raises:
        KeyError: The row lacks what the frame names.
        TypeError: It is there, but is no text.
    """
    return _PLACE.sub(lambda place: _text(row, place[1]), frame)


def _text(row: Mapping[str, object], name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise TypeError(f"`{name}` is no text")
    return value
