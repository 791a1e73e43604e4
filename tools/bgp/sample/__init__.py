"""The sample of the BGP domain: a lab capture, made by real daemons that play a scenario.

    from herdwick.tools.bgp.sample import ARCHIVE, DATA
    sorted(ARCHIVE.iterdir())      # rib.20260101.0000.gz, rib.20260101.0004.gz, updates.20260101.0000.gz

Nothing in it was seen on the Internet: its ASNs and prefixes are for documentation or private use, and
`scenario.json` says what really happened. `python -m herdwick.tools.bgp.sample.make --out DIR` makes it anew.
"""

from pathlib import Path

COLLECTOR = "lab00"
DATA = Path(__file__).parent / "data"
"""Where `scenario.json`, `vrps.json`, `relationships.txt` and a README lie."""
ARCHIVE = DATA / COLLECTOR
"""Where the MRT files lie, in an archive's folder for its collector."""
