"""Completes prompts with vLLM in this process: `python batch_worker.py JOB.json TEXTS.jsonl`.

It runs in vLLM's own environment, where Herdwick is not installed; it needs only vllm and
langchain-community.
The job is a `BatchJob` of `herdwick.agents.serving.batch`; a text is written for each of its requests.
All prompts go to vLLM at once, each with its own grammar and adapter, so that it fills its batches itself.
"""

import json
import sys
from pathlib import Path
from typing import Any


def main(job_file: Path, texts_file: Path) -> None:
    """Write a JSON string a line for each request of the job."""
    from langchain_community.llms import VLLM
    from vllm import SamplingParams
    from vllm.lora.request import LoRARequest
    from vllm.sampling_params import StructuredOutputsParams

    job: dict[str, Any] = json.loads(job_file.read_text(encoding="utf-8"))
    model = VLLM(model=job["base"], dtype=job["dtype"], vllm_kwargs=job["engine"])
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
