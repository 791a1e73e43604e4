from pathlib import Path

import pytest

from herdwick.finetune.checkpoints import RunIdentity, mark_whole, prepare_folder
from herdwick.finetune.recipe import FinetuneError

IDENTITY = RunIdentity(recipe="{}", base="b", data="d", evaluation=None)


def checkpoint(out: Path, step: int, *, whole: bool) -> Path:
    folder = out / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "weights").touch()
    if whole:
        mark_whole(folder)
    return folder


def test_a_new_folder_is_made_and_has_no_checkpoint(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"

    assert prepare_folder(out, IDENTITY, resume=True) is None
    assert RunIdentity.model_validate_json((out / "run.json").read_bytes()) == IDENTITY


def test_the_newest_whole_checkpoint_is_resumed(tmp_path: Path) -> None:
    prepare_folder(tmp_path, IDENTITY, resume=True)
    checkpoint(tmp_path, 9, whole=True)
    checkpoint(tmp_path, 10, whole=True)
    checkpoint(tmp_path, 11, whole=False)

    assert prepare_folder(tmp_path, IDENTITY, resume=True) == tmp_path / "checkpoint-10"


def test_a_checkpoint_whose_deletion_was_cut_short_is_passed_over(tmp_path: Path) -> None:
    prepare_folder(tmp_path, IDENTITY, resume=True)
    checkpoint(tmp_path, 9, whole=True)
    newest = checkpoint(tmp_path, 10, whole=False)
    (newest / "rng").mkdir()
    (newest / "rng" / "state.pth").touch()
    mark_whole(newest)
    assert prepare_folder(tmp_path, IDENTITY, resume=True) == newest

    (newest / "rng" / "state.pth").unlink()

    assert prepare_folder(tmp_path, IDENTITY, resume=True) == tmp_path / "checkpoint-9"


def test_a_mark_cut_short_does_not_count(tmp_path: Path) -> None:
    prepare_folder(tmp_path, IDENTITY, resume=True)
    checkpoint(tmp_path, 9, whole=True)
    (checkpoint(tmp_path, 10, whole=False) / "whole").touch()

    assert prepare_folder(tmp_path, IDENTITY, resume=True) == tmp_path / "checkpoint-9"


@pytest.mark.parametrize(
    ("field", "value"),
    [("recipe", '{"rank": 8}'), ("base", "c"), ("data", "e"), ("evaluation", "e"), ("frames", ["f"])],
)
def test_another_run_is_refused_and_left_alone(tmp_path: Path, field: str, value: object) -> None:
    prepare_folder(tmp_path, IDENTITY, resume=True)
    kept = checkpoint(tmp_path, 10, whole=True)

    with pytest.raises(FinetuneError) as failure:
        prepare_folder(tmp_path, IDENTITY.model_copy(update={field: value}), resume=True)

    assert failure.value.kind == "other_run"
    assert f": {field} changed." in failure.value.message
    assert kept.is_dir()


def test_naming_a_default_makes_no_other_run(tmp_path: Path) -> None:
    prepare_folder(tmp_path, IDENTITY, resume=True)
    kept = checkpoint(tmp_path, 10, whole=True)

    named = IDENTITY.model_copy(update={"recipe": '{"rank": 16, "trainer": "lean"}'})

    assert prepare_folder(tmp_path, named, resume=True) == kept


def test_checkpoints_of_an_unknown_run_are_refused(tmp_path: Path) -> None:
    checkpoint(tmp_path, 10, whole=True)

    with pytest.raises(FinetuneError) as failure:
        prepare_folder(tmp_path, IDENTITY, resume=True)

    assert failure.value.kind == "other_run"


def test_starting_over_deletes_the_earlier_run_and_nothing_else(tmp_path: Path) -> None:
    prepare_folder(tmp_path, IDENTITY, resume=True)
    checkpoint(tmp_path, 10, whole=True)
    (tmp_path / "adapter").mkdir()
    (tmp_path / "notes.txt").touch()

    assert prepare_folder(tmp_path, IDENTITY.model_copy(update={"data": "e"}), resume=False) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "run.json"]


@pytest.mark.parametrize("name", ["adapter", "model", "checkpoint-10"])
def test_what_is_no_run_is_not_deleted(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine.txt").touch()

    with pytest.raises(FinetuneError) as failure:
        prepare_folder(tmp_path, IDENTITY, resume=False)

    assert (failure.value.kind, name in failure.value.message) == ("no_run", True)
    assert (tmp_path / name / "mine.txt").exists()


def test_starting_over_where_no_run_was_begins_one(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()

    assert prepare_folder(tmp_path, IDENTITY, resume=False) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "run.json"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").touch()

    with pytest.raises(FinetuneError) as failure:
        prepare_folder(tmp_path / "out", IDENTITY, resume=True)

    assert failure.value.kind == "bad_folder"
