import pytest

from herdwick.selfinstruct.teacher.journal import DecisionLine, ReplyLine, RunLine
from herdwick.selfinstruct.teacher.records import Drop, Item, Provenance, journal_file
from herdwick.selfinstruct.teacher.scripted.ledger import LedgerLine, append, check_faults, read_ledger
from herdwick.selfinstruct.teacher.scripted.writer import PlantedFault
from herdwick.tools.errors import DataError

WRONG = PlantedFault(kind="other_plan", instruction="Who is it?", output="a\nb")
REFUSED = PlantedFault(kind="refusal")


def drop(reason: str, fault: PlantedFault = WRONG) -> Drop:
    return Drop(reason=reason, detail="", instruction=fault.instruction, output=fault.output, request=0)


def kept(fault: PlantedFault) -> Item:
    provenance = Provenance(
        model="m", answered_by="m", prompt_sha256="", seed_ids=(), machine_ids=(), request=0, reply_id="r0"
    )
    return Item(
        instruction=fault.instruction,
        input="",
        output=fault.output,
        id="1",
        kind="aminer",
        category="",
        most_similar_instructions={},
        avg_similarity_score=0.0,
        result="",
        provenance=provenance,
    )


@pytest.fixture
def run(tmp_path):
    """A ledger and the journal of a run with one reply."""

    def make(faults=(), drops=(), items=(), reply="r0"):
        ledger, out = tmp_path / "planted.jsonl", tmp_path / "items.jsonl"
        append(ledger, LedgerLine(reply_id="r0", faults=faults))
        lines = [
            RunLine(fingerprint="f"),
            ReplyLine(number=0, form="json", text="", id=reply),
            DecisionLine(number=0, items=items, drops=drops),
        ]
        journal_file(out).write_text("".join(line.model_dump_json() + "\n" for line in lines))
        return check_faults(ledger, out)

    return make


def test_a_fault_rejected_for_what_it_is(run):
    report = run([WRONG], [drop("code_plan")])
    assert (report.planted, report.own_reason, report.earlier_check, report.kept) == (1, 1, 0, 0)
    assert report.kinds["other_plan"].reasons == {"code_plan": 1}


def test_a_fault_that_an_earlier_check_rejected_is_counted_apart(run):
    report = run([WRONG], [drop("too_similar")])
    assert (report.own_reason, report.earlier_check, report.kept) == (0, 1, 0)


def test_a_fault_among_the_items_was_kept(run):
    report = run([WRONG], items=[kept(WRONG)])
    assert (report.kept, report.kept_faults) == (1, (WRONG,))


def test_a_fault_that_was_neither_kept_nor_dropped_is_not_taken_for_rejected(run):
    assert run([WRONG]).kept == 1


def test_a_refusal_is_found_by_its_reason(run):
    assert run([REFUSED], [drop("refusal", REFUSED)]).own_reason == 1
    assert run([REFUSED], [drop("malformed", REFUSED)]).kept == 1


def test_replies_of_another_teacher_are_not_judged(run):
    with pytest.raises(DataError) as caught:
        run(reply="another")
    assert caught.value.kind == "other_ledger"


def test_a_reply_that_was_asked_for_twice_counts_once_and_a_line_cut_short_not_at_all(tmp_path):
    ledger = tmp_path / "planted.jsonl"
    for _ in range(2):
        append(ledger, LedgerLine(reply_id="r0", faults=(WRONG,)))
    with ledger.open("a") as file:
        file.write('{"reply_id": "r1", "fau')
    assert read_ledger(ledger) == {"r0": (WRONG,)}


def test_a_missing_ledger_is_told(tmp_path):
    with pytest.raises(DataError) as caught:
        read_ledger(tmp_path / "none.jsonl")
    assert caught.value.kind == "no_ledger"
