import pytest

from herdwick.agents.drafts import Draft, Failure
from herdwick.agents.errors import DraftError
from herdwick.agents.refusals import REASONS, Refusal
from herdwick.agents.styles import get_style
from herdwick.tools.errors import ProgramError
from herdwick.tools.solutions import format_plan

PROGRAM = 'final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]'
STYLE = get_style("chat")


def send(ask, brief):
    return ask.runnable(brief.endpoint).invoke(ask.prompt)


def test_draft_is_asked_for_with_guide_plans_and_question(scripted, brief):
    asked = brief()
    scripted.says(f"Plan: searchPerson\n```python\n{PROGRAM}\n```")
    assert send(STYLE.draft(asked, []), asked) == Draft(PROGRAM, ("searchPerson",))
    system, user = scripted.requests[0]["messages"]
    assert asked.domain.guide() in system["content"]
    assert all(f"\n{format_plan(plan)}\n" in system["content"] for plan in asked.domain.library)
    assert all(reason in system["content"] for reason in REASONS)
    assert "{{" not in system["content"]
    assert user["content"] == "Question: How many papers has Ada Quill?"


@pytest.mark.parametrize("engine", ["llamacpp", "vllm", "openai"])
def test_reply_follows_a_schema_that_names_the_plans(scripted, brief, engine):
    asked = brief(engine)
    scripted.says('{"refusal": "", "plan": "searchPerson", "program": "final_result = 1"}')
    assert send(STYLE.draft(asked, []), asked) == Draft("final_result = 1", ("searchPerson",))
    schema = scripted.requests[0]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["plan"]["enum"] == ["", *map(format_plan, asked.domain.library)]
    assert schema["required"] == ["refusal", "plan", "program"]


def test_unknown_server_is_sent_no_schema(scripted, brief):
    scripted.says(f"```\n{PROGRAM}\n```")
    send(STYLE.draft(brief(), []), brief())
    assert "response_format" not in scripted.requests[0]


@pytest.mark.parametrize(("engine", "temperature"), [("vllm", 0), ("unknown", 0), ("openai", None)])
def test_decoding_is_greedy_but_where_models_refuse_a_temperature(scripted, brief, engine, temperature):
    asked = brief(engine)
    scripted.says(f"```\n{PROGRAM}\n```")
    send(STYLE.draft(asked, []), asked)
    assert scripted.requests[0].get("temperature") == temperature


def test_refusal_is_raised(scripted, brief):
    asked = brief("openai")
    scripted.says('{"refusal": "off_topic", "plan": "", "program": ""}')
    with pytest.raises(Refusal):
        send(STYLE.draft(asked, []), asked)


def test_repair_shows_program_and_error(scripted, brief):
    error = ProgramError("type", "There is no field 'papers'.", "Use num_pubs.")
    scripted.says(f"Plan: searchPerson\n```\n{PROGRAM}\n```")
    send(STYLE.draft(brief(), [Failure(Draft("final_result = 1"), error)]), brief())
    lesson = scripted.requests[0]["messages"][-1]["content"]
    assert lesson.startswith("Question: How many papers has Ada Quill?\n\nYour earlier program")
    assert "```python\nfinal_result = 1\n```" in lesson
    assert "failed: There is no field 'papers'. (Use num_pubs.)" in lesson


def test_repair_after_an_unreadable_reply_says_so(scripted, brief):
    scripted.says(f"Plan: searchPerson\n```\n{PROGRAM}\n```")
    send(STYLE.draft(brief(), [Failure(None, DraftError("no_program", "No program."))]), brief())
    assert (
        "Your earlier reply could not be read: No program." in scripted.requests[0]["messages"][-1]["content"]
    )


def test_plan_is_chosen_first(scripted, brief):
    scripted.says("Plan: searchPerson -> getPersonPubs")
    assert send(STYLE.choose_plan(brief(), []), brief()) == ("searchPerson", "getPersonPubs")


def test_program_is_written_with_the_plans_functions_only(scripted, brief):
    plan = ("searchPerson", "getPersonPubs")
    scripted.says(f"```\n{PROGRAM}\n```")
    assert send(STYLE.write_program(brief(), plan, []), brief()) == Draft(PROGRAM, plan)
    system = scripted.requests[0]["messages"][0]["content"]
    assert "searchPerson -> getPersonPubs" in system
    assert "getPersonPubs(person_id: str)" in system
    assert "getCoauthors" not in system
