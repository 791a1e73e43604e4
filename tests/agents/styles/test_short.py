import pytest

from herdwick.agents.drafts import Draft, Failure
from herdwick.agents.grammar import solution_grammar
from herdwick.agents.overlaps import OverlapError
from herdwick.agents.styles import get_style
from herdwick.tools.errors import ProgramError

PROGRAM = 'final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]'
PROMPT = "Query: How many papers has Ada Quill?\nSolution:\n"
STYLE = get_style("short")


def send(ask, brief):
    return ask.runnable(brief.endpoint).invoke(ask.prompt)


def test_draft_is_asked_for_in_two_lines(scripted, brief):
    scripted.says(f"searchPerson\n{PROGRAM}\n")
    assert send(STYLE.draft(brief(), []), brief()) == Draft(PROGRAM, ("searchPerson",))
    request = scripted.requests[0]
    assert (request["prompt"], request["temperature"], request["max_tokens"]) == ([PROMPT], 0, 256)
    assert "grammar" not in request


@pytest.mark.parametrize(
    ("engine", "read"),
    [("llamacpp", lambda r: r["grammar"]), ("vllm", lambda r: r["structured_outputs"]["grammar"])],
)
def test_draft_follows_the_grammar_of_the_question(scripted, brief, engine, read):
    asked = brief(engine)
    scripted.says(f"searchPerson\n{PROGRAM}\n")
    send(STYLE.draft(asked, []), asked)
    assert read(scripted.requests[0]) == solution_grammar(asked.question, asked.domain)


def test_repair_samples_with_a_seed_of_its_own(scripted, brief):
    failure = Failure(Draft(PROGRAM), ProgramError("type", "wrong"))
    scripted.says(f"searchPerson\n{PROGRAM}", f"searchPerson\n{PROGRAM}")
    send(STYLE.draft(brief(), [failure]), brief())
    send(STYLE.draft(brief(), [failure, failure]), brief())
    assert [(r["temperature"] > 0, r["seed"], r["prompt"]) for r in scripted.requests] == [
        (True, 1, [PROMPT]),
        (True, 2, [PROMPT]),
    ]


TWICE = 'final_result = searchPerson(name="Ada Quill", interest="Ada Quill")[0]["num_pubs"]'


def test_the_same_words_for_two_arguments_are_refused(scripted, brief):
    scripted.says(f"searchPerson\n{TWICE}\n")
    with pytest.raises(OverlapError, match="'Ada Quill' stand once"):
        send(STYLE.draft(brief(), []), brief())


def test_after_an_overlap_the_grammar_keeps_the_words_apart(scripted, brief):
    asked, failure = brief("llamacpp"), Failure(None, OverlapError("Ada Quill", repeated=True))
    scripted.says(f"searchPerson\n{PROGRAM}")
    send(STYLE.draft(asked, [failure]), asked)
    request = scripted.requests[0]
    assert request["temperature"] == 0
    assert request["grammar"] == solution_grammar(asked.question, asked.domain, first_only=["Ada Quill"])


def test_without_a_grammar_an_overlap_is_repaired_by_sampling(scripted, brief):
    scripted.says(f"searchPerson\n{PROGRAM}")
    send(STYLE.draft(brief(), [Failure(None, OverlapError("Ada Quill", repeated=True))]), brief())
    assert scripted.requests[0]["temperature"] > 0


def test_plan_alone_stops_at_the_line(scripted, brief):
    scripted.says("searchPerson -> getPersonPubs")
    assert send(STYLE.choose_plan(brief(), []), brief()) == ("searchPerson", "getPersonPubs")
    assert (scripted.requests[0]["prompt"], scripted.requests[0]["stop"]) == ([PROMPT], ["\n"])


def test_program_alone_continues_the_plans_line(scripted, brief):
    asked, plan = brief("llamacpp"), ("searchPerson",)
    scripted.says(f"{PROGRAM}\n")
    assert send(STYLE.write_program(asked, plan, []), asked) == Draft(PROGRAM, plan)
    assert scripted.requests[0]["prompt"] == [f"{PROMPT}searchPerson\n"]
    assert scripted.requests[0]["grammar"] == solution_grammar(asked.question, asked.domain, plan)


def test_person_not_found_is_final_since_names_are_copied():
    assert STYLE.final_kinds == {"empty_result"}
