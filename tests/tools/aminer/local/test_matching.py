"""Index entries and queries."""

import pytest

from herdwick.tools.aminer.local import matching


def test_a_name_is_indexed_by_its_parts_and_joined():
    assert matching.name_entry("Jean-Pierre O'Neil") == "jean pierre jeanpierre o neil oneil"


def test_a_name_of_a_script_without_spaces_is_indexed_by_its_characters():
    assert matching.name_entry("王小明") == "王 小 明"


def test_a_token_matches_joined_or_in_parts():
    assert matching.name_tokens("O'Neil") == 'name : (("oneil" OR ("o" AND "neil")))'


def test_organizations_are_kept_apart():
    assert matching.organizations_entry(["Bell Labs", "MIT"]) == "bell labs \u00a6 mit"


def test_organizations_within_a_text():
    assert sorted(matching.organization_keys_within("Bell Labs USA")) == [
        "bell",
        "bell labs",
        "bell labs usa",
        "labs",
        "labs usa",
        "usa",
    ]


def test_a_long_text_has_not_all_its_runs_looked_for():
    keys = matching.organization_keys_within(" ".join(map(str, range(1_000))))
    assert max(len(key.split()) for key in keys) == matching.MAX_RUN_WORDS
    assert len(keys) <= 1_000 * matching.MAX_RUN_WORDS
    assert {"0", "999", "0 1", "998 999"} < set(keys)


@pytest.mark.parametrize("query", [matching.whole_name, matching.name_tokens, matching.organization_run])
def test_text_without_letters_has_no_query(query):
    assert query('"*" -- ') is None


@pytest.mark.parametrize("query", [matching.whole_name, matching.name_tokens, matching.organization_run])
def test_query_syntax_in_a_text_is_only_text(query):
    assert query('x" OR name : "y').count('"') % 2 == 0


def test_paper_terms_are_words_and_pairs_of_characters():
    assert matching.search_terms("GNN 知识图谱") == ["gnn", "知 识", "识 图", "图 谱"]


def test_a_single_character_is_a_term():
    assert matching.search_terms("图") == ["图"]


def test_title_hashes_fit_sqlite_integers_and_differ():
    assert 0 <= matching.title_hash("on looms") < 2**63
    assert matching.title_hash("on looms") != matching.title_hash("on logic")
