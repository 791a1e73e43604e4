"""Where a session's questions come from: a terminal, or lines of a pipe.

    read = terminal_reader(history_file(), commands=["/help"])
    question = read()            # EOFError at Ctrl-D, KeyboardInterrupt at Ctrl-C

Enter sends. A backslash at the end of a line, or Alt-Enter, goes on to another line; pasted lines stay
together.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import platformdirs

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

CONTINUED = "\\"

ReadQuestion = Callable[[], str]
"""Gives the next question; raises `EOFError` after the last."""


def history_file() -> Path:
    """Where the questions asked in a terminal are kept, readable for their user only.

    Raises:
        OSError: The folder cannot be made or written.
    """
    folder = platformdirs.user_state_path("herdwick")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "history"
    path.touch(mode=0o600)
    return path


def terminal_reader(history: Path | None, commands: Sequence[str]) -> ReadQuestion:
    """Questions typed at a terminal.

    Args:
        history: File of earlier questions; they are forgotten when None.
        commands: Offered by the Tab key.
    """
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    session: PromptSession[str] = PromptSession(
        "herdwick> ",
        history=FileHistory(str(history)) if history else InMemoryHistory(),
        completer=WordCompleter(list(commands), sentence=True),
        complete_while_typing=False,
        key_bindings=_key_bindings(),
        prompt_continuation="        > ",
        multiline=True,
    )
    return session.prompt


def line_reader(lines: TextIO) -> ReadQuestion:
    """Questions from a file or pipe, one a line unless a line ends with a backslash."""

    def read() -> str:
        question = ""
        for line in lines:
            question += line.rstrip("\r\n")
            if not question.endswith(CONTINUED):
                return question
            question = question.removesuffix(CONTINUED) + "\n"
        if question:
            return question
        raise EOFError

    return read


def _key_bindings() -> "KeyBindings":
    from prompt_toolkit.key_binding import KeyBindings

    bindings = KeyBindings()

    @bindings.add("enter")
    def _(event: "KeyPressEvent") -> None:
        buffer = event.current_buffer
        if buffer.document.text_before_cursor.endswith(CONTINUED):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @bindings.add("escape", "enter")
    def _(event: "KeyPressEvent") -> None:
        event.current_buffer.insert_text("\n")

    return bindings
