"""Programs as models write them, from one hop to three, run over a real graph."""

import pytest

SEARCH = ("searchPerson",)
COAUTHORS = (*SEARCH, "getCoauthors")
PUBS = (*SEARCH, "getPersonPubs")
INFO = (*SEARCH, "getPersonBasicInfo")
TOPICS = (*SEARCH, "getPersonInterest")
THIRD_SEARCH = (*COAUTHORS, "searchPerson")
PAPER = ("searchPublication", "getPublication")

PROGRAMS = {
    "interests": (
        'final_result = searchPerson(name="Ada Mercer", organization="King\'s College")[0]["interests"]',
        SEARCH,
        ["Data Mining", "Graph Learning"],
    ),
    "citations": (
        'final_result = searchPerson(name="Björn Öst")[0]["num_citation"]',
        SEARCH,
        500,
    ),
    "positional argument": (
        'final_result = searchPerson("Edu Ríos")[0]["num_pubs"]',
        SEARCH,
        2,
    ),
    "organization of a person in a field": (
        'final_result = searchPerson(name="Ada Mercer", interest="Botany")[0]["organization"]',
        SEARCH,
        "Lima Botanical Institute",
    ),
    "researchers at an organization": (
        'final_result = [p["name"] for p in searchPerson(organization="Zürich Polytechnic")]',
        SEARCH,
        ["Edu Ríos", "Björn Öst"],
    ),
    "researchers in a field": (
        'person_list = searchPerson(interest = "Data Mining")\nfinal_result = []\n'
        'for person in person_list:\n    final_result.append(person["name"])',
        SEARCH,
        ["Ada Mercer", "Chen Wei", "Björn Öst"],
    ),
    "how many researchers": (
        'final_result = len(searchPerson(organization="King\'s College"))',
        SEARCH,
        2,
    ),
    "nobody is an answer": (
        'final_result = [p["name"] for p in searchPerson(name="Nemo Null")]',
        SEARCH,
        [],
    ),
    "comparison of two persons": (
        'a = searchPerson(name="Chen Wei")[0]\nb = searchPerson(name="Edu Ríos")[0]\n'
        'final_result = max([a, b], key=lambda p: p["num_citation"])["name"]',
        SEARCH,
        "Edu Ríos",
    ),
    "difference of two persons": (
        'final_result = abs(searchPerson(name="Chen Wei")[0]["num_citation"] '
        '- searchPerson(name="Edu Ríos")[0]["num_citation"])',
        SEARCH,
        100,
    ),
    "three constraints at once": (
        'hits = searchPerson(name="Ada Mercer", organization="King\'s College", interest="Data Mining")\n'
        'final_result = {"name": hits[0]["name"], "papers": hits[0]["num_pubs"]}',
        SEARCH,
        {"name": "Ada Mercer", "papers": 3},
    ),
    "f-string": (
        'p = searchPerson(name="Dina O\'Hara")[0]\n'
        "final_result = f\"{p['name']} has {p['num_citation']:,}\"",
        SEARCH,
        "Dina O'Hara has 300",
    ),
    "sorted by a key": (
        'people = sorted(searchPerson(interest="Data Mining"), key=lambda p: p["num_citation"])\n'
        'final_result = [p["name"] for p in people][:2]',
        SEARCH,
        ["Björn Öst", "Chen Wei"],
    ),
    "dict comprehension": (
        'final_result = {p["name"]: p["num_citation"] for p in searchPerson(interest="Machine Learning")}',
        SEARCH,
        {"Edu Ríos": 800, "Chen Wei": 700},
    ),
    "set of organizations": (
        'final_result = {p["organization"] for p in searchPerson(interest="Machine Learning")}',
        SEARCH,
        ["Tianshan University", "Zürich Polytechnic"],
    ),
    "colleagues": (
        'org = searchPerson(name="Edu Ríos")[0]["organization"]\n'
        'final_result = [p["name"] for p in searchPerson(organization=org) if p["name"] != "Edu Ríos"]',
        ("searchPerson", "searchPerson"),
        ["Björn Öst"],
    ),
    "papers about a topic": (
        'final_result = [p["title"] for p in searchPublication(publication_info="Sheepdog Joins")][0]',
        ("searchPublication",),
        "Sheepdog Joins",
    ),
    "coauthors, step by step": (
        'person_list = searchPerson(name = "Ada Mercer", organization = "King\'s College")\n'
        'target_person = person_list[0]\ntarget_id = target_person["person_id"]\n'
        "coauthor_list = getCoauthors(person_id = target_id)\nresult = []\n"
        'for coauthor in coauthor_list:\n    name = coauthor["name"]\n    result.append(name)\n'
        "final_result = sorted(result)",
        COAUTHORS,
        ["Björn Öst", "Chen Wei", "Dina O'Hara"],
    ),
    "coauthors in one expression": (
        "final_result = sorted(c['name'] for c in "
        "getCoauthors(searchPerson(name='Edu Ríos')[0]['person_id']))",
        COAUTHORS,
        ["Björn Öst", "Chen Wei"],
    ),
    "advisees": (
        'cs = getCoauthors(searchPerson(name="Ada Mercer", interest="Data Mining")[0]["person_id"])\n'
        'final_result = [c["name"] for c in cs if c["relation"] == "advisee"]',
        COAUTHORS,
        ["Dina O'Hara"],
    ),
    "how many coauthors": (
        'final_result = len(getCoauthors(searchPerson(name="Björn Öst")[0]["person_id"]))',
        COAUTHORS,
        4,
    ),
    "common coauthors of two": (
        'a = getCoauthors(searchPerson(name="Chen Wei")[0]["person_id"])\n'
        'b = getCoauthors(searchPerson(name="Dina O\'Hara")[0]["person_id"])\n'
        'ids = {c["person_id"] for c in a} & {c["person_id"] for c in b}\n'
        'final_result = sorted(c["name"] for c in a if c["person_id"] in ids)',
        COAUTHORS,
        ["Ada Mercer", "Björn Öst"],
    ),
    "who at an organization works with a person": (
        'x = searchPerson(name="Björn Öst")[0]["person_id"]\n'
        'final_result = [p["name"] for p in searchPerson(organization="King\'s College") '
        'if x in [c["person_id"] for c in getCoauthors(p["person_id"])]]',
        COAUTHORS,
        ["Ada Mercer", "Dina O'Hara"],
    ),
    "did two persons write together": (
        'a = searchPerson(name="Edu Ríos")[0]\nb = searchPerson(name="Ada Mercer")[0]\n'
        'final_result = any(c["person_id"] == b["person_id"] for c in getCoauthors(a["person_id"]))',
        COAUTHORS,
        False,
    ),
    "papers of a person": (
        'final_result = [p["title"] for p in getPersonPubs(searchPerson(name="Chen Wei")[0]["person_id"])]',
        PUBS,
        ["Herding Sparse Graphs", "Learning to Graze"],
    ),
    "year of the representative work": (
        'p = searchPerson(name="Edu Ríos")[0]\npubs = getPersonPubs(p["person_id"])\n'
        'final_result = pubs[0]["year"]',
        PUBS,
        2020,
    ),
    "authors of the representative work": (
        'p = searchPerson(name="Dina O\'Hara")[0]\n'
        'final_result = getPersonPubs(p["person_id"])[0]["authors_name_list"]',
        PUBS,
        ["Ada Mercer", "Dina O'Hara"],
    ),
    "papers since a year": (
        'pubs = getPersonPubs(searchPerson(name="Björn Öst")[0]["person_id"])\n'
        'final_result = [p["title"] for p in pubs if int(p["year"]) >= 2019]',
        PUBS,
        ["Herding Sparse Graphs", "Wool at Scale"],
    ),
    "papers by year": (
        "by_year = {}\n"
        'for pub in getPersonPubs(searchPerson(name="Björn Öst")[0]["person_id"]):\n'
        '    by_year.setdefault(pub["year"], []).append(pub["title"])\nfinal_result = by_year',
        PUBS,
        {"2019": ["Herding Sparse Graphs"], "2015": ["Fence Queries"], "2022": ["Wool at Scale"]},
    ),
    "citations of all papers": (
        'final_result = sum(p["num_citation"] for p in '
        'getPersonPubs(searchPerson(name="Chen Wei")[0]["person_id"]))',
        PUBS,
        700,
    ),
    "position": (
        'person_id = searchPerson(name="Ada Mercer", organization="Lima")[0]["person_id"]\n'
        'final_result = getPersonBasicInfo(person_id)["position"]',
        INFO,
        "Lecturer",
    ),
    "an unknown field is an empty text": (
        'final_result = getPersonBasicInfo(searchPerson(name="Chen Wei")[0]["person_id"])["email"]',
        INFO,
        "",
    ),
    "professors at an organization": (
        'final_result = [p["name"] for p in searchPerson(organization="Zürich Polytechnic") '
        'if getPersonBasicInfo(p["person_id"])["position"] == "Professor"]',
        INFO,
        ["Edu Ríos"],
    ),
    "interests through a function of the program": (
        "def person(name):\n    return searchPerson(name=name)[0]\n\n"
        'final_result = getPersonInterest(person("Chen Wei")["person_id"])',
        TOPICS,
        ["Machine Learning", "Data Mining"],
    ),
    "shared interests": (
        'a = getPersonInterest(searchPerson(name="Chen Wei")[0]["person_id"])\n'
        'b = getPersonInterest(searchPerson(name="Edu Ríos")[0]["person_id"])\n'
        "final_result = list(set(a) & set(b))",
        TOPICS,
        ["Machine Learning"],
    ),
    "venue of a paper": (
        'pub_id = searchPublication(publication_info="Wool at Scale")[0]["pub_id"]\n'
        'final_result = getPublication(pub_id=pub_id)["venue"]',
        PAPER,
        "OSDI",
    ),
    "authors of a paper": (
        'paper = getPublication(searchPublication("Herding Sparse Graphs")[0]["pub_id"])\n'
        'final_result = [a["name"] for a in paper["author_list"]]',
        PAPER,
        ["Ada Mercer", "Björn Öst", "Chen Wei"],
    ),
    "coauthors in a field": (
        'p = searchPerson(name="Ada Mercer", organization="King\'s College")[0]\n'
        'cs = getCoauthors(p["person_id"])\n'
        'final_result = sorted(c["name"] for c in cs if any(s["person_id"] == c["person_id"] '
        'for s in searchPerson(name=c["name"], interest="data mining")))',
        THIRD_SEARCH,
        ["Björn Öst", "Chen Wei"],
    ),
    "coauthors at an organization": (
        'p = searchPerson(name="Chen Wei")[0]\nresult = []\nfor c in getCoauthors(p["person_id"]):\n'
        '    for hit in searchPerson(name=c["name"], organization="Zürich Polytechnic"):\n'
        '        if hit["person_id"] == c["person_id"]:\n            result.append(hit["name"])\n'
        "final_result = sorted(result)",
        THIRD_SEARCH,
        ["Björn Öst", "Edu Ríos"],
    ),
    "most cited coauthor, called from a key": (
        'cs = getCoauthors(searchPerson(name="Björn Öst")[0]["person_id"])\n'
        'final_result = max(cs, key=lambda c: searchPerson(name=c["name"])[0]["num_citation"])["name"]',
        THIRD_SEARCH,
        "Ada Mercer",
    ),
    "most cited coauthor, in a loop": (
        'coauthors = getCoauthors(searchPerson(name="Björn Öst")[0]["person_id"])\nbest = None\nmost = -1\n'
        'for c in coauthors:\n    info = searchPerson(name=c["name"])[0]\n'
        '    if info["num_citation"] > most:\n        most = info["num_citation"]\n'
        '        best = info["name"]\n'
        "final_result = best",
        THIRD_SEARCH,
        "Ada Mercer",
    ),
    "coauthors of coauthors": (
        'p = searchPerson(name="Edu Ríos")[0]["person_id"]\nsecond = set()\nfor c in getCoauthors(p):\n'
        '    for d in getCoauthors(c["person_id"]):\n        if d["person_id"] != p:\n'
        '            second.add(d["name"])\nfinal_result = sorted(second)',
        (*COAUTHORS, "getCoauthors"),
        ["Ada Mercer", "Björn Öst", "Chen Wei", "Dina O'Hara"],
    ),
    "positions of coauthors": (
        'cs = getCoauthors(searchPerson(name="Chen Wei")[0]["person_id"])\n'
        'final_result = {c["name"]: getPersonBasicInfo(c["person_id"])["position"] for c in cs}',
        (*COAUTHORS, "getPersonBasicInfo"),
        {"Ada Mercer": "Professor", "Björn Öst": "Postdoc", "Edu Ríos": "Professor"},
    ),
    "interests of coauthors": (
        "topics = []\n"
        'for c in getCoauthors(searchPerson(name="Edu Ríos")[0]["person_id"]):\n'
        '    topics.extend(getPersonInterest(c["person_id"]))\nfinal_result = sorted(set(topics))',
        (*COAUTHORS, "getPersonInterest"),
        ["Data Mining", "Machine Learning"],
    ),
    "papers of coauthors": (
        'cs = getCoauthors(searchPerson(name="Dina O\'Hara")[0]["person_id"])\n'
        'final_result = sorted({p["title"] for c in cs for p in getPersonPubs(c["person_id"])})[0]',
        (*COAUTHORS, "getPersonPubs"),
        "Fence Queries",
    ),
    "venue of the representative work": (
        'person_list = searchPerson(name = "Edu Ríos")\nperson_id = person_list[0]["person_id"]\n'
        "publication_list = getPersonPubs(person_id)\n"
        'pub_id = publication_list[0]["pub_id"]\npublication_info = getPublication(pub_id)\n'
        'final_result = publication_info["venue"]',
        (*PUBS, "getPublication"),
        "ICML",
    ),
    "where the first author works": (
        'a = getPublication(searchPublication("Learning to Graze")[0]["pub_id"])["author_list"][0]\n'
        'final_result = searchPerson(name=a["name"])[0]["organization"]',
        (*PAPER, "searchPerson"),
        "Tianshan University",
    ),
    "other papers of a paper's authors": (
        'authors = getPublication(searchPublication("Wool at Scale")[0]["pub_id"])["author_list"]\n'
        'titles = [p["title"] for a in authors for p in getPersonPubs(a["person_id"])]\n'
        'final_result = sorted(set(titles) - {"Wool at Scale"})',
        (*PAPER, "getPersonPubs"),
        ["Fence Queries", "Herding Sparse Graphs", "Learning to Graze"],
    ),
    "coauthors of a paper's first author": (
        'paper = getPublication(searchPublication("Sheepdog Joins")[0]["pub_id"])\n'
        'first = paper["author_list"][0]["person_id"]\n'
        'final_result = sorted(c["name"] for c in getCoauthors(first))',
        (*PAPER, "getCoauthors"),
        ["Björn Öst", "Chen Wei", "Dina O'Hara"],
    ),
    "first match with next": (
        'cs = getCoauthors(searchPerson(name="Dina O\'Hara")[0]["person_id"])\n'
        'final_result = next((c["name"] for c in cs if c["relation"] == "advisor"), None)',
        COAUTHORS,
        "Ada Mercer",
    ),
    "a failing call that is caught": (
        'p = searchPerson(name="Ada Mercer")[0]\nkey = str(p["num_pubs"])\n'
        'try:\n    final_result = getCoauthors(key)\nexcept Exception:\n    final_result = "unknown"',
        COAUTHORS,
        "unknown",
    ),
    "a match statement": (
        'match searchPerson(name="Chen Wei"):\n    case [only]:\n        final_result = only["name"]\n'
        "    case _:\n        final_result = None",
        SEARCH,
        "Chen Wei",
    ),
    "an allowed import": (
        "from collections import Counter\n"
        'tags = Counter(t for p in searchPerson(organization="Zürich Polytechnic") for t in p["interests"])\n'
        "final_result = dict(tags)",
        SEARCH,
        {"Machine Learning": 1, "Data Mining": 1},
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_gives_its_answer_and_plan(run, name):
    program, plan, answer = PROGRAMS[name]
    result = run(program)
    assert (result.value, result.plan) == (answer, plan)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_passes_under_its_declared_plan(run, name):
    program, plan, answer = PROGRAMS[name]
    assert run(program, plan).value == answer
