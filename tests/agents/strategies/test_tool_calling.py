import pytest

from herdwick.agents.strategies.tool_calling import read_answer

QUESTION = "Who works with Ada Quill?"


def script_two_hops(scripted, replies, last='Answer: ["Bo Lindqvist"]'):
    scripted.says(
        replies.ToolCalls((("searchPerson", {"name": "Ada Quill"}),)),
        replies.ToolCalls((("getCoauthors", {"person_id": "ada"}),)),
        last,
    )


def test_agent_calls_the_functions_and_answers(scripted, make_solver, replies):
    script_two_hops(scripted, replies)
    answer = make_solver("tool-calling").invoke(QUESTION)
    assert (answer.answer, answer.text) == (["Bo Lindqvist"], "1 result: Bo Lindqvist.")
    assert (answer.plan, answer.program, answer.attempts) == (["searchPerson", "getCoauthors"], "", 1)
    assert [(call.tool, call.args, call.ok) for call in answer.calls] == [
        ("searchPerson", {"name": "Ada Quill"}, True),
        ("getCoauthors", {"person_id": "ada"}, True),
    ]
    assert min(call.seconds for call in answer.calls) > 0
    assert answer.timings.draft_s > 0
    assert answer.timings.run_s > 0


async def test_agent_works_asynchronously(scripted, make_solver, replies):
    script_two_hops(scripted, replies)
    answer = await make_solver("tool-calling").ainvoke(QUESTION)
    assert (answer.answer, answer.plan) == (["Bo Lindqvist"], ["searchPerson", "getCoauthors"])


def test_tools_are_the_domains_functions(scripted, make_solver):
    scripted.says("Answer: []")
    solver = make_solver("tool-calling")
    solver.invoke(QUESTION)
    offered = [tool["function"]["name"] for tool in scripted.requests[0]["tools"]]
    assert offered == [function.name for function in solver.domain.functions]


def test_results_go_back_to_the_model(scripted, make_solver, replies):
    script_two_hops(scripted, replies)
    make_solver("tool-calling").invoke(QUESTION)
    assert "Bo Lindqvist" in scripted.requests[2]["messages"][-1]["content"]


def test_failing_call_is_shown_to_the_model_and_is_no_hop(scripted, make_solver, replies):
    scripted.says(
        replies.ToolCalls((("getCoauthors", {"person_id": "nobody"}),)),
        replies.ToolCalls((("getCoauthors", {"name": "Ada Quill"}),)),
        replies.ToolCalls((("searchPerson", {"name": "Ada Quill"}),)),
        "Answer: 12",
    )
    answer = make_solver("tool-calling").invoke(QUESTION)
    assert (answer.answer, answer.plan) == (12, ["searchPerson"])
    assert [call.ok for call in answer.calls] == [False, False, True]


def test_calls_for_each_of_a_list_are_one_hop(scripted, make_solver, replies):
    calls = (("getCoauthors", {"person_id": "ada"}), ("getCoauthors", {"person_id": "bo"}))
    scripted.says(replies.ToolCalls((("searchPerson", {"name": "Ada Quill"}),)), replies.ToolCalls(calls))
    scripted.says("Answer: 2")
    assert make_solver("tool-calling").invoke(QUESTION).plan == ["searchPerson", "getCoauthors"]


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("Answer: 12", 12),
        ('I looked it up.\n**Answer:** ["a"]', ["a"]),
        ('```json\n{"name": "Ada"}\n```', {"name": "Ada"}),
        ('Answer: ""', ""),
        ("Answer: Tarn College", "Tarn College"),
        ("She works at Tarn College.", "She works at Tarn College."),
    ],
)
def test_answer_is_read_tolerantly(scripted, make_solver, replies, reply, value):
    scripted.says(replies.ToolCalls((("searchPerson", {"name": "Ada Quill"}),)), reply)
    assert make_solver("tool-calling").invoke(QUESTION).answer == value


def test_answer_that_no_call_stands_behind_is_an_error(scripted, make_solver, replies):
    scripted.says(replies.ToolCalls((("getCoauthors", {"person_id": "nobody"}),)), "Answer: 12")
    answer = make_solver("tool-calling").invoke(QUESTION)
    assert (answer.status, answer.answer, answer.error.kind) == ("error", None, "no_tool_called")


def test_refusal_is_an_error(scripted, make_solver):
    scripted.says("Refusal: off_topic")
    assert make_solver("tool-calling").invoke("What is the weather?").error.kind == "refused"


def test_silent_agent_is_an_error(scripted, make_solver):
    scripted.says(" ")
    assert make_solver("tool-calling").invoke(QUESTION).error.kind == "no_answer"


def test_agent_that_never_ends_is_stopped(scripted, make_solver, replies):
    scripted.says(*[replies.ToolCalls((("searchPerson", {"name": "Ada Quill"}),))] * 30)
    answer = make_solver("tool-calling").invoke(QUESTION)
    assert (answer.error.kind, len(scripted.requests)) == ("too_many_steps", 12)
    assert len(answer.calls) == 12


@pytest.mark.parametrize(
    ("last", "kind"), [("Refusal: off_topic", "refused"), (" ", "no_answer"), (None, "endpoint_failed")]
)
async def test_calls_before_an_error_are_evidence(scripted, make_solver, replies, last, kind):
    script_two_hops(scripted, replies, replies.Status(503) if last is None else last)
    script_two_hops(scripted, replies, replies.Status(503) if last is None else last)
    solver = make_solver("tool-calling")
    for answer in (solver.invoke(QUESTION), await solver.ainvoke(QUESTION)):
        assert answer.error.kind == kind
        assert [call.tool for call in answer.calls] == ["searchPerson", "getCoauthors"]
        in_calls = sum(call.seconds for call in answer.calls)
        assert answer.timings.run_s == pytest.approx(in_calls)
        assert answer.timings.draft_s > 0


def test_failing_endpoint_is_an_error(scripted, make_solver, replies):
    scripted.says(replies.Status(503))
    assert make_solver("tool-calling").invoke(QUESTION).error.kind == "endpoint_failed"


def test_bug_in_a_tool_is_not_hidden(scripted, make_solver, replies, monkeypatch):
    solver = make_solver("tool-calling")
    monkeypatch.setattr(solver._tools[0], "_implementation", lambda **_: 1 / 0)
    scripted.says(replies.ToolCalls((("searchPerson", {"name": "Ada Quill"}),)))
    with pytest.raises(ZeroDivisionError):
        solver.invoke(QUESTION)


@pytest.mark.parametrize("words", ["[" * 200_000, "[" * 300 + "]" * 300, '"\ud800"', "\ud800 people"])
def test_words_that_are_no_json_an_answer_can_hold_stay_words(words):
    value = read_answer(f"Answer: {words}")
    assert value == words.replace("\ud800", "\ufffd") or value == "\ufffd"
