"""The log: one line of JSON for each request and each failure.

    LOGGER.info("request", extra={"told": {"request": "7f3a", "status": 200}})
    # {"time": "2026-11-22T20:56:54.262+00:00", "level": "INFO", "event": "request", "request": "7f3a", …}

Whoever logs puts in neither keys nor questions; `guard` is the only one that logs requests.
"""

import json
import logging
from datetime import UTC, datetime

LOGGER = logging.getLogger("herdwick.server")


class JsonLines(logging.Formatter):
    """Each record as an object; what `extra={"told": …}` holds stands beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line break."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)
