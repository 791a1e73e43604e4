"""Metrics as JSON: what `metrics.json` says, and what reports are drawn from.

figures(metrics)["tags"]["three-slot"]["strict"]
# {"right": 35, "n": 37, "share": 0.9459, "low": 0.823, "high": 0.9851}
"""

from pydantic import JsonValue

from herdwick.evals.intervals import Interval, Share
from herdwick.evals.metrics import Metrics, Slice


def figures(metrics: Metrics) -> dict[str, JsonValue]:
    """Metrics as JSON; every share with its 95 % interval."""
    return {
        "score": metrics.score,
        "score_interval": _interval_figures(metrics.score_interval),
        "errors": dict(sorted(metrics.errors.items())),
        "all": _slice_figures(metrics.all),
        "refusals": _share_figures(metrics.refusals),
        "refused_wrongly": _share_figures(metrics.refused_wrongly),
        "hops": {str(hop): _slice_figures(part) for hop, part in metrics.hops.items()},
        "kinds": {kind: _slice_figures(part) for kind, part in metrics.kinds.items()},
        "tags": {tag: _slice_figures(part) for tag, part in metrics.tags.items()},
        "templates": {name: _slice_figures(part) for name, part in metrics.templates.items()},
    }


def _interval_figures(interval: Interval | None) -> JsonValue:
    if interval is None:
        return None
    return {"low": round(interval.low, 4), "high": round(interval.high, 4)}


def _slice_figures(part: Slice) -> JsonValue:
    return {
        "n": part.n,
        "plan": _share_figures(part.plan),
        "strict": _share_figures(part.strict),
        "set": _share_figures(part.loose),
        "acc": _share_figures(part.accuracy),
        "outcomes": {str(outcome): count for outcome, count in sorted(part.outcomes.items())},
    }


def _share_figures(share: Share) -> JsonValue:
    found: dict[str, JsonValue] = {
        "right": share.right,
        "n": share.n,
        "share": None if share.share is None else round(share.share, 4),
        "low": round(share.low, 4),
        "high": round(share.high, 4),
    }
    # Said only where it is not the number of questions.
    return found if share.clusters is None else found | {"clusters": share.clusters}
