import json
import re
from pathlib import Path
from random import Random

import pytest

from herdwick.selfinstruct.entities import EntityPool, KnownPerson

CHINESE = Path(__file__).parents[2] / "selfinstruct" / "seeds" / "aminer" / "chinese.yaml"


def dump(folder: Path, authors: list[dict], papers: list[dict]) -> EntityPool:
    files = folder / "authors.jsonl", folder / "papers.jsonl"
    for file, records in zip(files, (authors, papers), strict=True):
        file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return EntityPool.from_dump(*files)


def test_people_come_with_their_organizations_and_fields(tmp_path: Path) -> None:
    author = {"id": "a", "name": "Ada  Quill", "orgs": ["X", "Y", "X"], "tags": [{"t": "Logic", "w": 2}]}

    pool = dump(tmp_path, [author], [])

    assert pool.people == (KnownPerson("Ada Quill", ("X", "Y"), ("Logic",)),)
    assert (pool.organizations, pool.fields) == (("X", "Y"), ("Logic",))


@pytest.mark.parametrize("venue", ["SOSP", {"raw": "SOSP"}, {"info": {"name": "SOSP"}}])
def test_papers_give_titles_and_venues_of_any_shape(tmp_path: Path, venue) -> None:
    pool = dump(tmp_path, [], [{"id": "p", "title": "On Trees.", "venue": venue}])

    assert (pool.titles, pool.venues) == (("On Trees",), ("SOSP",))


def test_records_without_a_name_or_title_are_passed_over(tmp_path: Path) -> None:
    pool = dump(tmp_path, [{"id": "a", "name": "", "org": "X"}], [{"id": "p"}])

    assert (pool.people, pool.titles) == ((), ())


def test_a_person_asked_for_with_a_field_has_one(tmp_path: Path) -> None:
    authors = [{"id": "a", "name": "No Field"}, {"id": "b", "name": "Field", "tags": [{"t": "Logic"}]}]
    pool = dump(tmp_path, authors, [])

    assert {pool.person(Random(seed), field=True).name for seed in range(20)} == {"Field"}


def test_topics_are_fields_or_word_runs_of_titles_that_no_weak_word_ends(world) -> None:
    (pool,) = world.pools["en"]
    titles = [" ".join(re.findall(r"[^\s:;,.?!()\"“”]+", title)) for title in pool.titles]
    rng = Random(1)

    for _ in range(300):
        topic = pool.topic(rng)
        assert topic in pool.fields or any(topic in title for title in titles)
        assert not {topic.split()[0].lower(), topic.split()[-1].lower()} & {"a", "of", "the", "for", "in"}


def test_invented_people_follow_the_seed() -> None:
    first, again, other = (EntityPool.from_vocabulary(CHINESE, 50, Random(seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other
    assert len(first.people) == 50
