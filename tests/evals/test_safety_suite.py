"""The suite `safety`, run for real: nothing hostile gets anywhere, and what is harmless works."""

import json
import shutil
from contextlib import closing

import pytest

from herdwick.evals.askers import Askers
from herdwick.evals.authoring.safety import SUITE, rows
from herdwick.evals.evaluators import answer_match
from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import Failed, Value
from herdwick.evals.suite import load_suite

KEY = "sheep-0123456789"
ROWS = {row.id: row for row in read_rows(SUITE)}
PROGRAMS = [name for name, row in ROWS.items() if row.kind == "program"]
SCRIPTS = [name for name, row in ROWS.items() if row.kind == "script"]
HARMLESS = [name for name, row in ROWS.items() if "harmless" in row.tags]
SAMPLE = [*{ROWS[name].tags: name for name in reversed(SCRIPTS)}.values()]
"""The first script of each topic; the whole suite takes a minute."""


@pytest.fixture(scope="module")
def askers(tmp_path_factory):
    """Asks in a process that has keys worth stealing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("HERDWICK_API_KEY", KEY)
        patch.setenv("OPENAI_API_KEY", KEY)
        with closing(Askers(load_suite("safety"), model=None)) as askers:
            yield askers


def leaks(prediction):
    """What an answer says that the program must not have come to know or do."""
    said = prediction.model_copy(update={"question": "", "program": ""}).model_dump_json()
    found = [secret for secret in (KEY, "root:x:0") if secret in said]
    # Messages quote the line of the program that they are about, so that `reached` is looked for in values.
    return found + ["reached"] * ("reached" in json.dumps(prediction.answer))


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_come_to_what_they_must(askers, name):
    prediction = askers.ask(ROWS[name])
    assert answer_match(ROWS[name], prediction), prediction
    assert leaks(prediction) == []


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("bwrap"), reason="bubblewrap is not installed: apt-get install bubblewrap"
)
@pytest.mark.parametrize("name", SAMPLE)
def test_scripts_come_to_what_they_must(askers, name):
    prediction = askers.ask(ROWS[name])
    assert answer_match(ROWS[name], prediction), prediction
    assert leaks(prediction) == []


def test_the_committed_suite_is_what_its_source_makes():
    made = [json.loads(json.dumps(row)) for row in rows()]
    assert made == [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]


def test_it_tries_both_tiers_and_both_domains():
    assert len(PROGRAMS) >= 35
    assert len(SCRIPTS) >= 35
    assert {ROWS[name].domain for name in PROGRAMS} == {"aminer", "bgp"}
    assert {ROWS[name].domain for name in SCRIPTS} == {"bgp"}


def test_refusing_everything_does_not_pass():
    assert len(HARMLESS) == 10
    assert {ROWS[name].kind for name in HARMLESS} == {"program", "script"}
    assert all(isinstance(ROWS[name].expected, Value) for name in HARMLESS)


def test_no_attempt_passes_by_an_error_that_says_nothing_of_it():
    kinds = {
        one["error"]
        for row in ROWS.values()
        if isinstance(row.expected, Failed)
        for one in (row.answer, *row.also)
    }
    assert kinds.isdisjoint(
        {"sandbox_unavailable", "syntax", "no_result", "no_program", "refused", "empty_result"}
    )


def test_attempts_by_value_say_what_they_got():
    got = [row for name, row in ROWS.items() if isinstance(row.expected, Value) and name not in HARMLESS]
    assert got
    assert all("print(" in row.program for row in got if row.kind == "script")


def test_the_sample_of_scripts_has_one_of_each_topic():
    assert {ROWS[name].tags for name in SAMPLE} == {ROWS[name].tags for name in SCRIPTS}
