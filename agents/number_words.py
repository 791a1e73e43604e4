"""Numbers that questions write as words.

NUMBER_WORDS["thirty"]      # 30
NUMBER_WORDS["两"]          # 2
"""

_UP_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
ENGLISH = {word: number for number, word in enumerate(_UP_TO_TWENTY.split())} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
NUMBER_WORDS = (
    ENGLISH
    | {character: number for number, character in enumerate("零一二三四五六七八九十")}
    | {"两": 2, "once": 1, "twice": 2, "dozen": 12, "hundred": 100, "thousand": 1000}
)
