import json

import pytest
from click.testing import CliRunner

from herdwick.selfinstruct.cli import selfinstruct_group
from herdwick.selfinstruct.teacher.cli import generate
from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.records import read_items

from .conftest import failing


@pytest.fixture
def run(teacher, seed_file, tmp_path):
    def invoke(*options: str):
        arguments = ["generate", "bgp_knowledge", "--model", teacher.model, "--seeds", str(seed_file)]
        return CliRunner().invoke(
            selfinstruct_group, [*arguments, "--out", str(tmp_path / "o.jsonl"), "--count", "4", *options]
        )

    return invoke


def test_generate_writes_items_and_tells_of_them(run, tmp_path):
    result = run()
    assert result.exit_code == 0
    assert result.stdout.startswith("4 items of bgp_knowledge; stopped by count\n")
    assert len(read_items(tmp_path / "o.jsonl")) == 4


def test_with_json_the_report_is_all_of_stdout(run):
    assert json.loads(run("--json").stdout)["kept"] == 4


@pytest.mark.parametrize("first", [None, failing(401)])
def test_a_broken_seed_is_a_warning_also_of_a_run_that_fails(run, seed_file, teacher, first):
    seed_file.write_text("{\n" + seed_file.read_text())
    teacher.first = [first]
    result = run()
    assert result.stderr.startswith("Warning: A seed was left out: seeds.jsonl, line 1")
    assert (result.exit_code == 0) is (first is None)


def test_a_configuration_that_names_no_evaluation_is_a_warning(run, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("items_per_reply: 9\n")
    assert "compared with no evaluation" in run("--config", str(config)).stderr
    assert "compared with no evaluation" not in run("--out", str(tmp_path / "other.jsonl")).stderr


def test_flags_override_the_configuration(run, tmp_path, teacher):
    config = tmp_path / "c.yaml"
    config.write_text("items_per_reply: 9\ntemperature: 0.3\n")
    run("--config", str(config), "--temperature", "0.7")
    assert teacher.bodies[0]["temperature"] == 0.7
    assert "Write 9 new tasks" in teacher.bodies[0]["messages"][0]["content"]


def test_every_key_of_a_configuration_has_a_flag():
    assert {*TeacherConfig.model_fields} <= {option.name for option in generate.params}


def test_code_can_be_run_although_the_configuration_says_no(run, tmp_path, monkeypatch):
    chosen = []
    monkeypatch.setattr(
        "herdwick.selfinstruct.teacher.generate.generate", lambda config, *_, **__: chosen.append(config)
    )
    config = tmp_path / "c.yaml"
    config.write_text("execute: false\n")
    for flags in ([], ["--execute"], ["--no-execute"]):
        run("--config", str(config), *flags)
    assert [config.execute for config in chosen] == [False, True, False]


def test_an_unknown_kind_is_wrong_usage(tmp_path):
    result = CliRunner().invoke(selfinstruct_group, ["generate", "cooking", "--out", str(tmp_path / "o")])
    assert result.exit_code == 2


def test_help_has_examples():
    assert (
        "herdwick selfinstruct generate pybgpstream"
        in CliRunner().invoke(selfinstruct_group, ["generate", "--help"]).stdout
    )
