"""What tells one model's weights from another's: figures hold for these weights and no others.

load_model("embedded").weights("aminer").adapter     # SHA-256 of the adapter's file
load_model("vllm").weights("aminer").endpoint        # "http://127.0.0.1:8000/v1"
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """Which weights answer a domain's questions.

    Attributes:
        base: SHA-256 of the embedded base; '' behind an endpoint, whose files cannot be seen.
        adapter: SHA-256 of the domain's embedded adapter; '' where there is none.
        endpoint: `URL` or `NAME@URL`, without any secret; '' in this process.
        attention: How the embedded engine computes it; '' for its default.
    """

    base: str = ""
    adapter: str = ""
    endpoint: str = ""
    attention: str = ""
