"""`python -m herdwick.agents.cli` is `herdwick`."""

import sys

from herdwick.agents.cli.app import main

sys.exit(main())
