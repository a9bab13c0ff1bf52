"""In which state an agreement is, for all its parties and for one of them.

A state is changed by people and recorded; the passing of a day ends an agreement without anybody acting. A
store of agreements keeps the same states and lets only the changes listed here through.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AgreementState(StrEnum):
    """The state of one version of an agreement."""

    DRAFT = "DRAFT"
    """Being negotiated: nothing rests on it, and it need not be signed."""

    REFUSED = "REFUSED"
    """A party would not sign: nothing ever rests on it."""

    IN_FORCE = "IN_FORCE"
    """Signed by every controller. Between its first and last day releases rest on it."""

    SUSPENDED = "SUSPENDED"
    """Stopped as a whole, until it is resumed. What it covered waits, and the minimum goes, as without it."""

    EXPIRED = "EXPIRED"
    """Ended, by its last day or before it by decision. What it covered waits for its owner."""

    SUPERSEDED = "SUPERSEDED"
    """A later version took its place."""


class PartyState(StrEnum):
    """The state of an agreement towards one party."""

    OUTSIDE = "OUTSIDE"
    """Not a party."""

    TAKING_PART = "TAKING_PART"

    SUSPENDED = "SUSPENDED"
    """For a breach: nothing goes to it, whatever else would permit it."""


CHANGES: Final[Mapping[AgreementState, frozenset[AgreementState]]] = MappingProxyType(
    {
        AgreementState.DRAFT: frozenset({AgreementState.IN_FORCE, AgreementState.REFUSED}),
        AgreementState.REFUSED: frozenset(),
        AgreementState.IN_FORCE: frozenset(
            {AgreementState.SUSPENDED, AgreementState.EXPIRED, AgreementState.SUPERSEDED}
        ),
        AgreementState.SUSPENDED: frozenset(
            {AgreementState.IN_FORCE, AgreementState.EXPIRED, AgreementState.SUPERSEDED}
        ),
        AgreementState.EXPIRED: frozenset({AgreementState.SUPERSEDED}),
        AgreementState.SUPERSEDED: frozenset(),
    }
)
"""To what each state may change. What has ended never comes back: a new version is signed instead."""


def may_change(old: AgreementState, new: AgreementState) -> bool:
    """Whether a version may go from one state to another."""
    return new in CHANGES[old]
