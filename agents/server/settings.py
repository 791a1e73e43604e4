"""How a server is set up.

    ServerSettings(domains={"aminer": AMinerOptions(graph=path)}, model="vllm", rate="60/minute")

Whoever asks cannot change any of it, but for the options that a domain leaves to its questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from herdwick.agents.embedded import SLOTS
from herdwick.agents.models import TIMEOUT_S
from herdwick.agents.questions import MAX_CHARS
from herdwick.agents.server.keys import ApiKeys

MAX_QUEUE = 32
"""At about a second a question and four at once, the last of them waits eight seconds."""

RATE = "120/minute"
"""Twice what one client can be answered in a minute at a second a question."""

MAX_BODY_BYTES = 64 * 1024
"""A question of the longest kind has 16 KB in UTF-8; the published SoAyLLaMA prompt has 3 KB."""

BODY_TIMEOUT_S = 10.0
"""Longest wait for a whole body."""

DEADLINE_S = 120.0
"""Longest time from a request to its answer."""

GRACE_S = 30.0
"""How long requests may still take once the server has been told to stop."""


@dataclass(frozen=True)
class ServerSettings:
    """What a server serves, to whom, and how much of it.

    Attributes:
        domains: The domains served, with what they are opened with.
        model: As `load_model` takes it.
        strategy: How drafts come about.
        style: How the model is prompted; its own default when None.
        max_repairs: Further attempts after a draft that fails.
        timeout_s: Longest wait for one reply of the model, in seconds.
        keys: Who may ask; everybody where there are none.
        data_folder: Where the files lie that questions may name; none may be named when None.
        slots: Questions answered at the same time.
        max_queue: Questions that may wait.
        rate: Requests of one client in a time, such as `120/minute`; '' for no limit.
        deadline_s: Longest time from a request to its answer, in seconds.
        max_body_bytes: Longest body of a request.
        max_question_chars: Longest question.
        grace_s: Longest wait for requests that are being answered when the server is told to stop.
    """

    domains: Mapping[str, BaseModel] = field(hash=False)
    model: str = "embedded"
    strategy: str = "one-shot"
    style: str | None = None
    max_repairs: int = 2
    timeout_s: float = TIMEOUT_S
    keys: ApiKeys = field(default_factory=ApiKeys)
    data_folder: Path | None = None
    slots: int = SLOTS
    max_queue: int = MAX_QUEUE
    rate: str = RATE
    deadline_s: float = DEADLINE_S
    max_body_bytes: int = MAX_BODY_BYTES
    max_question_chars: int = MAX_CHARS
    grace_s: float = GRACE_S
