"""The solution library: every legal call sequence of a domain, derived from entity types.

    library = SolutionLibrary(functions, max_hops=3)
    ("searchPerson", "getCoauthors") in library          # True
    library.explain(("searchPerson", "getPublication"))  # why not

A *plan* is a sequence of function names, one a hop (SoAy, arXiv:2405.15165, section 3.1). Function B may
follow function A when a value A returns has the entity type of one of B's parameters; a plan may start with
any function whose parameters a question itself can supply. Field names play no part: the original library
joined functions by equal names, which admitted plans that cannot run and missed legal ones.
"""

import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property

from herdwick.tools.functions import FunctionSpec

Plan = tuple[str, ...]
ARROW = " -> "


class SolutionLibrary:
    """All plans of up to `max_hops` calls over typed functions.

    Args:
        functions: The domain's functions; their order is the order of plans of equal length.
        max_hops: Longest plan kept, in calls.
    """

    def __init__(self, functions: Sequence[FunctionSpec], max_hops: int = 3) -> None:
        self.max_hops = max_hops
        self._functions = {function.name: function for function in functions}

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """Every legal plan, shortest first."""
        frontier: list[Plan] = [(name,) for name, spec in self._functions.items() if spec.starts_plans]
        found = list(frontier)
        for _ in range(self.max_hops - 1):
            frontier = [(*plan, name) for plan in frontier for name in self.successors(plan[-1])]
            found += frontier
        return tuple(found)

    def successors(self, name: str) -> tuple[str, ...]:
        """Functions that take something `name` returns."""
        produced = self._functions[name].produces
        return tuple(other for other, spec in self._functions.items() if produced & spec.consumes)

    def explain(self, plan: Sequence[str]) -> str | None:
        """Why `plan` is not in the library, or None when it is."""
        if not plan:
            return "the plan is empty"
        for name in plan:
            if name not in self._functions:
                return f"there is no function {name!r}; there are {', '.join(self._functions)}"
        if len(plan) > self.max_hops:
            return f"the plan has {len(plan)} hops, the limit is {self.max_hops}"
        if not self._functions[plan[0]].starts_plans:
            needs = " or ".join(sorted(self._functions[plan[0]].consumes))
            return f"{plan[0]} cannot come first: it needs a {needs}, which no question contains"
        for before, after in itertools.pairwise(plan):
            if after not in self.successors(before):
                needs = " or ".join(sorted(self._functions[after].consumes))
                return f"{after} cannot follow {before}: it needs a {needs}, which {before} does not return"
        return None

    def __contains__(self, plan: object) -> bool:
        return isinstance(plan, tuple | list) and self.explain(plan) is None

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.plans)

    def __len__(self) -> int:
        return len(self.plans)


def format_plan(plan: Sequence[str]) -> str:
    """A plan as models read and write it: `searchPerson -> getCoauthors`."""
    return ARROW.join(plan)


def parse_plan(text: str) -> Plan:
    """The inverse of `format_plan`; also takes `→` and any spacing."""
    return tuple(part.strip() for part in text.replace("→", "->").split("->") if part.strip())
