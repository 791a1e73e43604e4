"""Asks rows one after another, each about its own data.

    def open_solver(row):
        return build_solver("bgp", model=loaded, **suite.options_for(row))

    with closing(RowSolver(open_solver)) as solver:
        answers = [solver.ask(row) for row in rows]

Only one solver is open at a time, since each may hold much data: the one of the last row asked. Rows are not
sorted by their files, so that predictions stay in the order of the questions; who writes rows about many sets
of files does well to keep those about the same set together.
"""

from collections.abc import Callable

from herdwick.agents.answer import Answer
from herdwick.agents.solver import Solver
from herdwick.evals.rows import Row

OpenSolver = Callable[[Row], Solver]
"""Opens a solver over the data that a row is about."""


class RowSolver:
    """A solver for each run of rows about the same files.

    Args:
        open_solver: Called when the first of such rows is asked.
    """

    def __init__(self, open_solver: OpenSolver) -> None:
        self._open_solver = open_solver
        self._files: tuple[str, ...] = ()
        self._solver: Solver | None = None

    def ask(self, row: Row) -> Answer:
        """The answer to a row's question.

        Raises:
            HerdwickError: Its data cannot be opened.
        """
        if self._solver is None or row.files != self._files:
            self.close()
            self._solver = self._open_solver(row)
            self._files = row.files
        return self._solver.invoke({"question": row.question})

    def close(self) -> None:
        """Close the solver that is open, if one is; closing twice is harmless."""
        solver, self._solver = self._solver, None
        if solver is not None:
            solver.close()
