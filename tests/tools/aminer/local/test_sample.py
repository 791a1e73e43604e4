"""The generator of invented graphs."""

import json
from collections import Counter
from pathlib import Path

import pytest

from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.sample import Dump, write_dump


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def dump(tmp_path_factory) -> Dump:
    return write_dump(tmp_path_factory.mktemp("dump"), people=1_500, papers=4_000, seed=3)


def test_it_writes_exactly_as_many_as_asked_for(dump):
    assert (len(read(dump.authors)), len(read(dump.papers))) == (1_500, 4_000)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    first = write_dump(tmp_path / "a", people=100, papers=300, seed=9)
    second = write_dump(tmp_path / "b", people=100, papers=300, seed=9)
    other = write_dump(tmp_path / "c", people=100, papers=300, seed=10)
    assert first.papers.read_bytes() == second.papers.read_bytes() != other.papers.read_bytes()


def test_every_line_can_be_built(dump, tmp_path):
    report = build_graph([dump.authors], [dump.papers], [dump.relations], out=tmp_path / "g.sqlite")
    assert (report.people, report.papers, report.rejected) == (1_500, 4_000, 0)


def test_the_splits_share_no_name_organization_field_or_title(tmp_path):
    seen = []
    for split in ("train", "dev"):
        made = write_dump(tmp_path / split, people=800, papers=2_400, seed=1, split=split)
        authors, papers = read(made.authors), read(made.papers)
        seen.append(
            {author["name"] for author in authors}
            | {author["name"] for paper in papers for author in paper["authors"]}
            | {author["org"] for author in authors if author.get("org")}
            | {tag["t"] for author in authors for tag in author["tags"]}
            | {keyword for paper in papers for keyword in paper["keywords"]}
            | {paper["title"] for paper in papers}
        )
    assert seen[0] & seen[1] == set()


def test_some_people_have_namesakes_elsewhere(dump):
    organizations: dict[str, set[str]] = {}
    for author in read(dump.authors):
        current = author.get("org") or "".join(author.get("orgs", []))
        organizations.setdefault(author["name"], set()).add(current)
    assert sum(len(places) > 1 for places in organizations.values()) >= 20


def test_some_profiles_have_gaps(dump):
    authors = read(dump.authors)
    for field in ("bio", "edu", "email", "position"):
        assert 0 < sum(not author.get(field) for author in authors) < len(authors) / 2 + 100


@pytest.mark.parametrize("character", ["'", "-", ".", "é", "王", "д", "م", "ğ"])
def test_names_are_of_many_cultures(dump, character):
    assert any(character in author["name"] for author in read(dump.authors))


def test_relations_hold_from_both_sides(dump):
    relations = {(r["person_id"], r["coauthor_id"]): r["relation"] for r in read(dump.relations)}
    inverse = {"advisor": "advisee", "advisee": "advisor"}
    assert relations
    assert all(relations[other, person] == inverse[said] for (person, other), said in relations.items())


def test_people_publish_with_others_more_than_once(dump):
    pairs: Counter[frozenset[str]] = Counter()
    for paper in read(dump.papers):
        ids = [author["id"] for author in paper["authors"] if "id" in author]
        pairs.update(frozenset((one, other)) for one in ids for other in ids if one < other)
    assert sum(count > 1 for count in pairs.values()) > len(pairs) / 10


def test_addresses_are_on_reserved_domains(dump):
    emails = [author["email"] for author in read(dump.authors) if "email" in author]
    links = [paper["pdf"] for paper in read(dump.papers) if "pdf" in paper]
    assert emails
    assert links
    assert all(email.endswith(".example.org") for email in emails)
    assert all(link.startswith("https://papers.example.org/") for link in links)
