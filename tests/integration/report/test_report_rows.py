"""Finding rows in a report: figures, slices, search, sorting, addresses."""

import pytest

from .conftest import HOSTILE

pytestmark = pytest.mark.slow


def test_the_head_tells_what_was_run_and_how_it_went(opened):
    page = opened().page
    assert page.locator("#facts").text_content() == "suite plantedmodel testasked with abc (16)16 questions"
    card = page.locator(".card").filter(has=page.get_by_role("heading", name="Right answers"))
    assert card.locator("p").all_text_contents() == ["35.7%", "5 of 14", "95%: 16.3 to 61.2%"]
    assert card.locator("svg.interval").count() == 1
    page.locator("#provenance summary").click()
    assert HOSTILE[:20] in page.locator("#provenance table").text_content()


def test_errors_and_refusals_are_no_wrong_answers(opened):
    watched = opened()
    labels = watched.page.locator("#results button").all_text_contents()
    assert labels == ["Right 5", "Right refusal 1", "Wrong 6", "Wrong refusal 1", "Error 2", "Not judged 1"]
    watched.click("Error 2")
    watched.shows("broken", "hostile.error")
    watched.click("Wrong refusal 1")
    watched.shows("broken", "shy", "hostile.error")
    assert watched.told() == "3 of 16 rows"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("NEEDLEINPROGRAM", ["right.2"]),
        ("needleInAnswer", ["wrong.plan.too"]),
        ('"refuse":true', ["off.topic"]),
        ("it failed: syntax", ["broken"]),
        ("asked by shy", ["shy"]),
        ("off.topic", ["off.topic"]),
        ("wrong too", ["wrong.plan.too"]),
        ("nothing has this", []),
    ],
)
def test_search_looks_into_question_id_program_error_and_both_answers(opened, words, found):
    watched = opened()
    watched.page.keyboard.press("/")
    watched.page.keyboard.type(words)
    watched.shows(*found)
    assert watched.told() == f"{len(found)} of 16 rows"


def test_a_slice_shows_its_rows(opened):
    watched = opened()
    watched.click("1 hop", "#slices")
    watched.shows("right.2")
    watched.click("Remove the filter 1 hop")
    watched.click("three-slot", "#slices")
    watched.shows("wrong.plan", "broken")
    watched.click("Error 2")
    watched.shows("broken")
    assert watched.page.locator("#slices button[aria-pressed=true]").all_text_contents() == ["three-slot"]
    watched.click("Clear filters")
    assert watched.told() == "16 of 16 rows"


def test_tags_narrow_each_other(opened):
    watched = opened()
    watched.page.get_by_label("Add a tag to the filter").select_option("plain")
    watched.page.get_by_label("Add a tag to the filter").select_option("short")
    watched.shows("right.2")
    assert watched.told() == "1 of 16 rows"


def test_outcomes_and_wrong_plans_show_their_rows(opened):
    watched = opened()
    watched.click("DS", "#outcomes")
    watched.shows("other.plan")
    watched.click("DS", "#outcomes")
    pairs = watched.page.locator("#plans tbody tr")
    assert pairs.first.locator("td").all_text_contents() == [
        "3",
        "searchPerson → getCoauthors",
        "searchPerson → getPersonPubs",
    ]
    assert pairs.first.locator("del").all_text_contents() == ["getCoauthors"]
    pairs.first.get_by_role("button").click()
    watched.shows("other.plan", "wrong.plan", "wrong.plan.too")


def test_slices_can_be_sorted_and_found(opened):
    page = opened().page
    page.locator("#slices").get_by_role("button", name="Questions").click()
    numbers = [int(text) for text in page.locator("#slices tbody td:nth-child(2)").all_text_contents()]
    assert numbers == sorted(numbers)
    page.locator("#slices").get_by_role("button", name="Questions").click()
    assert [
        int(text) for text in page.locator("#slices tbody td:nth-child(2)").all_text_contents()
    ] == numbers[::-1]
    page.get_by_label("Find a slice").fill("slot")
    assert page.locator("#slices tbody th").all_text_contents() == ["three-slot"]


def test_rows_can_be_sorted(opened):
    watched = opened()
    for _ in range(2):
        watched.click("Seconds", "#list", exact=False)
    assert watched.ids()[0] == "wrong.code"


def test_the_address_restores_a_view(opened):
    watched = opened()
    watched.click("three-slot", "#slices")
    watched.click("Wrong 6")
    watched.page.get_by_label("Search question, id, program and answer").fill("plan")
    watched.shows("wrong.plan")
    watched.page.locator("#row-4").click()
    watched.page.wait_for_function("() => location.hash.includes('row=wrong.plan')")
    view = watched.page.evaluate("location.hash")
    again = watched.open(view)
    again.shows("wrong.plan")
    assert again.page.locator("#search").input_value() == "plan"
    assert again.page.locator("#detail-title").text_content() == "wrong.plan"
    assert again.page.locator("#results button[aria-pressed=true]").all_text_contents() == ["Wrong 6"]
