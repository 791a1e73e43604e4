"""One HTTP client for all services: answers are recorded, paid for, and tried for again.

    client = HttpClient(Transport("https://api.openalex.org", key=None), Ledger(budget_cny=1.0))
    client.fetch(Call("GET", "/works?search=graph"))       # the decoded JSON

A call is answered from the cache if it was recorded; else it is paid for, sent, sent again when the failure
may pass, and recorded. Whatever goes wrong is one `BackendError`; `failures` lists the kinds.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import from_json

from herdwick.tools.aminer.http.cache import Answer, ResponseCache
from herdwick.tools.aminer.http.calls import Call
from herdwick.tools.aminer.http.failures import bad_response, status_failure
from herdwick.tools.aminer.http.pricing import CURRENCY, Ledger
from herdwick.tools.aminer.http.transport import RawAnswer, Transport
from herdwick.tools.http_failures import parse_retry_after
from herdwick.tools.question import Tally
from herdwick.tools.retries import RetryPolicy


@dataclass(frozen=True)
class Verdict:
    """What an answer's own envelope says about it, as the HTTP status that means the same."""

    status: int = 200
    message: str = ""


def no_envelope(payload: JsonValue) -> Verdict:
    """The verdict for services that report failures by HTTP status alone."""
    del payload
    return Verdict()


class HttpClient:
    """Fetches JSON from one service; safe to share between threads.

    Args:
        transport: Sends requests.
        ledger: Pays for them.
        cache: Recorded answers; None to always ask the service.
        judge: Finds failures reported inside successful answers.
        retries: When to try again.
    """

    def __init__(
        self,
        transport: Transport,
        ledger: Ledger,
        cache: ResponseCache | None = None,
        judge: Callable[[JsonValue], Verdict] = no_envelope,
        retries: RetryPolicy | None = None,
    ) -> None:
        self._transport = transport
        self._ledger = ledger
        self._cache = cache
        self._judge = judge
        self._retries = retries or RetryPolicy()
        self._made = Tally()
        self._cached = Tally()

    def fetch(self, call: Call) -> JsonValue:
        """The service's answer, decoded.

        Raises:
            BackendError: The call failed; see `failures` for the kinds.
            DataError: The cache cannot be read or written.
        """
        url = self._transport.base_url + call.path
        answer = self._cache.get(call.method, url, call.content) if self._cache else None
        if answer is None:
            answer = self._retries.retrying()(self._attempt, call)
            if self._cache:
                self._cache.put(call.method, url, call.content, answer)
        else:
            self._cached.add(1)
        if answer.status == 404:
            raise status_failure(self._transport.describe(call), 404)
        return answer.payload

    def usage(self, backend: str) -> dict[str, JsonValue]:
        """What was read through this client for the current question, or ever if there is none.

        Args:
            backend: Name of the backend.
        """
        return {
            "backend": backend,
            "host": self._transport.host,
            "calls_made": int(self._made.current),
            "calls_cached": int(self._cached.current),
            "cost": float(self._ledger.spent.current),
            "currency": CURRENCY,
            "budget": float(self._ledger.budget_cny),
            "replay": self._cache is not None and self._cache.replay,
        }

    def close(self) -> None:
        """Close the connections; closing twice is harmless."""
        self._transport.close()

    def _attempt(self, call: Call) -> Answer:
        with self._ledger.paying(call):
            self._made.add(1)
            return self._understand(self._transport.describe(call), self._transport.send(call))

    def _understand(self, what: str, raw: RawAnswer) -> Answer:
        if 200 <= raw.status < 300:
            payload = _decode(what, raw.body)
            verdict = self._judge(payload)
        else:
            payload, verdict = None, Verdict(raw.status, _error_message(raw.body))
        if verdict.status == 200:
            return Answer(200, payload)
        if verdict.status == 404:
            # Recorded like any answer: that the service knows nothing is what replay must repeat.
            return Answer(404, None)
        raise status_failure(what, verdict.status, verdict.message, parse_retry_after(raw.retry_after))


def _decode(what: str, body: bytes) -> JsonValue:
    try:
        payload: JsonValue = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise bad_response(what, f"it is not JSON, {error}") from error
    return payload


def _error_message(body: bytes) -> str:
    """The text of an error answer, where it is JSON and has one."""
    try:
        payload = from_json(body)
    except ValueError:
        return ""
    fields = payload if isinstance(payload, dict) else {}
    texts = (fields.get(name) for name in ("message", "msg", "error"))
    return next((text for text in texts if isinstance(text, str)), "")
