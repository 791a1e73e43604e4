"""Hostile data in a report: shown, and never run."""

import pytest

from .conftest import PLANTED

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.slow


def test_hostile_text_is_shown_and_never_run(opened):
    watched = opened()
    nodes = watched.page.evaluate("document.querySelectorAll('script, style, iframe, img, a').length")
    for row in range(len(PLANTED)):
        watched.page.locator(f"#row-{row}").click()
        if more := watched.detail().locator("details > summary").all():
            more[0].click()
    watched.page.locator("#row-10").click()
    watched.page.wait_for_timeout(500)
    assert "<script>window.ran = 1; alert(1)</script>" in watched.detail().text_content()
    watched.open(watched.page.url[len(watched.file.as_uri()) :])
    assert watched.page.evaluate("window.ran") is None
    assert watched.page.evaluate("document.querySelectorAll('script, style, iframe, img, a').length") == nodes
    assert watched.events == []


def test_a_script_that_got_in_would_not_run(opened):
    page = opened().page
    page.evaluate(
        "const s = document.createElement('script'); s.append('window.ran = 1'); document.body.append(s)"
    )
    assert page.evaluate("window.ran") is None
    with pytest.raises(playwright.Error, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<b>'")


def test_a_hostile_address_is_harmless(opened):
    watched = opened(view="#result=%3Cimg%3E&sort=__proto__&pair=%5B1%5D&row=nobody&hop=%00&q=%")
    assert watched.told() == "0 of 16 rows"
    watched.click("Clear filters", "#list")
    assert watched.told() == "16 of 16 rows"
    assert watched.events == []
