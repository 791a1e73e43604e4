import json

import pytest

from herdwick.evals.predictions import Prediction, Predictions
from herdwick.tools.errors import DataError


@pytest.fixture
def predicted(answered):
    """A prediction for a row."""
    return lambda name, answer=1: Prediction.of(answered(answer), name)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "predictions.jsonl"


def test_what_was_appended_is_read_back_by_name(file, predicted):
    predictions = Predictions.read(file)
    for name in "abc":
        predictions.append(predicted(name, answer=name * 3))
    assert predictions["b"] == predicted("b", "bbb")
    assert Predictions.read(file) == predictions == {name: predicted(name, name * 3) for name in "abc"}


def test_of_several_of_a_row_the_last_counts(file, predicted):
    predictions = Predictions.read(file)
    for answer in (1, 2):
        predictions.append(predicted("a", answer))
    assert (predictions["a"].answer, Predictions.read(file)["a"].answer, len(predictions)) == (2, 2, 1)


@pytest.mark.parametrize("left_behind", ["", '{"id": "b", "question', "\u00e9"])
def test_a_line_cut_short_is_replaced_by_the_next(file, predicted, left_behind):
    Predictions.read(file).append(predicted("a"))
    with file.open("ab") as lines:
        lines.write(left_behind.encode())
    predictions = Predictions.read(file)
    assert [*predictions] == ["a"]
    predictions.append(predicted("c", answer=3))
    assert (predictions["a"].answer, predictions["c"].answer) == (1, 3)
    assert [*Predictions.read(file)] == ["a", "c"]


def test_a_line_that_is_none_is_named(file, predicted):
    Predictions.read(file).append(predicted("a"))
    with file.open("ab") as lines:
        lines.write(b"{}\n")
    with pytest.raises(DataError, match="line 2, is no prediction") as failure:
        Predictions.read(file)
    assert failure.value.kind == "bad_prediction"


def test_a_file_that_changes_under_it_is_an_error(file, predicted):
    predictions = Predictions.read(file)
    predictions.append(predicted("a"))
    file.write_bytes(b"something else")
    with pytest.raises(DataError) as failure:
        predictions["a"]
    assert failure.value.kind == "bad_prediction"
    with pytest.raises(DataError) as failure:
        predictions.append(predicted("b"))
    assert failure.value.kind == "changed_meanwhile"
    file.write_text(predicted("b").model_dump_json() + "\n")
    with pytest.raises(DataError) as failure:
        predictions["a"]
    assert failure.value.kind == "changed_meanwhile"
    file.unlink()
    with pytest.raises(DataError) as failure:
        predictions["a"]
    assert failure.value.kind == "unreadable"
    assert "a" in predictions
    with pytest.raises(KeyError):
        predictions["b"]


def test_empty_lines_are_left_out(file, predicted):
    Predictions.read(file).append(predicted("a"))
    with file.open("ab") as lines:
        lines.write(b"\n \r\n")
    predictions = Predictions.read(file)
    predictions.append(predicted("b"))
    assert [*predictions] == [*Predictions.read(file)] == ["a", "b"]


def test_a_folder_in_its_place_is_an_error(file):
    file.mkdir()
    with pytest.raises(DataError) as failure:
        Predictions.read(file)
    assert failure.value.kind == "unreadable"


def test_predictions_are_put_into_an_order_and_each_stays_what_it_was(file, predicted):
    predictions = Predictions.read(file)
    for name, answer in (("c", 1), ("a", 2), ("x", 3), ("a", 4)):
        predictions.append(predicted(name, answer))
    predictions.put_in_order(["a", "b", "c"])
    predictions.append(predicted("b", 5))
    expected = [("a", 4), ("c", 1), ("x", 3), ("b", 5)]
    for found in (predictions, Predictions.read(file)):
        assert [(name, one.answer) for name, one in found.items()] == expected
    assert len(file.read_text().splitlines()) == 4


def test_a_file_in_order_is_left_alone(file, predicted):
    predictions = Predictions.read(file)
    for name in "abc":
        predictions.append(predicted(name))
    before = file.stat().st_ino
    predictions.put_in_order("abcd")
    assert file.stat().st_ino == before


@pytest.mark.parametrize("depth", [50, 199, 230, 5_000])
def test_an_answer_that_cannot_be_read_again_is_kept_as_an_error(file, predicted, depth):
    value = json.loads("[" * 100 + "]" * 100)
    for _ in range(depth - 100 if depth > 100 else 0):
        value = [value]
    prediction = predicted("deep").model_copy(update={"data": {"control": {"answer": value}}})
    predictions = Predictions.read(file)
    predictions.append(prediction)
    (found,) = Predictions.read(file).values()
    if depth == 50:
        assert found == prediction
    else:
        assert (found.status, found.error.kind) == ("error", "unkeepable_answer")
        assert found.answer is None
