"""Datasets of a server on loopback that speaks LangSmith's API as far as reading goes."""

import uuid

import pytest
from langsmith import Client

from herdwick.evals.langsmith import examples
from herdwick.evals.langsmith_data import rows_of_dataset
from herdwick.evals.rows import Row
from herdwick.tools.errors import BackendError, DataError

DATASET = str(uuid.uuid4())
WHEN = "2026-01-01T00:00:00Z"


@pytest.fixture
def dataset(httpserver):
    """Serves examples as a dataset, and gives a client for it."""

    def serve(*given):
        for path in ("/info", "/sessions"):
            httpserver.expect_request(path).respond_with_json([])
        httpserver.expect_request("/datasets").respond_with_json(
            [{"id": DATASET, "name": "mine", "created_at": WHEN, "modified_at": WHEN}] if given else []
        )
        httpserver.expect_request("/examples").respond_with_json(
            [
                {
                    "id": str(uuid.uuid4()),
                    "dataset_id": DATASET,
                    "created_at": WHEN,
                    "inputs": inputs,
                    "outputs": outputs,
                }
                for inputs, outputs in given
            ]
        )
        return Client(api_url=httpserver.url_for("").rstrip("/"), api_key="k", auto_batch_tracing=False)

    return serve


def test_our_own_examples_come_back_as_the_rows_they_were(dataset):
    rows = (
        Row(id="a", domain="aminer", question="1?", answer=["x"], plan=("searchPerson",), unordered=True),
        Row(id="b", domain="bgp", question="2?", answer={"refuse": True}),
    )
    made = examples(rows)
    client = dataset(*((one.inputs, one.outputs) for one in made))
    assert [row.expected for row in rows_of_dataset("mine", client)] == [row.expected for row in rows]
    assert [row.plan for row in rows_of_dataset("mine", client)] == [row.plan for row in rows]


@pytest.mark.parametrize(
    ("inputs", "outputs", "question", "answer"),
    [
        ({"question": "Who?", "style": "short"}, {"answer": ["A"], "note": "x"}, "Who?", ["A"]),
        ({"input": "Who?"}, {"output": "A"}, "Who?", "A"),
        ({"prompt": "Who?"}, {"label": 3}, "Who?", 3),
        ({"question": "Who?"}, None, "Who?", None),
    ],
)
def test_other_examples_are_read_by_their_names(dataset, inputs, outputs, question, answer):
    (row,) = rows_of_dataset("mine", dataset((inputs, outputs)))
    assert (row.question, row.answer) == (question, answer)
    assert (row.expected is None) is (outputs is None)


def test_an_example_without_a_question_is_named(dataset):
    with pytest.raises(DataError, match=r"mine, example .*question"):
        rows_of_dataset("mine", dataset(({"a": "x", "b": "y"}, {"answer": 1})))


def test_a_dataset_that_is_not_there_is_told(dataset):
    with pytest.raises(DataError) as caught:
        rows_of_dataset("mine", dataset())
    assert caught.value.kind == "no_dataset"


def test_a_server_that_refuses_is_an_error_without_the_key(httpserver):
    httpserver.expect_request("/datasets").respond_with_data("bad key sk-secret", status=401)
    client = Client(api_url=httpserver.url_for("").rstrip("/"), api_key="sk-secret", auto_batch_tracing=False)
    with pytest.raises(BackendError) as caught:
        rows_of_dataset("mine", client)
    assert caught.value.kind == "langsmith_failed"
    assert "sk-secret" not in str(caught.value)


def test_without_a_key_nothing_is_asked(monkeypatch):
    monkeypatch.delenv("LANGSMITH_API_KEY", raising=False)
    with pytest.raises(BackendError) as caught:
        rows_of_dataset("mine")
    assert caught.value.kind == "key_missing"
