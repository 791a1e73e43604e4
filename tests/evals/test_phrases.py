import pytest

from herdwick.evals.phrases import denied_before, fault_of_phrase, gap_words, says


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("It was not RECOGNISED on the way.", "not recogni*"),
        ("A carrier-grade NAT.", "carrier grade"),
        ("A carrier grade nat", "carrier-grade"),
        ("It sets LLGR_STALE.", "llgr stale"),
        ("It goes to all clients, and to others.", "clients and"),
        ("The bit isn\u2019t the peer's.", "isn't the"),
        ("Up to 4,096 octets", "4096"),
        ("It is in 3fff::/20.", "3fff::/20"),
        ("A value of 0.", "of 0"),
        ("It is not reset, but deleted.", "delet*"),
        ("Not stale; removed.", "remov*"),
        ("Routes tagged NO_LLGR are removed.", "remov*"),
        ("It must not be cleared.", "not be cleared"),
        ("Never. It must not be cleared.", "not be cleared"),
        ("It is not the peer that has one, it is the server that must delete them.", "delete"),
    ],
)
def test_a_text_says_the_words_of_a_phrase(text, phrase):
    assert says(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("That is normal, and worth a note.", "not"),
        ("A native prefix.", "nat"),
        ("0.5 or 007", "value 0"),
        ("unlooped", "loop*"),
        ("loops", "loop"),
        ("It goes to clients. And more.", "clients and"),
        ("It is never cleared.", "clear*"),
        ("It doesn't ever delete them.", "delete"),
        ("It cannot be deleted", "delete*"),
        ("Sent without any key id", "key id"),
        ("", "idle"),
    ],
)
def test_other_words_and_what_is_denied_are_not_said(text, phrase):
    assert not says(text, phrase)


@pytest.mark.parametrize(
    "phrase", ["no,", "nat.", "= 0", "=0", "pcount=0", "0", "no", "a*", "*", "so*me", "?"]
)
def test_phrases_that_would_be_looked_for_as_others_are_told(phrase):
    assert fault_of_phrase(phrase)


@pytest.mark.parametrize(
    "phrase", ["nat", "non-client*", "as_trans", "isn't the", "subcode 9", "8671", "re-send"]
)
def test_phrases_of_words_have_no_fault(phrase):
    assert fault_of_phrase(phrase) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Local-Pref.", "local pref"),
        ("**179**", "179"),
        ("`^65000_`", "^65000_"),
        ("65000$", "65000$"),
        ("-1", "-1"),
        ("\u22121", "-1"),
        ("_", "_"),
        ("=", "="),
        ("*", "*"),
        (".*", ".*"),
        ("4,096", "4096"),
        ("1,0", "1,0"),
        ("10-20", "10-20"),
        ("End of RR (EoRR)", "end of rr eorr"),
        ("Twenty-four", "twenty four"),
        ("…", ""),
        ("'.'", ""),
    ],
)
def test_a_gap_keeps_signs_and_marks_of_regular_expressions(text, words):
    assert gap_words(text) == words


@pytest.mark.parametrize(
    ("text", "denied"),
    [("It is not A", True), ("Not B: A", False), ("A", False), ("It isn't really A", True)],
)
def test_what_stands_before_a_place_may_deny_it(text, denied):
    assert denied_before(text, len(text) - 1) is denied
