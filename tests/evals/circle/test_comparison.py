from herdwick.evals.circle.comparison import Written, compare


def test_the_same_status_plan_and_program_are_equal_whatever_the_answer_took(answered, row):
    slow = answered(7).model_copy(update={"answer": 8, "model": "another"})
    found = compare([row(id="1")], {"1": answered(7)}, {"1": slow})
    assert (found.questions, found.equal, found.differing) == (1, 1, ())


def test_another_plan_program_or_status_is_listed_with_both(answered, failed, row):
    good = answered(7)
    others = {
        "plan": answered(7, ("getCoauthors",)),
        "program": good.model_copy(update={"program": "final_result = 8"}),
        "status": failed("code_type", ("searchPerson",)),
    }
    rows = [row(id=name, question=name) for name in others]
    found = compare(rows, dict.fromkeys(others, good), others)
    assert (found.questions, found.equal) == (3, 0)
    assert [(one.id, one.first, one.second) for one in found.differing] == [
        (name, Written.of(good), Written.of(other)) for name, other in others.items()
    ]


def test_two_failures_for_different_reasons_differ(failed, row):
    found = compare([row(id="1")], {"1": failed("refused")}, {"1": failed("empty_result")})
    assert found.equal == 0


def test_questions_that_were_not_drawn_are_not_compared(answered, row):
    found = compare([row(id="1")], {"1": answered(7), "2": answered(1)}, {"1": answered(7), "2": answered(2)})
    assert (found.questions, found.equal) == (1, 1)
