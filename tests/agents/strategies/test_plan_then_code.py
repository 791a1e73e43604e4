import pytest

QUESTION = "Who works with Ada Quill?"
PROGRAM = (
    'person = searchPerson(name="Ada Quill")[0]\n'
    'final_result = [c["name"] for c in getCoauthors(person_id=person["person_id"])]'
)


@pytest.mark.parametrize(
    ("style", "plan", "program"),
    [
        ("chat", "Plan: searchPerson -> getCoauthors", f"```python\n{PROGRAM}\n```"),
        ("short", "searchPerson -> getCoauthors", f"{PROGRAM}\n"),
    ],
)
def test_plan_comes_first_then_its_program(scripted, make_solver, style, plan, program):
    scripted.says(plan, program)
    answer = make_solver("plan-then-code", style).invoke(QUESTION)
    assert (answer.answer, answer.plan, answer.program) == (
        ["Bo Lindqvist"],
        ["searchPerson", "getCoauthors"],
        PROGRAM,
    )
    assert (answer.attempts, len(scripted.requests)) == (1, 2)


def test_plan_outside_the_library_is_sent_back(scripted, make_solver):
    good = ("Plan: searchPerson -> getCoauthors", f"```\n{PROGRAM}\n```")
    scripted.says("Plan: searchPerson -> getPublication", *good)
    answer = make_solver("plan-then-code", "chat").invoke(QUESTION)
    assert (answer.answer, answer.attempts) == (["Bo Lindqvist"], 2)
    assert "getPublication cannot follow searchPerson" in scripted.requests[1]["messages"][-1]["content"]


def test_program_that_fails_starts_over_with_the_plan(scripted, make_solver):
    scripted.says(
        "Plan: searchPerson", '```\nfinal_result = searchPerson(name="Ada Quill")[0]["friends"]\n```'
    )
    scripted.says("Plan: searchPerson -> getCoauthors", f"```\n{PROGRAM}\n```")
    answer = make_solver("plan-then-code", "chat").invoke(QUESTION)
    assert (answer.answer, answer.attempts) == (["Bo Lindqvist"], 2)
    assert "friends" in scripted.requests[2]["messages"][-1]["content"]


def test_refusal_at_the_plan_asks_for_no_program(scripted, make_solver):
    scripted.says("Refusal: off_topic")
    answer = make_solver("plan-then-code", "chat").invoke("What is the weather?")
    assert (answer.error.kind, len(scripted.requests)) == ("refused", 1)


def test_soay_checkpoints_cannot(scripted, make_solver):
    answer = make_solver("plan-then-code", "soay").invoke(QUESTION)
    assert (answer.error.kind, scripted.requests) == ("style_unsupported", [])
