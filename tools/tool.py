"""One function of a domain as a LangChain tool.

tool = FunctionTool.of(spec, backend.getCoauthors)
tool.invoke({"person_id": "p1"})   # short text for a model
tool.call(person_id="p1")          # the typed value, for programs
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Literal

from langchain_core.tools import BaseTool, ToolException
from pydantic import PrivateAttr, ValidationError

from herdwick.tools.errors import BackendError, DataError, DomainError, ToolFailure
from herdwick.tools.functions import FunctionSpec

MAX_CONTENT_CHARS = 4_000
"""Longest text a model is shown of one result; the artifact is always whole."""


def _told(error: ToolException) -> str:
    """What a model is told: the hint too, which LangChain's own handling would leave out."""
    return str(error)


class FunctionTool(BaseTool):
    """A domain function bound to its implementation."""

    response_format: Literal["content", "content_and_artifact"] = "content_and_artifact"
    handle_tool_error: Any = _told
    _spec: FunctionSpec = PrivateAttr()
    _implementation: Callable[..., Any] = PrivateAttr()

    @classmethod
    def of(cls, spec: FunctionSpec, implementation: Callable[..., Any]) -> "FunctionTool":
        """The tool for `spec`, answered by `implementation(**arguments)`."""
        tool = cls(
            name=spec.name,
            description=spec.description,
            args_schema=spec.args_schema,
            handle_validation_error=lambda error: f"{spec.name}: {explain(error)}",
        )
        tool._spec = spec
        tool._implementation = implementation
        return tool

    @property
    def spec(self) -> FunctionSpec:
        """The function this tool answers."""
        return self._spec

    def call(self, /, **arguments: Any) -> Any:
        """The typed result.

        Raises:
            ToolFailure: The arguments are not valid, or the call failed in a way the caller can act on.
            BackendError: The service behind the tool failed.
            DataError: The local data behind the tool is damaged.
        """
        try:
            checked = self._spec.args_schema.model_validate(arguments)
        except ValidationError as error:
            raise ToolFailure("bad_arguments", f"{self.name}: {explain(error)}") from error
        given = {name: getattr(checked, name) for name in type(checked).model_fields}
        return self._implementation(**given)

    def as_json(self, value: Any) -> Any:
        """A result of `call` as plain JSON types."""
        return self._spec.result_adapter.dump_python(value, mode="json")

    def _run(self, /, **arguments: Any) -> tuple[str, Any]:
        arguments.pop("run_manager", None)
        try:
            value = self.call(**arguments)
        except (BackendError, DataError) as error:
            raise ToolFailure(error.kind, error.message, error.hint) from error
        return self._content(value), value

    def _content(self, value: Any) -> str:
        text = json.dumps(self.as_json(value), ensure_ascii=False)
        if len(text) <= MAX_CONTENT_CHARS:
            return text
        return f"{text[:MAX_CONTENT_CHARS]}… ({len(text) - MAX_CONTENT_CHARS} more characters not shown)"


def functions_of(tools: Iterable[BaseTool]) -> tuple[FunctionTool, ...]:
    """A toolkit's tools as what programs can call.

    Raises:
        DomainError: One of them is not a `FunctionTool`.
    """
    listed = tuple(tools)
    functions = tuple(tool for tool in listed if isinstance(tool, FunctionTool))
    if len(functions) != len(listed):
        raise DomainError(
            "bad_domain", "A tool of this domain is not a typed function, so no program can call it."
        )
    return functions


def explain(error: ValidationError) -> str:
    """A validation error as one line: `person_id: Field required`."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg'].removeprefix('Value error, ')}"
        for item in error.errors()
        # A default that waits for a wrong field is no mistake of its own.
        if item["type"] != "default_factory_not_called"
    )
