import pytest

from herdwick.agents.drafts import Draft
from herdwick.agents.errors import DraftError
from herdwick.agents.overlaps import refuse_overlap

PLAN = ("searchPerson",)


@pytest.mark.parametrize(
    ("question", "program"),
    [
        ("Where does Ada Quill work?", 'searchPerson(name="Ada Quill", interest="Ada Quill")'),
        (
            "joint papers ada quill bo reed",
            'p = searchPerson(name="ada quill bo reed")[0]\nq = searchPerson(name="bo reed")[0]',
        ),
        ("Papers on trees?", 'searchPublication("trees", venue="Papers on trees")'),
    ],
)
def test_the_same_words_cannot_be_two_arguments(question: str, program: str) -> None:
    with pytest.raises(DraftError) as failure:
        refuse_overlap(question, Draft(program, PLAN))

    assert failure.value.kind == "words_used_twice"


@pytest.mark.parametrize(
    ("question", "program"),
    [
        (
            "Does Washington at Washington publish?",
            'searchPerson(name="Washington", organization="Washington")',
        ),
        (
            "Which colleagues of Ada Quill at Reed University are at the same place?",
            'p = searchPerson(name="Ada Quill", organization="Reed University")[0]\n'
            'final_result = searchPerson(organization="Reed University")',
        ),
        (
            "Does Ada Quill work with Ada Quill Reed?",
            'p = searchPerson(name="Ada Quill")[0]\nq = searchPerson(name="Ada Quill Reed")[0]',
        ),
        ("Where does Ada Quill work?", "searchPerson(name="),
        ("Where does Ada Quill work?", 'searchPerson(name="Bo Reed")[0]["organization"]'),
    ],
    ids=["twice in the question", "equal in two calls", "part and whole", "no program", "not copied"],
)
def test_other_drafts_pass_unchanged(question: str, program: str) -> None:
    draft = Draft(program, PLAN)

    assert refuse_overlap(question, draft) is draft
