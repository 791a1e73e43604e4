r"""A model's reply without what servers leave in it by mistake.

    reply_text("<think>An AS number?</think>\n\n64496</s>")      # "\n\n64496"

Servers that do not know a model's chat template send its end mark as text, and those that do not know that it
reasons send its thoughts.
"""

import re

from herdwick.agents.surrogates import replace_surrogates

_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_END_MARKS = re.compile(r"</s>|<\|(?:im_end|endoftext|eot_id)\|>")


def reply_text(text: str) -> str:
    """`text` without thoughts in `<think>`, finished or not, end marks and lone surrogates."""
    return str(replace_surrogates(_END_MARKS.sub("", _THOUGHTS.sub("", text))))
