"""`python -m herdwick.agents.cli` is `herdwick`."""

import sys

from herdwick.agents.cli import main

sys.exit(main())
