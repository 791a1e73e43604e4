"""Programs that agree on one graph by luck, and on perturbed ones no longer."""

from importlib import resources
from pathlib import Path

import pytest

from herdwick.agents.cli.run import run_program
from herdwick.evals.equivalence import equivalence, equivalent
from herdwick.evals.langsmith import answer_right, examples
from herdwick.evals.perturbation import perturbed_captures, perturbed_dumps
from herdwick.evals.rows import Row
from herdwick.tools.domain import get_domain

AMINER, BGP = get_domain("aminer"), get_domain("bgp")
LAB = Path(str(resources.files("herdwick.tools.bgp"))) / "sample" / "data" / "lab00"
DUMP = Path(str(resources.files("herdwick.evals"))) / "suites" / "aminer_dev"
MOST_CITED = (
    'p = searchPerson(name="Camille Rousselet")[0]\n'
    'final_result = max(getPersonPubs(p["person_id"]), key=lambda q: q["num_citation"])["title"]'
)


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        variants = perturbed_dumps(DUMP, tmp_path_factory.mktemp("variants"), seeds=(1, 2))
        yield [AMINER.options_of_dump(folder) for folder in (DUMP, *variants)]


@pytest.mark.parametrize(
    ("second", "holds"),
    [
        # The first paper is the most cited one, by the function's promise.
        (
            'x = searchPerson(name="Camille Rousselet")[0]\n'
            'final_result = getPersonPubs(x["person_id"])[0]["title"]',
            True,
        ),
        (
            'p = searchPerson(name="Camille Rousselet")[0]\n'
            'final_result = max(getPersonPubs(p["person_id"]), key=lambda q: q["year"])["title"]',
            False,
        ),
        ('final_result = searchPerson(name="Nobody At All")[0]["num_pubs"]', False),
    ],
)
def test_programs_are_the_same_only_where_they_agree_on_all_variants(options, second, holds):
    found = equivalent(AMINER, MOST_CITED, second, options)
    assert (found.holds, found.variants, found.telling) == (holds, 3, True)


def test_a_program_that_is_right_by_luck_agrees_on_the_data_and_parts_on_a_variant(options):
    count = 'final_result = searchPerson(name="Camille Rousselet")[0]["num_citation"]'
    lucky = f"final_result = {run_program(AMINER, options[0], count, None).answer}"
    guarded = f'searchPerson(name="Camille Rousselet")\n{lucky}'
    found = equivalent(AMINER, count, guarded, options)
    alone = equivalent(AMINER, count, guarded, options[:1])
    assert (alone.same, alone.variants, alone.telling, alone.holds) == (1, 1, False, False)
    assert not found.holds
    assert found.same >= 1


def test_programs_that_fail_alike_are_not_shown_to_be_the_same(options):
    nobody = 'final_result = searchPerson(name="Nobody At All")[0]["num_pubs"]'
    found = equivalent(AMINER, nobody, nobody.replace("num_pubs", "num_citation"), options)
    assert (found.same, found.telling, found.holds) == (3, False, False)


def test_the_kind_of_a_failure_is_no_value(options):
    nobody = 'final_result = searchPerson(name="Nobody At All")[0]["num_pubs"]'
    kind = run_program(AMINER, options[0], nobody, None).error.kind
    named = f'searchPerson(name="Nobody At All")\nfinal_result = "{kind}"'
    assert equivalent(AMINER, nobody, named, options).same == 0


def test_programs_that_give_the_same_constant_are_not_shown_to_be_the_same(options):
    constant = 'searchPerson(name="Camille Rousselet")\nfinal_result = 1'
    found = equivalent(AMINER, constant, constant, options)
    assert (found.same, found.telling, found.holds) == (3, False, False)


@pytest.mark.parametrize(
    "fields",
    [
        ("getPersonBasicInfo(p)", "bio"),
        ("getPersonBasicInfo(p)", "email"),
        ("getPublication(getPersonPubs(p)[0]['pub_id'])", "abstract"),
        ("getPublication(getPersonPubs(p)[0]['pub_id'])", "pdf_link"),
    ],
    ids=lambda fields: fields[1],
)
def test_texts_of_people_and_papers_differ_between_variants(options, fields):
    call, field = fields
    start = "p = searchPerson(name='Camille Rousselet')[0]['person_id']\n"
    program = f"{start}final_result = {call}['{field}']"
    assert equivalent(AMINER, program, program, options).telling


def test_interests_differ_between_variants(options):
    program = (
        "p = searchPerson(name='Camille Rousselet')[0]['person_id']\nfinal_result = getPersonInterest(p)"
    )
    assert equivalent(AMINER, program, program, options).telling


@pytest.fixture(scope="module")
def captures(tmp_path_factory):
    copies = perturbed_captures(LAB, tmp_path_factory.mktemp("captures"), seeds=(1, 2))
    cache = tmp_path_factory.mktemp("converted")
    return [BGP.options(files=(folder,), cache=cache) for folder in (LAB, *copies)]


def test_programs_over_a_capture_part_where_records_are_missing(captures):
    count = 'final_result = count_updates()[0]["announcements"]'
    value = run_program(BGP, captures[0], count, None).answer
    assert equivalent(
        BGP, count, "rows = count_updates()\nfinal_result = rows[0]['announcements']", captures
    ).holds
    found = equivalent(BGP, count, f"count_updates()\nfinal_result = {value}", captures)
    assert (found.same, found.variants, found.telling, found.holds) == (1, 3, True, False)


def test_copies_of_a_capture_are_by_the_same_collector(captures):
    program = "final_result = count_updates(by='collector')[0]['key']"
    values = [run_program(BGP, one, program, None).answer for one in captures]
    assert values == ["lab00"] * 3


@pytest.mark.parametrize(
    ("gold", "program", "score"),
    [
        (MOST_CITED, MOST_CITED.replace("p[", "(p)["), True),
        (MOST_CITED, MOST_CITED.replace("num_citation", "year"), False),
        (MOST_CITED, "", False),
        ("final_result = 1", "final_result = 1", None),
        ("", MOST_CITED, None),
    ],
)
def test_rows_with_a_program_are_evaluated_beside_the_others(options, answered, gold, program, score):
    row = Row(id="1", question="?", domain="aminer", answer="x", program=gold)
    (example,) = examples([row])
    outputs = answered("x").model_copy(update={"program": program}).model_dump(mode="json")
    given = {"inputs": example.inputs, "outputs": outputs, "reference_outputs": example.outputs}
    assert equivalence(lambda _: options)(**given)["score"] is score
    assert answer_right(**given)["score"] is True
