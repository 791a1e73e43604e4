"""Converts files for `workers`: python -m herdwick.tools.bgp.columns CACHE < NAMES."""

import json
import sys
import time
from pathlib import Path

from herdwick.tools.bgp.columns.convert import convert
from herdwick.tools.bgp.engine.sources import MRTFile, source_of
from herdwick.tools.errors import DataError

INTERVAL_S = 0.5
"""Between two lines that say how far a file has been read."""


def main(home: Path) -> None:
    """Convert the files that stdin names, one a line, until it ends."""
    for line in sys.stdin:
        path = Path(json.loads(line))
        told = time.monotonic()

        def tell(size_bytes: int) -> None:
            nonlocal told
            if time.monotonic() - told > INTERVAL_S:
                told = time.monotonic()
                _say({"bytes": size_bytes})

        try:
            convert(MRTFile(path, source_of(path)), home, tell)
            _say({"done": True})
        except DataError as error:
            _say({"error": [error.kind, error.message, error.hint]})


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)  # Whoever asked is gone.
