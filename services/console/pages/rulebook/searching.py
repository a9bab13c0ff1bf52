"""What is searched for in the rulebook, as an address may have it: a paragraph openly, words under a key."""

import re
from collections.abc import Mapping
from typing import Any, Final

from services.console.session import keep

PARAGRAPH: Final = re.compile(
    r"(?:(?:MAPPA|CPF|KCC|NSAB|NG189|DPA 2018|UK GDPR|CJA 2003|FOIA 2000) ?)?(?:ss?\.? ?|Article )?"
    r"\d{1,3}[A-Za-z]?(?:\.\d{1,3}[a-z]?){0,2}(?: ?(?:to|-) ?\d{1,3}[a-z]?(?:\.\d{1,3}[a-z]?){0,2})?",
    re.IGNORECASE,
)
"""A paragraph that can be nothing else: only such stands in an address."""


def question_of(asked: Mapping[str, str]) -> dict[str, Any]:
    """The question of an address that asks for this; empty if nothing is asked.

    Args:
        asked: `paragraph` and `text`, either of which may be empty.
    """
    if not asked["text"] and PARAGRAPH.fullmatch(asked["paragraph"]):
        return {"paragraph": asked["paragraph"]}
    return {"search": keep(dict(asked))} if any(asked.values()) else {}
