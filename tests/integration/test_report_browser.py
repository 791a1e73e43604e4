"""The report in Debian's Chromium: what a reader sees, presses and types, and what hostile data cannot do."""

import json
import shutil
import time

import pytest

from herdwick.evals.evaluators import Verdict
from herdwick.evals.figures import figures
from herdwick.evals.metrics import measure
from herdwick.evals.report.data import Report, ReportRow
from herdwick.evals.report.page import page as report_page
from herdwick.evals.rows import Row

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]

HOSTILE = (
    "</script><script>window.ran = 1; alert(1)</script><!--<script><img src=x onerror='window.ran = 1'>"
    "<svg onload='window.ran = 1'><a href='javascript:alert(1)'>\u2028\u2029\u202e\x00\x1b[31m{{7*7}}${7*7}"
    "<style>body{display:none}</style><iframe src='http://127.0.0.1:9/x'></iframe>\"'>"
)
LONG = "x" * 60_000
OUTCOMES = {"EM": (True, True), "DS": (True, False), "WC": (False, True), "WS": (False, False)}


def answered(name, case="EM", **fields):
    strict, plan_right = OUTCOMES[case]
    plan = ("searchPerson", "getCoauthors")
    given = plan if plan_right else ("searchPerson", "getPersonPubs")
    made = {
        "id": name,
        "question": f"What is asked by {name}?",
        "tags": ("plain",),
        "hop": 2,
        "expected": ["Ada", "Bo"],
        "expected_plan": plan,
        "plan": given,
        "program": f"final_result = '{name}'",
        "answer": ["Ada", "Bo"] if strict else ["Ada", "Cy"],
        "calls": [{"tool": "searchPerson", "args": {"name": "Ada"}, "ok": True, "seconds": 0.25}],
        "outcome": case,
        "strict": strict,
        "loose": strict,
        "plan_right": plan_right,
        "seconds": 1.5,
    }
    return ReportRow(**made | fields)


def failed(name, kind, **fields):
    error = {"kind": kind, "message": f"It failed: {kind}.", "hint": "Try another way."}
    changes = {"answer": None, "status": "error", "error": error, "strict": False, "loose": False}
    return answered(name, "WC", **changes | {"outcome": None if "expected" in fields else "EE"} | fields)


PLANTED = (
    answered("right.1"),
    answered("right.2", hop=1, tags=("short", "plain"), program="final_result = needleInProgram()"),
    answered("other.plan", "DS"),
    answered("wrong.code", "WC", seconds=9.75),
    answered("wrong.plan", "WS", tags=("three-slot",)),
    answered("wrong.plan.too", "WS", answer="needleInAnswer", loose=True),
    failed("broken", "syntax", tags=("plain", "three-slot")),
    failed("shy", "refused"),
    failed(
        "off.topic",
        "refused",
        expected={"refuse": True},
        expected_plan=None,
        plan=(),
        hop=None,
        strict=True,
        plan_right=None,
    ),
    answered(
        "unjudged", expected=None, strict=None, loose=None, outcome=None, plan_right=None, expected_plan=None
    ),
    answered(
        HOSTILE,
        "WS",
        question=HOSTILE,
        tags=(HOSTILE,),
        template=HOSTILE,
        kind=HOSTILE,
        program=HOSTILE,
        text=HOSTILE,
        plan=(HOSTILE,),
        answer={HOSTILE: HOSTILE, "__proto__": [HOSTILE]},
        also=(HOSTILE,),
        calls=[{"tool": HOSTILE, "args": {HOSTILE: HOSTILE}, "ok": False, "seconds": 0}],
        data={HOSTILE: HOSTILE},
    ),
    failed("hostile.error", HOSTILE),
    answered("long", "WC", answer=[LONG, *range(1000)], program=LONG),
    answered("digits", "WC", expected=12345678901234567890, answer=12345678901234567891),
    answered("unordered", expected=["Bo", "Ada"], answer=["Ada", "Bo"], unordered=True),
    answered("also", expected="Ada", also=(["Ada"],), answer=["Ada"]),
)


def report_of(rows):
    verdicts = [
        Verdict(
            id=row.id,
            answerable=row.expected != {"refuse": True},
            refused=row.error is not None and row.error.kind == "refused",
            plan=row.plan_right,
            strict=row.strict,
            loose=row.loose,
            outcome=row.outcome,
        )
        for row in rows
        if row.strict is not None
    ]
    asked = {row.id: Row(id=row.id, question="?", hop=row.hop, tags=row.tags) for row in rows}
    run = {"suite": "planted", "model": "test", "commit": "abc", "settings": {HOSTILE: HOSTILE}}
    measured = figures(measure(verdicts, asked))
    return Report(title="Planted", run=run, figures=measured, rows=rows, questions=len(rows), asked=len(rows))


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Watched:
    """A page, and everything that it did beside showing itself."""

    def __init__(self, context, file):
        self.page = context.new_page()
        self.file = file
        self.events = []
        self.page.on("dialog", lambda dialog: (self.events.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.events.append(str(error)))
        self.page.on("console", lambda message: self.events.append(message.text))
        self.page.on("request", self._requested)

    def _requested(self, request):
        if request.url.partition("#")[0] != self.file.as_uri():
            self.events.append(request.url)

    def open(self, view=""):
        self.page.goto("about:blank")
        self.page.goto(f"{self.file.as_uri()}{view}")
        return self

    def ids(self):
        """The ids of the rows in sight."""
        return self.page.locator("#list .rows [data-at] .id").all_text_contents()

    def told(self):
        return self.page.locator("#shown").text_content()

    def click(self, name, inside="body", exact=True):
        self.page.locator(inside).get_by_role("button", name=name, exact=exact).first.click()

    def detail(self):
        return self.page.locator("#detail")

    def shows(self, *names):
        """Waits until these rows are shown, in this order."""
        self.page.wait_for_function(
            "names => JSON.stringify([...document.querySelectorAll('#list [data-at] .id')]"
            ".map(cell => cell.textContent)) === JSON.stringify(names)",
            arg=list(names),
        )


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a report; the arguments are those of a browser context."""
    contexts = []

    def start(rows=PLANTED, view="", **settings):
        file = tmp_path / "report.html"
        file.write_bytes(report_page(report_of(rows)))
        contexts.append(browser.new_context(**{"viewport": {"width": 1400, "height": 900}} | settings))
        return Watched(contexts[-1], file).open(view)

    yield start
    for context in contexts:
        context.close()


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


def test_the_head_tells_what_was_run_and_how_it_went(opened):
    page = opened().page
    assert page.locator("#facts").text_content() == "suite plantedmodel testcommit abc16 questions"
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
        ("asked by shy", ["shy"]),
        ("off.topic", ["off.topic"]),
        ("wrong too", ["wrong.plan.too"]),
        ("nothing has this", []),
    ],
)
def test_search_looks_into_question_id_program_and_answer(opened, words, found):
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


def test_a_hostile_address_is_harmless(opened):
    watched = opened(view="#result=%3Cimg%3E&sort=__proto__&pair=%5B1%5D&row=nobody&hop=%00&q=%")
    assert watched.told() == "0 of 16 rows"
    watched.click("Clear filters", "#list")
    assert watched.told() == "16 of 16 rows"
    assert watched.events == []


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


def test_a_question_asked_twice_has_two_details(opened):
    watched = opened((answered("a", program="first"), answered("a", program="second")))
    watched.page.locator("#row-1").click()
    assert watched.detail().locator("pre.program").text_content() == "second"


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
