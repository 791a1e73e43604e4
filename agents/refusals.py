"""Why a question cannot be answered: the reasons a model may write, and what users are told.

A model refuses by writing `unanswerable: REASON` in place of a plan.
"""

from herdwick.tools.errors import HerdwickError

REFUSAL_PREFIX = "unanswerable: "

_EXPLANATIONS = {
    "off_topic": (
        "This is not a question about what the tools know.",
        "`herdwick tools list` shows what can be looked up.",
    ),
    "not_in_data": (
        "The tools hold no data that would answer this.",
        "`herdwick tools list` shows every field that can be asked about.",
    ),
    "unclear": (
        "The question does not say whom or what it is about.",
        "Name the person, the paper, the organization or the field.",
    ),
    "language": (
        "The question is in a language the model was not trained on.",
        "Ask in English or Chinese, or choose a larger model with --model.",
    ),
}

REASONS = tuple(_EXPLANATIONS)


class Refusal(HerdwickError):
    """A model's refusal to answer; `kind` is always `refused`.

    Attributes:
        reason: One of `REASONS`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("refused", *_EXPLANATIONS[reason])
        self.reason = reason
