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
