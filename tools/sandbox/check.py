"""Static checks: everything that can be known about a program before it runs.

    checked = check_program(program, domain, plan=("searchPerson", "getCoauthors"))
    checked.plan      # the plan that the program follows

Checked here are syntax, forbidden constructs, that an answer is set, and that the calls follow the plan;
`typecheck` adds argument and field types. Every refusal says what to change.
"""

from dataclasses import dataclass, field

from herdwick.tools.domain import Domain
from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.contract import RESULT_NAME, Limits, ProgramFailure
from herdwick.tools.sandbox.dataflow import trace_calls
from herdwick.tools.sandbox.legality import refuse_other_chains, refuse_unfed_ids
from herdwick.tools.sandbox.source import Source, parse_program, refuse_forbidden, sets_result
from herdwick.tools.solutions import Plan, format_plan

_PLANS_SHOWN = 5
_HOPS_SHOWN = 5


@dataclass(frozen=True)
class CheckedProgram:
    """A program that passed, and what the checks found out about it.

    Attributes:
        source: The program.
        flow: Its calls and what feeds them.
        plan: The plan it follows, as derived from its data flow.
    """

    source: Source
    # Traces show the rest; this is long and says nothing to a reader.
    flow: CallFlow = field(repr=False)
    plan: Plan


def check_program(
    program: str, domain: Domain, plan: Plan | None = None, limits: Limits | None = None
) -> CheckedProgram:
    """Check a program without running it.

    Args:
        program: Python source.
        domain: What it may call.
        plan: The plan it declares; any legal plan when None.
        limits: Only `program_chars` matters; the defaults when None.

    Raises:
        ProgramFailure: Of kind `syntax`, `forbidden`, `no_result` or `plan`.
    """
    functions = [spec.name for spec in domain.functions]
    source = parse_program(program, (limits or Limits()).program_chars)
    refuse_forbidden(source, functions)
    if not sets_result(source.tree):
        raise ProgramFailure(
            "no_result",
            f"The program never sets {RESULT_NAME}.",
            f"End it with `{RESULT_NAME} = …`, the answer itself.",
        )
    try:
        flow = trace_calls(source.tree, functions)
    except RecursionError as error:
        raise ProgramFailure(
            "forbidden",
            "The program's functions call each other too deeply to be checked.",
            "Write a flatter program.",
        ) from error
    return CheckedProgram(source, flow, follow_plan(source, flow, domain, plan))


def follow_plan(source: Source, flow: CallFlow, domain: Domain, declared: Plan | None) -> Plan:
    """The plan a program follows, which must be legal and the declared one.

    Raises:
        ProgramFailure: Of kind `plan`.
    """
    if declared is not None and (reason := domain.library.explain(declared)):
        raise ProgramFailure(
            "plan",
            f"{format_plan(declared)} is not a legal plan: {reason}.",
            _similar_plans(domain, declared),
        )
    if not flow.sites:
        raise ProgramFailure(
            "plan",
            "The program calls no function.",
            "Get the answer by calling the API functions; do not write it down.",
        )
    if looping := flow.circular():
        raise ProgramFailure(
            "plan",
            f"{source.at(looping.line)}: {looping.function} is fed by its own results in a loop, so the "
            "number of hops is not fixed.",
            "Write each hop once, with its own variables.",
        )
    plans = flow.plans(domain.max_hops)
    followed = declared if declared in plans else _widest(plans, flow)
    _refuse_other_plan(source, flow, followed, declared)
    if reason := domain.library.explain(followed):
        shown = format_plan((*followed[:_HOPS_SHOWN], "…") if len(followed) > _HOPS_SHOWN else followed)
        raise ProgramFailure(
            "plan",
            f"The program's calls make the plan {shown}, which is not legal: {reason}.",
            _similar_plans(domain, followed),
        )
    refuse_unfed_ids(source, flow, domain)
    refuse_other_chains(source, flow, domain, followed)
    return followed


def _widest(plans: frozenset[Plan], flow: CallFlow) -> Plan:
    """Of equally long plans the one that names the most of the functions called."""
    called = {site.function for site in flow.sites}
    return max(sorted(plans), key=lambda plan: len(called & set(plan)))


def _refuse_other_plan(source: Source, flow: CallFlow, followed: Plan, declared: Plan | None) -> None:
    expected = declared or followed
    for site in flow.sites:
        if site.function not in expected:
            raise ProgramFailure(
                "plan",
                f"{source.at(site.line)}: {site.function} is not in the plan {format_plan(expected)}.",
                "Call only the functions of the plan, each with what the one before it returned.",
            )
    if followed != expected:
        raise ProgramFailure(
            "plan",
            f"The plan is {format_plan(expected)}, but the program's calls make {format_plan(followed)}.",
            "Make every hop of the plan take its argument from the result of the hop before it.",
        )


def _similar_plans(domain: Domain, plan: Plan) -> str:
    """The shortest legal plans that end as `plan` does, or begin so when none does."""
    ends = [legal for legal in domain.library.plans if plan and legal[-1] == plan[-1]]
    begins = [legal for legal in domain.library.plans if plan and legal[0] == plan[0]]
    shown = (ends or begins or list(domain.library.plans))[:_PLANS_SHOWN]
    return f"Legal plans are, for instance: {'; '.join(map(format_plan, shown))}."
