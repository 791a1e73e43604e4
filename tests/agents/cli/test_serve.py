import json

import click
import pytest

from herdwick.agents.cli.serve import command_first


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        (["--api"], ["api"]),
        (["--port", "1", "--api", "--open"], ["api", "--port", "1", "--open"]),
        (["--engine", "vllm"], ["engine", "--engine", "vllm"]),
        (["--port", "1", "--engine=vllm"], ["engine", "--port", "1", "--engine=vllm"]),
        (["--help"], ["--help"]),
    ],
)
def test_the_flag_chooses_the_command(typed, understood):
    assert command_first(typed) == understood


@pytest.mark.parametrize("typed", [[], ["--port", "1"], ["--api", "--engine", "vllm"]])
def test_neither_or_both_are_refused(typed):
    with pytest.raises(click.UsageError):
        command_first(typed)


def test_what_to_serve_must_be_said(invoke):
    result = invoke("serve")
    assert result.exit_code == 2
    assert "--api for answers, --engine NAME for a model" in result.stderr


def test_help_names_both(invoke):
    result = invoke("serve", "--help")
    assert result.exit_code == 0
    assert "--api" in result.stdout
    assert "--engine" in result.stdout


def test_help_of_the_api_has_examples(invoke):
    result = invoke("serve", "--api", "--help")
    assert result.exit_code == 0
    assert (
        "herdwick serve --api --port 9000 --domain aminer --option aminer.graph=graph.sqlite" in result.stdout
    )


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["--host", "0.0.0.0"], "no_keys"),
        (["--option", "graph=x"], "bad_usage"),
        (["--option", "weather.graph=x"], "bad_usage"),
        (["--option", "aminer.colour=red"], "bad_usage"),
        (["--domain", "weather"], "unknown_domain"),
        (["--rate", "often"], "bad_rate"),
        (["--model", "nonsense"], "unknown_model"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_served(invoke, arguments, kind):
    result = invoke("serve", "--api", "--port", "0", "--json", *arguments)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["kind"] == kind


def test_a_graph_that_is_not_there_is_told(invoke, tmp_path):
    missing = f"aminer.graph={tmp_path / 'gone.sqlite'}"
    result = invoke("serve", "--api", "--port", "0", "--json", "--domain", "aminer", "--option", missing)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["kind"] == "missing_graph"


def test_a_configuration_and_a_named_model_are_too_many(invoke, tmp_path):
    config = tmp_path / "config.json"
    config.write_text('{"save_path": "models", "llm_name": "soayllama_v2_7b"}')
    model = "other@http://127.0.0.1:9/v1"
    result = invoke("serve", "--api", "--json", "--config", config, "--model", model)
    assert (result.exit_code, json.loads(result.stdout)["error"]["kind"]) == (2, "two_models")
