"""What help shows of a domain: questions, a program, arguments of its functions.

Examples(
    asked=(Asked("How deep is the Rhine?"), Asked("How deep is it?", "--files rhine.csv")),
    program='final_result = sound(river="Rhine")["depth_m"]',
    arguments={"river": "Rhine"},
)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True)
class Asked:
    """A question as it is typed.

    Attributes:
        question: In words.
        options: What is typed behind it, such as `--graph graph.sqlite`; '' for the domain's own sample.
    """

    question: str
    options: str = ""


@dataclass(frozen=True)
class Examples:
    """Examples of one domain; where there are none, help leaves out the lines that need them.

    Attributes:
        asked: Questions; the first needs no options.
        program: One line that sets `final_result`, about what the domain opens without options.
        scripts: Options with which a script of free Python is run, such as `--files updates.gz`.
        arguments: What functions can be called with, by the names of their parameters.
    """

    asked: tuple[Asked, ...] = ()
    program: str = ""
    scripts: tuple[str, ...] = ()
    arguments: Mapping[str, JsonValue] = field(default_factory=dict, hash=False)
