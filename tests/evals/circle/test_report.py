import pytest

from herdwick.evals.circle.comparison import Comparison, Difference, Written
from herdwick.evals.circle.report import (
    CircleReport,
    EngineFigures,
    FaultKind,
    Faults,
    Generated,
    Trained,
)
from herdwick.tools.domain import get_domain

WRITTEN = Written(status="ok", error="", plan=("searchPerson",), program="final_result = 1")


def comparison(questions: int, differing: int) -> Comparison:
    one = Difference(id="1", question="?", first=WRITTEN, second=WRITTEN)
    return Comparison(questions=questions, equal=questions - differing, differing=(one,) * differing)


@pytest.fixture
def report(settings):
    def make(**changes) -> CircleReport:
        figures = EngineFigures(questions=50, plans_right=40, answers_right=30, median_s=1.0)
        rejected = FaultKind(
            planted=3, own_reason=2, earlier_check=1, kept=0, reasons={"code_plan": 2, "too_similar": 1}
        )
        given = {
            "settings": settings,
            "generated": Generated(model="m", kept=24, dropped={}, requests=4, stopped="count"),
            "faults": Faults(
                replies=4, planted=3, own_reason=2, earlier_check=1, kept=0, kinds={"other_plan": rejected}
            ),
            "live": None,
            "trained": Trained(examples=24, tokens=2000, steps=3, loss=1.0, final_loss=0.5, train_s=9.0),
            "adapter_bytes": 10,
            "llamacpp": figures,
            "quantized": figures,
            "vllm": figures,
            "rounding": comparison(50, 12),
            "comparison": comparison(50, 0),
            "seconds": {"train": 9.0},
        }
        return CircleReport(**given | changes)

    return make


def test_a_circle_without_problems_is_whole(report):
    assert report().whole


def test_without_vllm_it_is_not_whole(report):
    found = report(vllm=None, comparison=None)
    assert not found.whole
    assert found.problems == ("The vLLM part was skipped: name its command with --vllm or HERDWICK_VLLM.",)


def test_a_fault_that_was_kept_is_a_problem(report):
    faults = report().faults.model_copy(update={"kept": 2})
    assert report(faults=faults).problems == ("2 planted faults were kept.",)


def test_too_few_items_are_a_problem(report):
    few = report().generated.model_copy(update={"kept": 20})
    assert report(generated=few).problems == ("Only 20 of 24 items were made.",)


def test_two_engines_answer_every_question_alike(report):
    assert report(comparison=comparison(20, 0)).whole
    assert report(comparison=comparison(20, 1)).problems == ("The engines differ on 1 of 20 questions.",)


def test_what_rounding_changes_is_no_problem(report):
    assert report(rounding=comparison(50, 50)).whole


def test_what_is_right_is_counted_by_the_rows(answered, failed, row):
    rows = [
        row(id="both", answer=7, plan=("searchPerson",)),
        row(id="plan only", answer=8, plan=("searchPerson",)),
        row(id="none", answer=9, plan=("getCoauthors",)),
    ]
    answers = {"both": answered(7), "plan only": answered(7), "none": failed("refused")}
    figures = EngineFigures.of(rows, answers, get_domain("aminer"))
    assert (figures.questions, figures.plans_right, figures.answers_right) == (3, 2, 1)
