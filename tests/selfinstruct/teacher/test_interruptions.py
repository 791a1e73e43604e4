"""kill -9 at any moment, and a full disk: nothing is lost or doubled."""

import multiprocessing
import resource
import time
from pathlib import Path
from random import Random

import pytest

from herdwick.selfinstruct.teacher.generate import generate
from herdwick.selfinstruct.teacher.records import journal_file, read_items
from herdwick.tools.errors import DataError

KILLS = 10


@pytest.mark.slow
def test_ten_kills_change_nothing(configure, teacher, tmp_path):
    config = configure(count=300, machine_seeds=2, human_seeds=6, window=8)
    undisturbed, disturbed = tmp_path / "undisturbed.jsonl", tmp_path / "disturbed.jsonl"
    generate(config, undisturbed)
    asked_undisturbed = len(teacher.bodies)
    # Its children begin with everything imported, so that a kill can strike in the midst of the run.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["herdwick.selfinstruct.teacher.generate"])
    rng = Random(4)
    teacher.latency_s = 0.05
    killed = 0
    while killed < KILLS:
        begun = _size(journal_file(disturbed))
        process = context.Process(target=generate, args=(config, disturbed))
        process.start()
        # It has begun when the journal grows; the kill comes at random after that.
        while _size(journal_file(disturbed)) == begun and process.is_alive():
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.08))
        process.kill()
        process.join()
        killed += process.exitcode == -9
        assert process.exitcode in (-9, 0)
        if process.exitcode == 0:
            pytest.fail("the run ended before it had been killed ten times")
    generate(config, disturbed)
    assert disturbed.read_bytes() == undisturbed.read_bytes()
    assert len({item.id for item in read_items(disturbed)}) == 300
    # Lost are at most the requests in flight at each kill.
    assert len(teacher.bodies) - 2 * asked_undisturbed <= KILLS * config.in_flight + config.in_flight


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_a_full_disk_is_told_and_the_same_command_continues(configure, tmp_path):
    config = configure(count=40)
    generate(config, tmp_path / "undisturbed.jsonl")
    out = tmp_path / "full.jsonl"
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, unlimited[1]))
    try:
        with pytest.raises(DataError) as caught:
            generate(config, out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert caught.value.kind == "disk_full"
    generate(config, out)
    assert out.read_bytes() == (tmp_path / "undisturbed.jsonl").read_bytes()
