"""Judge a run anew, and look at its report in a browser."""

import json
import webbrowser
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click
from rich.text import Text

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.terminal import results
from herdwick.agents.errors import UsageError
from herdwick.evals.conclusion import conclude
from herdwick.evals.figures import figures
from herdwick.evals.run_folder import REPORT, RunFolder
from herdwick.tools.errors import DataError

EXAMPLES = """\b
Examples:
  herdwick eval score runs/dev
  herdwick eval judge runs/knowledge --model openai
  herdwick eval view runs/dev
  herdwick eval view runs/dev --port 8099 --no-browser
"""

BENCH_EXAMPLES = """\b
Examples:
  herdwick eval bench
  herdwick eval bench --rows 20000 --json
"""

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command(epilog=EXAMPLES)
@click.argument("folder", metavar="DIR", type=FOLDER)
@json_option
def score(folder: Path, as_json: bool) -> None:
    """Judge the answers in DIR anew; nothing is asked.

    For after a change to the rules by which answers are judged: writes DIR/metrics.json and DIR/report.html.
    """
    run = RunFolder.existing(folder)
    if not run.predictions:
        raise DataError(
            "no_predictions", f"{folder} holds no answers.", "Give the command that began the run again."
        )
    with run.alone():
        metrics = conclude(run, run.rows())
    if as_json:
        click.echo(json.dumps({"out": str(folder), **figures(metrics)}, ensure_ascii=False))
        return
    share = metrics.all.strict
    results().print(Text(f"{share.right} of {share.n} answers are right: {folder / REPORT}"), soft_wrap=True)


@click.command(epilog=EXAMPLES)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--model", required=True, help="The judge: any model that `herdwick ask` takes.")
@json_option
def judge(folder: Path, model: str, as_json: bool) -> None:
    """Have a model judge the prose in DIR, point by point, and score the run by it.

    Without it a point counts as made where one of its phrases occurs. Judgements are kept in
    DIR/judgements.jsonl; the same command finishes what was interrupted.
    """
    from herdwick.agents import load_model
    from herdwick.evals.prose_judge import judge_run

    run = RunFolder.existing(folder)
    with run.alone(), closing(load_model(model)) as judging:
        count = judge_run(run, judging)
        metrics = conclude(run, run.rows())
    share = metrics.all.strict
    if as_json:
        click.echo(json.dumps({"out": str(folder), "judged": count, **figures(metrics)}, ensure_ascii=False))
        return
    results().print(Text(f"{count} answers judged; {share.right} of {share.n} are right"), soft_wrap=True)


@click.command(epilog=EXAMPLES)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; default: any free one."
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def view(folder: Path, port: int, no_browser: bool) -> None:
    """Serve the report of the run in DIR on this machine until Ctrl-C.

    The report is DIR/report.html, one file that needs no server: it may as well be opened or sent as it is.
    """
    if not (folder / REPORT).is_file():
        run = RunFolder.existing(folder)
        with run.alone():
            conclude(run, run.rows())
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(folder / REPORT))
    except OSError as error:
        raise UsageError(
            "port_taken", f"Port {port} cannot be used: {error.strerror}.", "Give another --port."
        ) from error
    with server:
        address = f"http://127.0.0.1:{server.server_port}/"
        click.echo(address)
        if not no_browser:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)


@click.command(epilog=BENCH_EXAMPLES)
@click.option("--rows", default=5_000, show_default=True, type=click.IntRange(1), help="Asked in each run.")
@json_option
def bench(rows: int, as_json: bool) -> None:
    """Measure what the harness costs a row, beside LangSmith's `evaluate` in the same run.

    Answers are there at once, so that all the time is the harness's: ours keeps every answer on disk before
    the next question, and writes figures and report.
    """
    from herdwick.evals.bench import bench as measure

    found = measure(rows)
    if as_json:
        click.echo(json.dumps({**found.model_dump(), "ratio": found.ratio}))
        return
    ours = f"{found.ours_ms:.2f} ms a row, {found.asking_ms:.2f} of it until all are asked"
    theirs = f"{found.langsmith_ms:.2f} ms ({found.ratio:.1f} times ours)"
    click.echo(f"{found.rows:,} rows: {ours}, at most {found.peak_mb:.0f} MB; LangSmith's evaluate {theirs}")


def _handler(report: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Serves one page, read anew each time: a run that goes on writes it again."""

        def do_GET(self) -> None:
            """The page at `/`; nothing else is there."""
            if self.path.partition("?")[0] != "/":
                self.send_error(404)
                return
            # A page of another site that a browser was led to must not read this one under a name of its own.
            if self.headers.get("Host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
                self.send_error(403)
                return
            page = report.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Say nothing: only this user asks."""

    return Handler
