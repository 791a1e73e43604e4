import pytest

from herdwick.evals.circle.settings import FILE, claim
from herdwick.tools.errors import DataError


def test_the_first_run_chooses_a_port_and_later_ones_keep_it(tmp_path, settings):
    first = claim(tmp_path / "run", settings)
    assert first.teacher_port > 0
    assert claim(tmp_path / "run", settings) == first


def test_other_settings_do_not_go_on_from_it(tmp_path, settings):
    claim(tmp_path, settings)
    with pytest.raises(DataError) as caught:
        claim(tmp_path, settings.model_copy(update={"count": 25, "seed": 6}))
    assert caught.value.kind == "other_run"
    assert caught.value.message.endswith("differs in count and seed.")


def test_a_file_of_another_version_is_told(tmp_path, settings):
    (tmp_path / FILE).write_text('{"count": 24}')
    with pytest.raises(DataError) as caught:
        claim(tmp_path, settings)
    assert caught.value.kind == "other_run"


def test_a_folder_that_cannot_be_made_is_told(tmp_path, settings):
    (tmp_path / "file").touch()
    with pytest.raises(DataError) as caught:
        claim(tmp_path / "file" / "run", settings)
    assert caught.value.kind == "out_unwritable"
