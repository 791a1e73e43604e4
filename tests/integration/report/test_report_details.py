"""One row of a report, with everything that is known of it."""

import pytest

from .conftest import LONG, answered

pytestmark = pytest.mark.slow


def test_details_show_plans_calls_and_what_differs(opened):
    watched = opened(view="#row=wrong.plan")
    detail = watched.detail()
    assert detail.locator("dd").all_text_contents() == [
        "searchPerson → getCoauthors",
        "searchPerson → getPersonPubs",
    ]
    assert detail.locator("dd del, dd ins").all_text_contents() == ["getCoauthors", "getPersonPubs"]
    lines = detail.locator(".line")
    assert lines.locator("code").all_text_contents() == ["[", '  "Ada",', '  "Bo"', '  "Cy"', "]"]
    assert detail.locator(".line.minus mark, .line.plus mark").all_text_contents() == ["Bo", "Cy"]
    assert detail.locator("tbody td").all_text_contents() == [
        "searchPerson",
        '{"name":"Ada"}',
        "answered",
        "250.0 ms",
    ]
    assert detail.locator("pre.program").text_content() == "final_result = 'wrong.plan'"


def test_details_of_errors_say_what_to_do(opened):
    text = opened(view="#row=broken").detail().text_content()
    assert "It failed: syntax." in text
    assert "What to do: Try another way." in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("off.topic", "The question must be refused."),
        ("wrong.plan.too", "Right as a set, but not to the letter."),
        ("unordered", "Right in any order, so both are sorted here."),
        ("also", "Right: one of the further answers."),
    ],
)
def test_details_say_how_a_row_is_judged(opened, name, words):
    assert words in opened(view=f"#row={name}").detail().text_content()


def test_every_digit_is_shown(opened):
    detail = opened(view="#row=digits").detail()
    assert detail.locator(".line code").all_text_contents() == [
        "12345678901234567890",
        "12345678901234567891",
    ]


def test_huge_values_are_cut_until_they_are_wanted(opened):
    detail = opened(view="#row=long").detail()
    program = detail.locator("pre.program")
    assert len(program.text_content()) < 5000
    program.get_by_role("button", name="show all 60,000 characters").click()
    assert program.text_content() == LONG
    assert detail.locator(".line").count() == 200
    detail.get_by_role("button", name="show all 1,005 lines").click()
    assert detail.locator(".line").count() == 1005


def test_a_question_asked_twice_has_two_details(opened):
    watched = opened((answered("a", program="first"), answered("a", program="second")))
    watched.page.locator("#row-1").click()
    assert watched.detail().locator("pre.program").text_content() == "second"
