"""A report with planted rows, opened in Debian's Chromium."""

import shutil

import pytest

from herdwick.evals.evaluators import Verdict
from herdwick.evals.figures import figures
from herdwick.evals.metrics import measure
from herdwick.evals.report.data import Report, ReportRow
from herdwick.evals.report.page import page
from herdwick.evals.rows import Row

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

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
    run = {"suite": "planted", "model": "test", "asked with": "abc (16)", "settings": {HOSTILE: HOSTILE}}
    measured = figures(measure(verdicts, asked))
    return Report(title="Planted", run=run, figures=measured, questions=len(rows), asked=len(rows))


# Not for the session: while its driver runs, no other test can start an event loop.
@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
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
        file.write_text("".join(page(report_of(rows), rows)), encoding="utf-8")
        contexts.append(browser.new_context(**{"viewport": {"width": 1400, "height": 900}} | settings))
        return Watched(contexts[-1], file).open(view)

    yield start
    for context in contexts:
        context.close()
