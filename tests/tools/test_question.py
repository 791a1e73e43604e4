"""What one question cost."""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from herdwick.tools.question import MAX_REMARKS, Remarks, Tally, begin_question


def spend(tally: Tally, *amounts: str) -> Decimal:
    """Answer a question that costs `amounts`; what the tally says of it."""
    begin_question()
    for amount in amounts:
        tally.add(Decimal(amount))
    return tally.current


def in_own_context(tally: Tally, *amounts: str) -> Decimal:
    return contextvars.copy_context().run(spend, tally, *amounts)


def test_outside_a_question_everything_counts():
    tally = Tally()
    tally.add(2)
    tally.add(-1)
    assert (tally.current, tally.total) == (1, 1)


def test_each_question_has_its_own_amount():
    tally = Tally()
    assert in_own_context(tally, "0.1", "0.2") == Decimal("0.3")
    assert in_own_context(tally, "0.5") == Decimal("0.5")
    assert in_own_context(tally) == 0
    assert tally.total == Decimal("0.8")


def test_concurrent_questions_do_not_mix():
    tally = Tally()
    with ThreadPoolExecutor(8) as pool:
        spent = list(pool.map(lambda number: in_own_context(tally, *["1"] * number), range(50)))
    assert spent == list(range(50))
    assert tally.total == sum(range(50))


def test_threads_that_work_on_a_question_count_for_it():
    tally = Tally()

    def answer() -> Decimal:
        begin_question()
        with ThreadPoolExecutor(4) as pool:
            workers = [pool.submit(contextvars.copy_context().run, tally.add, 1) for _ in range(20)]
            for worker in workers:
                worker.result()
        return tally.current

    tally.add(100)
    assert contextvars.copy_context().run(answer) == 20


def remark(remarks: Remarks, *texts: str) -> list[str]:
    begin_question()
    for text in texts:
        remarks.add(text)
    return remarks.current


def test_remarks_are_of_their_question_and_each_is_kept_once():
    remarks = Remarks()
    first = contextvars.copy_context().run(remark, remarks, "b", "a", "b")
    second = contextvars.copy_context().run(remark, remarks)
    assert (first, second) == (["b", "a"], [])


def test_outside_a_question_no_remark_is_kept():
    def said() -> list[str]:
        remarks = Remarks()
        remarks.add("a")
        return remarks.current

    assert contextvars.Context().run(said) == []


def test_remarks_are_bounded():
    texts = [str(number) for number in range(MAX_REMARKS + 5)]
    assert contextvars.copy_context().run(remark, Remarks(), *texts) == texts[:MAX_REMARKS]
