"""What is counted, for Prometheus.

    metrics = Metrics()
    metrics.request("/ask", 200, seconds=1.2)
    metrics.text()        # as GET /metrics gives it

Labels never hold text that clients choose: their number is bounded, and nothing private is in them.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from herdwick.agents.answer import Answer
from herdwick.agents.steps import Step

PATHS = frozenset(
    {
        "/ask",
        "/api/soayllama/getcode",
        "/api/soayllama/purequery",
        "/health",
        "/health/live",
        "/metrics",
        "/docs",
        "/openapi.json",
    }
)
"""Paths that are counted by themselves; all others are `other`."""

BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
"""A warm question takes about a second on two cores, and the default deadline is 120 s."""


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._requests = Counter(
            "herdwick_requests", "Requests by path and status.", ["path", "status"], registry=registry
        )
        self._request_s = Histogram(
            "herdwick_request_seconds",
            "Time from a request to the end of its response.",
            ["path"],
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._answers = Counter(
            "herdwick_answers",
            "Answers by domain and kind of error, '' where there is none.",
            ["domain", "kind"],
            registry=registry,
        )
        self._step_s = Histogram(
            "herdwick_step_seconds",
            "Time of the solver's steps.",
            ["step"],
            buckets=BUCKETS_S,
            registry=registry,
        )

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        label = path if path in PATHS else "other"
        self._requests.labels(label, str(status)).inc()
        self._request_s.labels(label).observe(seconds)

    def answer(self, answer: Answer) -> None:
        """Count an answer."""
        self._answers.labels(answer.domain, answer.error.kind if answer.error else "").inc()

    def step(self, step: Step) -> None:
        """Count a step."""
        self._step_s.labels(step.step).observe(step.seconds)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show what `read` gives whenever somebody looks."""
        Gauge(name, meaning, registry=self._registry).set_function(read)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
