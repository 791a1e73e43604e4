"""Converts one file, for `convert_all`: python -m herdwick.tools.bgp.columns FILE CACHE."""

import sys
from pathlib import Path

from herdwick.tools.bgp.columns.convert import convert
from herdwick.tools.bgp.engine.sources import MRTFile, source_of
from herdwick.tools.errors import DataError

if __name__ == "__main__":
    path, cache = map(Path, sys.argv[1:])
    try:
        convert(MRTFile(path, source_of(path)), cache)
    except DataError as error:
        sys.exit(str(error))
