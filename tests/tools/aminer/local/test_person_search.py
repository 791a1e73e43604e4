"""Which persons match which name, organization and interest."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.sample import write_dump
from herdwick.tools.aminer.local.store import LocalBackend


def people(*names: str, **fields: object) -> list[dict]:
    """Authors of these names, the first cited most."""
    return [
        {"id": f"a{number}", "name": name, "n_citation": 1000 - number} | fields
        for number, name in enumerate(names)
    ]


def at(*organizations: str) -> list[dict]:
    """Authors at these organizations, the first cited most."""
    return [
        {"id": f"a{number}", "name": f"Person {number}", "org": org, "n_citation": 1000 - number}
        for number, org in enumerate(organizations)
    ]


def organizations_of(backend, **criteria: str) -> list[str]:
    return [person.organization for person in backend.searchPerson(**criteria)]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Seán O'Brien", "sean o\u2019brien"),
        ("Seán O\u2019Brien", "Sean O'Brien"),
        ("Seán O'Brien", "Sean OBrien"),
        ("Seán O'Brien", "O'Brien, Seán"),
        ("O'Brien, Seán", "Seán O'Brien"),
        ("Jean-Pierre Lefèvre", "Jean Pierre Lefevre"),
        ("Jean Pierre Lefèvre", "JEAN-PIERRE LEFÈVRE"),
        ("Jie Tang", "Jie\u00a0Tang"),
        ("Jie\u00a0Tang", "Tang, Jie"),
        ("J. R. Smith", "J.R. Smith"),
        ("John R. Smith", "John R Smith"),
        ("Søren Kjær", "Soren Kjaer"),
        ("Nguyễn Thị Hà", "Nguyen Thi Ha"),
        ("王小明", "王小明"),
        ("Наталья Шевчук", "НАТАЛЬЯ ШЕВЧУК"),
        ("Фёдор Громов", "Федор Громов"),
        ("محمد الهاشمي", "مُحَمَّد الهاشمي"),
        ("김민준", "김민준"),
        ("遠藤 翔太", "遠藤翔太"),
        ("अनन्या शर्मा", "अनन्या शर्मा"),
    ],
)
def test_a_whole_name_in_another_spelling(backend_of, stored, asked):
    found = backend_of(people(stored, "Someone Else")).searchPerson(name=asked)
    assert [person.name for person in found] == [stored]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Ada Byron Mercer", "Ada Mercer"),
        ("Ada Byron Mercer", "mercer ada"),
        ("Jean-Pierre Lefèvre", "Pierre Lefevre"),
        ("Jean-Pierre Lefèvre", "Lefevre Jean-Pierre"),
        ("Seán O'Brien", "OBrien"),
        ("Seán O'Brien", "O'Brien Seán"),
        ("王小明", "小明"),
        ("Abdullah Al-Hashimi", "al hashimi"),
    ],
)
def test_all_tokens_of_a_name(backend_of, stored, asked):
    found = backend_of(people(stored, "Someone Else")).searchPerson(name=asked)
    assert [person.name for person in found] == [stored]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Ada Mercer", "Ada Byron Mercer"),
        ("Ada Mercer", "Merce"),
        ("Adam Mercer", "Ada Mercer"),
        ("王小明", "王明"),
        ("Ada Mercer", "?!"),
        ("Ada Mercer", '" OR name : "ada'),
    ],
)
def test_other_names_do_not_match(backend_of, stored, asked):
    assert backend_of(people(stored)).searchPerson(name=asked) == []


def test_who_has_the_whole_name_comes_without_those_who_have_more(backend_of):
    backend = backend_of(people("Jie Wei Tang", "Jie Tang", "Tang Jie"))
    assert [person.name for person in backend.searchPerson(name="jie tang")] == ["Jie Tang"]


def test_a_namesake_elsewhere_is_no_reason_to_take_someone_with_another_name(backend_of):
    backend = backend_of(
        [
            {"id": "a1", "name": "Jie Tang", "org": "Tsinghua University"},
            {"id": "a2", "name": "Jie Wei Tang", "org": "MIT"},
        ]
    )
    assert backend.searchPerson(name="Jie Tang", organization="MIT") == []


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Microsoft Research Asia", "Microsoft"),
        ("Microsoft Research Asia", "research asia"),
        ("University of California, Berkeley", "University of California Berkeley"),
        ("Department of Physics, King's College London", "Kings College"),
        ("École Polytechnique", "ecole polytechnique"),
        ("Max-Planck-Institut für Informatik", "Max Planck Institut fur Informatik"),
        ("AT&T Labs", "AT&T"),
        ("清华大学计算机系", "清华大学"),
        ("東京大学大学院情報理工学系研究科", "東京大学"),
        ("서울대학교", "서울대"),
        ("Московский государственный университет", "московский Государственный"),
        ("جامعة الملك سعود", "جامعة الملك"),
    ],
)
def test_an_unbroken_run_of_words_of_an_organization(backend_of, stored, asked):
    assert organizations_of(backend_of(at(stored, "Elsewhere")), organization=asked) == [stored]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("University of Illinois at Chicago", "University of Chicago"),
        ("Microsoft Research", "Micro"),
        ("北京清华中学大学", "清华大学"),
        ("Bell Labs", "Labs Bell"),
        ("MIT", "!?"),
    ],
)
def test_other_organizations_do_not_match(backend_of, stored, asked):
    assert organizations_of(backend_of(at(stored)), organization=asked) == []


def test_an_organization_within_the_words_asked_for_if_nothing_else_matches(backend_of):
    backend = backend_of(at("Tsinghua University", "University"))
    assert organizations_of(backend, organization="Library, Tsinghua University, Beijing") == [
        "Tsinghua University",
        "University",
    ]


def test_an_organization_within_the_words_asked_for_does_not_join_one_that_has_them_all(backend_of):
    backend = backend_of(at("Tsinghua", "Tsinghua University"))
    assert organizations_of(backend, organization="Tsinghua University") == ["Tsinghua University"]


def test_the_way_round_is_chosen_among_those_who_meet_the_other_criteria(backend_of):
    backend = backend_of(
        [
            {"id": "a1", "name": "Ada Mercer", "org": "Tsinghua"},
            {"id": "a2", "name": "Bo Lindqvist", "org": "Tsinghua University"},
        ]
    )
    assert organizations_of(backend, name="Ada Mercer", organization="Tsinghua University") == ["Tsinghua"]


def test_any_of_several_organizations_matches_but_no_run_spans_two(backend_of):
    backend = backend_of([{"id": "a1", "name": "Ada", "orgs": ["Bell Labs", "MIT Media Lab"]}])
    assert organizations_of(backend, organization="Media Lab") == ["Bell Labs"]
    assert organizations_of(backend, organization="Labs MIT") == []


@pytest.mark.parametrize(
    ("tag", "asked", "matches"),
    [
        ("Data Mining", "data mining", True),
        ("Data Mining", "Mining", False),
        ("Mining", "Data Mining", False),
        ("Few-Shot Learning", "few shot learning", True),
        ("C++", "C", False),
        ("机器学习", "机器学习", True),
        ("机器学习", "学习", False),
        ("Crohn's Disease", "Crohn\u2019s disease", True),
    ],
)
def test_an_interest_matches_whole(backend_of, tag, asked, matches):
    backend = backend_of(people("Ada Mercer", tags=[{"t": "Looms"}, {"t": tag}]))
    assert bool(backend.searchPerson(interest=asked)) is matches


def test_criteria_are_anded(backend_of):
    backend = backend_of(
        [
            {"id": "a1", "name": "Ada", "org": "MIT", "tags": [{"t": "Logic"}]},
            {"id": "a2", "name": "Ada", "org": "MIT", "tags": [{"t": "Looms"}]},
            {"id": "a3", "name": "Ada", "org": "IBM", "tags": [{"t": "Logic"}]},
            {"id": "a4", "name": "Bo", "org": "MIT", "tags": [{"t": "Logic"}]},
        ]
    )
    found = backend.searchPerson(name="Ada", organization="MIT", interest="Logic")
    assert [person.person_id for person in found] == ["a1"]


def test_the_ten_most_cited_come_first_and_ties_by_id(backend_of):
    cited = [5, 90, 5, 40, 1, 2, 3, 4, 6, 7, 8, 9]
    backend = backend_of(
        [{"id": f"a{number:02}", "name": "Ada", "n_citation": count} for number, count in enumerate(cited)]
    )
    found = backend.searchPerson(name="Ada")
    assert [person.num_citation for person in found] == [90, 40, 9, 8, 7, 6, 5, 5, 4, 3]
    assert [person.person_id for person in found if person.num_citation == 5] == ["a00", "a02"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1), argument=st.sampled_from(["name", "organization", "interest"]))
def test_any_text_can_be_searched_for(shared_backend, text, argument):
    if text.strip():
        found = shared_backend.searchPerson(**{argument: text})
        assert len(found) <= 10


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1))
def test_any_text_can_be_searched_for_in_papers(shared_backend, text):
    assert len(shared_backend.searchPublication(text)) <= 10


@pytest.fixture(scope="module")
def shared_backend(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graph")
    dump = write_dump(folder, people=200, papers=400, seed=5)
    backend = LocalBackend(build_graph([dump.authors], [dump.papers], out=folder / "graph.sqlite").graph)
    yield backend
    backend.close()
