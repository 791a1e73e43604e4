"""How many requests `generate` keeps under way, measured where they arrive.

    bench_generate("aminer", requests=200, in_flight=8, latency_s=0.2).mean_in_flight

The teacher is a process of its own on loopback, which answers each request after the same time. Its tasks
have new instructions, of words of the seeds, and the seeds' outputs: all checks are made, all code is run.
"""

import itertools
import json
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from pydantic import BaseModel, ConfigDict

from herdwick.selfinstruct.teacher.config import Kind, TeacherConfig, load_config
from herdwick.selfinstruct.teacher.generate import generate
from herdwick.selfinstruct.teacher.seeds import SeedTask, read_seeds

_WORDS = 14
"""Of an instruction; so many drawn at random are unlike any other so many."""


class InFlight(BaseModel):
    """What came of one measured run.

    Attributes:
        kind: Of the tasks.
        requests: Made in all.
        in_flight: Allowed at the same time.
        latency_s: Of each reply, in seconds.
        mean_in_flight: Requests that the teacher had, on average from the first's arrival to the last's.
        asking_s: From the first's arrival to the last's, in seconds.
        total_s: Until all was judged, in seconds.
        kept: Items.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    requests: int
    in_flight: int
    latency_s: float
    mean_in_flight: float
    asking_s: float
    total_s: float
    kept: int


def bench_generate(kind: Kind, *, requests: int, in_flight: int, latency_s: float) -> InFlight:
    """Make one run and measure it.

    Raises:
        ProgramError: There is no sandbox.
    """
    base = load_config(kind, overrides={"in_flight": in_flight, "budget_requests": requests})
    # Not the count is to end the run.
    plenty = 2 * requests * base.items_per_reply
    with (
        tempfile.TemporaryDirectory(prefix="herdwick-bench-") as folder,
        _teacher(base, latency_s) as teacher,
    ):
        url, spans = teacher
        chosen = base.model_copy(update={"model": f"bench@{url}", "count": plenty})
        # What is imported and opened once is no part of it.
        generate(chosen.model_copy(update={"budget_requests": 1}), Path(folder) / "warm.jsonl")
        spans()
        started = time.monotonic()
        report = generate(chosen, Path(folder) / "items.jsonl")
        total_s = time.monotonic() - started
        served = spans()
    first, last = min(served)[0], max(served)[0]
    under_way_s = sum(min(until, last) - begun for begun, until in served)
    return InFlight(
        kind=kind,
        requests=report.requests,
        in_flight=in_flight,
        latency_s=latency_s,
        mean_in_flight=under_way_s / (last - first),
        asking_s=last - first,
        total_s=total_s,
        kept=report.kept,
    )


Spans = list[tuple[float, float]]
"""When each request came and when its reply went, in seconds of one clock."""


@contextmanager
def _teacher(config: TeacherConfig, latency_s: float) -> Iterator[tuple[str, Callable[[], Spans]]]:
    """The teacher's URL, and what tells the requests since it was last asked."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_serve, args=(theirs, read_seeds(config.seeds).tasks, config.items_per_reply, latency_s)
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1", partial(_taken, ours)
    finally:
        process.terminate()
        process.join()


def _taken(pipe: Connection) -> Spans:
    pipe.send(None)
    spans: Spans = pipe.recv()
    return spans


def _serve(pipe: Connection, seeds: Sequence[SeedTask], items: int, latency_s: float) -> None:
    spans: Spans = []
    tasks = _tasks(seeds)

    class Teacher(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else the body waits for the acknowledgement of the head, 40 ms.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._reply({"object": "list", "data": [{"id": "bench", "object": "model", "owned_by": "bench"}]})

        def do_POST(self) -> None:
            begun = time.monotonic()
            self.rfile.read(int(self.headers["Content-Length"]))
            content = json.dumps({"tasks": [next(tasks) for _ in range(items)]})
            choice = {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content},
            }
            time.sleep(latency_s)
            spans.append((begun, time.monotonic()))
            self._reply({"id": "1", "object": "chat.completion", "model": "bench", "choices": [choice]})

        def log_message(self, *_: object) -> None:
            pass

        def _reply(self, body: object) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    with ThreadingHTTPServer(("127.0.0.1", 0), Teacher) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pipe.send(server.server_port)
        while True:
            pipe.recv()
            pipe.send([*spans])
            spans.clear()


def _tasks(seeds: Sequence[SeedTask]) -> Iterator[dict[str, str]]:
    rng = Random(1)  # noqa: S311 - tasks to measure with
    words = sorted({word for seed in seeds for word in seed.instruction.split() if word.isalpha()})
    for seed in itertools.cycle(seeds):
        instruction = " ".join(rng.sample(words, _WORDS))
        yield {"instruction": instruction, "input": "", "output": seed.instances[0].output}
