"""The synthetic sample graph: shipped as a dump, built into the user's cache when first used.

sample_graph()        # path of a graph of 2,400 invented people; the first call takes about a second
"""

from importlib.resources import as_file, files
from pathlib import Path

from herdwick.tools.aminer.local.dump_graph import dump_graph

_DUMP = files("herdwick.tools.aminer.local") / "sample_dump"


def sample_graph() -> Path:
    """The sample's graph file, built if it is not there or damaged.

    Raises:
        DataError: The user's cache folder cannot be written to.
    """
    with as_file(_DUMP) as dump:
        return dump_graph(dump, "sample")
