"""Runs a strategy step by step, synchronously or asynchronously; only here are its actions carried out.

for step in drive(progress, lambda: strategy(task), run_manager, config):
    print(step.step)
progress.answer(toolkit.data)
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator

from langchain_core.callbacks import AsyncCallbackManagerForChainRun, CallbackManagerForChainRun
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import patch_config, run_in_executor

from herdwick.agents.progress import Progress
from herdwick.agents.steps import Step, Steps
from herdwick.tools.errors import HerdwickError


def drive(
    progress: Progress,
    strategy: Callable[[], Steps],
    run_manager: CallbackManagerForChainRun,
    config: RunnableConfig,
) -> Iterator[Step]:
    """Carry out what `strategy` asks for, each step below the run of `run_manager`."""
    progress.start(strategy)
    while progress.action:
        child = patch_config(config, callbacks=run_manager.get_child(progress.action.tag))
        started = time.perf_counter()
        try:
            result = progress.action.runnable.invoke(progress.action.input, child)
        except HerdwickError as error:
            yield progress.failed(error, time.perf_counter() - started)
        else:
            yield progress.succeeded(result, time.perf_counter() - started)


async def drive_async(
    progress: Progress,
    strategy: Callable[[], Steps],
    run_manager: AsyncCallbackManagerForChainRun,
    config: RunnableConfig,
) -> AsyncIterator[Step]:
    """As `drive`, without blocking the event loop."""
    # Beginning may start a server or ask one for its models.
    await run_in_executor(config, progress.start, strategy)
    while progress.action:
        child = patch_config(config, callbacks=run_manager.get_child(progress.action.tag))
        started = time.perf_counter()
        try:
            result = await progress.action.runnable.ainvoke(progress.action.input, child)
        except HerdwickError as error:
            yield progress.failed(error, time.perf_counter() - started)
        else:
            yield progress.succeeded(result, time.perf_counter() - started)
