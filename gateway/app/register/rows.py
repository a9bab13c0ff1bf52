"""The register's own rows, and what is asked of it. Codes, made-up ids and times; no values, no names."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Result(StrEnum):
    """How an exchange stands for one recipient, or as a whole: what a co-ordinator filters by."""

    RELEASED = "RELEASED"
    RELEASED_IN_PART = "RELEASED_IN_PART"
    """Something of it is withheld, or waits."""

    HELD = "HELD"
    REFUSED = "REFUSED"
    RECALLED = "RECALLED"


class Facet(StrEnum):
    """By what exchanges are listed; the values are part of what is digested: never change one."""

    ALL = "all"
    DOCUMENT = "document"
    PURPOSE = "purpose"
    URGENCY = "urgency"
    MARKING = "marking"
    SENDER = "sender"
    RECIPIENT = "recipient"
    RESULT = "result"
    RULE = "rule"
    VICTIM = "victim"
    UNACKNOWLEDGED = "unacknowledged"


class Side(StrEnum):
    """In whose listing an exchange stands, and how much of it that listing may tell."""

    EVERYBODY = "everybody"
    """All exchanges, for who sees all of them."""

    SENT = "sent"
    """What an organisation sent: it knows what was decided."""

    DECIDED_FOR = "decided-for"
    """What was decided for an organisation, for who sees it whole: the organisation may not know of it."""

    RECEIVED = "received"
    """What left for an organisation: listed only by what it was told."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One condition of a filter: an exchange listed under any of these meets it.

    Attributes:
        terms: as gateway.app.register.listing makes them, of all whose listings are read.
        checks: the fewest by which one that is seen can be told to meet it.
    """

    terms: tuple[int, ...]
    checks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins.

    Attributes:
        older: whether what is older than the position is asked for, the newest first; otherwise what is
            newer, the oldest first.
        position: of the register; itself excluded.
    """

    older: bool
    position: int


FIRST: Final = Cursor(older=True, position=(1 << 63) - 1)
"""Begins with the newest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which exchanges are asked for: those that meet every condition.

    Attributes:
        scope: the listings of all that whoever asks sees.
        conditions: what else an exchange must be listed under.
        subjects: made-up ids, any of which the exchange must name; None: whomever it names.
        thread: the first exchange of the thread; None: of any.
        since: decided at this moment or later.
        until: decided before this moment.
    """

    scope: Terms
    conditions: tuple[Terms, ...] = ()
    subjects: tuple[str, ...] | None = None
    thread: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of positions, in the order of its cursor.

    Attributes:
        positions: of exchanges that meet the filter.
        reached: how far was looked, itself included; None: to the end of the register in that direction.
    """

    positions: tuple[int, ...]
    reached: int | None


@dataclass(frozen=True, slots=True)
class SavedFilterRow:
    """A filter that somebody keeps.

    Attributes:
        organisation: of the person.
        person: keyed digest of the person's id at the organisation.
        name: as the person wrote it, encrypted at rest.
        body: oversight.v1.RegisterFilter as protobuf JSON: codes, made-up ids and times.
    """

    filter_id: str
    organisation: str
    person: bytes
    name: bytes
    body: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class TelephoneRow:
    """That an exchange was told by telephone. What was said, and to whom, is committed to in the record."""

    exchange_id: str
    organisation: str
    desk: str
    told_at: datetime
    recorded_at: datetime
    record_hash: str
