"""What is known of a party, and what is found in a text."""

from dataclasses import dataclass
from enum import StrEnum


class SpanKind(StrEnum):
    """Why a span is masked. Listed before unlisted: what the structured part named, and what it did not."""

    PERSON = "PERSON"
    STRANGER = "STRANGER"
    ADDRESS = "ADDRESS"
    PLACE = "IDENTIFYING_PLACE"
    BIRTH = "DOB"
    POSTCODE = "POSTCODE"
    PHONE = "PHONE"
    EMAIL = "EMAIL"
    HANDLE = "HANDLE"
    IDENTIFIER = "IDENTIFIER"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the original text: start and end in Unicode code points, end excluded."""

    start: int
    end: int
    kind: SpanKind


@dataclass(frozen=True, slots=True)
class PartyNames:
    """How a party of the structured document may be recognised in a text.

    Attributes:
        name: the full name, given names first; a title in front is ignored. May be empty.
        family: the family name where it is known apart; else the last word of `name`, with its particles.
        aliases: other names, each in full.
        addresses: each in one line, parts separated by commas, the town last before the postcode.
        towns: names of towns, which alone give nobody away.
        phones: telephone numbers in any layout.
        identifiers: values of identifiers and e-mail addresses in any layout.
        births: dates of birth as (year, month, day).
    """

    name: str
    family: str = ""
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    births: tuple[tuple[int, int, int], ...] = ()
