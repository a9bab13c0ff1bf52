"""What somebody typed in the search box: an id, a paragraph or a number, by its form alone.

Nothing of it goes into an address unless its form shows that it names nobody.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.console.pages.cases.forms import system_of
from services.console.pages.rulebook.searching import PARAGRAPH

LONGEST: Final = 100


class Kind(StrEnum):
    """What it is."""

    ID = "ID"
    """Made up here: of an exchange, a subject, a hold or a delivery."""

    RECORD = "RECORD"
    """The hash of a record of the disclosure log."""

    RULE = "RULE"
    """A paragraph, or the id of a rule or clause."""

    IDENTIFIER = "IDENTIFIER"
    """A number that a national system gives a person."""

    WORDS = "WORDS"
    """Anything else: looked for in what the console itself says, and sent nowhere."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, with the space around it taken off.

    Attributes:
        kind: what its form says it is.
        text: in the form in which it is asked for.
    """

    kind: Kind
    text: str


_ID: Final = re.compile(r"[0-9a-f]{32}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_RULE: Final = re.compile(
    r"(?:[A-Z]{2,8}[ -]\d{1,3}[a-z]?(?:\.\d{1,3})*|[a-z][a-z0-9-]{2,40}/[A-Z0-9.-]{1,8}"
    r"|(?:mappa|child|adult|later):[A-Z]{1,2}-\d{1,3})"
)


def recognise(text: str) -> Typed:
    """What somebody typed is."""
    wanted = text.strip()[:LONGEST]
    packed = wanted.replace(" ", "").lower()
    if _ID.fullmatch(packed):
        return Typed(Kind.ID, packed)
    if _HASH.fullmatch(packed):
        return Typed(Kind.RECORD, packed)
    if system_of(wanted):
        return Typed(Kind.IDENTIFIER, wanted)
    if _RULE.fullmatch(wanted) or PARAGRAPH.fullmatch(wanted):
        return Typed(Kind.RULE, wanted)
    return Typed(Kind.WORDS, wanted)
