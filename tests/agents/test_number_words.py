from herdwick.agents.number_words import ENGLISH, NUMBER_WORDS


def test_words_up_to_twenty_are_in_order_and_tens_follow() -> None:
    assert [ENGLISH[word] for word in ("zero", "nine", "thirteen", "twenty", "thirty", "ninety")] == [
        *(0, 9, 13, 20, 30, 90)
    ]
    assert [*ENGLISH.values()][:21] == [*range(21)]


def test_chinese_numbers_and_amounts_are_known_too() -> None:
    assert [NUMBER_WORDS[word] for word in ("十", "两", "twice", "dozen")] == [10, 2, 2, 12]
