"""The session as a process, in a pipe and in a real terminal."""

import os
import pty
import re
import select
import subprocess
import sys
import threading
import time

import pytest

QUESTION = "How many citations does Ada Quill have?"
PATIENCE_S = 120


class Terminal:
    """A process in a pseudo-terminal: what it shows can be waited for."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            arguments,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._shown = ""

    def types(self, text: str) -> None:
        os.write(self._master, text.encode())

    def shows(self, text: str) -> str:
        """Everything since the last call, up to `text`."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self._shown:
            assert time.monotonic() < deadline, self._shown
            if select.select([self._master], [], [], 0.5)[0]:
                read = os.read(self._master, 65536).decode(errors="replace")
                self._answer_cursor_request(read)
                self._shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]", "", read)
        before, _, self._shown = self._shown.partition(text)
        return before

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _answer_cursor_request(self, read: str) -> None:
        # A terminal says where its cursor is when asked; prompt_toolkit asks.
        if "\x1b[6n" in read:
            self.types("\x1b[1;1R")


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(environment, graph, model):
    arguments = [sys.executable, "-m", "herdwick.agents.cli", "repl", "--graph", str(graph), "--model", model]
    opened = Terminal(arguments, environment)
    yield opened
    opened.close()


def test_piped_questions_are_answered_one_a_line(herdwick, scripted, model, graph, ada_citations):
    scripted.says(ada_citations, ada_citations)
    piped = f"{QUESTION}\n\n/json on\nHow many citations\\\ndoes Ada Quill have?\n"
    result = herdwick("repl", "aminer", "--graph", graph, "--model", model, stdin=piped)
    lines = result.stdout.splitlines()
    assert (result.returncode, lines[0]) == (0, "The answer is 340.")
    assert f'"question":"{QUESTION}"' in lines[-1]


def test_piped_questions_of_which_one_got_no_answer_end_with_1(herdwick, model, graph):
    assert herdwick("repl", "--graph", graph, "--model", model, stdin="?\n").returncode == 1


def test_nothing_piped_is_nothing_done(herdwick):
    result = herdwick("repl")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_in_a_terminal_ctrl_c_cancels_only_the_running_question(terminal, scripted, ada_citations):
    asked, cancelled = threading.Event(), threading.Event()

    def reply(body: dict) -> str:
        if "slow" in str(body):
            asked.set()
            cancelled.wait(PATIENCE_S)
            return "searchPerson\nfinal_result = 'stale'"
        return ada_citations

    scripted.answer_with = reply
    terminal.shows("herdwick>")
    terminal.types("a slow question\r")
    assert asked.wait(PATIENCE_S)
    terminal.types("\x03")
    terminal.shows("Cancelled.")
    cancelled.set()
    terminal.shows("herdwick>")
    terminal.types(f"{QUESTION}\r")
    assert "stale" not in terminal.shows("The answer is 340.")
    terminal.shows("herdwick>")
    terminal.types("\x04")
    assert terminal.process.wait(PATIENCE_S) == 0


def test_in_a_terminal_lines_can_be_continued_pasted_and_found_again(
    terminal, scripted, ada_citations, environment
):
    scripted.answer_with = lambda body: ada_citations
    terminal.shows("herdwick>")
    terminal.types("How many citations\\\rdoes Ada\x1b\rQuill have?\r")
    terminal.shows("The answer is 340.")
    terminal.shows("herdwick>")
    terminal.types("\x1b[200~How many citations\ndoes Bo have?\x1b[201~\r")
    terminal.shows("The answer is 340.")
    terminal.shows("herdwick>")
    terminal.types("\x1b[A\x1b[A\x1b[A\x1b[A\r")
    terminal.shows("The answer is 340.")
    first, second, third = (str(body["prompt"]) for body in scripted.requests)
    assert "How many citations does Ada Quill have?" in first
    assert "How many citations does Bo have?" in second
    assert third == first


def test_in_a_terminal_ctrl_c_at_the_prompt_drops_the_line(terminal, scripted, ada_citations):
    scripted.says(ada_citations)
    terminal.shows("herdwick>")
    terminal.types("half a ques\x03")
    terminal.shows("herdwick>")
    terminal.types(f"{QUESTION}\r")
    terminal.shows("The answer is 340.")
    assert "half a ques" not in str(scripted.requests)
