"""Programs that agree on one graph by luck, and on perturbed ones no longer."""

from importlib import resources
from pathlib import Path

import pytest

from herdwick.evals.equivalence import equivalent, perturbed_dumps
from herdwick.tools.domain import get_domain

AMINER = get_domain("aminer")
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
    from herdwick.agents.cli.run import run_program

    lucky = f"final_result = {run_program(AMINER, options[0], count, None).answer}"
    guarded = f'searchPerson(name="Camille Rousselet")\n{lucky}'
    found = equivalent(AMINER, count, guarded, options)
    assert equivalent(AMINER, count, guarded, options[:1]).holds
    assert not found.holds
    assert found.same >= 1


def test_the_same_failure_everywhere_is_the_same_and_tells_nothing(options):
    nobody = 'final_result = searchPerson(name="Nobody At All")[0]["num_pubs"]'
    found = equivalent(AMINER, nobody, nobody.replace("num_pubs", "num_citation"), options)
    assert (found.holds, found.telling) == (True, False)
