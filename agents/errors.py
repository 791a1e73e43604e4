"""The exceptions of `herdwick.agents`: one family with those of `herdwick.tools`.

    try:
        load_model("vllm").endpoint("aminer")
    except ModelError as error:
        print(error.kind, error.message, error.hint)

The solver turns all of them into the `error` of an answer; only `UsageError` and errors from opening a
domain's data reach the caller of `build_solver`.
"""

from herdwick.tools.errors import ExternalError, HerdwickError

OF_THE_REPLY = frozenset({"bad_reply", "bad_request", "context_too_long", "too_many_steps"})
"""Kinds of `ModelError` that come of this question with this model; all others come of the endpoint."""


class UsageError(ExternalError):
    """A solver was asked for that cannot be built: an unknown strategy, style, model or option."""


class QuestionError(HerdwickError):
    """A question that is not worth sending to a model: empty, or far too long."""


class ModelError(HerdwickError):
    """A model endpoint could not be reached, refused, or answered with something else than a reply."""

    @property
    def external(self) -> bool:
        """Unless the model was reached and made nothing of the question."""
        return self.kind not in OF_THE_REPLY


class DraftError(HerdwickError):
    """A reply in which no plan and program could be found; asking again may help."""
