from dataclasses import replace

import pytest
from rich.console import Console

from herdwick.evals.intervals import Interval, Share
from herdwick.evals.metrics import Metrics, Slice
from herdwick.evals.metrics_table import MOST, metrics_table


def part(right, n, **fields):
    return Slice(n, Share(0, 0), Share(right, n, **fields), Share(right, n, **fields), Share(right, n), {})


def metrics(**fields):
    whole = {"all": part(9, 10), "refusals": Share(0, 0), "refused_wrongly": Share(0, 10)}
    return Metrics(**{**whole, "score": None, "hops": {}, "tags": {}} | fields)


@pytest.fixture
def lines_of():
    """The lines that are printed of metrics, without what pads them."""

    def lines(found):
        console = Console(width=200)
        with console.capture() as captured:
            console.print(metrics_table(found))
        return [line.rstrip() for line in captured.get().splitlines()]

    return lines


def test_the_interval_that_is_shown_is_that_of_the_clusters(lines_of):
    whole = part(264, 264, clusters=44, effective=44.0)
    lines = lines_of(metrics(all=whole))
    assert lines[1].split()[:3] == ["all", "264", "-"]
    assert lines[1].count("100.0% (92.0% to 100.0%)") == 2
    assert "Intervals are of 44 clusters: questions that share a template, or were repeated." in lines


def test_nothing_is_said_of_clusters_where_each_is_one_question(lines_of):
    assert not any("cluster" in line for line in lines_of(metrics()))


@pytest.mark.parametrize(("group", "prefix"), [("tags", ""), ("templates", "template ")])
def test_of_many_parts_those_that_are_surely_the_worst_are_shown(lines_of, group, prefix):
    parts = {f"p{at}": part(at, 200) for at in range(MOST + 30)} | {"one": part(0, 1)}
    lines = lines_of(metrics(**{group: parts}))
    shown = [line.split("  ")[0] for line in lines if line.startswith(f"{prefix}p")]
    assert shown == [f"{prefix}p{at}" for at in range(MOST)]
    assert f"… and 31 more {group}" in lines
    assert lines[-1] == "All tags and templates are in metrics.json and report.html."


def test_kinds_and_one_hop_have_lines(lines_of):
    lines = lines_of(metrics(hops={1: part(1, 2), 2: part(1, 2)}, kinds={"mcq": part(1, 4)}))
    assert [line.split("  ")[0] for line in lines[2:5]] == ["1 hop", "2 hops", "kind mcq"]


def test_the_score_has_its_interval(lines_of):
    found = replace(metrics(), score=0.5, score_interval=Interval(0.25, 0.875))
    assert lines_of(found)[-1] == "SoAyBench's score: 50.0 (25.0 to 87.5)"
