"""From one reply to what is kept of it.

decision = judge_reply(reply, prompt, gate, config, model="embedded")
decision.items, decision.drops
"""

from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.gate import NO_RUNS, Gate, Runs
from herdwick.selfinstruct.teacher.journal import DecisionLine, ReplyLine
from herdwick.selfinstruct.teacher.prompts import Prompt
from herdwick.selfinstruct.teacher.records import Drop, Item, Provenance
from herdwick.selfinstruct.teacher.reply import ParsedReply, parse_reply

MOST_RESULT_CHARS = 1_000
"""Kept of what code computed, as evidence beside the item."""

MOST_DROPPED_CHARS = 4_000
"""Kept of the output of what is dropped: enough to see why."""


def parsed(reply: ReplyLine) -> ParsedReply:
    """The tasks that a reply holds, and what is unusable in it."""
    return parse_reply(reply.text, form=reply.form, finish=reply.finish, refusal=reply.refusal)


def judge_reply(
    reply: ReplyLine, prompt: Prompt, gate: Gate, config: TeacherConfig, model: str, runs: Runs = NO_RUNS
) -> DecisionLine:
    """What becomes of all that a reply holds; the gate takes what is kept.

    Args:
        reply: To be judged.
        prompt: That it replies to.
        gate: That judges.
        config: Of the run.
        model: As it was asked for.
        runs: Of its code, that were made before.

    Raises:
        HerdwickError: The sandbox or its data failed, not the reply.
    """
    number = reply.number
    if reply.failure:
        failed = Drop(reason=reply.failure, detail=reply.detail, instruction="", output="", request=number)
        return DecisionLine(number=number, items=(), drops=(failed,))
    pieces = parsed(reply)
    drops = [
        Drop(reason=piece.reason, detail="", instruction="", output=piece.text, request=number)
        for piece in pieces.unusable
    ]
    provenance = Provenance(
        model=model,
        answered_by=reply.model,
        prompt_sha256=prompt.sha256(reply.form),
        seed_ids=prompt.seed_ids,
        machine_ids=prompt.machine_ids,
        request=number,
        reply_id=reply.id,
    )
    items: list[Item] = []
    for place, task in enumerate(pieces.tasks):
        verdict = gate.judge(task, runs)
        if verdict.reason:
            drops.append(
                Drop(
                    reason=verdict.reason,
                    detail=verdict.detail,
                    instruction=task.instruction[:MOST_DROPPED_CHARS],
                    output=task.output[:MOST_DROPPED_CHARS],
                    request=number,
                )
            )
            continue
        gate.keep(task)
        items.append(
            Item(
                instruction=task.instruction,
                input=task.input,
                output=task.output,
                id=f"{config.kind}-{number:06d}-{place}",
                kind=config.kind,
                category=verdict.category,
                most_similar_instructions=verdict.most_similar,
                avg_similarity_score=verdict.average_similarity,
                result=verdict.result[:MOST_RESULT_CHARS],
                provenance=provenance,
            )
        )
    return DecisionLine(number=number, items=tuple(items), drops=tuple(drops))
