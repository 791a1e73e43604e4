"""The line that says how far a conversion is."""

import io
import sys
from types import SimpleNamespace

import pytest

from herdwick.tools.bgp.columns import progress
from herdwick.tools.bgp.columns.progress import ConversionProgress, ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (ConversionProgress(300, 88, 3_000_000, 10_000_000), "30%  88 of 300 files, 3.00 of 10.00 MB"),
        (ConversionProgress(1, 0, 5 * 10**8, 10**10), "5%  0 of 1 files, 0.50 of 10.00 GB"),
        (ConversionProgress(1, 0, 200, 100), "100%  0 of 1 files, 0.00 of 0.00 MB"),
        (ConversionProgress(0, 0, 0, 0), "100%  0 of 0 files, 0.00 of 0.00 MB"),
    ],
)
def test_it_says_files_and_bytes(now: ConversionProgress, line: str) -> None:
    bar, _, rest = str(now).partition("] ")

    assert rest == line
    assert len(bar) == 21


def test_a_line_is_written_when_it_takes_long_and_then_every_few_seconds(monkeypatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    moments = iter([0.0, 1.0, 4.0, 5.0, 8.9, 9.1])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    line = ProgressLine()

    for done in range(1, 6):
        line(ConversionProgress(10, done, done, 10))

    written = sys.stderr.getvalue().splitlines()
    assert [text.split("%  ")[1] for text in written] == [
        "2 of 10 files, 0.00 of 0.00 MB, 4 s",
        "5 of 10 files, 0.00 of 0.00 MB, 9 s",
    ]


@pytest.mark.parametrize("stderr", [io.StringIO(), None])
def test_nothing_is_written_where_no_terminal_is(monkeypatch, stderr) -> None:
    monkeypatch.setattr(progress, "QUIET_S", 0.0)
    monkeypatch.setattr(sys, "stderr", stderr)

    ProgressLine()(ConversionProgress(1, 0, 0, 1))

    assert stderr is None or stderr.getvalue() == ""
