import pytest

from herdwick.evals.circle.settings import FILE, CircleSettings, claim
from herdwick.tools.errors import DataError

SETTINGS = CircleSettings(
    count=24,
    fault_share=0.2,
    questions=3,
    seed=5,
    suite="aminer_dev",
    live_requests=0,
    recipe_sha256="abc",
)


def test_the_first_run_chooses_a_port_and_later_ones_keep_it(tmp_path):
    first = claim(tmp_path / "run", SETTINGS)
    assert first.teacher_port > 0
    assert claim(tmp_path / "run", SETTINGS) == first


def test_other_settings_do_not_go_on_from_it(tmp_path):
    claim(tmp_path, SETTINGS)
    with pytest.raises(DataError) as caught:
        claim(tmp_path, SETTINGS.model_copy(update={"count": 25, "seed": 6}))
    assert caught.value.kind == "other_run"
    assert caught.value.message.endswith("differs in count and seed.")


def test_a_file_of_another_version_is_told(tmp_path):
    (tmp_path / FILE).write_text('{"count": 24}')
    with pytest.raises(DataError) as caught:
        claim(tmp_path, SETTINGS)
    assert caught.value.kind == "other_run"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError) as caught:
        claim(tmp_path / "file" / "run", SETTINGS)
    assert caught.value.kind == "out_unwritable"
