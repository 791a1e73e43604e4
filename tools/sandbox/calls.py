"""The host's side of a program's calls: arguments in, JSON out, everything recorded.

    desk = CallDesk(tools, limits)       # of the plan's functions only
    answer = desk.answer("getCoauthors", '[["p1"], {}]')     # what Monty resumes the program with
    desk.records                                             # the evidence

Programs see a failed call as an exception they may catch; trouble with the data itself ends the run instead.
"""

import time
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, TypeAdapter
from pydantic_monty import ExternalExceptionData, ExternalReturnValue

from herdwick.tools.call_record import CallRecord
from herdwick.tools.errors import ToolFailure
from herdwick.tools.sandbox.border import read_json
from herdwick.tools.sandbox.contract import Limits, ProgramFailure
from herdwick.tools.tool import FunctionTool

_ARGUMENTS: TypeAdapter[tuple[list[JsonValue], dict[str, JsonValue]]] = TypeAdapter(
    tuple[list[JsonValue], dict[str, JsonValue]]
)

CallAnswer = ExternalReturnValue | ExternalExceptionData


class CallDesk:
    """Answers the calls of one run.

    Args:
        tools: What the program may call, by name.
        limits: How often, and with arguments how large.

    Attributes:
        records: The calls so far, in order.
        empty: Indices of the records that answered with an empty list.
        failures: What failed calls told the program, by the text it saw.
        waited_s: How long functions took that wait as long as they are asked to, in seconds.
    """

    def __init__(self, tools: Mapping[str, FunctionTool], limits: Limits) -> None:
        self.records: list[CallRecord] = []
        self.empty: set[int] = set()
        self.failures: dict[str, ToolFailure] = {}
        self.waited_s = 0.0
        self._tools = tools
        self._limits = limits
        self._evidence_bytes = 0

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of the functions that are answered."""
        return tuple(self._tools)

    def answer(self, name: str, encoded: str) -> CallAnswer:
        """Call the function `name`.

        Args:
            name: The function; the program sees a `NameError` if it is none of the tools.
            encoded: JSON of `[positional, keyword]` arguments, as the sandbox wrote it.

        Raises:
            ProgramFailure: Of kind `call_limit`.
            BackendError: The service behind the function failed.
            DataError: The data behind the function is damaged.
        """
        if len(self.records) >= self._limits.calls:
            raise ProgramFailure(
                "call_limit",
                f"The program made more than {self._limits.calls:,} function calls.",
                "Narrow the search first, and call functions only for what is left.",
            )
        if name not in self._tools:
            return ExternalExceptionData(exc_type="NameError", message=f"name {name!r} is not defined")
        tool = self._tools[name]
        try:
            positional, keyword = self._read(name, encoded)
        except OverflowError as error:
            return ExternalExceptionData(exc_type="OverflowError", message=str(error))
        except ValueError:
            return ExternalExceptionData(exc_type="TypeError", message="the arguments cannot be read")
        self._count(encoded)
        parameters = list(tool.spec.parameters)
        if problem := _binding_problem(name, parameters, positional, keyword):
            return ExternalExceptionData(exc_type="TypeError", message=problem)
        return self._call(tool, dict(zip(parameters, positional, strict=False)) | keyword)

    def _read(self, name: str, encoded: str) -> tuple[list[JsonValue], dict[str, JsonValue]]:
        limits = self._limits
        value = read_json(
            encoded,
            f"the arguments of {name}",
            max_bytes=limits.argument_bytes,
            max_depth=limits.result_depth,
        )
        return _ARGUMENTS.validate_python(value)

    def _count(self, encoded: str) -> None:
        self._evidence_bytes += len(encoded.encode())
        if self._evidence_bytes > self._limits.evidence_bytes:
            raise ProgramFailure(
                "call_limit",
                f"All arguments together came to more than {self._limits.evidence_bytes:,} bytes.",
                "Call functions less often, and with nothing but what they look for.",
            )

    def _call(self, tool: FunctionTool, args: dict[str, JsonValue]) -> CallAnswer:
        started = time.perf_counter()
        ok = False
        try:
            value = tool.as_json(tool.call(**args))
            ok = True
        except ToolFailure as failure:
            self.failures[str(failure)] = failure
            return ExternalExceptionData(exc_type="RuntimeError", message=str(failure))
        finally:
            seconds = time.perf_counter() - started
            self.waited_s += seconds if tool.spec.waits else 0.0
            self.records.append(CallRecord(tool=tool.name, args=args, ok=ok, seconds=seconds))
        if value == []:
            self.empty.add(len(self.records) - 1)
        return ExternalReturnValue(return_value=value)


def render_call(record: CallRecord) -> str:
    """A call as a program would write it: `searchPerson(name='Nobody')`."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in record.args.items())
    return f"{record.tool}({arguments})"


def _binding_problem(
    name: str, parameters: list[str], positional: list[Any], keyword: Mapping[str, Any]
) -> str | None:
    takes = f"{name} takes {', '.join(parameters)}"
    if len(positional) > len(parameters):
        return f"{takes}; it was given {len(positional)} arguments"
    for parameter in keyword:
        if parameter not in parameters:
            return f"{takes}; it has no parameter {parameter}"
        if parameter in parameters[: len(positional)]:
            return f"{takes}; {parameter} was given twice"
    return None
