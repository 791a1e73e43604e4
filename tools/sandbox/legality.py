"""Whether every call of a program is one that a plan allows, not only those of its longest chain.

    refuse_unfed_ids(source, flow, domain)              # an id that no call returned
    refuse_other_chains(source, flow, domain, plan)     # calls in another order than the plan's

Both refuse what they cannot explain: a call whose argument comes from nowhere known could be a hidden hop.
"""

from herdwick.tools.domain import Domain
from herdwick.tools.sandbox.chains import SPREAD, CallFlow
from herdwick.tools.sandbox.contract import ProgramFailure
from herdwick.tools.sandbox.source import Source
from herdwick.tools.sandbox.values import Key, Origins, Site
from herdwick.tools.solutions import Plan, format_plan


def refuse_unfed_ids(source: Source, flow: CallFlow, domain: Domain) -> None:
    """Refuse arguments that only a call can supply, and that come from none.

    Raises:
        ProgramFailure: Of kind `plan`.
    """
    for site in flow.sites:
        spec = domain.function(site.function)
        passed = _by_name(flow, site, list(spec.parameters))
        for name, entity in spec.parameters.items():
            if entity is None or entity.in_question or not {name, SPREAD} & passed.keys():
                continue
            producers = [other.name for other in domain.functions if entity.name in other.produces]
            fed = passed.get(name, passed.get(SPREAD, frozenset()))
            if not any(feeder.function in producers for feeder in fed):
                raise ProgramFailure(
                    "plan",
                    f"{source.at(site.line)}: the {name} given to {site.function} comes from no call that "
                    f"returns a {entity.name}.",
                    f"Pass on a {entity.name} as {' or '.join(producers)} returned it.",
                )


def refuse_other_chains(source: Source, flow: CallFlow, domain: Domain, plan: Plan) -> None:
    """Refuse calls whose chain is not how the plan begins, since the plan would hide them.

    Raises:
        ProgramFailure: Of kind `plan`.
    """
    for site, chains in flow.plans_to(domain.max_hops).items():
        for chain in sorted(chains):
            if chain != plan[: len(chain)]:
                raise ProgramFailure(
                    "plan",
                    f"{source.at(site.line)}: the calls up to here make {format_plan(chain)}, which is not "
                    f"how the plan {format_plan(plan)} begins.",
                    "Call only the functions of the plan, each with what the one before it returned.",
                )


def _by_name(flow: CallFlow, site: Site, names: list[str]) -> dict[Key, Origins]:
    passed = flow.arguments.get(site, {})
    return {
        names[key] if isinstance(key, int) and key < len(names) else key: origins
        for key, origins in passed.items()
    }
