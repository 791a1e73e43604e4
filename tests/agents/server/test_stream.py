import json

import jsonschema

from herdwick.agents.answer import answer_schema

QUESTION = "How many citations does Ada Quill have?"


def read_events(text: str) -> list[tuple[str, dict]]:
    events = []
    for block in text.strip().split("\n\n"):
        event, data = block.split("\n")
        events.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


def test_steps_come_in_order_and_the_answer_last(serve, scripted, ada):
    scripted.says(ada)
    with serve().events() as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        events = read_events(response.read().decode())
    assert [name for name, _ in events] == ["draft", "check", "run", "answer"]
    assert events[0][1]["plan"] == ["searchPerson"]
    jsonschema.validate(events[-1][1], answer_schema())
    assert events[-1][1]["answer"] == 340


def test_repairs_show_as_further_attempts(serve, scripted, ada):
    scripted.says("searchPerson\nfinal_result = searchPerson(nam='Ada Quill')", ada)
    with serve().events() as response:
        events = read_events(response.read().decode())
    assert [(name, step.get("attempt")) for name, step in events[:-1]] == [
        ("draft", 1),
        ("check", 1),
        ("draft", 2),
        ("check", 2),
        ("run", 2),
    ]
    assert events[1][1]["error"]["kind"]
    assert events[-1][1]["attempts"] == 2


def test_a_step_arrives_before_the_next_is_finished(serve, scripted, replies):
    scripted.says("searchPerson\nfinal_result = searchPerson(nam='Ada Quill')", replies.Slow(30))
    running = serve()
    with running.events() as response:
        first = next(response.iter_lines())
    assert first == "event: draft"


def test_a_client_that_leaves_in_mid_stream_frees_its_place(serve, scripted, replies, ada, wait_until):
    scripted.says("searchPerson\nfinal_result = searchPerson(nam='Ada Quill')", replies.Slow(30), ada)
    running = serve(slots=1, max_queue=0)
    with running.events() as response:
        lines = response.iter_lines()
        next(lines)
        wait_until(lambda: len(scripted.requests) == 2)
        assert running.health()["answering"] == 1
    wait_until(lambda: running.health()["answering"] == 0, timeout_s=5)
    assert running.ask().json()["answer"] == 340
    assert running.metric('herdwick_requests_total{path="/ask",status="499"}') == 1


def test_a_client_that_leaves_before_a_json_answer_frees_its_place(serve, scripted, replies, wait_until):
    import httpx

    scripted.says(replies.Slow(30))
    running = serve(slots=1)
    with httpx.Client(base_url=running.url, timeout=1.0) as hasty:
        try:
            hasty.post("/ask", json={"question": QUESTION})
        except httpx.ReadTimeout:
            left = True
    assert left
    wait_until(lambda: running.health()["answering"] == 0, timeout_s=5)


def test_a_stream_for_which_there_is_no_place_is_refused_with_a_status(serve, scripted, replies, wait_until):
    scripted.says(replies.Slow(30))
    running = serve(slots=1, max_queue=0)
    with running.events():
        wait_until(lambda: running.health()["answering"] == 1)
        with running.events() as refused:
            refused.read()
    assert (refused.status_code, refused.json()["error"]["kind"]) == (429, "queue_full")


def test_the_deadline_ends_a_stream_with_an_answer_that_says_so(serve, scripted, replies):
    scripted.says("searchPerson\nfinal_result = searchPerson(nam='Ada Quill')", replies.Slow(30))
    with serve(deadline_s=3).events() as response:
        events = read_events(response.read().decode())
    assert events[-1][0] == "answer"
    assert events[-1][1]["error"]["kind"] == "deadline_exceeded"
