"""API keys: who may ask.

    keys = read_api_keys(None)           # HERDWICK_API_KEYS, commas in between
    keys = read_api_keys(Path("keys"))   # a file, one key a line
    keys.client_of("Bearer …")           # "key 1", or None

Keys are compared by their hashes and in constant time, so that neither their length nor how much of one is
right can be measured. Clients are called by the number of their key, never by the key.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from herdwick.agents.errors import UsageError

VARIABLE = "HERDWICK_API_KEYS"
MIN_KEY_CHARS = 16
"""Shorter ones can be guessed; `openssl rand -hex 16` has twice as many."""


class ApiKeys:
    """The keys of a server; none at all means that everybody may ask.

    Args:
        keys: As given out.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._digests = tuple(_digest(key) for key in keys)

    def __bool__(self) -> bool:
        return bool(self._digests)

    def __repr__(self) -> str:
        return f"ApiKeys({len(self._digests)})"

    def client_of(self, presented: str) -> str | None:
        """Who presents this key, None for one that is not valid."""
        digest = _digest(presented)
        # All are compared: stopping at the first would tell which it was.
        matches = [hmac.compare_digest(digest, known) for known in self._digests]
        return f"key {matches.index(True) + 1}" if any(matches) else None


def read_api_keys(file: Path | None, environment: Mapping[str, str] | None = None) -> ApiKeys:
    """The keys in `file`, or else those in `HERDWICK_API_KEYS`.

    Args:
        file: One key a line; empty lines and those that begin with `#` are skipped.
        environment: The process's own when None.

    Raises:
        UsageError: The file cannot be read or holds no key, or a key is too short; none is quoted.
    """
    if file is None:
        given = (os.environ if environment is None else environment).get(VARIABLE, "")
        return _checked([key.strip() for key in given.split(",") if key.strip()], VARIABLE)
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "keys_unreadable", f"The keys in {file.name} cannot be read.", "Give a text file, one key a line."
        ) from error
    keys = [line for line in lines if line and not line.startswith("#")]
    if not keys:
        raise UsageError("no_keys", f"{file.name} holds no key.", "Write one key a line into it.")
    return _checked(keys, file.name)


def _checked(keys: list[str], source: str) -> ApiKeys:
    for number, key in enumerate(keys, start=1):
        if len(key) < MIN_KEY_CHARS or not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError(
                "bad_key",
                f"Key {number} of {source} is shorter than {MIN_KEY_CHARS} characters, or holds spaces or "
                "non-ASCII characters.",
                "Make one with: openssl rand -hex 16",
            )
    return ApiKeys(keys)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
