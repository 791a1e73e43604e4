import importlib
import sys

import pytest

from herdwick.selfinstruct import similarity
from herdwick.tools.errors import DataError


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for absent in ("rapidfuzz", "datasketch"):
        # As `import` finds it where it is not installed.
        monkeypatch.setitem(sys.modules, absent, None)

    with pytest.raises(DataError) as failure:
        importlib.reload(similarity)

    assert failure.value.message == "Comparing instructions needs datasketch, rapidfuzz, not installed here."
    assert failure.value.hint == "In the checkout, run: pip install -e '.[selfinstruct]'"
