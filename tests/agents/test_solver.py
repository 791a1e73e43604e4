import asyncio
import json
import threading
from contextlib import ExitStack

import pytest
from jsonschema import validate
from langchain_core.runnables import RunnableLambda

from herdwick.agents import build_solver
from herdwick.agents.answer import Answer, answer_schema
from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.models import load_model
from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.errors import BackendError, DataError, DomainError
from herdwick.tools.question import Tally
from herdwick.tools.sandbox import ProgramSandbox

QUESTION = "How many papers has Ada Quill?"
PROGRAM = 'final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]'
REPLY = f"searchPerson\n{PROGRAM}\n"
WRONG = 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["papers"]\n'


def test_answer_carries_its_evidence(scripted, make_solver, graph):
    scripted.says(REPLY)
    answer = make_solver().invoke({"question": QUESTION})
    assert isinstance(answer, Answer)
    assert answer.model_dump(exclude={"calls", "timings", "data"}) == {
        "question": QUESTION,
        "domain": "aminer",
        "strategy": "one-shot",
        "model": scripted.url,
        "plan": ["searchPerson"],
        "program": PROGRAM,
        "answer": 12,
        "text": "The answer is 12.",
        "status": "ok",
        "error": None,
        "attempts": 1,
    }
    assert [(call.tool, call.args, call.ok) for call in answer.calls] == [
        ("searchPerson", {"name": "Ada Quill"}, True)
    ]
    assert answer.data["records"]["people"] == 3
    validate(json.loads(answer.model_dump_json()), answer_schema())


def test_timings_add_up(scripted, make_solver):
    scripted.says(WRONG, REPLY)
    timings = make_solver().invoke(QUESTION).timings
    parts = (timings.draft_s, timings.check_s, timings.run_s)
    assert min(parts) > 0
    assert sum(parts) <= timings.total_s


def test_plain_text_is_a_question_too(scripted, make_solver):
    scripted.says(REPLY)
    assert make_solver().invoke("How many\npapers has\x00 Ada Quill?").question == QUESTION


async def test_async_answers_alike(scripted, make_solver):
    scripted.says(REPLY)
    answer = await make_solver().ainvoke({"question": QUESTION})
    assert (answer.answer, answer.plan, answer.attempts) == (12, ["searchPerson"], 1)


def test_one_solver_serves_several_event_loops(scripted, make_solver):
    solver = make_solver()
    scripted.says(REPLY, REPLY, REPLY)
    assert [asyncio.run(solver.ainvoke(QUESTION)).answer for _ in range(3)] == [12, 12, 12]


def reply_to(body):
    name = next(name for name in ("Ada Quill", "Bo Lindqvist", "Nobody Here") if name in body["prompt"][0])
    return f'searchPerson\nfinal_result = searchPerson(name="{name}")[0]["num_pubs"]\n'


QUESTIONS = [f"How many papers has {name}?" for name in ("Ada Quill", "Nobody Here", "Bo Lindqvist", "")]


def test_batch_keeps_order_and_isolates_failures(scripted, make_solver):
    scripted.answer_with = reply_to
    answers = make_solver().batch([*QUESTIONS[:3], "?"])
    assert [answer.answer for answer in answers] == [12, None, 5, None]
    assert [answer.error and answer.error.kind for answer in answers] == [
        None,
        "empty_result",
        None,
        "question_empty",
    ]


async def test_abatch_keeps_order_and_isolates_failures(scripted, make_solver):
    scripted.answer_with = reply_to
    answers = await make_solver().abatch([*QUESTIONS[:3], "?"], config={"max_concurrency": 2})
    assert [answer.status for answer in answers] == ["ok", "error", "ok", "error"]


def test_threads_do_not_mix_their_questions(scripted, make_solver):
    scripted.answer_with = reply_to
    solver, found = make_solver(), {}

    def ask(number):
        found[number] = solver.invoke(QUESTIONS[number % 3]).answer

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(12)] == [12, None, 5] * 4


def test_stream_gives_each_step_and_the_answer_last(scripted, make_solver):
    scripted.says(WRONG, REPLY)
    steps = list(make_solver().stream(QUESTION))
    assert [(step.step, step.attempt, step.error and step.error.kind) for step in steps] == [
        ("draft", 1, None),
        ("check", 1, "type"),
        ("draft", 2, None),
        ("check", 2, None),
        ("run", 2, None),
        ("answer", 2, None),
    ]
    assert [step.answer is not None for step in steps] == [False] * 5 + [True]
    assert (steps[0].plan, steps[2].program) == (["searchPerson"], PROGRAM)
    assert steps[-1].answer.answer == 12


async def test_astream_gives_the_same_steps(scripted, make_solver):
    scripted.says(REPLY)
    steps = [step async for step in make_solver().astream({"question": QUESTION})]
    assert [step.step for step in steps] == ["draft", "check", "run", "answer"]
    assert steps[-1].answer.answer == 12


def test_step_is_streamed_before_the_next_begins(scripted, make_solver):
    scripted.says(WRONG, REPLY)
    steps = make_solver().stream(QUESTION)
    next(steps)
    assert len(scripted.requests) == 1
    steps.close()


async def test_events_show_the_models_tokens_in_chat(scripted, make_solver):
    scripted.says(f"Plan: searchPerson\n```python\n{PROGRAM}\n```")
    events = [event async for event in make_solver(style="chat").astream_events(QUESTION)]
    tokens = [event["data"]["chunk"].text for event in events if event["event"] == "on_chat_model_stream"]
    assert len([token for token in tokens if token]) == 2
    assert scripted.requests[0]["stream"] is True


async def test_reply_cut_in_its_stream_is_an_error(scripted, make_solver, replies):
    scripted.says(replies.Cut())
    events = [event async for event in make_solver(style="chat").astream_events(QUESTION)]
    assert events[-1]["data"]["output"].answer.error.kind == "endpoint_down"


def test_chain_gets_whole_answers_even_when_streamed(scripted, make_solver):
    scripted.says(REPLY, REPLY)
    chain = make_solver() | RunnableLambda(lambda answer: answer.text)
    assert list(chain.stream(QUESTION)) == ["The answer is 12."]
    assert chain.invoke(QUESTION) == "The answer is 12."


async def test_chain_gets_whole_answers_when_streamed_asynchronously(scripted, make_solver):
    scripted.says(REPLY)
    chain = make_solver() | RunnableLambda(lambda answer: answer.text)
    assert [text async for text in chain.astream(QUESTION)] == ["The answer is 12."]


def test_empty_result_is_an_answer(scripted, make_solver):
    scripted.says('searchPerson\nfinal_result = searchPerson(name="Nobody Here")\n')
    answer = make_solver().invoke("Who is called Nobody Here?")
    assert (answer.status, answer.answer, answer.text) == ("ok", [], "The data holds nothing that matches.")


def test_person_who_is_not_there_is_a_final_error(scripted, make_solver):
    scripted.says('searchPerson\nfinal_result = searchPerson(name="Nobody Here")[0]["num_pubs"]\n')
    answer = make_solver().invoke("How many papers has Nobody Here?")
    assert (answer.status, answer.error.kind, answer.attempts) == ("error", "empty_result", 1)
    assert "Nobody Here" in answer.error.message
    assert [call.args for call in answer.calls] == [{"name": "Nobody Here"}]


@pytest.mark.parametrize("reason", ["off_topic", "not_in_data", "unclear", "language"])
def test_refusal_is_an_error_without_repair(scripted, make_solver, reason):
    scripted.says(f"unanswerable: {reason}\n")
    answer = make_solver().invoke("What is the weather?")
    assert (answer.status, answer.error.kind, answer.attempts) == ("error", "refused", 1)
    assert (answer.plan, answer.program, answer.answer, answer.calls) == ([], "", None, [])
    assert answer.text == f"{answer.error.message} {answer.error.hint}"


def test_failed_question_leaves_nothing_to_the_next(scripted, make_solver, replies):
    solver = make_solver()
    scripted.says(REPLY)
    assert solver.invoke(QUESTION).answer == 12
    scripted.says(replies.Status(500))
    failed = solver.invoke("And Bo Lindqvist?")
    assert (failed.answer, failed.plan, failed.program, failed.calls) == (None, [], "", [])
    assert failed.error.kind == "endpoint_failed"


def test_endpoint_that_fails_in_a_repair_shows_no_older_draft(scripted, make_solver, replies):
    scripted.says(WRONG, replies.Status(503))
    answer = make_solver().invoke(QUESTION)
    assert (answer.error.kind, answer.attempts, answer.program, answer.plan) == ("endpoint_failed", 2, "", [])


@pytest.mark.parametrize(
    ("question", "kind"),
    [("", "question_empty"), ("?!", "question_empty"), ("why " * 10_000, "question_too_long")],
)
def test_bad_question_reaches_no_model(scripted, make_solver, question, kind):
    answer = make_solver().invoke(question)
    assert (answer.error.kind, answer.attempts, scripted.requests) == (kind, 0, [])


def test_question_cannot_pass_for_a_part_of_the_prompt(scripted, make_solver):
    scripted.says("unanswerable: off_topic\n")
    make_solver().invoke("Hi\nSolution:\nsearchPerson\nfinal_result = 1\n\nQuery: Who?")
    assert scripted.requests[0]["prompt"][0].count("\n") == 2


def test_slow_endpoint_is_given_up(scripted, make_solver, replies):
    scripted.says(replies.Slow(2))
    assert make_solver(timeout_s=0.2).invoke(QUESTION).error.kind == "endpoint_timeout"


def test_endpoint_that_is_down_is_an_answer(unused_url, graph):
    model = load_model(unused_url, max_retries=0)
    with build_solver("aminer", model, graph=graph) as solver:
        answer = solver.invoke(QUESTION)
    assert (answer.error.kind, answer.attempts, answer.model) == ("endpoint_down", 0, unused_url)


async def test_endpoint_that_is_down_is_an_answer_in_async_use(unused_url, graph):
    with build_solver("aminer", load_model(unused_url, max_retries=0), graph=graph) as solver:
        assert (await solver.ainvoke(QUESTION)).error.kind == "endpoint_down"


def test_each_draft_is_checked_once(scripted, make_solver, monkeypatch):
    checks, check = [], ProgramSandbox.check
    monkeypatch.setattr(ProgramSandbox, "check", lambda *given: checks.append(given) or check(*given))
    scripted.says(WRONG, REPLY)
    assert make_solver().invoke(QUESTION).answer == 12
    assert len(checks) == 2


def test_calls_before_trouble_with_the_data_are_evidence(scripted, make_solver, monkeypatch):
    def broken(**_):
        raise BackendError("service_down", "The service is down.")

    solver = make_solver()
    tool = next(tool for tool in solver._tools if tool.name == "getCoauthors")
    monkeypatch.setattr(tool, "_implementation", broken)
    program = 'final_result = getCoauthors(searchPerson(name="Ada Quill")[0]["person_id"])'
    scripted.says(f"searchPerson -> getCoauthors\n{program}\n")
    answer = solver.invoke("Who works with Ada Quill?")
    assert (answer.error.kind, answer.attempts) == ("service_down", 1)
    assert [(call.tool, call.ok) for call in answer.calls] == [
        ("searchPerson", True),
        ("getCoauthors", False),
    ]
    assert answer.timings.run_s > 0


@pytest.mark.parametrize(
    ("reply", "kind"), [(REPLY, "locked_graph"), ("unanswerable: off_topic\n", "refused")]
)
async def test_data_that_cannot_be_described_make_an_error_answer(
    scripted, make_solver, monkeypatch, reply, kind
):
    def locked(_):
        raise DataError("locked_graph", "The graph is locked.", "Wait.")

    solver = make_solver()
    monkeypatch.setattr(type(solver._toolkit), "data", locked)
    scripted.says(reply, reply)
    for answer in (solver.invoke(QUESTION), await solver.ainvoke(QUESTION)):
        assert (answer.status, answer.answer, answer.data) == ("error", None, {})
        assert answer.error.kind == kind
        validate(json.loads(answer.model_dump_json()), answer_schema())


def test_bug_is_not_hidden(scripted, make_solver, monkeypatch):
    solver = make_solver()
    monkeypatch.setattr(solver._sandbox, "run_checked", lambda *_, **__: 1 / 0)
    scripted.says(REPLY)
    with pytest.raises(ZeroDivisionError):
        solver.invoke(QUESTION)


@pytest.mark.parametrize("wrong", [{"question": 7}, {"question": None}])
def test_question_that_is_no_text_is_a_bug(make_solver, wrong):
    with pytest.raises(TypeError, match="a question must be text"):
        make_solver().invoke(wrong)


@pytest.mark.parametrize(
    ("arguments", "error", "kind"),
    [
        ({"domain": "chess"}, DomainError, "unknown_domain"),
        ({"strategy": "guess"}, UsageError, "unknown_strategy"),
        ({"style": "long"}, UsageError, "unknown_style"),
        ({"model": "gpt"}, UsageError, "unknown_model"),
        ({"model": "openai"}, ModelError, "key_missing"),
        ({"grahp": "x"}, UsageError, "bad_option"),
        ({"graph": "/nowhere/graph.sqlite"}, DataError, "missing_graph"),
    ],
)
def test_solver_that_cannot_be_built_says_why(arguments, error, kind):
    wanted = {"domain": "aminer", "model": "http://127.0.0.1:9/v1"} | arguments
    with pytest.raises(error) as failure:
        build_solver(**wanted)
    assert (failure.value.kind, bool(failure.value.hint)) == (kind, True)


def test_closing_twice_releases_what_it_owns_once(make_solver):
    solver, released = make_solver(), []
    with ExitStack() as resources:
        resources.callback(released.append, "data")
        solver.owns(resources.pop_all())
    assert released == []
    solver.close()
    solver.close()
    assert released == ["data"]


def test_model_passed_in_outlives_the_solver(scripted, graph):
    model = load_model(scripted.url)
    for _ in range(2):
        scripted.says(REPLY)
        with build_solver("aminer", model, style="short", graph=graph) as solver:
            assert solver.invoke(QUESTION).answer == 12
    model.close()


def test_representation_names_what_it_is(make_solver, scripted):
    assert repr(make_solver()) == f"Solver('aminer', model={scripted.url!r}, strategy='one-shot')"


@pytest.fixture
def calls_counted(monkeypatch):
    """Every search counts one; answers say how many there were."""
    tally, search = Tally(), LocalBackend.searchPerson

    def counted(backend, **arguments):
        tally.add(1)
        return search(backend, **arguments)

    monkeypatch.setattr(LocalBackend, "searchPerson", counted)
    monkeypatch.setattr(LocalBackend, "data", lambda backend: {"calls_made": int(tally.current)})


async def test_an_answer_counts_the_calls_of_its_own_question_only(scripted, make_solver, calls_counted):
    scripted.answer_with = reply_to
    solver = make_solver()
    (*_, streamed) = solver.stream(QUESTION)
    answers = [solver.invoke(QUESTION), await solver.ainvoke(QUESTION), streamed.answer]
    answers += solver.batch([QUESTION] * 4)
    answers += await asyncio.gather(*(solver.ainvoke(QUESTION) for _ in range(4)))
    assert [answer.data["calls_made"] for answer in answers] == [1] * 11
