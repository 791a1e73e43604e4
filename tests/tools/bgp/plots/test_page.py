import shutil
import subprocess
from pathlib import Path

import pytest
from plotly.graph_objects import Bar, Figure

from herdwick.tools.bgp.plots import PLOTS
from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.page import page, styled

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def test_names_of_files_cannot_become_part_of_the_page() -> None:
    figure = styled(Figure(Bar(x=[1], y=[2], name="</script><script>alert(1)</script>")))
    text = page(Caption("<b>T</b>", ("<img src=x>",), "</p><script>"), figure).decode()
    assert "<img src=x>" not in text
    assert "<script>alert(1)" not in text
    assert "<title>&lt;b&gt;T&lt;/b&gt;</title>" in text
    assert '<p class="lab">&lt;/p&gt;&lt;script&gt;</p>' in text


def test_dollar_signs_stay() -> None:
    assert b"<p>$title $$</p>" in page(Caption("T", ("$title $$",), ""), Figure())


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("update_series", "Announcements (above the line): 762 in all"),
        ("path_length_distribution", "Path length (ASes, prepending not counted)"),
        ("as_graph", "AS4200000001"),
    ],
)
def test_a_browser_draws_the_page(shown, tmp_path: Path, function: str, expected: str) -> None:
    (tmp_path / "plot.html").write_bytes(PLOTS[function](shown(function)).html())
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=5000",
        "--dump-dom",
        (tmp_path / "plot.html").as_uri(),
    ]
    drawn = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    body = drawn[drawn.index('class="main-svg"') :]
    assert expected in body
