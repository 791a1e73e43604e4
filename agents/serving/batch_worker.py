"""Completes prompts with vLLM in this process: `python batch_worker.py JOB.json TEXTS.jsonl`.

It runs in vLLM's own environment, where Herdwick is not installed; it needs only vllm and
langchain-community.
The job is a `BatchJob` of `herdwick.agents.serving.batch_drafts`; a text is written for each of its requests.
All prompts go to vLLM at once, each with its own grammar and adapter, so that it fills its batches itself.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

OF_LANGCHAIN = ("dtype", "tensor_parallel_size", "trust_remote_code", "download_dir")
"""What LangChain's `VLLM` passes to vLLM by itself, so that it must not stand in `vllm_kwargs` too."""


def main(job_file: Path, texts_file: Path) -> None:
    """Write a JSON string a line for each request of the job."""
    from langchain_community.llms import VLLM
    from vllm import SamplingParams
    from vllm.lora.request import LoRARequest
    from vllm.sampling_params import StructuredOutputsParams

    job: dict[str, Any] = json.loads(job_file.read_text(encoding="utf-8"))
    settings = read_arguments(job["arguments"])
    own = {name: settings.pop(name) for name in OF_LANGCHAIN if name in settings}
    model = VLLM(model=job["base"], **own, vllm_kwargs=settings)
    adapters = {
        name: LoRARequest(name, number, folder)
        for number, (name, folder) in enumerate(job["adapters"].items(), start=1)
    }
    requests = job["requests"]
    outputs = model.client.generate(
        [request["prompt"] for request in requests],
        [
            SamplingParams(
                temperature=0,
                max_tokens=request["max_tokens"],
                structured_outputs=StructuredOutputsParams(grammar=request["grammar"]),
            )
            for request in requests
        ],
        lora_request=[adapters[request["adapter"]] for request in requests],
    )
    lines = [json.dumps(output.outputs[0].text) + "\n" for output in outputs]
    texts_file.write_text("".join(lines), encoding="utf-8")


def read_arguments(arguments: list[str]) -> dict[str, Any]:
    """What arguments of `vllm serve` say of the engine, by vLLM's names; any other ends this process."""
    from vllm.engine.arg_utils import EngineArgs
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    # Usage would be hundreds of lines above what is wrong.
    parser = FlexibleArgumentParser(prog="vLLM without a server", usage=argparse.SUPPRESS)
    EngineArgs.add_cli_args(parser)
    defaults = vars(parser.parse_args([]))
    given = vars(parser.parse_args(arguments))
    # Not what is left as it is: `LLM` has some defaults of its own.
    return {name: value for name, value in given.items() if value != defaults[name]}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
