"""Invented academic graphs of any size, written as the dumps `build_graph` reads.

dump = write_dump(Path("dump"), people=2_000, papers=6_000, seed=1)
build_graph([dump.authors], [dump.papers], [dump.relations], out=Path("graph.sqlite"))

Nobody in it exists: names are combinations of lists. People come in communities that share an institution, a
few research fields and coauthors; some have namesakes elsewhere, some lack half a profile. The same arguments
give the same dump, byte for byte. One community is in memory at a time.
"""

import json
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from herdwick.tools.aminer.folding import fold, words
from herdwick.tools.aminer.local.phrases import Phrases
from herdwick.tools.aminer.local.vocabulary import Culture, Split, load_vocabulary

Record = dict[str, Any]
"""One dump line, as design.md's "Graph import" describes it."""

FIRST_YEAR, LAST_YEAR = 1990, 2026
_REMEMBERED_PEOPLE = 400
"""How many earlier people may be met again, as a guest coauthor or by their name."""


@dataclass(frozen=True)
class Dump:
    """Files of one generated graph."""

    authors: Path
    papers: Path
    relations: Path


@dataclass(frozen=True)
class Community:
    """People who publish with one another, and what they published."""

    authors: list[Record]
    papers: list[Record]
    relations: list[Record]


@dataclass
class _Member:
    """A person being made: papers are added until the community is complete."""

    record: Record
    organization: str
    fields: list[str]
    activity: float
    citations: int = 0


def write_dump(folder: Path, people: int, papers: int, seed: int, split: Split | None = None) -> Dump:
    """Generates a graph into `folder` as JSON lines.

    Args:
        folder: Made if missing; files of the same names are replaced.
        people: Exact number of author lines.
        papers: Exact number of paper lines.
        seed: Another seed, another graph.
        split: Draw only from the training or only from the development vocabulary; the two share no name,
            organization, research field or title. None draws from both.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dump = Dump(folder / "authors.jsonl", folder / "papers.jsonl", folder / "relations.jsonl")
    with (
        dump.authors.open("w", encoding="utf-8") as author_file,
        dump.papers.open("w", encoding="utf-8") as paper_file,
        dump.relations.open("w", encoding="utf-8") as relation_file,
    ):
        for community in generate(people, papers, seed, split):
            _write(author_file, community.authors)
            _write(paper_file, community.papers)
            _write(relation_file, community.relations)
    return dump


def generate(people: int, papers: int, seed: int, split: Split | None = None) -> Iterator[Community]:
    """The communities of a graph, one after the other; see `write_dump` for the arguments."""
    generator = _Generator(random.Random(seed), split)  # noqa: S311
    made_people = made_papers = 0
    while made_people < people:
        size = min(generator.community_size(), people - made_people)
        made_people += size
        share = papers * made_people // people - made_papers
        made_papers += share
        yield generator.community(size, share)


def _write(file: TextIO, records: list[Record]) -> None:
    file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


class _Generator:
    def __init__(self, rng: random.Random, split: Split | None) -> None:
        self._rng = rng
        self._vocabulary = load_vocabulary(split)
        self._phrases = Phrases(rng, self._vocabulary)
        self._weights = [culture.weight for culture in self._vocabulary.cultures]
        self._met: deque[_Member] = deque(maxlen=_REMEMBERED_PEOPLE)

    def community_size(self) -> int:
        return self._rng.randint(8, 40)

    def community(self, size: int, papers: int) -> Community:
        rng = self._rng
        home = rng.choice(self._vocabulary.organizations)
        area = rng.choice(self._vocabulary.areas)
        themes = rng.sample(area, min(len(area), rng.randint(3, 6)))
        host = rng.choices(self._vocabulary.cultures, self._weights)[0]
        members = [self._member(home, themes, host) for _ in range(size)]
        members.sort(key=lambda member: member.activity, reverse=True)
        published = [self._paper(members) for _ in range(papers)]
        relations = self._supervision(members)
        for rank, member in enumerate(members):
            self._finish(member, seniority=1 - rank / size)
        self._met.extend(rng.sample(members, min(len(members), 5)))
        return Community([member.record for member in members], published, relations)

    def _member(self, home: str, themes: list[str], host: Culture) -> _Member:
        rng = self._rng
        fields = rng.sample(themes, rng.randint(1, len(themes)))
        if rng.random() < 0.35:
            extra = rng.choice(rng.choice(self._vocabulary.areas))
            fields += [extra] if extra not in fields else []
        organization = home if rng.random() < 0.8 else rng.choice(self._vocabulary.organizations)
        written = organization
        if organization.isascii() and rng.random() < 0.15:
            written = f"{rng.choice(self._vocabulary.patterns['department'])}, {organization}"
        culture = host if rng.random() < 0.5 else rng.choices(self._vocabulary.cultures, self._weights)[0]
        gender = rng.choice(("male", "female"))
        record: Record = {
            "id": f"{rng.getrandbits(96):024x}",
            "name": self._name(culture, gender),
            "gender": gender,
            "pubs": [],
        }
        return _Member(record, written, fields, activity=rng.paretovariate(1.2))

    def _name(self, culture: Culture, gender: str) -> str:
        rng = self._rng
        if self._met and rng.random() < 0.04:
            return str(rng.choice(self._met).record["name"])
        given = rng.choice(culture.male if gender == "male" else culture.female)
        family = rng.choice(culture.family)
        if rng.random() < 0.3:
            other = rng.choice(rng.choices(self._vocabulary.cultures, self._weights)[0].family)
            family = other if _is_latin(given) and _is_latin(other) else family
        if family.isascii() and rng.random() < 0.1:
            given = f"{given} {rng.choice('ABCDEFGHJKLMNPRSTVW')}."
        elif "-" not in family and culture.full == "{given} {family}" and rng.random() < 0.03:
            family = f"{family}-{rng.choice(culture.family)}"
        return culture.full.format(given=given, family=family)

    def _paper(self, members: list[_Member]) -> Record:
        rng = self._rng
        drawn = rng.choices(
            members, [member.activity for member in members], k=rng.choice((1, 2, 2, 3, 3, 4, 5, 7))
        )
        team = list({id(member): member for member in drawn}.values())
        field = rng.choice(team[0].fields)
        year = LAST_YEAR - int(rng.triangular(0, LAST_YEAR - FIRST_YEAR, 4))
        cited = int(rng.lognormvariate(1.6 + 0.06 * (LAST_YEAR - year), 1.3))
        authors: list[Record] = [
            {"id": member.record["id"], "name": member.record["name"], "org": member.organization}
            for member in team
        ]
        if self._met and rng.random() < 0.12:
            guest = rng.choice(self._met).record
            authors.append({"id": guest["id"], "name": guest["name"], "org": guest.get("org", "")})
        if rng.random() < 0.06:
            culture = rng.choices(self._vocabulary.cultures, self._weights)[0]
            authors.append({"name": self._name(culture, rng.choice(("male", "female")))})
        record: Record = {
            "id": f"{rng.getrandbits(96):024x}",
            "title": self._phrases.title(field),
            "year": year,
            "n_citation": cited,
            "authors": authors,
            "venue": self._venue(field),
            "keywords": list(dict.fromkeys([field, *rng.sample(team[-1].fields, 1)])),
        }
        if rng.random() < 0.9:
            record["abstract"] = self._phrases.abstract(field, rng.choice(team[-1].fields))
        if rng.random() < 0.6:
            record["pdf"] = f"https://papers.example.org/{year}/{record['id']}.pdf"
        for order, member in enumerate(team):
            member.record["pubs"].append({"i": record["id"], "r": order})
            member.citations += cited
        return record

    def _venue(self, field: str) -> str | Record:
        name = self._phrases.venue(field)
        return self._rng.choice((name, name, {"raw": name}, {"info": {"name": name}}))

    def _supervision(self, members: list[_Member]) -> list[Record]:
        """The less active half has advisors among the most active sixth, said in both directions."""
        seniors = members[: max(1, len(members) // 6)]
        relations: list[Record] = []
        for junior in members[len(members) // 2 :]:
            if self._rng.random() < 0.6:
                pair = (junior.record["id"], self._rng.choice(seniors).record["id"])
                if pair[0] != pair[1]:
                    relations.append({"person_id": pair[0], "coauthor_id": pair[1], "relation": "advisor"})
                    relations.append({"person_id": pair[1], "coauthor_id": pair[0], "relation": "advisee"})
        return relations

    def _finish(self, member: _Member, seniority: float) -> None:
        """Fills in the profile, with the gaps real profiles have."""
        rng, record = self._rng, member.record
        rank = "senior" if seniority > 0.8 else "middle" if seniority > 0.4 else "junior"
        position = rng.choice(self._vocabulary.patterns[rank]) if rng.random() < 0.85 else ""
        organization = member.organization if rng.random() < 0.96 else ""
        fields = (member.fields[0], member.fields[-1])
        record["org" if rng.random() < 0.5 else "orgs"] = organization
        if "orgs" in record:
            record["orgs"] = [organization] if organization else []
        record["n_pubs"] = len(record["pubs"]) + int(rng.expovariate(0.2) * seniority)
        record["n_citation"] = member.citations + int(rng.expovariate(0.01) * seniority)
        weights = sorted((rng.randint(1, 200) for _ in member.fields), reverse=True)
        tagged = rng.random() < 0.95
        record["tags"] = (
            [{"t": t, "w": w} for t, w in zip(member.fields, weights, strict=True)] if tagged else []
        )
        if position:
            record["position"] = position
        if rng.random() < 0.7:
            record["bio"] = self._phrases.bio(record["name"], position, organization, fields)
        if rng.random() < 0.65:
            record["edu"] = self._phrases.education(fields[0])
        if rng.random() < 0.6:
            record["email"] = self._email(record["name"])
        if rng.random() < 0.15:
            record["gender"] = ""

    def _email(self, name: str) -> str:
        rng = self._rng
        local = ".".join(word for word in words(name) if word.isascii()) or f"u{rng.randint(1000, 9999)}"
        return f"{local}@{rng.choice(('mail', 'cs', 'lab'))}.example.org"


def _is_latin(name: str) -> bool:
    return fold(name).isascii()
