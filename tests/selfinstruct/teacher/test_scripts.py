"""Scripts over the lab capture and over one in which nothing happens, in the real sandbox."""

import shutil

import pytest

from herdwick.selfinstruct.teacher.execution import Unfit
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.selfinstruct.teacher.scripts import open_scripts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("bwrap"), reason="bubblewrap is not installed: apt-get install bubblewrap"
    ),
]

HEAD = """\
import pybgpstream
stream = pybgpstream.BGPStream(
    from_time="2026-01-01 00:00:00", until_time="2026-01-01 00:04:00", collectors=["lab00"],
    record_type="updates",
)
"""
COUNT = f"{HEAD}print(sum(elem.type == 'W' for elem in stream))\n"


def run(source: str, *, live: bool = False, wall_s: float = 20.0) -> str:
    with open_scripts(wall_s, live=live) as scripts:
        return scripts.run(Task("Count.", "", f"```python\n{source}```"))


def dropped(source: str, **how: float) -> str:
    with pytest.raises(Unfit) as caught:
        run(source, **how)
    return caught.value.kind


def test_a_script_is_kept_for_what_it_computes():
    assert run(COUNT) == "137\n"


def test_a_live_script_hears_the_capture_replayed():
    source = (
        "import pybgpstream\nstream = pybgpstream.BGPStream(project='ris-live', collectors=['rrc00'])\n"
        "print(sum(elem.type == 'A' for elem in stream))\n"
    )
    assert run(source, live=True) == "762\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f"{HEAD}for elem in stream: pass\nprint('done')\n", "trivial"),
        (f"{HEAD}for elem in stream: pass\n", "no_result"),
        (f"{HEAD}print('hello')\n", "reads_nothing"),
        (f"{HEAD}import time\nfor elem in stream: pass\nprint(time.time())\n", "not_repeatable"),
        (f"{HEAD}print(sum(elem.typ == 'W' for elem in stream))\n", "code_runtime"),
        (f"{COUNT}raise SystemExit(3)\n", "code_exit"),
        (f"{COUNT}import socket\nsocket.create_connection(('192.0.2.1', 80))\n", "code_network"),
    ],
)
def test_what_is_not_kept_has_its_reason(source, reason):
    assert dropped(source) == reason


def test_a_script_that_never_ends_is_stopped():
    assert dropped(f"{HEAD}while True: pass\n", wall_s=3.0) == "code_time_limit"
