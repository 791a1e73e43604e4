"""What is told of files over HTTP: their names, never where on this machine they lie.

    shown = ShownPaths(data_folder=Path("/srv/mrt"))
    shown.text("/srv/mrt/rrc00/updates.gz is empty.")     # "rrc00/updates.gz is empty."
    shown.text("/var/cache/rib.gz cannot be written.")    # "rib.gz cannot be written."

Requests name files relative to the data folder, so that theirs are told by the same names.
"""

import re
from pathlib import Path

from herdwick.agents.answer import Answer, AnswerError
from herdwick.agents.steps import Step

_FOLDERS = re.compile(r"(?<![\w/:.])/(?:[^/\s'\"]+/)+")
"""The folders of an absolute path; those of URLs and the slash of a prefix have something before them."""


class ShownPaths:
    """Takes folders out of texts.

    Args:
        data_folder: Whose files are named relative to it.
    """

    def __init__(self, data_folder: Path | None) -> None:
        spellings = {f"{data_folder}/", f"{data_folder.resolve()}/"} if data_folder else set()
        self._own = sorted(spellings, key=len, reverse=True)

    def text(self, text: str) -> str:
        """`text` without folders."""
        for folder in self._own:
            text = text.replace(folder, "")
        return _FOLDERS.sub("", text)

    def error(self, error: AnswerError) -> AnswerError:
        """An error without folders in message and hint."""
        told = {"message": self.text(error.message), "hint": self.text(error.hint)}
        return error.model_copy(update=told)

    def answer(self, answer: Answer) -> Answer:
        """An answer without folders in its error."""
        if answer.error is None:
            return answer
        error = self.error(answer.error)
        return answer.model_copy(update={"error": error, "text": f"{error.message} {error.hint}".strip()})

    def step(self, step: Step) -> Step:
        """A step without folders in its error."""
        told = {
            "error": self.error(step.error) if step.error else None,
            "answer": self.answer(step.answer) if step.answer else None,
        }
        return step.model_copy(update=told)
