from collections.abc import Callable

import pytest

from herdwick.agents.endpoint import Endpoint, Engine
from herdwick.agents.styles import Brief
from herdwick.tools.domain import get_domain


@pytest.fixture
def brief(scripted) -> Callable[[Engine], Brief]:
    """A question to the scripted server, as if it were served by an engine."""

    def make(engine: Engine = "unknown") -> Brief:
        endpoint = Endpoint(
            scripted.url, "m", engine, extra_body={"lora": []} if engine == "llamacpp" else {}
        )
        return Brief("How many papers has Ada Quill?", get_domain("aminer"), endpoint)

    return make
