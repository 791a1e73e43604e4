import dataclasses
import os
import shutil
from importlib import resources
from pathlib import Path

import pytest

from herdwick.evals.row_files import files_fingerprint, row_options
from herdwick.evals.rows import Row
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError


@pytest.fixture
def source(tmp_path):
    """A file of questions beside an updates file, and a folder with a table in it."""
    folder = tmp_path / "questions"
    (folder / "tables" / "rrc00").mkdir(parents=True)
    (folder / "updates.gz").write_bytes(b"updates")
    (folder / "tables" / "rrc00" / "rib.gz").write_bytes(b"table")
    return folder / "rows.jsonl"


def row(*files, name="r1", inputs=None):
    return Row(id=name, question="How many?", files=files, inputs=inputs or {})


def fingerprint(source, *rows):
    return files_fingerprint(rows, source, lambda _: get_domain("bgp"))


def failure(source, *rows):
    with pytest.raises(DataError) as caught:
        fingerprint(source, *rows)
    return caught.value


def test_rows_without_files_need_no_data_of_their_own(source):
    assert fingerprint(source, row()) == ""


def test_the_same_files_elsewhere_are_the_same_data(source, tmp_path):
    before = fingerprint(source, row("updates.gz", "tables"))
    moved = shutil.move(source.parent, tmp_path / "elsewhere")
    assert fingerprint(moved / "rows.jsonl", row("updates.gz", "tables")) == before
    assert len(before) == 64


@pytest.mark.parametrize("changed", ["updates.gz", "tables/rrc00/rib.gz"])
def test_a_changed_file_is_other_data_be_it_named_or_in_a_folder(source, changed):
    before = fingerprint(source, row("updates.gz"), row("tables"))
    (source.parent / changed).write_bytes(b"other")
    assert fingerprint(source, row("updates.gz"), row("tables")) != before


def test_a_file_more_or_with_another_name_in_a_folder_is_other_data(source):
    tables = source.parent / "tables"
    seen = [fingerprint(source, row("tables"))]
    (tables / "rrc00").rename(tables / "rrc01")
    seen.append(fingerprint(source, row("tables")))
    (tables / "rib.gz").write_bytes(b"table")
    seen.append(fingerprint(source, row("tables")))
    assert len(set(seen)) == 3


def test_hidden_files_in_a_folder_are_no_data(source):
    before = fingerprint(source, row("tables"))
    (source.parent / "tables" / ".DS_Store").write_bytes(b"x")
    assert fingerprint(source, row("tables")) == before


@pytest.mark.parametrize("missing", ["none.gz", "tables/none.gz", "updates.gz/none.gz", "none\0.gz"])
def test_a_missing_file_is_named_with_its_row(source, missing):
    error = failure(source, row("updates.gz"), row("updates.gz", missing, name="r2"))
    assert error.kind == "no_file"
    assert error.message == f"rows.jsonl, row 'r2': there is no file {missing}, nor a folder with files."
    assert "relative to the folder of rows.jsonl" in error.hint


def test_a_folder_without_files_is_as_good_as_missing(source):
    (source.parent / "tables" / "empty").mkdir()
    assert failure(source, row("tables/empty")).kind == "no_file"


def test_what_is_neither_file_nor_folder_is_not_waited_for(source):
    os.mkfifo(source.parent / "pipe")
    assert failure(source, row("pipe")).kind == "no_file"


def test_all_files_are_looked_for_before_any_is_read(source, monkeypatch):
    monkeypatch.setattr("herdwick.evals.row_files.sha256_of", lambda path: pytest.fail("was read"))
    assert failure(source, row("updates.gz"), row("none.gz", name="r2")).kind == "no_file"


def test_a_file_that_cannot_be_read_is_named_with_its_row(source, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("herdwick.evals.row_files.sha256_of", refuse)
    error = failure(source, row("tables"))
    file = source.parent / "tables" / "rrc00" / "rib.gz"
    assert error.kind == "data_unreadable"
    assert error.message == f"rows.jsonl, row 'r1': {file} cannot be read: Permission denied."


def test_a_name_too_long_for_the_file_system_is_a_data_error(source):
    assert failure(source, row("x" * 5_000)).kind == "data_unreadable"


def test_a_domain_that_opens_no_files_is_not_asked_about_any(source):
    with pytest.raises(DataError) as caught:
        files_fingerprint([row(), row("updates.gz", name="r2")], source, lambda _: get_domain("aminer"))
    assert caught.value.kind == "unsupported_row"
    assert caught.value.message == "rows.jsonl, row 'r2': the domain aminer cannot be asked about files."


def test_any_domain_with_the_option_is_asked_about_files(source):
    opens_files = dataclasses.replace(get_domain("aminer"), options=get_domain("bgp").options)
    assert files_fingerprint([row("updates.gz")], source, lambda _: opens_files)


def test_rows_name_further_files_by_the_options_of_their_domain(source):
    (source.parent / "vrps.json").write_text("{}")
    plain, judged = row("updates.gz"), row("updates.gz", inputs={"rpki": "vrps.json"})
    assert fingerprint(source, judged) != fingerprint(source, plain)
    assert row_options(judged, source, get_domain("bgp")) == {
        "files": (source.parent / "updates.gz",),
        "rpki": source.parent / "vrps.json",
    }


@pytest.mark.parametrize("option", ["cache", "collectors", "broker_url", "files", "nothing"])
def test_a_row_cannot_set_what_is_no_file_of_its_question(source, option):
    error = failure(source, row(inputs={option: "updates.gz"}))
    assert error.kind == "unsupported_row"
    assert error.message == f"rows.jsonl, row 'r1': the domain bgp is opened with no file called {option!r}."
    assert error.hint == "Its `inputs` can be: relationships, rpki."


def test_a_graph_may_be_a_folder_with_a_dump(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    suites = Path(str(resources.files("herdwick.evals"))) / "suites"
    asked = Row(id="1", question="Who?", inputs={"graph": "aminer_dev"})
    options = row_options(asked, suites / "rows.jsonl", get_domain("aminer"))
    assert options["graph"].suffix == ".sqlite"
    assert options["graph"].is_relative_to(tmp_path)
