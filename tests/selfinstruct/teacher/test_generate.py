import hashlib
import json
import time
from contextlib import nullcontext
from functools import partial
from threading import Event

import pytest

from herdwick.agents.errors import ModelError
from herdwick.selfinstruct.teacher import ahead
from herdwick.selfinstruct.teacher import generate as loop
from herdwick.selfinstruct.teacher.execution import Runner, Unfit
from herdwick.selfinstruct.teacher.generate import generate
from herdwick.selfinstruct.teacher.journal import ReplyLine, read_journal
from herdwick.selfinstruct.teacher.records import journal_file, read_drops, read_items, read_report
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.selfinstruct.teacher.seeds import read_seeds
from herdwick.tools.errors import DataError

from .conftest import completion, failing, tasks_for


@pytest.fixture
def out(tmp_path):
    return tmp_path / "made" / "items.jsonl"


def test_as_many_items_as_asked_for_are_kept(configure, out):
    report = generate(configure(count=10), out)
    items = read_items(out)
    assert (len(items), report.kept, report.stopped) == (10, 10, "count")
    assert len({item.id for item in items}) == len({item.instruction for item in items}) == 10
    assert report.fingerprint == hashlib.sha256(out.read_bytes()).hexdigest()
    assert read_report(out) == report


def test_an_item_says_where_it_comes_from(configure, out, teacher):
    generate(configure(count=3), out)
    item = read_items(out)[0]
    made = item.provenance
    assert (made.model, made.answered_by, made.reply_id) == (teacher.model, "teacher-0613", "chatcmpl-1")
    assert (made.request, len(made.seed_ids), made.machine_ids) == (0, 3, ())
    sent = [[message["role"], message["content"]] for message in teacher.bodies[0]["messages"]]
    hashes = {
        hashlib.sha256(json.dumps([[m["role"], m["content"]] for m in body["messages"]]).encode()).hexdigest()
        for body in teacher.bodies
    }
    assert sent[0][0] == "system"
    assert made.prompt_sha256 in hashes
    assert item.category in ("category 0", "category 1")
    assert max(item.most_similar_instructions.values()) >= item.avg_similarity_score > 0


def test_every_misbehaviour_is_survived_and_counted(configure, out, teacher):
    def with_tasks(*tasks):
        return completion(json.dumps({"tasks": tasks}))

    good = tasks_for("given", 2)
    german = good[0] | {"instruction": "Wie vergleicht ein Router die Metrik von zwei Routen miteinander?"}
    teacher.first = [
        with_tasks(*good, good[0]),
        completion(json.dumps({"tasks": tasks_for("cut", 2)})[:-20], finish="length"),
        completion("Certainly!"),
        with_tasks(german),
        completion("I'm sorry, but I can't help with that."),
        completion(None, refusal="No."),
        with_tasks({"instruction": "x" * 5}),
        failing(500),
        failing(429, **{"Retry-After": "0"}),
        completion(""),
    ]
    report = generate(configure(count=14, in_flight=1, least_yield=0.0), out)
    assert report.dropped == {
        "too_similar": 1,
        "truncated": 1,
        "malformed": 2,
        "other_language": 1,
        "refusal": 2,
        "empty_reply": 1,
    }
    assert (report.kept, report.retries) == (14, 2)
    assert len(read_drops(out)) == 8


def test_order_of_replies_changes_nothing(configure, tmp_path, teacher):
    usual = teacher.answer
    generate(configure(count=30, in_flight=1, machine_seeds=2), tmp_path / "a.jsonl")
    teacher.answer = lambda prompt: (time.sleep(hash(prompt) % 7 / 50), usual(prompt))[1]
    generate(configure(count=30, in_flight=8, machine_seeds=2), tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert any(item.provenance.machine_ids for item in read_items(tmp_path / "a.jsonl"))


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_cannot_get_better_stops_at_once_and_loses_nothing(configure, out, teacher, status):
    teacher.first = [None, None, failing(status)]
    with pytest.raises(ModelError):
        generate(configure(in_flight=1), out)
    # The two replies before it were paid for, and are judged.
    assert (len(teacher.bodies), len(read_items(out))) == (3, 6)
    assert read_report(out).stopped == "interrupted"
    assert generate(configure(in_flight=1), out).kept == 12


def test_the_same_command_again_asks_nothing(configure, out, teacher):
    first = generate(configure(), out)
    asked = len(teacher.bodies)
    assert generate(configure(), out) == first
    assert len(teacher.bodies) == asked


def test_a_higher_count_takes_it_further(configure, tmp_path):
    generate(configure(count=5), tmp_path / "a.jsonl")
    generate(configure(count=20), tmp_path / "a.jsonl")
    generate(configure(count=20), tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_other_options_do_not_continue_it(configure, out):
    generate(configure(), out)
    with pytest.raises(DataError) as caught:
        generate(configure(rouge=0.6), out)
    assert caught.value.kind == "other_config"


@pytest.mark.parametrize("name", ["items.jsonl", "items.rejects.jsonl", "items.report.json"])
def test_what_another_command_made_is_left_alone(configure, out, teacher, name):
    out.parent.mkdir()
    out.with_name(name).write_text("of another command")
    with pytest.raises(DataError) as caught:
        generate(configure(), out)
    assert (caught.value.kind, teacher.bodies) == ("exists", [])
    assert [path.read_text() for path in out.parent.iterdir()] == ["of another command"]


def test_a_file_that_is_read_is_not_written(configure, out, seed_file):
    before = seed_file.read_bytes()
    with pytest.raises(DataError) as caught:
        generate(configure(), seed_file)
    assert (caught.value.kind, seed_file.read_bytes()) == ("is_input", before)


def test_without_a_reply_there_are_no_results_and_the_same_command_begins(configure, out, teacher):
    teacher.first = [failing(401)]
    with pytest.raises(ModelError):
        generate(configure(in_flight=1), out)
    assert [*out.parent.iterdir()] == [journal_file(out)]
    assert generate(configure(in_flight=1), out).kept == 12


def test_it_stops_within_its_budget(configure, out):
    report = generate(configure(count=1000, budget_tokens=3_000, price_in=1.0, price_out=2.0), out)
    assert report.stopped == "budget"
    assert 1_500 <= report.prompt_tokens + report.reply_tokens <= 3_000
    assert report.cost == (report.prompt_tokens + 2 * report.reply_tokens) / 1e6


def test_it_stops_after_so_many_requests_and_goes_on_when_more_are_allowed(configure, out, teacher):
    report = generate(configure(count=1000, budget_requests=3), out)
    assert (report.stopped, report.requests, len(teacher.bodies)) == ("budget", 3, 3)
    assert generate(configure(count=1000, budget_requests=5), out).requests == len(teacher.bodies) == 5


def test_a_small_budget_is_not_spent_before_it_is_known_what_a_request_takes(configure, out, teacher):
    report = generate(configure(count=1000, budget_tokens=400), out)
    assert (report.stopped, report.prompt_tokens + report.reply_tokens, len(teacher.bodies)) == (
        "budget",
        300,
        1,
    )


def test_no_more_is_asked_than_is_needed(configure, out, teacher):
    """A reply holds three tasks, and eight are wanted."""
    report = generate(configure(count=8, in_flight=8, window=32), out)
    assert (report.kept, report.unjudged_replies, len(teacher.bodies)) == (8, 0, 3)


def test_it_stops_when_little_is_kept(configure, out, teacher):
    teacher.answer = lambda _: json.dumps({"tasks": tasks_for("always the same")})
    report = generate(configure(count=1000, least_yield=0.2, yield_window=20), out)
    assert (report.stopped, report.kept) == ("yield", 3)


def test_a_teacher_that_only_talks_nonsense_comes_to_an_end(configure, out, teacher):
    teacher.answer = lambda _: "Certainly!"
    report = generate(configure(yield_window=10), out)
    assert (report.stopped, report.kept, report.dropped) == ("yield", 0, {"malformed": 10})


def test_requests_that_come_to_nothing_end_the_run(configure, out, teacher):
    teacher.answer = lambda _: completion(7)
    with pytest.raises(ModelError) as caught:
        generate(configure(attempts=1), out)
    assert caught.value.kind == "bad_reply"


def test_a_prompt_that_a_filter_refuses_does_not_stop_the_run(configure, out, teacher, seed_file):
    """A filter that minds one of ten seeds, of which a prompt shows three."""
    usual, minded = teacher.answer, read_seeds(seed_file).tasks[0].instruction
    teacher.answer = lambda prompt: failing(400) if minded in prompt else usual(prompt)
    report = generate(configure(count=30), out)
    assert (report.kept, report.dropped, report.stopped) == (30, {"bad_request": 7}, "count")


def test_refusals_that_come_before_slow_replies_are_not_taken_for_a_fault(configure, out, teacher):
    """Every other prompt: never two in a row, but the first to come back are six refusals."""
    usual, asked = teacher.answer, []

    def filtered(prompt: str):
        if prompt not in asked:
            asked.append(prompt)
        if asked.index(prompt) % 2:
            return failing(400)
        time.sleep(0.5)
        return usual(prompt)

    teacher.answer = filtered
    report = generate(configure(count=12, in_flight=12, window=12, structured="json"), out)
    assert (report.kept, report.stopped) == (12, "count")


def test_an_endpoint_that_refuses_everything_ends_the_run_in_its_words(configure, out, teacher):
    teacher.answer = lambda _: failing(422)
    with pytest.raises(ModelError, match=r"5 requests in a row .* scripted") as caught:
        generate(configure(), out)
    assert caught.value.kind == "bad_request"


def test_the_journal_holds_every_reply_once(configure, out):
    generate(configure(count=20), out)
    numbers = [line.number for line in read_journal(journal_file(out)) if isinstance(line, ReplyLine)]
    assert len(numbers) == len({*numbers})


@pytest.fixture
def with_code(monkeypatch):
    """Tasks have code, which takes a tenth of a second to half a second, or a share of that."""

    def begin(share: float = 1.0) -> None:
        runner = Runner(partial(run, share))
        monkeypatch.setattr(loop, "open_runner", lambda _: nullcontext(runner))

    def run(share: float, task: Task) -> str:
        number = sum(task.instruction.encode())
        time.sleep((1 + number % 5) / 10 * share)
        if number % 3 == 0:
            raise Unfit("trivial", "It prints the same when nothing happens.")
        return f"{number}\n"

    return begin


def test_code_that_ends_in_another_order_changes_nothing(configure, tmp_path, with_code, monkeypatch):
    with_code(0.1)
    config = configure(count=24, machine_seeds=2)
    generate(config, tmp_path / "a.jsonl")
    monkeypatch.setattr(ahead, "CODE_THREADS", 1)
    generate(config, tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert read_report(tmp_path / "a.jsonl").dropped["trivial"] > 5
    assert all(item.result for item in read_items(tmp_path / "a.jsonl"))


def test_replies_whose_code_had_not_run_when_it_was_stopped_are_judged_later(
    configure, out, teacher, with_code
):
    with_code(0.1)
    whole = out.with_name("whole.jsonl")
    generate(configure(count=24), whole)
    asked = len(teacher.bodies)
    journal = journal_file(whole).read_bytes().splitlines(keepends=True)
    begun = [line for line in journal if b'"line":"decision"' not in line]
    journal_file(out).write_bytes(b"".join(begun))
    generate(configure(count=24), out)
    assert (out.read_bytes(), len(teacher.bodies)) == (whole.read_bytes(), asked)


def test_what_is_dropped_anyway_is_not_run(configure, out, teacher, monkeypatch):
    ran, first_is_judged = [], Event()
    runner = Runner(lambda task: ran.append(task) or "printed")
    monkeypatch.setattr(loop, "open_runner", lambda _: nullcontext(runner))

    def answer(_):
        # Nothing is known of what was kept before the first reply is judged.
        assert len(teacher.bodies) == 1 or first_is_judged.wait(30)
        return json.dumps({"tasks": tasks_for("always the same")})

    teacher.answer = answer
    generate(
        configure(count=1000, in_flight=1, yield_window=20),
        out,
        progress=lambda so_far: so_far.replies and first_is_judged.set(),
    )
    assert len(ran) == 3


@pytest.mark.slow
def test_requests_are_kept_in_flight(configure, out, teacher):
    """Of N requests allowed, 0.8 N or more are under way on average.

    Against a latency of 200 ms that holds too, but not beside other work on the same cores.
    """
    assert mean_in_flight(configure, out, teacher, allowed=8) >= 0.8 * 8


@pytest.mark.slow
def test_requests_are_kept_in_flight_while_code_runs(configure, out, teacher, with_code):
    """For longer than the teacher writes."""
    with_code(0.5)
    assert mean_in_flight(configure, out, teacher, allowed=8) >= 0.8 * 8


def mean_in_flight(configure, out, teacher, allowed: int) -> float:
    """Of 40 requests and a few more."""
    generate(configure(count=1), out.with_name("warm.jsonl"))
    teacher.latency_s = 1.0
    asked = len(teacher.bodies)
    report = generate(configure(count=120, items_per_reply=3, in_flight=allowed, window=None), out)
    times = teacher.times[asked : asked + 40]
    assert report.kept == 120
    return (len(times) - allowed) * teacher.latency_s / (times[-1] - times[0])
