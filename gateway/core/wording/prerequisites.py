"""What a hold waits for, in words."""

from collections.abc import Mapping
from typing import Final

from gateway.core.prerequisite_model import Grantor, Key
from gateway.core.wording.words import word, words

DECLINED: Final[Mapping[str, str]] = {
    "HOLD": "it goes on waiting",
    "WITHHOLD": "the item is withheld",
    "REFUSE": "the exchange is refused",
}
"""What becomes of what waits if the answer is no."""


def asked_of(each: Grantor) -> str:
    """One organisation that is asked: who there, and on what evidence."""
    evidence = f" ({words(each.evidence)})" if each.evidence else ""
    return f"{word(each.organisation)}: {' and then '.join(_key(key) for key in each.keys)}{evidence}"


def _key(key: Key) -> str:
    who = ", ".join(word(each) for each in (*key.roles, *key.jobs)) or "anybody"
    return {"ANYBODY": who, "SAME": "the author", "OTHER": f"{who}, not the author"}[key.author]


def in_working_days(days: int) -> str:
    """So many, as is said."""
    return f"{days} working day{'' if days == 1 else 's'}" if days else "the same day"
