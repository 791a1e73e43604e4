"""Graphs from dumps: what is used, what is refused, and what remains when a build fails."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.sample import write_dump
from herdwick.tools.aminer.local.staging import Progress
from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.errors import DataError

ADA = {"id": "a1", "name": "Ada Mercer", "n_citation": 5}
BO = {"id": "a2", "name": "Bo Lindqvist", "n_citation": 9}
LOOMS = {"id": "p1", "title": "On Looms", "authors": [{"id": "a1", "name": "Ada Mercer"}]}


def rejects(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_report_counts_what_was_used(write_lines, tmp_path):
    report = build_graph(
        [write_lines("a", [ADA, BO])],
        [write_lines("p", [LOOMS])],
        [write_lines("r", [{"person_id": "a1", "coauthor_id": "a2", "relation": "advisor"}])],
        out=tmp_path / "graph.sqlite",
    )
    assert (report.lines, report.people, report.papers, report.relations, report.rejected) == (4, 2, 1, 1, 0)
    assert report.rejects is None
    assert report.graph == tmp_path / "graph.sqlite"


def test_several_files_of_each_kind_in_any_compression(write_lines, tmp_path):
    second, third = tmp_path / "b.gz", tmp_path / "p.zst"
    second.write_bytes(gzip.compress(json.dumps(BO).encode()))
    third.write_bytes(zstandard.compress(json.dumps(LOOMS).encode()))
    report = build_graph([write_lines("a", [ADA]), second], [third], out=tmp_path / "graph.sqlite")
    assert (report.people, report.papers) == (2, 1)


def test_bad_lines_are_written_down_with_file_number_reason_and_text(write_lines, tmp_path):
    authors = tmp_path / "authors.jsonl"
    authors.write_bytes(
        json.dumps(ADA).encode()
        + b'\n\n{"id": "a3"}\n{"id": "a4", "na\n{"id": "a5", "name": "\xff"}\n{"id": "a1", "name": "Other"}\n'
    )
    report = build_graph([authors], [write_lines("p", [])], out=tmp_path / "graph.sqlite")
    assert report.rejects == tmp_path / "graph.sqlite.rejects.jsonl"
    assert [(entry["file"], entry["line"], entry["reason"]) for entry in rejects(report.rejects)] == [
        (str(authors), 3, "name: missing"),
        (str(authors), 4, "not JSON: Unterminated string starting at: line 1 column 14 (char 13)"),
        (str(authors), 5, "not UTF-8 at byte 22"),
        (str(authors), 6, "duplicate; the first line with the same id is kept"),
    ]
    assert rejects(report.rejects)[1]["text"] == '{"id": "a4", "na'
    assert (report.lines, report.people, report.rejected) == (5, 1, 4)


def test_the_first_of_two_lines_with_one_id_is_kept(backend_of):
    backend = backend_of([ADA, ADA | {"name": "Other"}], [LOOMS, LOOMS | {"title": "Other"}])
    assert backend.getPersonBasicInfo("a1").name == "Ada Mercer"
    assert backend.getPublication("p1").title == "On Looms"


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        ({"coauthor_id": "nobody"}, "coauthor_id: no author has the id 'nobody'"),
        ({"relation": "boss"}, "relation: one of advisor, advisee, coauthor expected, not 'boss'"),
    ],
)
def test_relations_that_cannot_be_used(write_lines, tmp_path, relation, reason):
    line = {"person_id": "a1", "coauthor_id": "a2", "relation": "advisor"} | relation
    report = build_graph(
        [write_lines("a", [ADA, BO])],
        [write_lines("p", [])],
        [write_lines("r", [line])],
        out=tmp_path / "graph.sqlite",
    )
    assert [entry["reason"] for entry in rejects(report.rejects)] == [reason]


def test_a_build_without_bad_lines_leaves_no_older_rejects_file(write_lines, tmp_path):
    out = tmp_path / "graph.sqlite"
    build_graph([write_lines("a", [ADA, {}])], [write_lines("p", [])], out=out)
    build_graph([write_lines("a", [ADA])], [write_lines("p", [])], out=out)
    assert not (tmp_path / "graph.sqlite.rejects.jsonl").exists()


def test_dumps_without_one_usable_author_are_an_error_that_names_the_reasons(write_lines, tmp_path):
    with pytest.raises(DataError, match=r"graph\.sqlite\.rejects\.jsonl") as caught:
        build_graph([write_lines("p", [LOOMS])], [write_lines("a", [ADA])], out=tmp_path / "graph.sqlite")
    assert caught.value.kind == "no_authors"
    assert {entry["reason"] for entry in rejects(tmp_path / "graph.sqlite.rejects.jsonl")} == {
        "name: missing",
        "title: missing",
    }
    assert not (tmp_path / "graph.sqlite").exists()


def test_dumps_without_any_author_are_an_error_that_leaves_what_was_there(write_lines, tmp_path):
    out = tmp_path / "graph.sqlite"
    build_graph([write_lines("a", [ADA, {}])], [write_lines("p", [])], out=out)
    before = out.read_bytes()
    with pytest.raises(DataError, match="The dumps hold no author") as caught:
        build_graph([write_lines("a", [])], [write_lines("p", [LOOMS])], out=out)
    assert caught.value.kind == "no_authors"
    assert out.read_bytes() == before
    assert len(rejects(tmp_path / "graph.sqlite.rejects.jsonl")) == 1


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_damaged_dump_leaves_the_older_graph_and_nothing_else(write_lines, tmp_path, compress):
    out = tmp_path / "graphs" / "graph.sqlite"
    out.parent.mkdir()
    authors = write_lines("a", [ADA])
    build_graph([authors], [write_lines("p", [])], out=out)
    before = out.read_bytes()
    papers = tmp_path / "papers"
    papers.write_bytes(compress(json.dumps(LOOMS).encode() * 50)[:-5])
    with pytest.raises(DataError) as caught:
        build_graph([authors], [papers], out=out)
    assert caught.value.kind == "damaged_dump"
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["graph.sqlite"]


def test_a_graph_replaces_the_older_one(write_lines, tmp_path):
    out = tmp_path / "graph.sqlite"
    build_graph([write_lines("a", [ADA])], [write_lines("p", [])], out=out)
    build_graph([write_lines("a", [BO])], [write_lines("p", [])], out=out)
    with closing(LocalBackend(out)) as backend:
        assert [person.name for person in backend.searchPerson(name="Lindqvist")] == ["Bo Lindqvist"]
        assert backend.searchPerson(name="Ada Mercer") == []


@pytest.mark.parametrize("kind", ["authors", "papers", "relations"])
@pytest.mark.parametrize("name", ["graph.sqlite", "graph.sqlite.rejects.jsonl"])
def test_a_dump_is_never_overwritten(write_lines, tmp_path, kind, name):
    dumps = {"authors": [ADA], "papers": [LOOMS], "relations": []}
    files = {of: [write_lines(of if of != kind else name, lines)] for of, lines in dumps.items()}
    before = (tmp_path / name).read_bytes()
    with pytest.raises(DataError) as caught:
        build_graph(**files, out=tmp_path / "graph.sqlite")
    assert caught.value.kind == "output_is_input"
    assert name in caught.value.message
    assert (tmp_path / name).read_bytes() == before


def test_a_link_is_followed(write_lines, tmp_path):
    link, target = tmp_path / "graph.sqlite", tmp_path / "disk" / "real.sqlite"
    target.parent.mkdir()
    link.symlink_to(target)
    report = build_graph([write_lines("a", [ADA, {}])], [write_lines("p", [])], out=link)
    assert link.readlink() == target
    assert (report.graph, report.rejects) == (link, tmp_path / "disk" / "real.sqlite.rejects.jsonl")
    assert sorted(path.name for path in target.parent.iterdir()) == [
        "real.sqlite",
        "real.sqlite.rejects.jsonl",
    ]


@pytest.mark.parametrize("name", ["graph.sqlite", "graph.sqlite.rejects.jsonl"])
def test_a_pipe_is_never_replaced(write_lines, tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match="a pipe or a device"):
        build_graph([write_lines("a", [ADA])], [write_lines("p", [])], out=tmp_path / "graph.sqlite")
    assert (tmp_path / name).is_fifo()


@pytest.mark.parametrize("out", [Path(), Path("/"), Path("a\0b")])
def test_an_output_without_a_name_is_an_error(write_lines, out):
    with pytest.raises(DataError, match="no name of a file"):
        build_graph([write_lines("a", [ADA])], [write_lines("p", [])], out=out)


def test_files_whose_names_are_not_text(write_lines, tmp_path):
    authors = write_lines("a", [ADA, {}])
    authors = authors.rename(tmp_path / os.fsdecode(b"a\xff.jsonl"))
    out = tmp_path / os.fsdecode(b"g\xff #1?.sqlite")
    report = build_graph([authors], [write_lines("p", [LOOMS])], out=out)
    assert [entry["file"] for entry in rejects(report.rejects)] == [f"{tmp_path}/a\\udcff.jsonl"]
    with closing(LocalBackend(out)) as backend:
        assert backend.getPersonBasicInfo("a1").name == "Ada Mercer"
        assert backend.data()["graph"] == "g\\udcff #1?.sqlite"


@pytest.mark.parametrize("out", ["missing/graph.sqlite", "."])
def test_an_output_that_cannot_be_written_is_an_error(write_lines, tmp_path, out):
    with pytest.raises(DataError) as caught:
        build_graph([write_lines("a", [ADA])], [write_lines("p", [])], out=tmp_path / out)
    assert caught.value.kind == "bad_output"
    assert caught.value.hint


def test_what_a_killed_build_left_behind_is_cleared_away_by_the_next(write_lines, tmp_path):
    killed = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from herdwick.tools.aminer.local.build import build_graph
        a, p, out = map(Path, sys.argv[1:])
        build_graph([a], [p], out=out, progress=lambda step: os.abort() if "papers" in step.stage else None)
    """)
    out = tmp_path / "graphs" / "graph.sqlite"
    out.parent.mkdir()
    files = write_lines("a", [ADA]), write_lines("p", [LOOMS])
    subprocess.run([sys.executable, "-c", killed, *files, out], check=False, capture_output=True, timeout=60)
    assert [path.name.startswith(".graph.sqlite.building-") for path in out.parent.iterdir()] == [True]
    build_graph([files[0]], [files[1]], out=out)
    assert [path.name for path in out.parent.iterdir()] == ["graph.sqlite"]


def test_a_build_leaves_alone_what_another_is_building(write_lines, tmp_path):
    files = write_lines("a", [ADA]), write_lines("p", [LOOMS])
    out = tmp_path / "graph.sqlite"
    seen = []

    def build_again(step: Progress) -> None:
        if step.stage == "reading papers" and not seen:
            seen.append(step)
            build_graph([files[0]], [files[1]], out=out)

    report = build_graph([files[0]], [files[1]], out=out, progress=build_again)
    assert seen
    assert report.papers == 1


def test_a_build_that_is_about_to_finish_is_left_alone(write_lines, tmp_path, monkeypatch):
    files = write_lines("a", [ADA]), write_lines("p", [LOOMS])
    out = tmp_path / "graph.sqlite"
    fsync, seen = os.fsync, []

    def build_again_first(descriptor: int) -> None:
        if not seen:
            seen.append(descriptor)
            build_graph([files[0]], [files[1]], out=out)
        fsync(descriptor)

    monkeypatch.setattr("herdwick.tools.aminer.local.workshop.os.fsync", build_again_first)
    assert build_graph([files[0]], [files[1]], out=out).papers == 1
    assert seen
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "graph.sqlite", "p"]


def test_progress_goes_through_every_stage_to_its_end(tmp_path):
    dump = write_dump(tmp_path, people=200, papers=12_000, seed=1)
    steps: list[Progress] = []
    build_graph([dump.authors], [dump.papers], [dump.relations], out=tmp_path / "g", progress=steps.append)
    assert list(dict.fromkeys(step.stage for step in steps)) == [
        "reading authors",
        "reading papers",
        "indexing people",
        "reading relations",
        "indexing papers",
        "finishing",
    ]
    papers = [step for step in steps if step.stage == "indexing papers"]
    assert [(step.done, step.total) for step in papers] == [
        (5_000, 12_000),
        (10_000, 12_000),
        (12_000, 12_000),
    ]


def test_the_same_dumps_give_the_same_tables(tmp_path):
    dump = write_dump(tmp_path, people=300, papers=900, seed=1)
    tables = ("person", "paper", "authorship", "relation", "tag", "organization", "term")
    contents = []
    for name in ("one", "two"):
        graph = build_graph([dump.authors], [dump.papers], [dump.relations], out=tmp_path / name).graph
        with closing(sqlite3.connect(graph)) as connection:
            contents.append([connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables])
    assert all(contents[0])
    assert contents[0] == contents[1]


def test_a_paper_keeps_authors_without_profile_by_name(backend_of):
    authors = [{"id": "a1", "name": "Ada Mercer"}, {"id": "gone", "name": "Cy"}, {"name": "Di", "org": "MIT"}]
    backend = backend_of([ADA], [LOOMS | {"authors": authors}])
    assert [(author.person_id, author.name) for author in backend.getPublication("p1").author_list] == [
        ("a1", "Ada Mercer"),
        ("", "Cy"),
        ("", "Di"),
    ]


def test_authors_without_profile_are_counted(write_lines, tmp_path):
    paper = LOOMS | {"authors": [{"id": "a1", "name": "Ada"}, {"name": "Cy"}, {"id": "", "name": ""}, {}]}
    report = build_graph([write_lines("a", [ADA])], [write_lines("p", [paper])], out=tmp_path / "g")
    assert report.unlinked_authors == 1


def test_a_profile_claims_its_papers(backend_of):
    claiming = ADA | {"pubs": [{"i": "p1", "r": 1}, {"i": "elsewhere"}]}
    backend = backend_of([claiming], [LOOMS | {"authors": [{"name": "Bo"}, {"name": "ADA MERCER"}]}])
    assert [pub.pub_id for pub in backend.getPersonPubs("a1")] == ["p1"]
    assert [author.person_id for author in backend.getPublication("p1").author_list] == ["", "a1"]


def test_a_claim_counts_although_the_paper_spells_the_name_otherwise(backend_of):
    backend = backend_of([ADA | {"pubs": [{"i": "p1"}]}], [LOOMS | {"authors": [{"name": "A. Mercer"}]}])
    assert [pub.title for pub in backend.getPersonPubs("a1")] == ["On Looms"]
    assert [author.person_id for author in backend.getPublication("p1").author_list] == [""]


@settings(max_examples=40, deadline=None)
@given(
    lines=st.lists(
        st.binary(max_size=60)
        | st.sampled_from(
            [b'{"id": "a1", "name": "Ada"}', b'{"id": "a2", "name": "B", "orgs": 3}', b"{}", b" "]
        )
        | st.builds(
            lambda identifier, name: json.dumps({"id": identifier, "name": name}).encode(),
            st.integers(0, 5) | st.text(max_size=3),
            st.text(),
        ),
        max_size=15,
    )
)
def test_every_line_is_used_or_refused(lines):
    with tempfile.TemporaryDirectory() as folder:
        authors, papers = Path(folder) / "a", Path(folder) / "p"
        authors.write_bytes(b'{"id": "first", "name": "First"}\n' + b"\n".join(lines))
        papers.write_bytes(b"")
        report = build_graph([authors], [papers], out=Path(folder) / "graph.sqlite")
        assert report.lines == report.people + report.rejected
        assert report.rejected == (len(rejects(report.rejects)) if report.rejects else 0)
