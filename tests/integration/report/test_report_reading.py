"""A report with keys alone, in either scheme, on small windows, on paper, and with very many rows."""

import json
import time

import pytest

from .conftest import answered

pytestmark = pytest.mark.slow


def test_everything_can_be_reached_with_the_keyboard(opened):
    watched = opened()
    keys, detail = watched.page.keyboard, watched.page.locator("#detail")
    keys.press("j")
    keys.press("j")
    keys.press("k")
    assert watched.page.locator("#list .active .id").text_content() == "right.1"
    assert watched.page.locator("#list").get_attribute("aria-activedescendant") == "row-0"
    keys.press("Enter")
    assert watched.page.locator("#detail-title").text_content() == "right.1"
    assert watched.page.evaluate("document.activeElement.id") == "detail"
    keys.press("j")
    assert watched.page.locator("#detail-title").text_content() == "right.2"
    keys.press("Escape")
    assert detail.is_hidden()
    keys.press("ArrowDown")
    assert watched.page.locator("#list .active .id").text_content() == "other.plan"
    keys.press("End")
    assert watched.page.locator("#list .active .id").text_content() == "also"
    keys.press("/")
    assert watched.page.evaluate("document.activeElement.id") == "search"
    keys.type("jk")
    assert watched.page.locator("#search").input_value() == "jk"
    keys.press("Escape")
    assert watched.page.evaluate("document.activeElement.id") == "list"


CONTRASTS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => {
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found.slice(0, 3);
    }
    throw new Error("no background");
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !node.checkVisibility() || node.closest("script, option")) continue;
    const style = getComputedStyle(node);
    const colour = node.closest("svg") ? style.fill : style.color;
    const [one, other] = [numbers(colour).slice(0, 3), behind(node)].map(luminance);
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push([node.className, texts.currentNode.data.slice(0, 40), ratio]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_either_scheme(opened, scheme):
    watched = opened(color_scheme=scheme)
    watched.click("Wrong 6")
    watched.click("Error 2")
    watched.page.locator("#provenance summary").click()
    for name in ("wrong.plan", "broken", "also"):
        watched.page.evaluate(f"location.hash = 'result=wrong&result=error&result=right&row={name}'")
        watched.page.wait_for_function(
            f"() => document.getElementById('detail-title')?.textContent === '{name}'"
        )
        assert watched.page.evaluate(CONTRASTS) == []


def test_the_button_changes_the_colours_of_the_system(opened):
    colour = "getComputedStyle(document.body).backgroundColor"
    light, dark = opened(color_scheme="light").page, opened(color_scheme="dark").page
    bright, dim = light.evaluate(colour), dark.evaluate(colour)
    assert bright != dim
    light.get_by_role("button", name="Dark colours").click()
    assert light.evaluate(colour) == dim
    dark.get_by_role("button", name="Light colours").click()
    assert dark.evaluate(colour) == bright


def test_a_narrow_window_shows_details_instead_of_the_list(opened):
    watched = opened(viewport={"width": 360, "height": 700})
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
    watched.page.locator("#row-4").click()
    box = watched.detail().bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 700)
    watched.click("Close", "#detail")
    assert watched.detail().is_hidden()


def test_paper_holds_every_row(opened):
    rows = tuple(answered(f"row.{number}") for number in range(300))
    page = opened(rows).page
    assert page.locator("#list [data-at]").count() < 100
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#list [data-at]").count() == 300
    assert page.locator("#list").bounding_box()["height"] > 300 * 15
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#list [data-at]").count() < 100


def test_a_run_without_rows(opened):
    watched = opened(())
    assert watched.told() == "0 of 0 rows"
    assert watched.page.locator("#cards").text_content() == "No figures: nothing was judged."
    assert watched.events == []


def test_ten_thousand_rows_open_and_scroll_to_their_end(opened):
    program = "\n".join(f"value_{number} = searchPerson(name='Ada Quill')[0]" for number in range(18))
    rows = tuple(
        answered(f"row.{number}", ("EM", "WS")[number % 50 == 0], program=program, text="Ada and Bo.")
        for number in range(10_000)
    )
    kilobytes = len(json.dumps(rows[0].model_dump())) / 1024
    started = time.perf_counter()
    watched = opened(rows)
    wrote_s = time.perf_counter() - started
    started = time.perf_counter()
    watched.open()
    watched.page.wait_for_function(
        "() => document.getElementById('shown').textContent === '10,000 of 10,000 rows'"
    )
    print(
        f"\n10,000 rows of {kilobytes:.1f} KB: open in {time.perf_counter() - started:.2f} s"
        f" (written and opened first in {wrote_s:.2f} s)"
    )
    watched.page.locator("#list").focus()
    watched.page.keyboard.press("End")
    assert watched.ids()[-1] == "row.9999"
    watched.page.evaluate("document.getElementById('list').scrollTop = 180000")
    watched.page.wait_for_selector("#row-5010")
    assert watched.page.locator("#list [data-at]").count() < 100
    started = time.perf_counter()
    watched.page.locator("#search").fill("row.7777")
    watched.shows("row.7777")
    print(f"searched in {time.perf_counter() - started:.2f} s")
    assert watched.events == []
