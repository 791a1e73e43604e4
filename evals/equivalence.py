"""Whether two programs mean the same: run on the same data, and on copies in which other things are true.

    variants = perturbed_dumps(Path("suites/aminer_dev"), tmp, seeds=(1, 2))
    options = [domain.options_of_dump(folder) for folder in (dump, *variants)]
    equivalent(domain, first, second, options).holds
    evaluate(target, data=examples(rows), evaluators=[equivalence(lambda row: options)])

A program can be right by luck: it takes the only coauthor where the advisor was asked for, or the first paper
where the newest was. On a copy whose citations, years and relations have changed places the two part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, JsonValue

from herdwick.agents.cli.run import run_program
from herdwick.evals.matching import strict_match
from herdwick.evals.pairing import Match
from herdwick.evals.rows import Row
from herdwick.tools.domain import Domain, get_domain


@dataclass(frozen=True)
class Equivalence:
    """What came of two programs.

    Attributes:
        same: On how many variants they gave the same, failures of the same kind included.
        variants: How many there are.
        telling: Whether the first program gave different values on different variants: only then does the
            comparison say more than one run would. Failures are no values.
    """

    same: int
    variants: int
    telling: bool

    @property
    def holds(self) -> bool:
        """Whether they gave the same on all variants, and these tell programs apart."""
        return self.telling and self.same == self.variants


def equivalent(
    domain: Domain, first: str, second: str, options: Sequence[BaseModel], match: Match = strict_match
) -> Equivalence:
    """Runs two programs over each variant of the data.

    Args:
        domain: Whose functions they call.
        first: One program.
        second: The other.
        options: What each variant is opened with.
        match: Compares two values.
    """
    pairs = [(_outcome(domain, first, one), _outcome(domain, second, one)) for one in options]
    values = [one for one, _ in pairs if "value" in one]
    return Equivalence(
        same=sum(
            one.keys() == other.keys() and match([*one.values()], [*other.values()]) for one, other in pairs
        ),
        variants=len(pairs),
        telling=any(not match(values[0]["value"], one["value"]) for one in values[1:]),
    )


def equivalence(
    variants_of: Callable[[Row], Sequence[BaseModel]],
) -> Callable[..., dict[str, JsonValue]]:
    """An evaluator for LangSmith and openevals: the program of an answer against that of its row.

    It has no opinion, a score of None, on rows without a program, and where no variant tells programs apart.

    Args:
        variants_of: What the domain of a row is opened with, once for each variant of its data.
    """

    def equivalence(
        *, outputs: Mapping[str, Any], reference_outputs: Mapping[str, Any], **_: Any
    ) -> dict[str, JsonValue]:
        row = Row.model_validate(reference_outputs)
        if not (row.program and row.domain):
            return _feedback(None, "The row has no program.")
        if not outputs.get("program"):
            return _feedback(False, "The answer has no program.")
        found = equivalent(get_domain(row.domain), row.program, outputs["program"], variants_of(row))
        if not found.telling and found.same == found.variants:
            return _feedback(None, "No variant of the data tells programs apart.")
        return _feedback(found.holds, f"the same on {found.same} of {found.variants}")

    return equivalence


def _feedback(score: bool | None, comment: str) -> dict[str, JsonValue]:
    return {"key": "equivalence", "score": score, "comment": comment}


def _outcome(domain: Domain, program: str, options: BaseModel) -> dict[str, JsonValue]:
    answer = run_program(domain, options, program, None)
    return {"error": answer.error.kind} if answer.error else {"value": answer.answer}
