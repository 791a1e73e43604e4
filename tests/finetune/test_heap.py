"""In processes of their own: what is set stays set."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource
from herdwick.finetune.heap import keep_freed_memory

kept = {keeps} and keep_freed_memory()
bytearray(50_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    bytearray(50_000_000)
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(*, keeps: bool) -> tuple[bool, int]:
    """Whether memory is kept, and how many pages were asked for anew."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(keeps=keeps)], capture_output=True, text=True, check=True
    )
    kept, count = ran.stdout.split()
    return kept == "True", int(count)


@pytest.mark.skipif(sys.platform != "linux", reason="another C library")
def test_memory_is_taken_from_the_kernel_once() -> None:
    (kept, few), (_, many) = faults(keeps=True), faults(keeps=False)

    if not kept:
        pytest.skip("no glibc")
    assert few * 10 < many
