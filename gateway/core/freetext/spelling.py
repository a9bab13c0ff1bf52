"""Whether a word may be a name misspelt: few wrong letters, or the same sound."""

import re
from functools import lru_cache
from typing import Final

_SHORT, _LONG = 4, 8
_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:kn|gn|pn)", "n"),
        (r"^wr", "r"),
        (r"^x", "s"),
        (r"ph", "f"),
        (r"(?:sch|sh|cz|ch|tch)", "j"),
        (r"(?:ck|cq|qu|q|x)", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"g(?=[eiy])", "j"),
        (r"gh(?=[^aeiouy]|$)", ""),
        (r"dg", "j"),
        (r"z", "s"),
        (r"v", "f"),
        (r"w(?=[aeiouy])", "v"),
        (r"(?<=[aeiouy])[hw]", ""),
        (r"th", "t"),
    )
)


def is_near(word: str, name: str) -> bool:
    """Whether a folded word differs from a folded name by so little that it may be meant for it.

    One letter wrong, missing, doubled or swapped in a name of four letters or more, two from eight on, the
    first letter unchanged; or the same sound in a name of five or more.
    """
    if len(name) < _SHORT or abs(len(word) - len(name)) > 2:  # noqa: PLR2004 - a length, said in the docstring or plain from the line
        return False
    allowed = 2 if len(name) >= _LONG else 1
    if word[0] == name[0] and _distance(word, name, allowed) <= allowed:
        return True
    return len(name) > _SHORT and len(word) > _SHORT and sound_of(word) == sound_of(name)


@lru_cache(maxsize=8_192)
def sound_of(word: str) -> str:
    """A rough key of how an English reader says a folded word: equal keys sound alike."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    head = "a" if word[:1] in set("aeiouy") else word[:1]
    body = re.sub(r"[aeiouyhw]", "", word[1:])
    return re.sub(r"(.)\1+", r"\1", head + body)


def _distance(one: str, other: str, limit: int) -> int:
    """Edit distance with swaps of neighbours (optimal string alignment); above `limit` it may stop early."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
