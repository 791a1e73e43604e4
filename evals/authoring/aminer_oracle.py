"""What every intent of the AMiner domain means, answered from a `World`: the meaning side of the oracle.

    MEANINGS["pubs.since"](Reading(world, {"name": "Ada Mercer", "year": 2015}))       # ["…", "…"]

A meaning says what is asked, not by which calls it is found, and raises `Ambiguous` where a question about
these entities has no single answer.
"""

from collections.abc import Callable

from pydantic import JsonValue

from herdwick.evals.authoring.aminer_reading import (
    Reading,
    average,
    by_name,
    cited,
    each_once,
    names,
    profile,
    publication,
    titles,
)
from herdwick.evals.authoring.aminer_records import Person, contains_run, plain
from herdwick.evals.authoring.aminer_world import Ambiguous, Coauthor, best, capped, ranked

Meaning = Callable[[Reading], JsonValue]


def _among(people: list[Person], *tests: Callable[[Person], bool]) -> list[Person]:
    return [person for person in people if all(test(person) for test in tests)]


def _in_common(r: Reading) -> list[Person]:
    theirs = [other.person for other in r.world.coauthors(r.second)]
    return [person for person in r.coauthors if person in theirs]


def _coauthors_of_coauthors(r: Reading) -> list[JsonValue]:
    met = [
        other.person.name
        for coauthor in r.coauthors
        for other in r.world.coauthors(coauthor)
        if other.person is not r.person
    ]
    return each_once(met)


def _people_with(r: Reading) -> list[JsonValue]:
    known = r.world.find_person(name=r.slots["name"])
    circle = [other.person for other in r.world.coauthors(known)]
    return names(person for person in r.people if person in circle)


def _namesakes(r: Reading) -> list[Person]:
    found = capped(r.world.find_people(r.slots["name"]))
    if len({person.organization for person in found}) < max(2, len(found)):
        raise Ambiguous
    return found


def _works(r: Reading, test: Callable[[Person], bool]) -> bool:
    # A name with a part more or less may be the same person: then the question has two readings.
    asked = set(plain(r.slots["name"]).split())
    near = [person for person in r.world.people.values() if asked <= set(plain(person.name).split())]
    if any(plain(person.name) != plain(r.slots["name"]) for person in near) or not near:
        raise Ambiguous
    return any(map(test, near))


def _colleagues(r: Reading) -> list[JsonValue]:
    if not r.person.organization:
        raise Ambiguous
    there = capped(r.world.find_people(organization=r.person.organization))
    return names(person for person in there if person is not r.person)


def _joint(r: Reading) -> list[JsonValue]:
    return titles(
        paper
        for paper in r.pubs
        if any(author.id == r.second.id or author.name == r.second.name for author in paper.authors)
    )


def _is_related(r: Reading, relation: str = "") -> bool:
    known: list[Coauthor] = r.world.coauthors(r.person)
    return any(other.person is r.second and relation in ("", other.relation) for other in known)


def _top_paper_of_each(r: Reading) -> JsonValue:
    return by_name(r.coauthors, lambda person: r.world.representative(person).title)


MEANINGS: dict[str, Meaning] = {
    # One person.
    "person.interests": lambda r: list(r.person.interests),
    "person.citations": lambda r: r.person.num_citation,
    "person.num_pubs": lambda r: r.person.num_pubs,
    "person.organization": lambda r: r.person.organization,
    "person.citations_per_paper": lambda r: average(r.person.num_citation, r.person.num_pubs),
    "person.works_at": lambda r: _works(r, r.at_org),
    "person.works_on": lambda r: _works(r, r.in_field),
    "profile.gender": lambda r: r.person.gender,
    "profile.position": lambda r: r.person.position,
    "profile.bio": lambda r: r.person.bio,
    "profile.education": lambda r: r.person.education,
    "profile.email": lambda r: r.person.email,
    "profile.all": lambda r: profile(r.person),
    # Groups of people.
    "namesakes.organizations": lambda r: each_once(p.organization for p in _namesakes(r)),
    "people.list": lambda r: names(r.people),
    "people.most_cited": lambda r: r.everybody[0].name,
    "people.top": lambda r: names(r.people[: r.slots["k"]]),
    "people.most_productive": lambda r: best(r.people, lambda p: p.num_pubs).name,
    "people.cited_over": lambda r: names(p for p in r.people if p.num_citation > r.slots["number"]),
    "people.pubs_over": lambda r: names(p for p in r.people if p.num_pubs > r.slots["number"]),
    "people.organizations": lambda r: each_once(p.organization for p in r.people),
    "people.interests": lambda r: each_once(field for p in r.people for field in p.interests),
    "colleagues.list": _colleagues,
    "people.top_productive": lambda r: names(ranked(r.people, lambda p: p.num_pubs)[: r.slots["k"]]),
    # Two people.
    "compare.more_citations": lambda r: best(r.pair, cited) is r.person,
    "compare.more_pubs": lambda r: best(r.pair, lambda p: p.num_pubs) is r.person,
    "compare.citations": lambda r: best(r.pair, cited).name,
    "compare.num_pubs": lambda r: best(r.pair, lambda p: p.num_pubs).name,
    "compare.citation_gap": lambda r: abs(r.person.num_citation - r.second.num_citation),
    "compare.common_interests": lambda r: [i for i in r.person.interests if i in r.second.interests],
    "compare.same_organization": lambda r: len(each_once(p.organization for p in r.pair)) == 1,
    "compare.coauthors": lambda r: best(r.pair, lambda p: len(r.world.coauthors(p))).name,
    "compare.rep_citations": lambda r: best(r.pair, lambda p: cited(r.world.representative(p))).name,
    "coauthors.worked_with": lambda r: _is_related(r),
    "coauthors.is_advisor": lambda r: _is_related(r, "advisor"),
    "coauthors.common": lambda r: names(_in_common(r)),
    "coauthors.common_count": lambda r: len(_in_common(r)),
    # A person's collaborators.
    "coauthors.list": lambda r: names(r.coauthors),
    "coauthors.count": lambda r: len(r.coauthors),
    "coauthors.advisors": lambda r: names(r.related(r.person, "advisor")),
    "coauthors.advisees": lambda r: names(r.related(r.person, "advisee")),
    "coauthors.advisee_count": lambda r: len(r.related(r.person, "advisee")),
    "coauthors.people_with": _people_with,
    "coauthors.in_field": lambda r: names(_among(r.coauthors, r.in_field)),
    "coauthors.at_org": lambda r: names(_among(r.coauthors, r.at_org)),
    "coauthors.at_org_in_field": lambda r: names(_among(r.coauthors, r.at_org, r.in_field)),
    "coauthors.count_in_field": lambda r: len(_among(r.coauthors, r.in_field)),
    "coauthors.count_at_org": lambda r: len(_among(r.coauthors, r.at_org)),
    "coauthors.most_cited": lambda r: best(r.coauthors, cited).name,
    "coauthors.most_productive": lambda r: best(r.coauthors, lambda p: p.num_pubs).name,
    "coauthors.cited_over": lambda r: names(p for p in r.coauthors if p.num_citation > r.slots["number"]),
    "coauthors.top": lambda r: names(ranked(r.coauthors, cited)[: r.slots["k"]]),
    "coauthors.coauthors": _coauthors_of_coauthors,
    "coauthors.interests": lambda r: by_name(r.coauthors, lambda p: list(p.interests)),
    "coauthors.organizations": lambda r: by_name(r.coauthors, lambda p: p.organization),
    "coauthors.positions": lambda r: by_name(r.coauthors, lambda p: p.position),
    "coauthors.emails": lambda r: by_name(r.coauthors, lambda p: p.email),
    "coauthors.representatives": _top_paper_of_each,
    "advisees.most_cited": lambda r: best(r.related(r.person, "advisee"), cited).name,
    "advisees.interests": lambda r: by_name(r.related(r.person, "advisee"), lambda p: list(p.interests)),
    "advisees.organizations": lambda r: by_name(r.related(r.person, "advisee"), lambda p: p.organization),
    "advisees.in_field": lambda r: names(_among(r.related(r.person, "advisee"), r.in_field)),
    "advisees.at_org": lambda r: names(_among(r.related(r.person, "advisee"), r.at_org)),
    "advisors.emails": lambda r: by_name(r.related(r.person, "advisor"), lambda p: p.email),
    "advisors.interests": lambda r: by_name(r.related(r.person, "advisor"), lambda p: list(p.interests)),
    "advisors.organizations": lambda r: by_name(r.related(r.person, "advisor"), lambda p: p.organization),
    "advisors.pubs": lambda r: titles(
        q for advisor in r.related(r.person, "advisor") for q in r.world.pubs(advisor)
    ),
    # A person's papers.
    "pubs.list": lambda r: titles(r.pubs),
    "pubs.top": lambda r: titles(r.pubs[: r.slots["k"]]),
    "pubs.in_year": lambda r: titles(q for q in r.pubs if q.year == r.slots["year"]),
    "pubs.since": lambda r: titles(q for q in r.pubs if q.year >= r.slots["year"]),
    "pubs.after": lambda r: titles(q for q in r.pubs if q.year > r.slots["year"]),
    "pubs.before": lambda r: titles(q for q in r.pubs if q.year < r.slots["year"]),
    "pubs.between": lambda r: titles(q for q in r.pubs if r.slots["year"] <= q.year <= r.slots["year2"]),
    "pubs.count_since": lambda r: sum(q.year >= r.slots["year"] for q in r.pubs),
    "pubs.cited_over": lambda r: titles(q for q in r.pubs if q.num_citation > r.slots["number"]),
    "pubs.latest": lambda r: r.latest.title,
    "pubs.earliest": lambda r: best(r.pubs, lambda q: -q.year).title,
    "pubs.count_in_year": lambda r: sum(q.year == r.slots["year"] for q in r.pubs),
    "pubs.count_cited_over": lambda r: sum(q.num_citation > r.slots["number"] for q in r.pubs),
    "pubs.about": lambda r: titles(q for q in r.pubs if contains_run(q.title, r.slots["topic"])),
    "pubs.first_year": lambda r: min(q.year for q in r.pubs),
    "pubs.latest_year": lambda r: max(q.year for q in r.pubs),
    "pubs.joint": _joint,
    "pubs.as_first_author": lambda r: titles(q for q in r.pubs if q.authors[0].id == r.person.id),
    "pubs.venues": lambda r: each_once(q.venue for q in r.pubs),
    "pubs.at_venue": lambda r: titles(q for q in r.pubs if plain(q.venue) == plain(r.slots["venue"])),
    "latest.abstract": lambda r: r.latest.abstract,
    "latest.venue": lambda r: r.latest.venue,
    "latest.authors": lambda r: [author.name for author in r.latest.authors],
    "rep.title": lambda r: r.rep.title,
    "rep.citations": lambda r: r.rep.num_citation,
    "rep.year": lambda r: r.rep.year,
    "rep.authors": lambda r: [author.name for author in r.rep.authors],
    "rep.first_author": lambda r: r.rep.authors[0].name,
    "rep.num_authors": lambda r: len(r.rep.authors),
    "rep.abstract": lambda r: r.rep.abstract,
    "rep.pdf": lambda r: r.rep.pdf,
    "rep.venue": lambda r: r.rep.venue,
    "rep.author_organizations": lambda r: each_once(author.organization for author in r.rep.authors),
    # Papers.
    "papers.about": lambda r: titles(r.about),
    "papers.about_since": lambda r: titles(q for q in r.about if q.year >= r.slots["year"]),
    "papers.about_in_year": lambda r: titles(q for q in r.about if q.year == r.slots["year"]),
    "papers.latest_about": lambda r: best(r.about, lambda q: q.year).title,
    "papers.most_cited_about": lambda r: best(r.about, cited).title,
    "papers.authors_about": lambda r: each_once(author.name for q in r.about for author in q.authors),
    "paper.year": lambda r: r.paper.year,
    "paper.authors": lambda r: [author.name for author in r.paper.authors],
    "paper.author_at": lambda r: r.named_author.name,
    "paper.num_authors": lambda r: len(r.paper.authors),
    "paper.citations": lambda r: r.paper.num_citation,
    "paper.abstract": lambda r: r.paper.abstract,
    "paper.venue": lambda r: r.paper.venue,
    "paper.pdf": lambda r: r.paper.pdf,
    "paper.author_organizations": lambda r: each_once(author.organization for author in r.paper.authors),
    "paper.is_author": lambda r: plain(r.slots["name"]) in [plain(a.name) for a in r.paper.authors],
    "paper.all": lambda r: publication(r.paper),
    "compare.earlier_paper": lambda r: best(r.two_papers, lambda q: -q.year).title,
    "compare.paper_citations": lambda r: best(r.two_papers, cited).title,
    # A paper's authors.
    "author.interests": lambda r: list(r.author.interests),
    "author.coauthors": lambda r: names(other.person for other in r.world.coauthors(r.author)),
    "author.advisors": lambda r: names(r.related(r.author, "advisor")),
    "author.pubs": lambda r: titles(r.world.pubs(r.author)),
    "author.rep": lambda r: r.world.representative(r.author).title,
    "author.organization": lambda r: r.author.organization,
    "author.position": lambda r: r.author.position,
    "author.email": lambda r: r.author.email,
    "author.bio": lambda r: r.author.bio,
    "author.education": lambda r: r.author.education,
    "author.gender": lambda r: r.author.gender,
    "author.citations": lambda r: r.author.num_citation,
    "author.num_pubs": lambda r: r.author.num_pubs,
    "authors.interests": lambda r: by_name(r.authors, lambda p: list(p.interests)),
    "authors.organizations": lambda r: by_name(r.authors, lambda p: p.organization),
    "authors.emails": lambda r: by_name(r.authors, lambda p: p.email),
    "authors.most_cited": lambda r: best(r.authors, cited).name,
    "authors.at_org": lambda r: names(_among(r.authors, r.at_org)),
    "authors.in_field": lambda r: names(_among(r.authors, r.in_field)),
}
