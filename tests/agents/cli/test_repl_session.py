import io
import json

import pytest
from rich.console import Console

from herdwick.agents.cli.repl_session import ReplSession, SolverSettings
from herdwick.agents.solver import Solver
from herdwick.tools.aminer.domain import DOMAIN, AMinerOptions

QUESTION = "How many citations does Ada Quill have?"


class Session:
    """A session whose output can be read."""

    def __init__(self, graph, model: str) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        consoles = [Console(file=file, width=120, highlight=False) for file in (self.out, self.err)]
        self.session = ReplSession(DOMAIN, AMinerOptions(graph=graph), SolverSettings(model=model), *consoles)

    def type(self, *lines: str) -> bool:
        self.out.truncate(self.out.seek(0))
        self.err.truncate(self.err.seek(0))
        return [self.session.handle(line) for line in lines][-1]

    @property
    def shown(self) -> str:
        return self.out.getvalue()

    @property
    def said(self) -> str:
        return self.err.getvalue()


@pytest.fixture
def session(graph, model):
    made = Session(graph, model)
    yield made
    made.session.close()


def test_a_question_is_answered_and_its_evidence_can_be_seen_again(session, scripted, ada_citations):
    scripted.says(ada_citations)
    assert session.type(QUESTION) is True
    assert session.shown.startswith("The answer is 340.\n")
    session.type("/plan", "/program", "/calls", "/data")
    plan, program, calls, data = session.shown.splitlines()
    assert plan == "searchPerson"
    assert program == 'final_result = searchPerson(name="Ada Quill")[0]["num_citation"]'
    assert calls.startswith("searchPerson(name='Ada Quill')")
    assert data.startswith("backend local, graph small.sqlite")


def test_json_prints_the_last_answer_or_every_answer(session, scripted, ada_citations, capsys):
    scripted.says(ada_citations, ada_citations)
    session.type(QUESTION, "/json")
    assert json.loads(capsys.readouterr().out)["answer"] == 340
    session.type("/json on", QUESTION)
    assert json.loads(capsys.readouterr().out)["question"] == QUESTION
    assert session.shown == ""


def test_a_failed_question_leaves_no_earlier_answer_to_be_shown(session, scripted, ada_citations):
    scripted.says(ada_citations)
    session.type(QUESTION, "?!")
    assert "The question has no words." in session.shown
    session.type("/program")
    assert session.shown == "# no program\n"
    assert session.session.unanswered == 1


def test_a_cancelled_question_leaves_nothing_and_the_next_one_is_answered(
    session, scripted, ada_citations, monkeypatch
):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    scripted.says(ada_citations, ada_citations)
    session.type(QUESTION)
    with monkeypatch.context() as patch:
        patch.setattr(Solver, "stream", interrupted)
        assert session.type("What else?") is True
    assert (session.shown, session.said) == ("", "Cancelled.\n")
    session.type("/plan")
    assert session.said.startswith("There is no answer to show.")
    session.type(QUESTION)
    assert session.shown.startswith("The answer is 340.\n")


def test_model_strategy_and_style_can_be_seen_and_changed(session, scripted):
    session.type("/model", "/strategy", "/style")
    assert session.said.splitlines() == [f"model: {scripted.url}", "strategy: one-shot", "style: default"]
    session.type("/model vllm", "/strategy tool-calling", "/style chat")
    assert session.said.splitlines() == ["model: vllm", "strategy: tool-calling", "style: chat"]


@pytest.mark.parametrize("command", ["/model gpt99", "/strategy guess", "/style odd"])
def test_a_change_that_is_not_possible_keeps_what_was(session, scripted, ada_citations, command):
    session.type(command)
    assert "There is no " in session.said
    scripted.says(ada_citations)
    session.type(QUESTION)
    assert session.shown.startswith("The answer is 340.\n")


def test_data_that_cannot_be_read_is_said_and_the_session_goes_on(tmp_path, model):
    session = Session(tmp_path / "none.sqlite", model)
    assert session.type(QUESTION) is True
    assert "There is no graph none.sqlite." in session.said
    assert session.session.unanswered == 1


def test_help_names_every_command(session):
    session.type("/help")
    assert all(command in session.said for command in session.session.commands)


def test_an_unknown_command_is_told_which_there_are(session):
    assert session.type("/nosuch") is True
    assert session.said.startswith("There is no command /nosuch.\nThere are: /help, ")


@pytest.mark.parametrize("line", ["", "   "])
def test_an_empty_line_asks_nothing(session, line):
    assert session.type(line) is True
    assert (session.shown, session.said) == ("", "")


def test_quit_ends_the_session(session):
    assert session.type("/quit") is False


def test_a_key_in_the_url_of_the_model_is_not_shown(session, model):
    session.type(f"/model {model}?api_key=hunter2")
    assert session.said == f"model: {model}\n"
