import json

import click
import pytest
from click.testing import CliRunner
from PIL import Image
from pydantic import BaseModel

from herdwick.agents.cli.domain_group import DomainCommand
from herdwick.agents.cli.plotting import plot_option
from herdwick.tools.domain import Domain, get_domain

SERIES = "final_result = update_series(bin_seconds=60)\n"


class NoOptions(BaseModel):
    pass


@click.command()
@plot_option
def template(domain: Domain, options: BaseModel, plot: object = None) -> None:
    click.echo(f"{domain.name} {plot}")


def help_of(plots) -> str:
    domain = Domain("rivers", "Rivers.", (), NoOptions, open=lambda _: None, plots=plots)
    return CliRunner().invoke(DomainCommand(template, domain, "rivers", ""), ["--help"]).stdout


def test_only_domains_that_draw_something_have_the_option():
    assert "--plot FILE.png|.html" in help_of({"sound": lambda _: None})
    assert "--plot" not in help_of({})


def test_a_program_is_run_and_what_it_called_drawn(invoke, tmp_path):
    path = tmp_path / "series.png"
    result = invoke("run", "bgp", "-", "--plot", path, stdin=SERIES)
    assert result.exit_code == 0
    assert "update_series(bin_seconds=60)" in result.stdout
    assert f"Drawn into {path}: update_series(bin_seconds=60)." in result.stderr
    with Image.open(path) as image:
        assert min(image.size) > 400


def test_json_stays_alone_on_stdout(invoke, tmp_path, valid_answer):
    path = tmp_path / "series.html"
    result = invoke("run", "bgp", "-", "--plot", path, "--json", stdin=SERIES)
    answer = valid_answer(result.stdout)
    assert answer["plan"] == ["update_series"]
    assert answer["data"]["plot"] == {
        "file": str(path),
        "drawn": True,
        "of": "update_series(bin_seconds=60)",
    }
    assert (result.exit_code, result.stderr) == (0, "")
    assert b"Plotly.newPlot" in path.read_bytes()


def test_an_answer_of_which_there_is_no_picture_is_an_answer_with_a_warning(invoke, tmp_path):
    path = tmp_path / "moas.png"
    result = invoke("run", "bgp", "-", "--plot", path, stdin="final_result = len(moas())\n")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "The answer is 4.")
    assert f"Warning: {path} was not drawn: The answer comes from moas, of which" in result.stderr
    assert ", ".join(get_domain("bgp").plots) in result.stderr
    assert not path.exists()


def test_as_json_it_says_so_in_a_field(invoke, tmp_path, valid_answer):
    path = tmp_path / "moas.png"
    result = invoke("run", "bgp", "-", "--plot", path, "--json", stdin="final_result = len(moas())\n")
    answer = valid_answer(result.stdout)
    assert (result.exit_code, answer["status"], answer["answer"]) == (0, "ok", 4)
    assert (answer["data"]["plot"]["file"], answer["data"]["plot"]["drawn"]) == (str(path), False)
    assert answer["data"]["plot"]["error"]["kind"] == "not_drawable"
    assert "was not drawn" in result.stderr


def test_a_result_that_cannot_be_written_is_printed_all_the_same(invoke, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("herdwick.tools.plot.write_whole", full)
    result = invoke("tools", "call", "as_graph", '{"asn": 65545}', "--json", "--plot", tmp_path / "a.png")
    assert 65545 in json.loads(result.stdout)["asns"]
    assert result.exit_code == 0
    assert "a.png was not drawn" in result.stderr
    assert "No space left on device" in result.stderr


def test_nothing_is_drawn_of_an_error(invoke, tmp_path):
    result = invoke("run", "bgp", "-", "--plot", tmp_path / "a.png", stdin="final_result = (\n")
    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.svg", "no/a.png"])
@pytest.mark.parametrize(
    "command",
    [
        ("run", "bgp", "-"),
        ("ask", "bgp", "How many announcements a minute were there?", "--model", "http://127.0.0.1:9/v1"),
        ("tools", "call", "update_series", "{}"),
    ],
)
def test_a_file_that_cannot_be_is_wrong_usage_before_anything_runs(invoke, tmp_path, command, name):
    result = invoke(*command, "--json", "--plot", tmp_path / name)
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == ("bad_suffix" if name == "a.svg" else "bad_file")


def test_what_a_function_returns_is_printed_and_drawn(invoke, tmp_path):
    path = tmp_path / "graph.png"
    result = invoke("tools", "call", "as_graph", '{"asn": 65545}', "--json", "--plot", path)
    assert result.exit_code == 0
    assert 65545 in json.loads(result.stdout)["asns"]
    with Image.open(path) as image:
        assert min(image.size) > 400


def test_a_function_without_a_picture_is_wrong_usage(invoke, tmp_path):
    result = invoke("tools", "call", "moas", "{}", "--plot", tmp_path / "a.png")
    assert result.exit_code == 2
    assert "There is no picture of what moas returns." in result.stderr


def test_a_script_cannot_be_drawn(invoke, tmp_path):
    result = invoke("run", "bgp", "-", "--script", "--plot", tmp_path / "a.png", stdin="print(1)\n")
    assert result.exit_code == 2
    assert "What a script prints cannot be drawn." in result.stderr


def test_a_question_is_answered_and_drawn(invoke, scripted, tmp_path):
    scripted.models = {"bgp": "vllm"}
    scripted.says(f"update_series\n{SERIES}")
    path = tmp_path / "series.png"
    question = "How many announcements a minute were there?"
    result = invoke("ask", "bgp", question, "--model", scripted.url, "--plot", path)
    assert (result.exit_code, path.exists()) == (0, True), result.output


def test_the_option_decides_for_a_domain_that_draws(invoke, scripted, tmp_path):
    scripted.models = {"bgp": "vllm"}
    scripted.says(f"update_series\n{SERIES}")
    path = tmp_path / "series.png"
    result = invoke("ask", "How many a minute were there?", "--model", scripted.url, "--plot", path)
    assert (result.exit_code, path.exists()) == (0, True), result.output
    assert "Domain bgp: for --plot." in result.stderr
