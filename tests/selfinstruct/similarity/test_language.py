import re

import pytest

from herdwick.selfinstruct.intents import load_seeds
from herdwick.selfinstruct.similarity.language import is_written_in, language_of

# Requests of the kind a teacher writes, in the languages a model is likeliest to slip into.
OTHERS = {
    "ar": "اشرح كيف يختار بروتوكول BGP أفضل مسار.",
    "cs": "Vysvětlete, jak funguje výběr nejlepší cesty v BGP.",
    "da": "Skriv et program, der viser alle præfikser fra AS64500.",
    "de": "Schreibe ein Programm, das alle Präfixe ausgibt, die AS64500 im RIB angekündigt hat.",
    "es": "Explica qué es un secuestro de prefijos y cómo RPKI ayuda a evitarlo.",
    "fr": "Écrivez un script qui compte les annonces par pair pendant une heure.",
    "hi": "समझाइए कि BGP सबसे अच्छा मार्ग कैसे चुनता है।",
    "it": "Scrivi uno script che stampi i dieci prefissi più instabili.",
    "ja": "BGPの経路ハイジャックとは何か説明してください。",
    "ko": "BGP 경로 선택 과정을 설명하십시오.",
    "nl": "Schrijf een script dat het aantal intrekkingen per peer telt.",
    "pl": "Wyjaśnij, czym jest wyciek tras i jak go wykryć.",
    "pt": "Explique como o atributo MED é usado na escolha do caminho BGP.",
    "ru": "Объясните, как работает выбор лучшего пути в BGP.",
    "sv": "Skriv ett skript som räknar antalet annonser per minut.",
    "tr": "BGP yol seçimi sürecini örneklerle anlat.",
    "uk": "Поясніть, як працює вибір найкращого шляху в BGP.",
    "vi": "Giải thích cách BGP chọn đường đi tốt nhất.",
    "zh": "解释BGP如何选择最佳路径。",
}
SCRIPT = "```python\nfor elem in stream:\n    print(elem.fields['prefix'])\n```"


@pytest.mark.parametrize("language", OTHERS)
def test_a_request_in_another_language_is_told_from_english(language: str) -> None:
    assert language_of(OTHERS[language]) == language
    assert not is_written_in(OTHERS[language], {"en"})
    assert is_written_in(OTHERS[language], {"en", language})


@pytest.mark.parametrize("domain", ["aminer", "bgp"])
def test_the_phrasings_that_ship_are_in_their_languages(domain: str) -> None:
    phrasings = [phrasing for listed in load_seeds(domain).phrasings.values() for phrasing in listed]
    mistaken = [
        phrasing.text
        for phrasing in phrasings
        if not is_written_in(re.sub(r"\{[^}]*\}", "", phrasing.text), {phrasing.language})
    ]

    assert len(phrasings) > 4000
    # Now and then one is three keywords, such as "total vrps", and has no language to speak of.
    assert len(mistaken) <= len(phrasings) / 1000, mistaken


@pytest.mark.parametrize(
    "text", ["请列出该作者的所有论文。", "編寫一個腳本統計每個對等體的撤銷數量。", "列出被引超过50次的论文。"]
)
def test_both_chinese_scripts_are_chinese(text: str) -> None:
    assert is_written_in(text, {"zh"})
    assert not is_written_in(text, {"en"})


@pytest.mark.parametrize(
    "text", ["", "AS64500 192.0.2.0/24 2001:db8::/32", SCRIPT, "`for elem in stream`", "…"]
)
def test_what_is_only_code_has_no_language_and_is_in_every_one(text: str) -> None:
    assert language_of(text) is None
    assert is_written_in(text, {"zh"})


def test_code_does_not_make_a_foreign_reply_english() -> None:
    assert not is_written_in(f"Dieses Skript gibt alle Präfixe aus:\n{SCRIPT}", {"en"})
    assert is_written_in(f"This script prints every prefix:\n{SCRIPT}", {"en"})


def test_a_fence_that_was_broken_off_is_code_to_the_end() -> None:
    assert is_written_in(f"This script prints every prefix:\n{SCRIPT.removesuffix('```')}", {"en"})


def test_a_reply_that_changes_its_language_on_the_way_is_refused() -> None:
    english = "The script reads the RIB and counts the prefixes that every peer announced. " * 8

    assert is_written_in(f"{english}\n\n{english}", {"en"})
    assert not is_written_in(f"{english}\n\n{OTHERS['de']}\n\n{english}", {"en"})


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown languages: english"):
        is_written_in("Hello", {"en", "english"})
