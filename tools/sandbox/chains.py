"""The calls of a program, what feeds them, and the chains they form.

flow = trace_calls(tree, functions)     # see `dataflow`
flow.plans(max_hops=3)                  # {("searchPerson", "getCoauthors")}
flow.plans_to(max_hops=3)               # the same for each call
flow.circular()                         # a call that feeds itself, or None
"""

import graphlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from herdwick.tools.sandbox.values import Key, Origins, Site, Span
from herdwick.tools.solutions import Plan

SPREAD = ""
"""Key of arguments that are passed by `*` or `**`, for parameters that only running tells."""


@dataclass(frozen=True)
class CallFlow:
    """The calls of a program and what feeds them.

    Attributes:
        feeds: For each call, in the order they were met, the calls whose results its arguments were made of.
        literals: For each call, the arguments written out as constants, by position or name.
        emptied_by: For each expression that takes an element, the calls that, finding nothing, leave none.
        arguments: What `feeds` says, for each argument by position or name; under `SPREAD` what `*` and `**`
            pass.
    """

    feeds: Mapping[Site, Origins]
    literals: Mapping[Site, Mapping[int | str, object]]
    emptied_by: Mapping[Span, Origins]
    arguments: Mapping[Site, Mapping[Key, Origins]] = field(default_factory=dict)

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every call."""
        return tuple(self.feeds)

    def circular(self) -> Site | None:
        """A call that feeds itself through a loop, so that its number of hops is not fixed."""
        try:
            self._in_order()
        except graphlib.CycleError as error:
            cycle: list[Site] = error.args[1]
            return cycle[0]
        return None

    def plans(self, max_hops: int) -> frozenset[Plan]:
        """The function names along the longest chains of calls; see `plans_to`."""
        return _longest(self.plans_to(max_hops).values())

    def plans_to(self, max_hops: int) -> Mapping[Site, frozenset[Plan]]:
        """For each call, the function names along the longest chains that end there.

        Needs a flow that is not circular.

        Args:
            max_hops: Of chains longer than this only one example is followed: no library holds them, and
                there can be more of them than memory for them.
        """
        ending_at: dict[Site, frozenset[Plan]] = {}
        for site in self._in_order():
            before = _longest({ending_at[feeder] for feeder in self.feeds[site]}) or {()}
            plans = frozenset((*plan, site.function) for plan in before)
            too_long = len(next(iter(plans))) > max_hops
            ending_at[site] = frozenset({min(plans)}) if too_long else plans
        return ending_at

    def _in_order(self) -> list[Site]:
        return list(graphlib.TopologicalSorter(self.feeds).static_order())


def _longest(groups: Iterable[frozenset[Plan]]) -> frozenset[Plan]:
    plans: frozenset[Plan] = frozenset().union(*groups)
    longest = max(map(len, plans), default=0)
    return frozenset(plan for plan in plans if len(plan) == longest)
