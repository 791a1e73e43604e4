"""From names to a solver that works: model, data and sandbox opened together, and closed together.

with build_solver("aminer", model="embedded", graph="graph.sqlite") as solver:
...
"""

from contextlib import ExitStack
from typing import Any

from pydantic import BaseModel, ValidationError

from herdwick.agents.errors import UsageError
from herdwick.agents.models import TIMEOUT_S, Model, load_model
from herdwick.agents.solver import Solver
from herdwick.tools.domain import Domain, get_domain
from herdwick.tools.sandbox import ProgramSandbox
from herdwick.tools.tool import explain


def build_solver(
    domain: str | Domain,
    model: str | Model = "embedded",
    strategy: str = "one-shot",
    *,
    style: str | None = None,
    max_repairs: int = 2,
    timeout_s: float = TIMEOUT_S,
    **options: Any,
) -> Solver:
    """A solver for one domain's data.

    Args:
        domain: Its name, such as `aminer`.
        model: A name that `load_model` takes, or a model already loaded, which then outlives the solver.
        strategy: `one-shot`, `plan-then-code` or `tool-calling`.
        style: `short`, `chat` or `soay`; what suits the model when None.
        max_repairs: Further attempts after the first; `tool-calling` has its own limit, of replies.
        timeout_s: Longest wait for one reply of the model, in seconds.
        **options: What the domain's data is opened with, such as `graph` for `aminer`.

    Raises:
        UsageError: No such strategy, style, model or option.
        ModelError: The model is not installed, or its key is not set.
        DomainError: No such domain.
        DataError: The data cannot be read.
        BackendError: The service behind the data cannot be used.
    """
    chosen = get_domain(domain) if isinstance(domain, str) else domain
    with ExitStack() as stack:
        if isinstance(model, str):
            model = load_model(model, timeout_s=timeout_s)
            stack.callback(model.close)
        toolkit = stack.enter_context(chosen.open(_checked(chosen, options)))
        sandbox = stack.enter_context(ProgramSandbox())
        solver = Solver(
            chosen, model, toolkit, sandbox, strategy=strategy, style=style, max_repairs=max_repairs
        )
        solver.owns(stack.pop_all())
    return solver


def _checked(domain: Domain, options: dict[str, Any]) -> BaseModel:
    try:
        return domain.options(**options)
    except ValidationError as error:
        raise UsageError(
            "bad_option",
            f"{domain.name} cannot be opened so: {explain(error)}.",
            f"Its options are: {', '.join(domain.options.model_fields)}.",
        ) from error
