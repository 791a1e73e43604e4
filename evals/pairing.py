"""Whether the items of two lists can be paired, each with one that is the same.

    paired(["a", "b"], ["b", "a"], operator.eq)      # True

Two items may be like a third and not like each other, where numbers have a tolerance. Sorting, or taking the
first that fits, would then miss pairings: a choice is taken back where another item needs it, along an
augmenting path (Berge, 1957).
"""

import json
from collections import deque
from collections.abc import Callable

from pydantic import JsonValue

Match = Callable[[JsonValue, JsonValue], bool]


def paired(
    expected: list[JsonValue], answer: list[JsonValue], same: Match, fold: Callable[[str], str] = str
) -> bool:
    """Whether there is a pairing of all items.

    Args:
        expected: Some items.
        answer: As many others, if there is to be one.
        same: Whether two items may be a pair.
        fold: Makes the JSON of two items equal if they are likely to be; only speed depends on it.
    """
    if len(expected) != len(answer):
        return False
    holders = _written_alike(expected, answer, same, fold)
    unpaired = set(range(len(expected))) - set(holders.values())
    return all(_one_more(number, expected, answer, same, holders) for number in sorted(unpaired))


def _written_alike(
    expected: list[JsonValue], answer: list[JsonValue], same: Match, fold: Callable[[str], str]
) -> dict[int, int]:
    """Places of the answer, each with the item that is written as what stands there: nearly all, and fast."""

    def written(item: JsonValue) -> str:
        return fold(json.dumps(item, sort_keys=True)).replace('"', "")

    places: dict[str, list[int]] = {}
    for at in reversed(range(len(answer))):
        places.setdefault(written(answer[at]), []).append(at)
    holders: dict[int, int] = {}
    for number, one in enumerate(expected):
        free = places.get(written(one), [])
        found = next((at for at in reversed(free) if same(one, answer[at])), None)
        if found is not None:
            free.remove(found)
            holders[found] = number
    return holders


def _one_more(
    start: int, expected: list[JsonValue], answer: list[JsonValue], same: Match, holders: dict[int, int]
) -> bool:
    """Finds a place for one more item, moving others where it must; whether there is one."""
    seekers: dict[int, int] = {}
    place_of = {holder: at for at, holder in holders.items()}
    queue = deque([start])
    while queue:
        one = queue.popleft()
        for at, other in enumerate(answer):
            if at in seekers or not same(expected[one], other):
                continue
            seekers[at] = one
            if at in holders:
                queue.append(holders[at])
                continue
            place: int | None = at
            while place is not None:
                holders[place] = seekers[place]
                place = place_of.get(seekers[place])
            return True
    return False
