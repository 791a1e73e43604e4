"""The moments that one question names, all written in one way.

clock = Clock.of(pool, rng, plain=False)
clock.moments       # ["00:00:30 UTC", "00:01:00 UTC", …]
clock.day           # "1 January 2026" if the question names it by itself; otherwise ""
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from herdwick.selfinstruct.routing_pool import RoutingPool
from herdwick.tools.bgp.times import on_day

DAY_APART_SHARE = 0.3
"""Of questions with times of day, how many name the day of all of them by itself."""


@dataclass(frozen=True)
class Clock:
    """Four moments as one question writes them.

    Attributes:
        moments: In ascending order, as the question has them.
        values: As its program has them.
        day: What the question has to say beside the moments; '' for nothing.
    """

    moments: list[str]
    values: list[str]
    day: str = ""

    @classmethod
    def of(cls, pool: RoutingPool, rng: Random, *, plain: bool) -> "Clock":
        """Of the pool's day, or of any; `plain` without letters."""
        known = rng.random() < 0.6
        day = (
            rng.choice(pool.days)
            if known
            else f"20{rng.randint(10, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        )
        start, end = pool.seconds if known else (0, 86_400)
        step = rng.choice([1, 5, 10, 30, 60]) if known else rng.choice([60, 300, 900, 3_600])
        ticks = max(5, (end - start) // step)
        marks = sorted(rng.sample(range(ticks), 4))
        if rng.random() < 0.4:
            marks[2] = marks[1]
        seconds = [min(start + mark * step, 86_399) for mark in marks]
        style = rng.choice(_PLAIN_STYLES if plain else _STYLES)
        moments = [_written(day, second, style) for second in seconds]
        if "{day}" in style or rng.random() >= DAY_APART_SHARE:
            return cls(moments, moments)
        return cls(moments, [on_day(moment, day) for moment in moments], _day_written(day, rng))


_PLAIN_STYLES = ("{clock}", "{day} {clock}")
_STYLES = (
    *(*_PLAIN_STYLES, *_PLAIN_STYLES, "{clock} UTC", "{clock} UTC", "{clock}Z"),
    *("{day} {clock} UTC", "{day}T{clock}Z", "{day}T{clock}", "{day}T{clock}Z"),
)
_DAY_STYLES = (
    "{0:%Y-%m-%d}",
    "{0.day} {0:%B %Y}",
    "{0.day} {0:%b %Y}",
    "{0:%B} {0.day}, {0.year}",
    "{0:%Y/%m/%d}",
)


def _written(day: str, second: int, style: str) -> str:
    hours, rest = divmod(second, 3_600)
    minutes, seconds = divmod(rest, 60)
    clock = f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds or "T" in style else "")
    return style.format(day=day, clock=clock)


def _day_written(day: str, rng: Random) -> str:
    return rng.choice(_DAY_STYLES).format(date.fromisoformat(day))
