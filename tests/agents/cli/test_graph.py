import json
import os
from contextlib import closing

import pytest

from herdwick.tools.aminer.local.store import LocalBackend


def test_build_takes_several_files_after_one_option_as_shells_expand_them(invoke, dumps, tmp_path):
    authors, papers = dumps
    more = tmp_path / "more.jsonl"
    more.write_text('{"id": "p9", "name": "Di Fenn"}\n')
    out = tmp_path / "g.sqlite"
    result = invoke("graph", "build", "--authors", authors, more, "--papers", papers, "--out", out, "--json")
    report = json.loads(result.stdout)
    assert (report["people"], report["papers"], report["rejected"], report["rejects"]) == (4, 1, 0, None)
    assert (report["graph"], result.exit_code, result.stderr) == (str(out), 0, "")


def test_build_names_the_file_of_the_lines_it_could_not_use(invoke, dumps, tmp_path):
    _, papers = dumps
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "p9", "name": "Di Fenn"}\nnot json\n')
    out = tmp_path / "g.sqlite"
    result = invoke("graph", "build", "--authors", bad, "--papers", papers, "--out", out)
    rejects = tmp_path / "g.sqlite.rejects.jsonl"
    assert f"1 of them not used; the reasons are in {rejects}" in result.stdout
    assert json.loads(rejects.read_text())["line"] == 2


def test_a_failed_build_leaves_the_older_graph(invoke, dumps, graph, tmp_path):
    authors, _ = dumps
    out = tmp_path / "g.sqlite"
    out.write_bytes(graph.read_bytes())
    missing = tmp_path / "no.jsonl"
    result = invoke("graph", "build", "--authors", authors, "--papers", missing, "--out", out, "--json")
    assert (json.loads(result.stdout)["error"]["kind"], result.exit_code) == ("missing_dump", 1)
    assert out.read_bytes() == graph.read_bytes()


@pytest.mark.parametrize("left_out", ["--authors", "--papers", "--out"])
def test_build_without_a_needed_option_is_wrong_usage(invoke, dumps, tmp_path, left_out):
    given = {"--authors": dumps[0], "--papers": dumps[1], "--out": tmp_path / "g.sqlite"}
    del given[left_out]
    result = invoke("graph", "build", *(part for pair in given.items() for part in pair))
    assert result.exit_code == 2
    assert f"Missing option '{left_out}'" in result.stderr


@pytest.mark.parametrize("out", ["", "/", "."])
def test_an_output_that_is_no_name_of_a_file_is_wrong_usage(invoke, dumps, out):
    result = invoke("graph", "build", "--authors", dumps[0], "--papers", dumps[1], "--out", out)
    assert result.exit_code == 2
    assert "Invalid value for '--out'" in result.stderr


def test_file_names_that_are_not_text_are_shown_with_escapes(invoke, dumps, tmp_path):
    authors = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    authors.write_bytes(dumps[0].read_bytes() + b"not json\n")
    out = tmp_path / os.fsdecode(b"caf\xe9.sqlite")
    result = invoke("graph", "build", "--authors", authors, "--papers", dumps[1], "--out", out, "--json")
    report = json.loads(result.stdout)
    assert report["graph"] == f"{tmp_path}/caf\\udce9.sqlite"
    assert report["rejects"] == f"{report['graph']}.rejects.jsonl"
    assert result.exit_code == 0


def test_a_generated_sample_builds_into_a_graph_labelled_synthetic(invoke, tmp_path):
    made = invoke(
        "graph", "sample", "--people", 20, "--papers", 30, "--seed", 5, "--out", tmp_path / "d", "--json"
    )
    files = json.loads(made.stdout)
    out = tmp_path / "g.sqlite"
    sources = [part for kind in ("authors", "papers", "relations") for part in (f"--{kind}", files[kind])]
    built = json.loads(invoke("graph", "build", "--synthetic", *sources, "--out", out, "--json").stdout)
    assert (built["people"], built["papers"]) == (20, 30)
    with closing(LocalBackend(out)) as backend:
        assert backend.data()["synthetic"] is True


def test_the_same_seed_gives_the_same_sample(invoke, tmp_path):
    for name in ("one", "two"):
        invoke("graph", "sample", "--people", 20, "--papers", 30, "--seed", 5, "--out", tmp_path / name)
    assert (tmp_path / "one/authors.jsonl").read_bytes() == (tmp_path / "two/authors.jsonl").read_bytes()


def test_a_sample_that_cannot_be_written_says_so(invoke, tmp_path):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "d"
    result = invoke("graph", "sample", "--people", 5, "--papers", 5, "--out", out, "--json")
    assert (json.loads(result.stdout)["error"]["kind"], result.exit_code) == ("bad_output", 1)
