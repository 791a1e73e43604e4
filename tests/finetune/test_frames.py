from pathlib import Path

import pytest

from herdwick.finetune.frames import fill, read_frame
from herdwick.finetune.recipe import FinetuneError

FRAMES = Path(__file__).parents[2] / "finetune" / "recipes" / "frames"


def written(folder: Path, text: str) -> Path:
    file = folder / "frame.txt"
    file.write_text(text)
    return file


def test_places_are_filled_from_the_row_to_the_letter() -> None:
    row = {"API combination": "searchPerson", "code": "x = 1\n"}

    assert fill(read_frame(FRAMES / "soay-answer.txt"), row) == "Route: searchPerson\nCode:\nx = 1\n"


def test_what_stands_in_a_row_is_not_read_for_places() -> None:
    assert fill("{{a}}{{b}}", {"a": "{{b}}", "b": r"\1"}) == r"{{b}}\1"


def test_a_row_without_what_the_frame_names_is_refused() -> None:
    with pytest.raises(KeyError, match="question"):
        fill("{{question}}", {"prompt": "x"})


def test_a_frame_without_places_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        read_frame(written(tmp_path, "Question:"))

    assert failure.value.kind == "bad_frame"


def test_a_missing_frame_is_told(tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        read_frame(tmp_path / "none.txt")

    assert failure.value.kind == "no_frame"
