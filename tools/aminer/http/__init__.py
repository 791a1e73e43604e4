"""AMiner's seven functions over HTTP: the live platform, the research archive, OpenAlex.

    openalex = open_http_backend(AMinerOptions(backend="openalex", cache="recorded"))
    openalex.searchPerson(name="…")
    recorded = open_http_backend(AMinerOptions(backend="openalex", cache="recorded", replay=True))
    recorded.searchPerson(name="…")        # the same answer, without a network

`aminer`, `archive` and `openalex` know the services; `client` and what it uses know HTTP.
"""

from herdwick.tools.aminer.backend import AMinerBackend
from herdwick.tools.aminer.domain import AMinerOptions
from herdwick.tools.aminer.http.cache import ResponseCache
from herdwick.tools.aminer.http.client import HttpClient
from herdwick.tools.aminer.http.keys import require_key
from herdwick.tools.aminer.http.pricing import Ledger
from herdwick.tools.aminer.http.records import judge_envelope
from herdwick.tools.aminer.http.transport import Limits, Transport
from herdwick.tools.errors import BackendError
from herdwick.tools.keys import read_key
from herdwick.tools.retries import RetryPolicy


def open_http_backend(
    options: AMinerOptions, *, limits: Limits | None = None, retries: RetryPolicy | None = None
) -> AMinerBackend:
    """The HTTP backend that `options` describe.

    Args:
        options: What to open.
        limits: Bounds of one attempt at a call.
        retries: When to try again.

    Raises:
        BackendError: `missing_key`, `bad_key`, `bad_base_url` or `bad_proxy`; `no_cache` for a replay without
            a cache folder; `no_http_backend` for a backend that is not one of these.
        DataError: The cache folder cannot be used.
    """
    cache = _open_cache(options)
    ledger = Ledger(options.budget)
    match options.backend:
        case "aminer":
            from herdwick.tools.aminer.http import aminer

            key = None if options.replay else require_key(aminer.KEY_VARIABLE, "The AMiner open platform")
            transport = Transport(options.base_url or aminer.BASE_URL, key, limits=limits)
            return aminer.LiveBackend(HttpClient(transport, ledger, cache, judge_envelope, retries))
        case "archive":
            from herdwick.tools.aminer.http import archive

            transport = Transport(options.base_url or archive.BASE_URL, None, limits=limits)
            return archive.ArchiveBackend(HttpClient(transport, ledger, cache, judge_envelope, retries))
        case "openalex":
            from herdwick.tools.aminer.http import openalex

            key = None if options.replay else read_key(openalex.KEY_VARIABLE)
            transport = Transport(options.base_url or openalex.BASE_URL, key, "Bearer", limits)
            return openalex.OpenAlexBackend(HttpClient(transport, ledger, cache, retries=retries))
        case other:
            raise BackendError(
                "no_http_backend", f"{other} is no HTTP backend.", "Use aminer, archive or openalex."
            )


def _open_cache(options: AMinerOptions) -> ResponseCache | None:
    if options.cache is not None:
        return ResponseCache(options.cache, replay=options.replay)
    if options.replay:
        raise BackendError("no_cache", "A replay needs a cache.", "Give the cache folder of a recorded run.")
    return None
