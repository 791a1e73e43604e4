import os

import pytest

from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.bgp.toolkit import SAMPLE as BGP_SAMPLE
from herdwick.tools.errors import BackendError

PROGRAM = 'final_result = searchPerson(name="Ada Quill")[0]["num_citation"]\n'


def test_a_program_from_standard_input_gives_an_answer_without_question_or_model(invoke, graph, valid_answer):
    result = invoke("run", "aminer", "-", "--graph", graph, "--json", stdin=PROGRAM)
    answer = valid_answer(result.stdout)
    assert result.exit_code == 0
    assert (answer["answer"], answer["text"], answer["program"]) == (340, "The answer is 340.", PROGRAM)
    assert (answer["question"], answer["model"], answer["strategy"]) == ("", "", "run")
    assert (answer["plan"], answer["attempts"]) == (["searchPerson"], 0)
    assert [(call["tool"], call["args"], call["ok"]) for call in answer["calls"]] == [
        ("searchPerson", {"name": "Ada Quill"}, True)
    ]
    assert answer["data"]["graph"] == "small.sqlite"


def test_a_program_from_a_file(invoke, graph, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    assert invoke("run", "aminer", path, "--graph", graph).stdout.startswith("The answer is 340.\n")


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("final_result = (", "syntax"),
        ("import os\nfinal_result = os.name", "forbidden"),
        ('final_result = getCoauthors(person_id="p1")', "plan"),
        ("final_result = searchPerson(nome='Ada Quill')", "type"),
        ("x = searchPerson(name='Ada Quill')", "no_result"),
        ("final_result = searchPerson(name='Nobody')[0]", "empty_result"),
    ],
)
def test_a_program_that_is_refused_or_fails_ends_with_1_and_the_reason(
    invoke, graph, valid_answer, program, kind
):
    result = invoke("run", "aminer", "-", "--graph", graph, "--json", stdin=program)
    answer = valid_answer(result.stdout)
    assert (answer["status"], answer["error"]["kind"], result.exit_code) == ("error", kind, 1)
    assert answer["error"]["message"] in result.stderr


def test_a_failed_program_shows_the_calls_it_made(invoke, graph, valid_answer):
    program = "final_result = searchPerson(name='Nobody')[0]"
    result = invoke("run", "aminer", "-", "--graph", graph, "--json", stdin=program)
    assert [call["args"] for call in valid_answer(result.stdout)["calls"]] == [{"name": "Nobody"}]


def test_the_calls_before_trouble_with_the_data_are_shown(invoke, graph, valid_answer, monkeypatch):
    def broken(self, person_id):
        raise BackendError("service_down", "The service is down.")

    monkeypatch.setattr(LocalBackend, "getCoauthors", broken)
    program = 'final_result = getCoauthors(searchPerson(name="Ada Quill")[0]["person_id"])'
    result = invoke("run", "aminer", "-", "--graph", graph, "--json", stdin=program)
    answer = valid_answer(result.stdout)
    assert (answer["error"]["kind"], result.exit_code) == ("service_down", 1)
    assert [call["tool"] for call in answer["calls"]] == ["searchPerson", "getCoauthors"]
    assert min(answer["timings"][step] for step in ("check_s", "run_s")) > 0


def test_a_program_must_follow_the_plan_it_is_given(invoke, graph, valid_answer):
    plan = "searchPerson -> getCoauthors"
    result = invoke("run", "aminer", "-", "--graph", graph, "--plan", plan, "--json", stdin=PROGRAM)
    assert valid_answer(result.stdout)["error"]["kind"] == "plan"


def test_a_missing_graph_is_an_answer_with_the_reason(invoke, tmp_path, valid_answer):
    result = invoke("run", "aminer", "-", "--graph", tmp_path / "no", "--json", stdin=PROGRAM)
    assert (valid_answer(result.stdout)["error"]["kind"], result.exit_code) == ("missing_graph", 1)


def test_a_program_file_that_is_not_there_is_wrong_usage(invoke, tmp_path):
    result = invoke("run", "aminer", tmp_path / "no.py")
    assert result.exit_code == 2
    assert "No such file or directory" in result.stderr


def test_a_program_that_is_not_text_is_wrong_usage(invoke, tmp_path):
    path = tmp_path / "program.py"
    path.write_bytes(b"\xff\xfe\x00")
    result = invoke("run", "aminer", path)
    assert result.exit_code == 2
    assert "program.py is not UTF-8 text." in result.stderr


def test_a_plan_that_is_no_text_comes_back_as_valid_json(invoke, graph, valid_answer):
    plan = os.fsdecode(b"a\xff -> b")
    result = invoke("run", "aminer", "-", "--graph", graph, "--plan", plan, "--json", stdin=PROGRAM)
    assert (valid_answer(result.stdout)["status"], result.exit_code) == ("error", 1)


@pytest.mark.parametrize(
    ("program", "hint"),
    [
        ("final_result = rpki()", "--rpki FILE (Python: rpki=FILE)"),
        ("final_result = route_leaks()", "--relationships FILE (Python: relationships=FILE)"),
    ],
)
def test_a_hint_names_the_option_that_gives_what_is_missing(invoke, program, hint):
    result = invoke("run", "bgp", "-", "--files", BGP_SAMPLE / "lab00", stdin=program)
    assert result.exit_code == 1
    assert hint in result.stdout


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ["--collectors", "rrc00"],
            "Error: fetching from archives needs a window: give --from T and --until T",
        ),
        (["--from", "2026-01-01"], "Error: a window needs data: give --files MRT… or --collectors C,…"),
        (["--from", "yesterday"], "Error: --from: 'yesterday' is no time."),
        (["--files", ""], "An empty name is no path."),
        (["--collectors", ",,"], "',,' names nothing"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(invoke, options, complaint):
    result = invoke("run", "bgp", "-", *options, stdin="final_result = 1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert complaint in result.stderr


@pytest.fixture
def cut_updates(tmp_path):
    """The updates of the lab capture, without their end."""
    path = tmp_path / "updates.20260101.0000.gz"
    path.write_bytes((BGP_SAMPLE / "lab00" / path.name).read_bytes()[:3000])
    return path


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_file_that_is_cut_is_a_warning_with_what_was_read_and_what_was_lost(invoke, cut_updates, options):
    program = "final_result = count_updates()"
    result = invoke("run", "bgp", "-", "--files", cut_updates, *options, stdin=program)
    assert result.exit_code == 0
    assert result.stderr == (
        "Warning: updates.20260101.0000.gz: 155 records with 754 elems were read; "
        "lost: all after truncated compression at byte 18,973.\n"
    )


def test_a_whole_file_is_no_warning(invoke):
    result = invoke(
        "run", "bgp", "-", "--files", BGP_SAMPLE / "lab00", stdin="final_result = 1 + len(moas())"
    )
    assert (result.exit_code, result.stderr) == (0, "")
