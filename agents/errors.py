"""The exceptions of `herdwick.agents`: one family with those of `herdwick.tools`.

    try:
        load_model("vllm").endpoint("aminer")
    except ModelError as error:
        print(error.kind, error.message, error.hint)

The solver turns all of them into the `error` of an answer; only `UsageError` and errors from opening a
domain's data reach the caller of `build_solver`.
"""

from herdwick.tools.errors import HerdwickError


class UsageError(HerdwickError):
    """A solver was asked for that cannot be built: an unknown strategy, style, model or option."""


class QuestionError(HerdwickError):
    """A question that is not worth sending to a model: empty, or far too long."""


class ModelError(HerdwickError):
    """A model endpoint could not be reached, refused, or answered with something else than a reply."""


class DraftError(HerdwickError):
    """A reply in which no plan and program could be found; asking again may help."""
